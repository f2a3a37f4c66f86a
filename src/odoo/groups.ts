import type { Domain } from './domain.ts'

/** Groups by the values of fields (one group for none), each with the count of its records and its aggregates. */
export interface GroupRequest {
  readonly domain: Domain
  readonly groupBy: readonly string[]
  /** Over fields that are no keys: up to 16, Odoo leaves the others out. */
  readonly aggregates: readonly { readonly field: string; readonly operator: AggregateOperator }[]
}

export type AggregateOperator = 'sum' | 'min' | 'max' | 'count'

export interface Group {
  readonly count: number
  /** Field → value, as `read` with labels gives it. */
  readonly keys: Readonly<Record<string, unknown>>
  /** In the order of the request's aggregates; `false` or null where there is no value. */
  readonly aggregates: readonly unknown[]
}
