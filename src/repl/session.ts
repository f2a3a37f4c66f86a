import { createInterface } from 'node:readline'
import type { Interface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import type { History } from './history.ts'
import { HISTORY_LINES_MAX } from './history.ts'
import { runMetacommand } from './metacommands.ts'
import { scriptReader } from './script.ts'
import type { ScriptItem, Split } from './script.ts'
import { printError, runStatement } from './shell.ts'
import type { Shell } from './shell.ts'
import { isClosedPipe } from './output.ts'
import { visibleLine } from './visible.ts'

export interface SessionTerminal {
  readonly input: Readable
  readonly output: Writable
  readonly history: History
  readonly split: Split
  /** Ends the session from outside: the running statement is cancelled. */
  readonly signal: AbortSignal
}

/**
 * The prompt. Ctrl-C cancels the running statement or drops the typed one; Ctrl-D and `\q` leave.
 * Errors are printed and the session goes on. Resolves when the user leaves.
 */
export async function runSession(shell: Shell, terminal: SessionTerminal): Promise<void> {
  const readline = createInterface({
    input: terminal.input,
    output: terminal.output,
    terminal: true,
    history: [...terminal.history.lines],
    historySize: HISTORY_LINES_MAX,
    removeHistoryDuplicates: true,
  })
  const reader = scriptReader(terminal.split)
  const prompt = promptOf(shell)
  let running: AbortController | undefined
  let typed: string[] = []
  // Lines typed ahead wait in a queue; an interrupt drops them, as terminals do.
  let [linesTyped, linesDropped, linesTaken] = [0, 0, 0]
  readline.on('line', () => linesTyped++)

  const ask = (): void => {
    readline.setPrompt(reader.isPending ? `${prompt}-> ` : `${prompt}=> `)
    readline.prompt()
  }
  readline.on('SIGINT', () => {
    linesDropped = linesTyped
    if (running !== undefined) {
      running.abort()
      return
    }
    reader.clear()
    typed = []
    dropLine(readline, terminal.output, `${prompt}=> `)
  })
  const leave = (): void => {
    running?.abort()
    readline.close()
  }
  terminal.signal.addEventListener('abort', leave, { once: true })

  try {
    ask()
    for await (const line of readline) {
      if (linesTaken++ < linesDropped) continue
      typed.push(line)
      const items = takeLine(shell, reader, line)
      if (!reader.isPending) await terminal.history.add(typed.splice(0))
      for (const item of items) {
        running = new AbortController()
        const next = await runItem(shell, item, running.signal)
        running = undefined
        if (next === 'leave') return
      }
      if (terminal.signal.aborted) return
      ask()
    }
    terminal.output.write('\n')
  } finally {
    terminal.signal.removeEventListener('abort', leave)
    readline.close()
  }
}

/** What a line completes. A statement that has grown too long is dropped. */
function takeLine(shell: Shell, reader: ReturnType<typeof scriptReader>, line: string): ScriptItem[] {
  try {
    return reader.push(`${line}\n`)
  } catch (thrown) {
    reader.clear()
    printError(shell, thrown)
    return []
  }
}

async function runItem(shell: Shell, item: ScriptItem, signal: AbortSignal): Promise<'stay' | 'leave'> {
  try {
    if (item.kind === 'metacommand') return await runMetacommand(shell, item.text)
    await runStatement(shell, item.text, signal)
  } catch (thrown) {
    if (isClosedPipe(thrown)) throw thrown
    printError(shell, thrown, item.kind === 'statement' ? { text: item.text } : undefined)
  }
  return 'stay'
}

/** The partition's name where there is one, as psql shows the database. */
function promptOf(shell: Shell): string {
  const [first, second] = shell.connection.partitions
  return first !== undefined && second === undefined ? visibleLine(first.name) : 'odoo'
}

/** Leaves what was typed on the screen, as shells do, and begins a new line. */
function dropLine(readline: Interface, output: Writable, prompt: string): void {
  output.write('^C\n')
  readline.setPrompt(prompt)
  readline.write(null, { ctrl: true, name: 'e' })
  readline.write(null, { ctrl: true, name: 'u' })
  readline.prompt()
}
