import type { ColumnSpec } from '../catalog/spec.ts'
import type { RuleFamily } from '../odoo/capabilities.ts'
import { leaf, type Domain } from '../odoo/domain.ts'
import type { Comparison } from '../sql/predicate.ts'
import type { Value } from './bound.ts'
import type { ColumnSource, TableOnServer } from './server.ts'
import type { Pushdown } from './verdict.ts'

/** What a rule is asked: a test of one column, negated or not. Only the two about NULL hold for a NULL. */
export type Question =
  | { readonly kind: 'compare'; readonly operator: Comparison; readonly value: Value }
  | { readonly kind: 'in' | 'notIn'; readonly values: readonly Value[] }
  | { readonly kind: 'like' | 'notLike' | 'ilike' | 'notIlike'; readonly pattern: string }
  | { readonly kind: 'isNull' | 'isNotNull' }

/** The column that a rule is asked about. */
export interface PushedColumn {
  readonly spec: ColumnSpec
  readonly field: string
  readonly live: (ColumnSource & { kind: 'field' })['live']
  /** Whose rules hold for what is asked: the version's family, or on a version not measured, what was proven there. */
  readonly family: RuleFamily
  readonly server: TableOnServer
}

/** A rule of SEMANTICS.md's table: from the question about a column to the verdict. */
export type Rule = (question: Question, column: PushedColumn) => Pushdown

/** `field IS NOT NULL`, but for text on 18 and 19. */
export const isSet = (field: string): Domain => leaf(field, '!=', false)
export const isUnset = (field: string): Domain => leaf(field, '=', false)
