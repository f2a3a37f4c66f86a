import type { Catalog } from '../catalog/catalog.ts'
import { PARTITION_COLUMN_NAME, qualifiedName } from '../catalog/spec.ts'
import type { ColumnSpec, TableSpec } from '../catalog/spec.ts'
import type { Datum } from '../catalog/types.ts'
import { undefinedTable } from '../errors.ts'
import type { ResultColumn } from '../driver/cursor.ts'
import type { ListedTable } from '../driver/discovery.ts'
import type { ServerCatalog } from '../driver/server-catalog.ts'
import { tableFormatter } from './format-table.ts'
import { PLAIN } from './format.ts'

/** The published tables, one a row. */
export function tableList(catalog: Catalog): string {
  const rows = catalog.tables.map((table) => [
    qualifiedName(table),
    table.model,
    table.columns.length + 1,
    table.label,
  ])
  return drawn(TABLE_COLUMNS, rows)
}

/** All that a server has, one a row. Columns are counted where a file describes them. */
export function listedTables(tables: readonly ListedTable[], files: Catalog): string {
  const rows = tables.map(({ schema, name, model, label, isPublished }) => [
    qualifiedName({ schema, name }),
    model,
    isPublished ? (files.find(schema, name)?.columns.length ?? 0) + 1 : null,
    label,
  ])
  return drawn(TABLE_COLUMNS, rows)
}

const TABLE_COLUMNS: readonly ResultColumn[] = [
  { name: 'table', type: 'text' },
  { name: 'model', type: 'text' },
  { name: 'columns', type: 'int4' },
  { name: 'label', type: 'text' },
]

/** The table of that name as a person writes it: in any case, with or without schema and quotes. */
export function findTable(catalog: Catalog, name: string): TableSpec | undefined {
  const parts = partsOfName(name)
  return catalog.find(parts.at(-2), parts.at(-1) ?? '')
}

const partsOfName = (name: string): string[] => name.toLowerCase().replaceAll('"', '').split('.')

/** The table of the files or of the server. Throws 42P01 with the nearest name, 42501 where it may not be read. */
export async function requireTable(
  name: string,
  files: Catalog,
  server: ServerCatalog | undefined,
  signal: AbortSignal,
): Promise<TableSpec> {
  const parts = partsOfName(name)
  const published = findTable(files, name)
  const table = published ?? (await server?.discovery.table(parts.at(-2), parts.at(-1) ?? '', { signal }))
  if (table !== undefined) return table
  const listed = (await server?.discovery.list({ signal })) ?? []
  throw undefinedTable(name, [...files.names, ...listed.map(qualifiedName)])
}

/** What a table is, its columns and examples. */
export function describeTable(table: TableSpec): string {
  const rows = table.columns.map((column) => [
    column.name,
    column.type,
    notesOf(column).join(', '),
    column.description,
  ])
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

/** What sets a column apart. */
export function notesOf(column: ColumnSpec): readonly string[] {
  const notes: string[] = []
  if (column.required) notes.push('required')
  if (column.secret) notes.push('secret')
  if (column.restricted !== undefined) notes.push(`only ${column.restricted}`)
  if (column.module !== undefined) notes.push(`module ${column.module}`)
  if (column.since !== undefined) notes.push(`from ${column.since}`)
  if (column.until !== undefined) notes.push(`up to ${column.until}`)
  return notes
}

function drawn(columns: readonly ResultColumn[], rows: readonly (readonly Datum[])[]): string {
  const formatter = tableFormatter(columns, PLAIN)
  return [formatter.begin(), ...formatter.rows(rows), ...formatter.end()].join('')
}
