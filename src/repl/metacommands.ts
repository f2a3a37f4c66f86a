import { didYouMean, syntaxError } from '../errors.ts'
import { paintNothing, type Paint } from './colors.ts'
import { namedTexts } from './format-list.ts'
import { CHART_COMMANDS } from './metacommand-chart.ts'
import { DESCRIBE_COMMANDS } from './metacommand-describe.ts'
import { DISPLAY_COMMANDS } from './metacommand-display.ts'
import { FILE_COMMANDS } from './metacommand-files.ts'
import { HELP_COMMANDS } from './metacommand-help.ts'
import { SESSION_COMMANDS } from './metacommand-session.ts'
import { STATEMENT_COMMANDS } from './metacommand-statements.ts'
import { VARIABLE_COMMANDS } from './metacommand-variables.ts'
import { wordsOf, type Given, type Metacommand, type Outcome } from './metacommand.ts'
import { ENDING_COMMANDS } from './script.ts'
import type { Shell } from './shell.ts'
import { showText, widthOf } from './show.ts'
import { substituteVariables } from './variables.ts'

/** Every metacommand; `\?` and the table of the README are made from it. */
export const METACOMMANDS: readonly Metacommand[] = [
  ...DESCRIBE_COMMANDS,
  ...SESSION_COMMANDS,
  ...STATEMENT_COMMANDS,
  ...CHART_COMMANDS,
  ...DISPLAY_COMMANDS,
  ...FILE_COMMANDS,
  ...VARIABLE_COMMANDS,
  {
    name: '\\?',
    text: 'show this list',
    run: async (shell) => {
      await showText(shell, metacommandHelp(widthOf(shell), shell.output.paint))
      return undefined
    },
  },
  ...HELP_COMMANDS,
]

/** What psql calls otherwise, or what a name stands for that does not exist here. */
const FAMILIAR: Readonly<Record<string, string>> = {
  '\\c': '\\use',
  '\\connect': '\\use',
  '\\list': '\\l',
  '\\dv': '\\dt',
  '\\pset': '\\format, \\x or \\pager',
  '\\ir': '\\i',
  '\\r': 'Ctrl-C',
  '\\quit': '\\q',
  '\\exit': '\\q',
  '\\help': '\\?',
}

/**
 * Runs a line that begins with a backslash, or the part of a line that ends a statement. Throws 42601 for an unknown one,
 * and whatever the metacommand throws.
 */
export async function runMetacommand(
  shell: Shell,
  line: string,
  given: Omit<Given, 'words' | 'line'>,
): Promise<Outcome> {
  // psql takes a semicolon behind a metacommand too.
  const [, name = '', rest = ''] = /^(\\[^\s;]*)\s*([^]*?)[;\s]*$/.exec(line) ?? []
  const command = METACOMMANDS.find((candidate) => candidate.name === name)
  if (command === undefined) throw unknownCommand(name)
  const { takes = 0 } = command
  const words = takes === 'line' ? [] : wordsOf(rest, shell.variables)
  if (takes !== 'line' && words.length > takes)
    throw syntaxError(`${name}: extra argument "${String(words[takes])}"`, {
      hint: `It is ${signature(command)}`,
    })
  const { text } = substituteVariables(rest, shell.variables)
  return (await command.run(shell, { ...given, words, line: text })) ?? 'stay'
}

function unknownCommand(name: string): Error {
  const familiar = FAMILIAR[name]
  const names = METACOMMANDS.map((command) => command.name)
  return syntaxError(`invalid command ${name}`, {
    hint:
      familiar === undefined ? (didYouMean(name, names) ?? 'Try \\? for help.') : `It is ${familiar} here.`,
  })
}

/** The text of `\?`. */
export function metacommandHelp(width: number | undefined, paint: Paint = paintNothing): string {
  const entries = METACOMMANDS.map((command) => ({ name: signature(command), text: command.text }))
  const ending = [...ENDING_COMMANDS].map((name) => `\\${name}`).join(', ')
  return [
    `A statement ends with a semicolon, or with one of ${ending}. Ctrl-C cancels it.\n`,
    namedTexts(entries, width, paint),
    '\n',
  ].join('')
}

const signature = ({ name, argument = '' }: Metacommand): string => `${name} ${argument}`.trim()
