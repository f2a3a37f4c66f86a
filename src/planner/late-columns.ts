import { namesIn } from '../sql/plan-text.ts'
import { quoteIdentifier } from '../sql/print.ts'
import { PARTITION_COLUMN } from './bound.ts'
import type { TableRead } from './engine-plan.ts'
import { fieldsToRead, PAGE_ROWS_MAX } from './scan-plan.ts'
import { topOfPlan } from './top-of-plan.ts'

/**
 * The rows that make it past LIMIT are found with the columns of filter and order alone; only then are the remaining
 * columns of just those rows fetched.
 */
export interface LateColumns {
  /** The read with only the columns that decide. */
  readonly keys: TableRead
  /** Gives the `id` and `_partition` of the rows that made it. */
  readonly sql: string
}

/** Fewer columns than this are not worth the second call. */
const LATE_COLUMNS_MIN = 4

/** Undefined where the read takes few rows or few columns anyway. `rowsWanted` is what LIMIT can use. */
export function planLate(read: TableRead, rowsWanted: number | undefined): LateColumns | undefined {
  const [node] = read.nodes
  const top = node === undefined ? undefined : topOfPlan(node, read.table)
  if (node === undefined || top === undefined || top.sortTexts.length === 0) return undefined
  if (rowsWanted === undefined || rowsWanted === 0 || rowsWanted > PAGE_ROWS_MAX) return undefined
  if (!read.scans.some((scan) => scan.access.kind === 'batches')) return undefined
  const filter = node.node.Filter
  // A subplan has no text that could be run on its own.
  if (/SubPlan|InitPlan|\$\d/.test([filter ?? '', ...top.sortTexts].join(' '))) return undefined
  const names = new Set(read.columns.map((column) => column.name))
  const deciding = new Set([
    'id',
    PARTITION_COLUMN.name,
    ...[...top.sortTexts, ...(filter === undefined ? [] : [filter])].flatMap((text) => namesIn(text, names)),
  ])
  const columns = [...read.columns.filter((column) => deciding.has(column.name))]
  if (!columns.includes(PARTITION_COLUMN)) columns.push(PARTITION_COLUMN)
  if (read.columns.length - columns.length < LATE_COLUMNS_MIN) return undefined
  const alias = quoteIdentifier(node.alias)
  const from = `${quoteIdentifier(node.schema)}.${quoteIdentifier(node.name)} AS ${alias}`
  const where = filter === undefined ? '' : ` WHERE ${filter}`
  return {
    keys: {
      ...read,
      columns,
      scans: read.scans.map((scan) => ({ ...scan, ...fieldsToRead(columns, scan.server) })),
    },
    sql: `SELECT ${alias}.id, ${alias}._partition FROM ${from}${where} ORDER BY ${top.sortTexts.join(', ')} LIMIT ${rowsWanted}`,
  }
}
