import type { ColumnSpec } from '../catalog/spec.ts'
import { ALL, type Domain } from '../odoo/domain.ts'
import type { BoundSelect } from './bind-select.ts'
import { pushDownOrder } from './order.ts'
import { pushDown } from './pushdown.ts'
import { sourceOf, type TableOnServer } from './server.ts'
import type { TopOrder } from './top-order.ts'
import { both, unsupported, type Pushdown } from './verdict.ts'

/** How a scan reads its records. */
export type Access =
  /** No record can match: no call. */
  | { readonly kind: 'nothing' }
  /** One search_count; the rows themselves are not read. */
  | { readonly kind: 'count' }
  /** One call in Odoo's order. */
  | { readonly kind: 'page'; readonly order: string; readonly limit: number; readonly offset: number }
  /** The first rows by a key that Odoo orders more finely than SQL, and what ties with the last of them. */
  | ({ readonly kind: 'top'; readonly limit: number } & TopOrder)
  /** What the records have in these fields, each combination once; the ids are made up. */
  | { readonly kind: 'groups'; readonly groupBy: readonly string[] }
  /** By id, batch after batch. */
  | {
      readonly kind: 'batches'
      readonly isDescending: boolean
      readonly limit: number | undefined
      readonly offset: number
    }

/** Every record of a domain. */
export const WHOLE: Access = { kind: 'batches', isDescending: false, limit: undefined, offset: 0 }

export interface JudgedConjunct {
  /** As SQL. */
  readonly text: string
  readonly verdict: Pushdown
}

/** One read of one model in one partition. */
export interface Scan {
  readonly server: TableOnServer
  /** Odoo fields to ask for; never empty. */
  readonly fields: readonly string[]
  readonly labels: boolean
  readonly manyToOne: boolean
  readonly domain: Domain
  readonly access: Access
  readonly conjuncts: readonly JudgedConjunct[]
  /** Columns that the query names and this server or user lacks, with the reason. */
  readonly missing: readonly { readonly column: ColumnSpec; readonly reason: string }[]
}

/** The short way: one table, plain columns, and nothing left to check. It streams, without the engine. */
export interface ScanPlan {
  readonly kind: 'scan'
  readonly select: BoundSelect
  /** The layout of a row while the plan runs; output columns are picked from it at the end. */
  readonly columns: readonly ColumnSpec[]
  readonly scans: readonly Scan[]
  /** Still to be applied to the rows of all scans together. */
  readonly limit: number | undefined
  readonly offset: number
}

/** A page comes whole in one call; more rows than this are better read in batches. */
export const PAGE_ROWS_MAX = 5_000

/** Plans a SELECT the short way, or undefined where Odoo alone cannot answer it. Does no I/O. */
export function planScan(select: BoundSelect, servers: readonly TableOnServer[]): ScanPlan | undefined {
  const drafts = servers.map((server) => draftScan(select, server))
  if (!drafts.every((draft) => draft.isExact)) return undefined
  const isAlone = drafts.length === 1
  const columns = [...new Set(select.output.map((output) => output.column))]
  const scans: Scan[] = []
  for (const { server, conjuncts, domain } of drafts) {
    const access = accessOf(select, server, domain, isAlone)
    if (access === undefined) return undefined
    scans.push({ server, conjuncts, domain, access, ...fieldsToRead(columns, server) })
  }
  const isCut = isAlone && select.countNames === undefined
  return { kind: 'scan', select, columns, scans, limit: select.limit, offset: isCut ? 0 : select.offset }
}

function draftScan(select: BoundSelect, server: TableOnServer) {
  const conjuncts = select.conjuncts.map(({ text, predicate }) => ({
    text,
    verdict: pushDown(predicate, server),
  }))
  const whole = both(conjuncts.map(({ verdict }) => verdict))
  return {
    server,
    conjuncts,
    // No remote limit, offset, order or count above anything that must be checked again.
    isExact: whole.support === 'exact',
    domain: whole.support === 'unsupported' ? ALL : whole.domain,
  }
}

export const NO_PUSHDOWN: Pushdown = unsupported('pushdown is switched off')

/** Undefined: the rows would not come in the order that is asked for. */
function accessOf(
  select: BoundSelect,
  server: TableOnServer,
  domain: Domain,
  isAlone: boolean,
): Access | undefined {
  if (domain.kind === 'none') return { kind: 'nothing' }
  if (select.countNames !== undefined) return { kind: 'count' }
  if (select.limit === 0) return { kind: 'nothing' }
  // Of several partitions each may hold all the rows up to the limit.
  const [limit, offset] = isAlone
    ? [select.limit, select.offset]
    : [select.limit === undefined ? undefined : select.limit + select.offset, 0]
  const [first] = select.orderBy
  if (first === undefined) return { kind: 'batches', isDescending: false, limit, offset }
  if (!isAlone) return undefined
  if (first.column.name === 'id') return { kind: 'batches', isDescending: first.isDescending, limit, offset }
  if (limit === undefined || limit > PAGE_ROWS_MAX) return undefined
  const pushed = pushDownOrder(select.orderBy, server)
  return 'order' in pushed ? { kind: 'page', order: pushed.order, limit, offset } : undefined
}

export function fieldsToRead(
  columns: readonly ColumnSpec[],
  server: TableOnServer,
): Pick<Scan, 'fields' | 'labels' | 'manyToOne' | 'missing'> {
  const fields = new Set<string>()
  const missing: { column: ColumnSpec; reason: string }[] = []
  let [labels, manyToOne] = [false, false]
  for (const column of columns) {
    const source = sourceOf(column, server)
    if (source.kind === 'missing') missing.push({ column, reason: source.reason })
    if (source.kind !== 'field') continue
    fields.add(source.field)
    labels ||= column.part === 'label'
    manyToOne ||= source.live.type === 'many2one'
  }
  // No field at all would mean: every field.
  return { fields: fields.size === 0 ? ['id'] : [...fields], labels, manyToOne, missing }
}
