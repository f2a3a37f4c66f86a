import { uniqueNames } from './naming.ts'
import { PARTITION_COLUMN_NAME, qualifiedName } from './spec.ts'
import type { ColumnSpec, FieldType, SqlTypeName, TableSpec } from './spec.ts'

/** TypeScript source: an interface for the rows of each table, as the library's `query` gives them. */
export function rowTypes(tables: readonly TableSpec[]): string {
  const names = uniqueNames(tables.map((table) => interfaceName(table)))
  const interfaces = tables.map((table, index) => interfaceText(table, names[index] ?? ''))
  return `${HEADER}\n${interfaces.join('\n')}`
}

const HEADER =
  '// Rows of Odoo’s tables, written by "odoo-sql catalog types". Timestamps and dates are UTC.\n'

/** What `toJs` of each SQL type gives. */
const SCRIPT_TYPES: Record<SqlTypeName, string> = {
  text: 'string',
  int4: 'number',
  int8: 'string',
  bool: 'boolean',
  float8: 'number',
  numeric: 'string',
  date: 'Date',
  timestamp: 'Date',
  bytea: 'Uint8Array',
  jsonb: 'unknown',
  'int4[]': 'readonly number[]',
}

/** Odoo's API reads an absent value of these as 0, false or an empty list. */
const NEVER_NULL: ReadonlySet<FieldType> = new Set<FieldType>([
  'integer',
  'many2one_reference',
  'float',
  'monetary',
  'boolean',
  'one2many',
  'many2many',
])

function interfaceText(table: TableSpec, name: string): string {
  const columns = table.columns.map(
    (column) =>
      `${comment(column.description, '  ')}  ${column.name}: ${SCRIPT_TYPES[column.type]}${isNullable(column) ? ' | null' : ''}\n`,
  )
  return [
    comment(`${qualifiedName(table)}: ${table.label}. ${table.description}`, ''),
    `export interface ${name} {\n`,
    ...columns,
    comment('Name of the partition (Odoo database) that the row came from.', '  '),
    `  ${PARTITION_COLUMN_NAME}: string\n`,
    '}\n',
  ].join('')
}

/**
 * A required text can be NULL all the same: older records may lack it, and Odoo asks for it on its screens only.
 * So can a column that a version, a module or a group of users lacks.
 */
function isNullable(column: ColumnSpec): boolean {
  if (column.name === 'id') return false
  if (column.type === 'jsonb') return false // unknown has null in it
  const { since, until, module, restricted } = column
  const isEverywhere = [since, until, module, restricted].every((limit) => limit === undefined)
  return !(column.required && isEverywhere && NEVER_NULL.has(column.fieldType))
}

/** `ir.mail_server` is IrMailServer. */
function interfaceName({ schema, name }: TableSpec): string {
  const words = `${schema}_${name}`.split('_').filter((word) => word !== '')
  const joined = words.map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`).join('')
  return /^\d/.test(joined) ? `_${joined}` : joined
}

const comment = (text: string, indent: string): string =>
  `${indent}/** ${text.replace(/\s+/g, ' ').replaceAll('*/', '*\\/')} */\n`
