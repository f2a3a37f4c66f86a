import type { ColumnSpec, FieldType, TableSpec } from '../catalog/spec.ts'
import { fieldOf, TYPES_OF_FIELD } from '../catalog/spec.ts'
import type { Capabilities, ServerVersion } from '../odoo/capabilities.ts'
import { PARTITION_COLUMN } from './bound.ts'

/** What `fields_get` says of a field, as far as plans go by it. */
export interface LiveField {
  readonly type: string
  readonly store: boolean
  readonly searchable: boolean
  readonly sortable: boolean
  readonly companyDependent: boolean
  readonly translate: boolean
  /** Longest value of a char field; Odoo cuts longer literals. */
  readonly size?: number | undefined
  /** [total, decimals] of a float field; Odoo rounds literals to the decimals. */
  readonly digits?: readonly [number, number] | undefined
}

/** One table on one partition: all that judging a query needs to know of the server. */
export interface TableOnServer {
  readonly table: TableSpec
  readonly partition: string
  readonly version: ServerVersion
  readonly capabilities: Capabilities
  /** The fields that this user may read. */
  readonly fields: ReadonlyMap<string, LiveField>
  /** The server is known to order text bytewise, as PostgreSQL's C collation does. */
  readonly ordersBytewise: boolean
}

/** Where a column's values come from on one partition. */
export type ColumnSource =
  | {
      readonly kind: 'field'
      readonly field: string
      readonly live: LiveField & { readonly type: FieldType }
    }
  | { readonly kind: 'partition' }
  /** The server or the user lacks the field: the column is NULL. `reason` says why, as a notice does. */
  | { readonly kind: 'missing'; readonly reason: string }

export function sourceOf(column: ColumnSpec, server: TableOnServer): ColumnSource {
  if (column === PARTITION_COLUMN) return { kind: 'partition' }
  const field = fieldOf(column)
  const live = server.fields.get(field)
  if (live === undefined) return { kind: 'missing', reason: reasonOfAbsence(column, server.version) }
  if (!isReadableAs(live, column))
    return { kind: 'missing', reason: `the server's field is of type ${live.type}, not ${column.fieldType}` }
  return { kind: 'field', field, live }
}

const isReadableAs = (
  live: LiveField,
  column: ColumnSpec,
): live is LiveField & { readonly type: FieldType } =>
  live.type in TYPES_OF_FIELD &&
  TYPES_OF_FIELD[live.type as FieldType].includes(column.type) &&
  (live.type === 'many2one') === (column.fieldType === 'many2one')

function reasonOfAbsence(column: ColumnSpec, version: ServerVersion): string {
  if (column.since !== undefined && version.major < column.since) return `it came with Odoo ${column.since}`
  if (column.until !== undefined && version.major > column.until)
    return `Odoo ${column.until} was the last to have it`
  const reasons = [
    ...(column.restricted === undefined ? [] : [`it is for members of ${column.restricted}`]),
    ...(column.module === undefined ? [] : [`it needs the module ${column.module}`]),
  ]
  return reasons.length === 0 ? 'the server or this user does not have it' : reasons.join(', and ')
}
