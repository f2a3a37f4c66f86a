import type { Datum } from '../catalog/types.ts'
import type { SqlTypeName } from '../catalog/spec.ts'
import type { CallRecord } from '../odoo/call.ts'
import type { ColumnSource } from './column-source.ts'

export type { CallRecord } from '../odoo/call.ts'

/** A column of a result. */
export interface ResultColumn {
  /** Its alias, or what PostgreSQL calls it. Two may have one name. */
  readonly name: string
  /** What the values are; `text` also for a type of PostgreSQL's that has no form of its own here. */
  readonly type: SqlTypeName
  /** PostgreSQL's name of the type, such as `interval`; left out where `type` says it all. */
  readonly typeName?: string
  /** The table's column behind it, with Odoo's names, its label and its codes; an expression has none. */
  readonly source?: ColumnSource | undefined
}

/** Something worth saying that is no error: a column that the server lacks, secrets that were masked. */
export interface Notice {
  /** WARNING where the result lacks something, such as a partition that was skipped. */
  readonly severity: 'NOTICE' | 'WARNING'
  /** One sentence. */
  readonly message: string
  /** What the user can do about it. */
  readonly hint?: string | undefined
}

/** Rows that move together, each an array of values in the order of the cursor's columns. */
export type RowBatch = readonly (readonly Datum[])[]

/**
 * The handle that reads one result, once, batch by batch; it holds no more than a few batches in memory.
 * Ending the iteration early (break, return, throw) aborts the calls that are under way.
 */
export interface Cursor extends AsyncIterable<RowBatch> {
  /** In the order of the values in a row. */
  readonly columns: readonly ResultColumn[]
  /** Grows while the cursor is read; complete at its end. */
  readonly notices: readonly Notice[]
  /** Grows while the cursor is read; complete at its end. */
  readonly calls: readonly CallRecord[]
}
