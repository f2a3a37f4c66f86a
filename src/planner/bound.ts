import { PARTITION_COLUMN_NAME, type ColumnSpec, type TableSpec } from '../catalog/spec.ts'
import type { Datum } from '../catalog/types.ts'
import type { Comparison } from '../sql/predicate.ts'

/** A value that is not NULL. */
export type Value = NonNullable<Datum>

/** A test of one column. All but `isNull` are NULL where the column is NULL. */
export type Test =
  | { readonly kind: 'compare'; readonly operator: Comparison; readonly value: Value }
  /** `hasNull`: the list holds a NULL too, so that the test is never false. */
  | { readonly kind: 'in'; readonly values: readonly Value[]; readonly hasNull: boolean }
  /** The escape character of the pattern is the backslash. `fold`: the column's case is folded first, not the pattern's. */
  | {
      readonly kind: 'like'
      readonly pattern: string
      readonly isCaseInsensitive: boolean
      readonly fold?: Fold
    }
  | MembersTest
  | { readonly kind: 'isNull' }
  /** The same for every value: `smtp_port < 1e12` is true unless NULL. */
  | { readonly kind: 'decided'; readonly value: boolean }

/** Of a list of ids, whether it holds any of `ids` or all of them. */
export interface MembersTest {
  readonly kind: 'members'
  readonly ids: readonly number[]
  readonly areAll: boolean
}

/** PostgreSQL's functions that fold case. */
export type Fold = 'lower' | 'upper'

/** A predicate whose columns are found and whose literals have the columns' types. */
export type BoundPredicate =
  | { readonly kind: 'and' | 'or'; readonly operands: readonly BoundPredicate[] }
  | { readonly kind: 'not'; readonly operand: BoundPredicate }
  | {
      readonly kind: 'isTruth'
      readonly operand: BoundPredicate
      readonly truth: boolean | null
      readonly isNegated: boolean
    }
  | { readonly kind: 'constant'; readonly value: boolean | null }
  | { readonly kind: 'test'; readonly column: ColumnSpec; readonly test: Test }

/** The last column of every table. It is known before any call and is never asked of Odoo. */
export const PARTITION_COLUMN: ColumnSpec = {
  name: PARTITION_COLUMN_NAME,
  type: 'text',
  label: 'Partition',
  description: 'Name of the partition (Odoo database) that the row came from.',
  required: true,
  fieldType: 'char',
  secret: false,
}

/** All columns that SQL sees, `_partition` last. */
export const columnsOf = (table: TableSpec): readonly ColumnSpec[] => [...table.columns, PARTITION_COLUMN]
