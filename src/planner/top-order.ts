import type { ColumnSpec } from '../catalog/spec.ts'
import { ALL, type Domain } from '../odoo/domain.ts'
import type { Comparison } from '../sql/predicate.ts'
import type { SortKey } from './bind-select.ts'
import type { Value } from './bound.ts'
import { pushDownOrder, reasonAgainstOrder, termOf } from './order.ts'
import { pushDown } from './pushdown.ts'
import { sourceOf, type TableOnServer } from './server.ts'

/**
 * How the first rows are found by a key that Odoo orders more finely than SQL, which sees datetimes in seconds and
 * numbers as JSON has them: rows that come first for SQL are among the first for Odoo, or tie with the last of them.
 */
export interface TopOrder {
  readonly column: ColumnSpec
  /** Odoo's order by the key. */
  readonly order: string
  /** Odoo's order of what ties, by the other keys; undefined where it has none, so that all of it must be read. */
  readonly tieOrder: string | undefined
  /** The rows in parts, as SQL orders these. */
  readonly bands: readonly Band[]
}

export interface Band {
  readonly domain: Domain
  /** All rows of the band have one value. */
  readonly isTie: boolean
}

/** Undefined where Odoo's order by the first key is another than SQL's. */
export function topOrderOf(keys: readonly SortKey[], server: TableOnServer): TopOrder | undefined {
  const [key, ...others] = keys
  const source = key === undefined ? undefined : sourceOf(key.column, server)
  if (key === undefined || source?.kind !== 'field') return undefined
  const { type } = source.live
  const bands =
    type === 'datetime'
      ? [{ domain: ALL, isTie: false }]
      : type === 'integer' || type === 'float' || type === 'monetary'
        ? bandsOfNumber(key, server)
        : undefined
  if (bands === undefined || reasonAgainstOrder(key, source.live, server) !== undefined) return undefined
  const ties = pushDownOrder(others, server)
  return {
    column: key.column,
    order: `${termOf(key, source.field, type)}, id`,
    tieOrder: 'order' in ties ? ties.order : undefined,
    bands,
  }
}

/** NULL reads as 0 and yet Odoo puts it at one end, so that 0 stands alone. */
function bandsOfNumber({ column, isDescending }: SortKey, server: TableOnServer): Band[] | undefined {
  const signs: readonly Comparison[] = isDescending ? ['>', '=', '<'] : ['<', '=', '>']
  const bands = signs.flatMap((operator) => {
    const verdict = pushDown({ kind: 'test', column, test: { kind: 'compare', operator, value: 0 } }, server)
    return verdict.support === 'exact' ? [{ domain: verdict.domain, isTie: operator === '=' }] : []
  })
  return bands.length === signs.length ? bands : undefined
}

/** The domain of the rows with this value of the column; undefined where Odoo has none that is exact. */
export function domainOfValue(
  column: ColumnSpec,
  value: Value | null,
  server: TableOnServer,
): Domain | undefined {
  const test =
    value === null ? { kind: 'isNull' as const } : { kind: 'compare' as const, operator: '=' as const, value }
  const verdict = pushDown({ kind: 'test', column, test }, server)
  return verdict.support === 'exact' && verdict.domain.kind !== 'none' ? verdict.domain : undefined
}
