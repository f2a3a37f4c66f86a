/** A value or column as it stands in the statement, before its type is known. */
export type Operand =
  | { readonly kind: 'column'; readonly table?: string | undefined; readonly name: string }
  | { readonly kind: 'string'; readonly value: string }
  /** Digits as written, so that 1.10 stays 1.10. */
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'null' }
  /** 1-based, as in `$1`. */
  | { readonly kind: 'parameter'; readonly index: number }
  /** `'2026-01-31'::date`; `type` is spelt as in the statement. */
  | { readonly kind: 'typed'; readonly value: string; readonly type: string }
  | { readonly kind: 'call'; readonly name: CalledFunction; readonly operands: readonly Operand[] }

/** Functions that are read; of a column they can be asked of Odoo in other words. */
export type CalledFunction = 'coalesce' | 'lower' | 'upper'

export type Comparison = '=' | '<>' | '<' | '<=' | '>' | '>='

/** A boolean expression as it stands in the statement: NOT is where the user wrote it. */
export type Predicate =
  | { readonly kind: 'and' | 'or'; readonly operands: readonly Predicate[] }
  | { readonly kind: 'not'; readonly operand: Predicate }
  | {
      readonly kind: 'compare'
      readonly operator: Comparison
      readonly left: Operand
      readonly right: Operand
    }
  | {
      readonly kind: 'in'
      readonly operand: Operand
      readonly values: readonly Operand[]
      readonly isNegated: boolean
    }
  /** `operand = ANY (list)`, which is IN, and `operand <> ALL (list)`, which is NOT IN. */
  | { readonly kind: 'anyOf'; readonly operand: Operand; readonly list: Operand; readonly isNegated: boolean }
  | {
      readonly kind: 'between'
      readonly operand: Operand
      readonly low: Operand
      readonly high: Operand
      readonly isNegated: boolean
    }
  | {
      readonly kind: 'like'
      readonly operand: Operand
      readonly pattern: Operand
      readonly escape: Operand | undefined
      readonly isCaseInsensitive: boolean
      readonly isNegated: boolean
    }
  | { readonly kind: 'isNull'; readonly operand: Operand; readonly isNegated: boolean }
  /** `&&`: the two lists have a member in common; `@>`: the first has all members of the second. */
  | {
      readonly kind: 'members'
      readonly operator: '&&' | '@>'
      readonly operand: Operand
      readonly list: Operand
    }
  /** `IS [NOT] TRUE | FALSE | UNKNOWN`; `truth` null is UNKNOWN. */
  | {
      readonly kind: 'isTruth'
      readonly operand: Predicate
      readonly truth: boolean | null
      readonly isNegated: boolean
    }
  /** A boolean column, literal or parameter that stands alone. */
  | { readonly kind: 'operand'; readonly operand: Operand }

export type SelectItem =
  | { readonly kind: 'star'; readonly table?: string | undefined }
  | {
      readonly kind: 'column'
      readonly table?: string | undefined
      readonly name: string
      readonly alias?: string | undefined
    }
  | { readonly kind: 'countAll'; readonly alias?: string | undefined }

export interface OrderKey {
  /** A column, or a number: the position of an item of the select list. */
  readonly operand: Operand
  readonly isDescending: boolean
  readonly nulls: 'first' | 'last' | undefined
}

export interface TableName {
  readonly catalog?: string | undefined
  readonly schema?: string | undefined
  readonly name: string
  readonly alias?: string | undefined
}

/** A SELECT of the short way's shape: one table, plain columns. */
export interface SelectStatement {
  readonly items: readonly SelectItem[]
  readonly from: TableName
  readonly where: Predicate | undefined
  readonly orderBy: readonly OrderKey[]
  readonly limit: Operand | undefined
  readonly offset: Operand | undefined
}
