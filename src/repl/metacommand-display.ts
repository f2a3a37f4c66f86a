import { didYouMean, invalidParameterValue, syntaxError } from '../errors.ts'
import { FORMATS, isFormat } from './format-name.ts'
import type { Format } from './format-name.ts'
import { onOff, say, switched, type Metacommand } from './metacommand.ts'

export const DISPLAY_COMMANDS: readonly Metacommand[] = [
  {
    name: '\\x',
    argument: '[on|off|auto]',
    text: 'show each column on a line of its own; auto: where a table is too wide for the terminal',
    takes: 1,
    run: (shell, { words: [word] }) => {
      if (word !== undefined && word !== 'on' && word !== 'off' && word !== 'auto')
        throw syntaxError(`\\x takes on, off or auto, not "${word}"`)
      shell.expanded = word ?? (shell.expanded === 'on' ? 'off' : 'on')
      say(shell, `Expanded display is ${shell.expanded}.`)
      return Promise.resolve(undefined)
    },
  },
  {
    name: '\\format',
    argument: '[FORMAT]',
    text: `write results as ${FORMATS.join(', ')}`,
    takes: 1,
    run: (shell, { words: [word] }) => {
      if (word !== undefined) shell.format = formatNamed(word)
      say(shell, `Output format is ${shell.format}.`)
      return Promise.resolve(undefined)
    },
  },
  {
    name: '\\timing',
    argument: '[on|off]',
    text: 'tell rows, time and calls after each result, or no longer',
    takes: 1,
    run: (shell, { words: [word] }) => {
      shell.isTimed = switched('\\timing', word, shell.isTimed)
      say(shell, `Timing is ${onOff(shell.isTimed)}.`)
      return Promise.resolve(undefined)
    },
  },
  {
    name: '\\pager',
    argument: '[on|off]',
    text: 'show what is longer than the screen in a pager (PAGER, else less), or no longer',
    takes: 1,
    run: (shell, { words: [word] }) => {
      shell.isPaged = switched('\\pager', word, shell.isPaged)
      say(shell, `Pager is ${onOff(shell.isPaged)}.`)
      return Promise.resolve(undefined)
    },
  },
]

/** Throws 22023 with the nearest name. */
export function formatNamed(name: string): Format {
  if (isFormat(name)) return name
  throw invalidParameterValue(`unknown format "${name}"`, {
    hint: didYouMean(name, FORMATS) ?? `Formats: ${FORMATS.join(', ')}.`,
  })
}
