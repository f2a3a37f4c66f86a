import { paintNothing } from '../../src/repl/colors.ts'
import type { Output, Screen } from '../../src/repl/output.ts'
import type { Shell, ShellConnection } from '../../src/repl/shell.ts'

export interface TestShell {
  readonly shell: Shell
  /** What went to standard output since the last look, and to standard error. */
  readonly results: () => string
  readonly messages: () => string
}

/** A shell whose output is kept; with a screen it takes itself for a terminal. */
export function openTestShell(
  connection: ShellConnection,
  options: Partial<Shell> & { readonly screen?: Screen } = {},
): TestShell {
  const { screen, ...settings } = options
  const results: string[] = []
  const messages: string[] = []
  const output: Output = {
    isTerminal: screen !== undefined,
    isBlank: true,
    screen,
    paint: paintNothing,
    write: (text) => {
      results.push(String(text))
      return Promise.resolve()
    },
    close: () => Promise.resolve(),
    discard: () => Promise.resolve(),
  }
  const shell: Shell = {
    connection,
    output,
    messages: {
      isTTY: false,
      columns: 80,
      write: (text: string | Uint8Array) => messages.push(String(text)) > 0,
    },
    isQuiet: false,
    format: 'table',
    expanded: 'auto',
    isTimed: false,
    isPaged: false,
    variables: new Map(),
    last: {},
    lendTerminal: (work) => work(),
    ...settings,
  }
  return {
    shell,
    results: () => results.splice(0).join(''),
    messages: () => messages.splice(0).join(''),
  }
}
