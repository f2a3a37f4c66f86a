import { createHash } from 'node:crypto'
import { PARTITION_COLUMN_NAME, qualifiedName } from '../catalog/spec.ts'
import type { ColumnSpec, TableSpec } from '../catalog/spec.ts'
import { SQL_TYPES } from '../catalog/types.ts'
import { ROLE } from './lockdown.ts'

export interface DdlOptions {
  /**
   * Rows of several partitions may stand side by side, so an id alone is no key. Where false, the primary key is the
   * id: PostgreSQL then accepts `GROUP BY id` with other columns beside it, and drops unused joins from a plan.
   */
  readonly isPartitioned: boolean
}

/** One table as the engine keeps it: the statements that make it, and a short hash of them. */
export interface TableDdl {
  /** `schema.name`. */
  readonly name: string
  readonly sql: string
  readonly hash: string
}

/** The statements that make an empty table, typed and commented. Needs no other table. */
export function tableDdl(table: TableSpec, options: DdlOptions): TableDdl {
  const name = tableIdentifier(table)
  const columns = table.columns.map((column) => `${identifier(column.name)} ${SQL_TYPES[column.type].title}`)
  const comments = table.columns.map(
    (column) => `COMMENT ON COLUMN ${name}.${identifier(column.name)} IS ${literal(columnComment(column))};`,
  )
  const sql = [
    `CREATE SCHEMA IF NOT EXISTS ${identifier(table.schema)};`,
    `GRANT USAGE ON SCHEMA ${identifier(table.schema)} TO ${ROLE};`,
    `CREATE TABLE ${name} (${[...columns, `${PARTITION_COLUMN_NAME} text`, `__dropped integer`].join(', ')},`,
    `  PRIMARY KEY (${keyColumns('id', options)}));`,
    // With a dropped column PostgreSQL's plans name the columns that a scan needs, instead of all there are.
    `ALTER TABLE ${name} DROP COLUMN __dropped;`,
    // Without REFERENCES, information_schema hides the keys from tools that look for them.
    `GRANT SELECT, REFERENCES ON ${name} TO ${ROLE};`,
    `COMMENT ON TABLE ${name} IS ${literal(`${table.label}. ${table.description}`)};`,
    ...comments,
    `COMMENT ON COLUMN ${name}.${PARTITION_COLUMN_NAME} IS 'Name of the partition (Odoo database) of the row.';`,
  ].join('\n')
  return {
    name: qualifiedName(table),
    sql,
    hash: createHash('sha256').update(sql).digest('hex').slice(0, 16),
  }
}

/**
 * Foreign keys from the tables of `from` to those of `to`, for tools to see. They are not enforced: a statement loads
 * only the rows that it needs. A column that shows the id as text has none, since its type differs from the id's.
 */
export function foreignKeyDdl(
  from: readonly TableSpec[],
  to: readonly TableSpec[],
  options: DdlOptions,
): string {
  const targets = new Map(to.map((table) => [table.model, table]))
  const commands = from.flatMap((table) => {
    const keys = table.columns.flatMap((column) => {
      const target = column.part === 'id' ? targets.get(column.relation ?? '') : undefined
      if (target === undefined || column.type !== idType(target)) return []
      const reference = `REFERENCES ${tableIdentifier(target)} NOT ENFORCED`
      return [`ADD FOREIGN KEY (${keyColumns(column.name, options)}) ${reference}`]
    })
    // One command for all keys of a table: each would read the table's description anew.
    return keys.length === 0 ? [] : [`ALTER TABLE ${tableIdentifier(table)} ${keys.join(', ')};`]
  })
  return commands.join('\n')
}

export const dropTableDdl = (name: string): string =>
  `DROP TABLE IF EXISTS ${name.split('.').map(identifier).join('.')} CASCADE;`

export const tableIdentifier = (table: Pick<TableSpec, 'schema' | 'name'>): string =>
  `${identifier(table.schema)}.${identifier(table.name)}`

export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`

const literal = (text: string): string => `'${text.replaceAll("'", "''").replaceAll('\0', '')}'`

const idType = (table: TableSpec): string | undefined =>
  table.columns.find((column) => column.name === 'id')?.type

const keyColumns = (column: string, options: DdlOptions): string =>
  options.isPartitioned ? `${identifier(column)}, ${PARTITION_COLUMN_NAME}` : identifier(column)

function columnComment(column: ColumnSpec): string {
  const values = Object.entries(column.values ?? {}).map(([code, meaning]) => `${code} = ${meaning}`)
  return values.length === 0 ? column.description : `${column.description} Values: ${values.join('; ')}.`
}
