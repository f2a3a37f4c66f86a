import { fieldOf } from './spec.ts'
import type { ColumnSpec, TableSpec } from './spec.ts'

/**
 * One table from those of several partitions, which may have other versions and modules: every column that any of
 * them has. Where they describe a column otherwise, the first one counts. The same object where nothing is added.
 */
export function mergeTables(first: TableSpec, ...others: readonly TableSpec[]): TableSpec {
  const columns = new Map(first.columns.map((column) => [column.name, column]))
  for (const { columns: more } of others)
    for (const column of more) if (!columns.has(column.name)) columns.set(column.name, column)
  if (columns.size === first.columns.length) return first
  return { ...first, columns: [...columns.values()].sort(byField) }
}

/** As in each discovered table: the id, then the fields by name, a label behind its id. */
function byField(a: ColumnSpec, b: ColumnSpec): number {
  const [keyA, keyB] = [sortKey(a), sortKey(b)]
  return keyA < keyB ? -1 : keyA > keyB ? 1 : 0
}

const sortKey = (column: ColumnSpec): string =>
  column.name === 'id' ? '' : `${fieldOf(column)}\0${column.part === 'label' ? '1' : '0'}`
