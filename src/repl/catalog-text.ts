import type { Catalog } from '../catalog/catalog.ts'
import { PARTITION_COLUMN_NAME, qualifiedName } from '../catalog/spec.ts'
import type { ColumnSpec } from '../catalog/spec.ts'
import type { Datum } from '../catalog/types.ts'
import { undefinedTable } from '../errors.ts'
import type { ResultColumn } from '../driver/cursor.ts'
import { tableFormatter } from './format-table.ts'

/** The published tables, one a row. */
export function tableList(catalog: Catalog): string {
  const rows = catalog.tables.map((table) => [
    qualifiedName(table),
    table.model,
    table.columns.length + 1,
    table.label,
  ])
  return drawn(
    [
      { name: 'table', type: 'text' },
      { name: 'model', type: 'text' },
      { name: 'columns', type: 'int4' },
      { name: 'label', type: 'text' },
    ],
    rows,
  )
}

/** One table: what it is, its columns and examples. Throws 42P01 with the nearest name. */
export function tableDescription(catalog: Catalog, name: string): string {
  const parts = name.toLowerCase().replaceAll('"', '').split('.')
  const table = catalog.find(parts.at(-2), parts.at(-1) ?? '')
  if (table === undefined) throw undefinedTable(name, catalog.names)
  const rows = table.columns.map((column) => [column.name, column.type, notesOf(column), column.description])
  const columns = drawn(
    [
      { name: 'column', type: 'text' },
      { name: 'type', type: 'text' },
      { name: 'notes', type: 'text' },
      { name: 'description', type: 'text' },
    ],
    [...rows, [PARTITION_COLUMN_NAME, 'text', '', 'Name of the partition that the row came from.']],
  )
  const examples = table.examples.map(({ title, sql }) => `-- ${title}\n${sql.trim().replace(/;?$/, ';')}\n`)
  return `${qualifiedName(table)} (${table.model}): ${table.label}\n${table.description}\n\n${columns}${examples.join('\n')}`
}

function notesOf(column: ColumnSpec): string {
  const notes: string[] = []
  if (column.required) notes.push('required')
  if (column.secret) notes.push('secret')
  if (column.restricted !== undefined) notes.push(`only ${column.restricted}`)
  if (column.module !== undefined) notes.push(`module ${column.module}`)
  if (column.since !== undefined) notes.push(`from ${column.since}`)
  if (column.until !== undefined) notes.push(`up to ${column.until}`)
  return notes.join(', ')
}

function drawn(columns: readonly ResultColumn[], rows: readonly (readonly Datum[])[]): string {
  const formatter = tableFormatter(columns, { isTerminal: false })
  return [formatter.begin(), ...formatter.rows(rows), ...formatter.end()].join('')
}
