import type { ColumnSpec } from '../catalog/spec.ts'
import type { Context } from './completion-context.ts'

/** One way to go on. */
export interface Candidate {
  /** What takes the place of what was typed. */
  readonly text: string
  /** What is shown of it. */
  readonly label: string
  /** What it is, in a few words. */
  readonly note?: string | undefined
}

/** A candidate with what it is found by, where that is not its label. */
export type Found = Candidate & { readonly names?: readonly string[] }

export interface NamedTable {
  readonly schema: string
  readonly name: string
  readonly label: string
}

/** What there is to complete with. Each may take its time, and is empty where it takes too long. */
export interface Completions {
  tables(): Promise<readonly NamedTable[]>
  /** The columns of a table by its path, such as `res.partner`; none where there is no such table. */
  columns(path: readonly string[]): Promise<readonly Column[]>
  partitions(): readonly string[]
  settings(): readonly string[]
  metacommands(): readonly Candidate[]
  /** Candidates for an argument of a metacommand, the first being 0. */
  argument(metacommand: string, index: number, context: Context): Promise<readonly Candidate[]>
}

export type Column = Pick<ColumnSpec, 'name' | 'values'> & {
  readonly type: string
  readonly label?: string
  /** Model whose ids it holds; for `id` its own. */
  readonly relation?: string | undefined
}

export const plain = (words: readonly string[]): Found[] => words.map((word) => ({ text: word, label: word }))

/** Words of SQL in the letters that are typed, with the space behind them; none within quotes. */
export function keywords(words: readonly string[], { quote, isLowerCase }: Context): Found[] {
  if (quote !== undefined) return []
  return words.map((word) => {
    const label = isLowerCase ? word.toLowerCase() : word
    return { text: `${label} `, label }
  })
}
