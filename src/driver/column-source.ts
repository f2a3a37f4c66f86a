import { fieldOf, PARTITION_COLUMN_NAME, qualifiedName } from '../catalog/spec.ts'
import type { ColumnSpec, TableSpec } from '../catalog/spec.ts'

/** The column of a table that a result's column shows as it is. */
export interface ColumnSource {
  /** `schema.name`, such as `ir.mail_server`. */
  readonly table: string
  /** Name of the column in that table, whatever the result calls it. */
  readonly column: string
  /** Odoo's model behind the table, such as `ir.mail_server`. */
  readonly model: string
  /** Odoo's field behind the column, such as `smtp_encryption`. */
  readonly field: string
  /** What Odoo's screens call the field. */
  readonly label: string
  /** What the field holds, in a sentence or two. */
  readonly description: string
  /** Of a selection: each stored code and what it means. */
  readonly values?: Readonly<Record<string, string>>
}

/** Undefined for `_partition`, which is no field of Odoo's. */
export function sourceOf(table: TableSpec, column: ColumnSpec): ColumnSource | undefined {
  if (column.name === PARTITION_COLUMN_NAME) return undefined
  const { name, label, description, values } = column
  return {
    table: qualifiedName(table),
    column: name,
    model: table.model,
    field: fieldOf(column),
    label,
    description,
    ...(values === undefined ? {} : { values }),
  }
}
