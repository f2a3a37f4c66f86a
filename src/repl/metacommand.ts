import { syntaxError } from '../errors.ts'
import type { SqlError } from '../errors.ts'
import type { Shell } from './shell.ts'
import type { Variables } from './variables.ts'

/** What came of a statement or metacommand: go on, leave the program, or an error that has been printed. */
export type Outcome = 'stay' | 'leave' | SqlError

export interface Metacommand {
  /** With its backslash. */
  readonly name: string
  readonly argument?: string
  readonly text: string
  /** How many words it takes, default none; `line`: the rest of the line as it stands. */
  readonly takes?: number | 'line'
  /** Nothing is to be told where it just goes on. Throws SqlError. */
  readonly run: (shell: Shell, given: Given) => Promise<Outcome | undefined>
}

/** What a metacommand is given to work with. */
export interface Given {
  /** Without their quotes, with variables replaced. */
  readonly words: readonly string[]
  readonly line: string
  readonly signal: AbortSignal
  /** The statement that the metacommand ended: `SELECT 1 \gx`. */
  readonly query: string | undefined
  /** Runs the statements of a file. */
  readonly include: (path: string) => Promise<Outcome>
  /** Runs the statements of a text. */
  readonly runText: (text: string) => Promise<Outcome>
}

/** Answers on the messages' stream, unless the user wants it quiet. */
export function say(shell: Shell, text: string): void {
  if (!shell.isQuiet) shell.messages.write(`${text}\n`)
}

export const onOff = (isOn: boolean): string => (isOn ? 'on' : 'off')

/** The setting that a word names; without a word, the other one. Throws 42601. */
export function switched(name: string, word: string | undefined, isOn: boolean): boolean {
  if (word === undefined) return !isOn
  if (word === 'on' || word === 'off') return word === 'on'
  throw syntaxError(`${name} takes on or off, not "${word}"`)
}

/**
 * The words of a line. Quotes of either kind hold space together, and stand for themselves when doubled; `:name`
 * outside of them is replaced by the variable's value. Throws 42601 where a quote is left open.
 */
export function wordsOf(line: string, variables: Variables): string[] {
  const words: string[] = []
  let word: string | undefined
  for (const [part] of line.matchAll(/'(?:[^']|'')*'?|"(?:[^"]|"")*"?|\s+|[^\s'"]+/g)) {
    const [quote = ''] = part
    if (/\s/.test(quote)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else if (quote === "'" || quote === '"') {
      if (part.length < 2 || !part.endsWith(quote)) throw syntaxError('unterminated quoted string')
      word = (word ?? '') + part.slice(1, -1).replaceAll(quote + quote, quote)
    } else word = (word ?? '') + withVariables(part, variables)
  }
  return word === undefined ? words : [...words, word]
}

const withVariables = (text: string, variables: Variables): string =>
  text.replace(/(?<!:):(\w+)/g, (whole, name: string) => variables.get(name) ?? whole)
