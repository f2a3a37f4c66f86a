import { runStatement, type DescribedColumn, type ResultRows } from '../driver/statement.ts'
import { protocolViolation } from '../errors.ts'
import type { Statement } from '../sql/statement.ts'
import { scopeOf, type Backend } from './backend.ts'
import type { CopyEncoder } from './copy-rows.ts'
import type { Format } from './messages.ts'
import type { Portal } from './portals.ts'
import { rowSourceOf, type RowSource } from './rows.ts'

/** What a statement gives once it has started. */
export type Answer =
  | { readonly kind: 'empty' }
  | { readonly kind: 'done'; readonly tag: string }
  | RowAnswer
  | {
      readonly kind: 'copy'
      readonly columnCount: number
      readonly format: Format
      readonly rows: RowSource
      readonly encoder: CopyEncoder
    }

export interface RowAnswer {
  readonly kind: 'rows'
  readonly columns: readonly DescribedColumn[]
  readonly formats: readonly Format[]
  readonly rows: RowSource
  /** What the client is told of it at the end, given how many rows it got. */
  readonly tagOf: (rows: number) => string
}

export const done = (tag: string): Answer => ({ kind: 'done', tag })

/** A SELECT's answer. `formats` must be those that the rows were asked for in. Throws 08P01 for a wrong number of them. */
export function rowAnswer(result: ResultRows, formats: readonly Format[] = []): RowAnswer {
  const { columns } = result
  if (formats.length > 1 && formats.length !== columns.length)
    throw protocolViolation(
      `bind message has ${formats.length} result formats but query has ${columns.length} columns`,
    )
  return {
    kind: 'rows',
    columns,
    formats,
    rows: rowSourceOf(result, formats),
    tagOf: (rows) => `SELECT ${rows}`,
  }
}

/** The driver's rows for a statement, in the formats that the client asked for where PostgreSQL makes them. */
export const runRows = (
  backend: Backend,
  portal: Portal,
  statement: Statement,
  formats: readonly Format[] = portal.formats ?? [],
): Promise<ResultRows> => runStatement(statement, portal.parameters, { ...scopeOf(backend, portal), formats })
