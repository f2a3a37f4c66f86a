import { didYouMean, invalidParameterValue, syntaxError } from '../errors.ts'
import { tableDescription, tableList } from './catalog-text.ts'
import { FORMATS, isFormat } from './format-name.ts'
import type { Shell } from './shell.ts'

export interface Metacommand {
  /** With its backslash. */
  readonly name: string
  readonly argument?: string
  readonly text: string
  readonly run: (shell: Shell, argument: string) => Promise<'stay' | 'leave'>
}

/** Every metacommand; `\?` is made from it. */
export const METACOMMANDS: readonly Metacommand[] = [
  {
    name: '\\q',
    text: 'leave (as does Ctrl-D)',
    run: () => Promise.resolve('leave'),
  },
  {
    name: '\\?',
    text: 'show this list',
    run: async (shell) => {
      await shell.output.write(metacommandHelp())
      return 'stay'
    },
  },
  {
    name: '\\d',
    argument: '[TABLE]',
    text: 'list the published tables, or describe one',
    run: async (shell, argument) => {
      const { catalog } = shell.connection
      await shell.output.write(argument === '' ? tableList(catalog) : tableDescription(catalog, argument))
      return 'stay'
    },
  },
  {
    name: '\\x',
    text: 'show each column on a line of its own, or no longer',
    run: (shell) => {
      shell.isExpanded = !shell.isExpanded
      return say(shell, `Expanded display is ${onOff(shell.isExpanded)}.`)
    },
  },
  {
    name: '\\format',
    argument: 'NAME',
    text: `write results as ${FORMATS.join(', ')}`,
    run: (shell, argument) => {
      if (!isFormat(argument))
        throw invalidParameterValue(`unknown format "${argument}"`, {
          hint: didYouMean(argument, FORMATS) ?? `Formats: ${FORMATS.join(', ')}.`,
        })
      shell.format = argument
      return say(shell, `Output format is ${argument}.`)
    },
  },
  {
    name: '\\timing',
    text: 'tell rows, time and calls after each result, or no longer',
    run: (shell) => {
      shell.isTimed = !shell.isTimed
      return say(shell, `Timing is ${onOff(shell.isTimed)}.`)
    },
  },
]

/** Runs a line that begins with a backslash. Throws 42601 for an unknown one. */
export async function runMetacommand(shell: Shell, line: string): Promise<'stay' | 'leave'> {
  // psql takes a semicolon behind a metacommand too.
  const [name = '', ...words] = line.replace(/[;\s]+$/, '').split(/\s+/)
  const command = METACOMMANDS.find((candidate) => candidate.name === name)
  if (command === undefined)
    throw syntaxError(`invalid command ${name}`, {
      hint:
        didYouMean(
          name,
          METACOMMANDS.map((candidate) => candidate.name),
        ) ?? 'Try \\? for help.',
    })
  if (words.length > (command.argument === undefined ? 0 : 1))
    throw syntaxError(`${name}: extra argument "${String(words.at(-1))}"`, { hint: 'Try \\? for help.' })
  return command.run(shell, words[0] ?? '')
}

export function metacommandHelp(): string {
  const lines = METACOMMANDS.map(
    ({ name, argument = '', text }) => `  ${`${name} ${argument}`.padEnd(14)} ${text}\n`,
  )
  return `A statement ends with a semicolon; Ctrl-C cancels it.\n${lines.join('')}\n`
}

const onOff = (isOn: boolean): string => (isOn ? 'on' : 'off')

function say(shell: Shell, text: string): Promise<'stay'> {
  if (!shell.isQuiet) shell.messages.write(`${text}\n`)
  return Promise.resolve('stay')
}
