import type { ColumnSpec, TableSpec } from '../catalog/spec.ts'
import { insufficientPrivilege, internalError, SqlError } from '../errors.ts'
import { ALL, or, type Domain } from '../odoo/domain.ts'
import { namesIn } from '../sql/plan-text.ts'
import { readPredicate } from '../sql/reader.ts'
import { isGroupable } from './aggregate.ts'
import { bindPredicate } from './bind.ts'
import { columnsOf, PARTITION_COLUMN, type BoundPredicate } from './bound.ts'
import { isDistinctEnough } from './distinct.ts'
import { columnsOfScan, type PlanNode, type ScanNode } from './explained.ts'
import { joinKeysOf, type JoinKey } from './join-keys.ts'
import { planLate, type LateColumns } from './late-columns.ts'
import { pushDownOrder } from './order.ts'
import { pushDown } from './pushdown.ts'
import {
  fieldsToRead,
  NO_PUSHDOWN,
  PAGE_ROWS_MAX,
  type Access,
  type JudgedConjunct,
  type Scan,
} from './scan-plan.ts'
import { sourceOf, type TableOnServer } from './server.ts'
import { topOfPlan } from './top-of-plan.ts'
import { topOrderOf } from './top-order.ts'
import { both, unsupported } from './verdict.ts'
import { walksOf } from './walks.ts'

/** All that is read of one table for one statement; its scans see a superset of what each needs. */
export interface TableRead {
  readonly table: TableSpec
  /** The layout of the rows to load; `id` is always there. */
  readonly columns: readonly ColumnSpec[]
  readonly scans: readonly Scan[]
  /** Nodes of PostgreSQL's plan that read the table. */
  readonly nodes: readonly ScanNode[]
  /**
   * A read of the same columns for each of several nodes, where joins narrow what each of them needs: their rows
   * together serve as well as those of the read itself.
   */
  readonly parts?: readonly TableRead[]
}

/** Whether Odoo checks all that the only scan of a plan filters by, in every partition. */
export const isExactRead = ({ nodes, scans }: TableRead): boolean =>
  nodes.length === 1 &&
  scans.every(({ conjuncts }) => conjuncts.every(({ verdict }) => verdict.support === 'exact'))

/** What the engine needs for a statement: the rows that are loaded before PostgreSQL runs it. */
export interface EnginePlan {
  readonly kind: 'engine'
  readonly reads: readonly TableRead[]
  /** Between reads, or the parts of those that have parts. */
  readonly joinKeys: readonly JoinKey<TableRead>[]
  /** Only where there is one read. */
  readonly late: LateColumns | undefined
}

/** A scan of one of our tables, with its filter as far as it can be read. */
export interface ReadNode {
  readonly table: TableSpec
  readonly scan: ScanNode
  readonly conjuncts: readonly {
    readonly text: string
    /** Undefined where it cannot be read for certain. */
    readonly predicate: BoundPredicate | undefined
  }[]
}

export interface EnginePlanContext {
  /** The servers of the partitions that may hold rows for the statement. */
  readonly serversOf: (table: TableSpec) => readonly TableOnServer[]
  readonly usePushdown: boolean
  /** Rows of several partitions can meet, so that only id and `_partition` together tell them apart. */
  readonly isPartitioned: boolean
  /** Names of the columns of the statement's CTEs. */
  readonly cteColumns: ReadonlyMap<string, readonly string[]>
  /** Rows that are enough, where the first of them in Odoo's order can only be the answer's. */
  readonly rowsWanted: number | undefined
}

/**
 * Reads the filters of the scans of our tables; PostgreSQL's own tables are left to it. Throws 42501 for a filter on a
 * secret column.
 */
export function readNodesOf(
  scans: readonly ScanNode[],
  tableOf: (schema: string, name: string) => TableSpec | undefined,
  revealSecrets: boolean,
): ReadNode[] {
  return scans.flatMap((scan): ReadNode[] => {
    const table = tableOf(scan.schema, scan.name)
    if (table === undefined) {
      if (POSTGRESQL_SCHEMAS.has(scan.schema)) return []
      // Unloaded it would be empty: better no answer than a wrong one.
      throw internalError(`the table ${scan.schema}.${scan.name} was not expected in the plan`)
    }
    if (!revealSecrets) refuseSecrets(scan, table)
    return [
      {
        table,
        scan,
        conjuncts: scan.conjuncts.map((text) => ({ text, predicate: readConjunct(text, scan, table) })),
      },
    ]
  })
}

/** PostgreSQL's own catalogs, which are full without us. */
const POSTGRESQL_SCHEMAS: ReadonlySet<string> = new Set(['pg_catalog', 'information_schema', 'pg_toast'])

function readConjunct(text: string, scan: ScanNode, table: TableSpec): BoundPredicate | undefined {
  const predicate = readPredicate(text)
  if (predicate === undefined) return undefined
  const from = { name: scan.name, alias: scan.alias }
  try {
    return bindPredicate(predicate, {
      table,
      from,
      parameters: [],
      revealSecrets: true,
      positionOf: () => undefined,
    })
  } catch (thrown) {
    // What we cannot type, PostgreSQL can: it has planned the statement.
    if (thrown instanceof SqlError) return undefined
    throw thrown
  }
}

function refuseSecrets(scan: ScanNode, table: TableSpec): void {
  const secrets = new Set(table.columns.filter((column) => column.secret).map((column) => column.name))
  const [name] = scan.conjuncts.flatMap((text) => namesIn(text, secrets))
  if (name === undefined) return
  throw insufficientPrivilege(`column "${name}" is secret and cannot be compared or ordered by`, {
    hint: 'Open the session with --reveal-secrets (library: revealSecrets: true) to use it.',
  })
}

/** Decides what to fetch for the scans of PostgreSQL's plan. Does no I/O. */
export function planEngine(
  root: PlanNode,
  nodes: readonly ReadNode[],
  context: EnginePlanContext,
): EnginePlan {
  const keys = context.usePushdown
    ? [...joinKeysOf(root, nodes), ...walksOf(root, nodes, context.cteColumns)]
    : []
  const byTable = new Map<TableSpec, ReadNode[]>()
  for (const node of nodes) byTable.set(node.table, [...(byTable.get(node.table) ?? []), node])
  const reads = [...byTable].map(([table, own]) => planTable(table, own, keys, context, nodes.length === 1))
  const units = reads.flatMap((read) => read.parts ?? [read])
  const [first] = reads
  return {
    kind: 'engine',
    reads,
    joinKeys: keys.flatMap((key) => {
      const [source, target] = [key.source, key.target].map(({ scan }) =>
        units.find(({ nodes }) => nodes.includes(scan)),
      )
      // Other scans of the same table need rows of their own, and the rows are loaded for all of them.
      return source === undefined || target === undefined || source === target || target.nodes.length > 1
        ? []
        : [{ ...key, source, target, isAnti: key.isAnti === true && isOnlySource(key, nodes) }]
    }),
    late:
      first !== undefined && nodes.length === 1 && context.usePushdown
        ? planLate(first, context.rowsWanted)
        : undefined,
  }
}

/** Whether no other scan of the source's table could bring back rows that the join has dropped. */
const isOnlySource = ({ source, target }: JoinKey<ReadNode>, nodes: readonly ReadNode[]): boolean =>
  nodes.every((node) => node.table !== source.table || node === source || node === target)

function planTable(
  table: TableSpec,
  nodes: readonly ReadNode[],
  keys: readonly JoinKey<ReadNode>[],
  context: EnginePlanContext,
  isAlone: boolean,
): TableRead {
  const judged = nodes.map((node) => ({
    ...node,
    keys: [...new Set(keys.filter(({ target }) => target === node).map(({ targetColumn }) => targetColumn))],
  }))
  const columns = columnsToLoad(table, nodes, context)
  const whole = planRead(table, judged, columns, context, isAlone)
  const isJoined = nodes.every((node) =>
    keys.some(({ source, target }) => source === node || target === node),
  )
  if (nodes.length === 1 || !isJoined) return whole
  const parts = judged.map((node) => planRead(table, [node], columns, context, false))
  // Where each needs all rows, none can narrow another.
  return parts.some(({ scans }) => scans.some(({ domain }) => domain.kind !== 'all'))
    ? { ...whole, parts }
    : whole
}

function columnsToLoad(
  table: TableSpec,
  nodes: readonly ReadNode[],
  { isPartitioned }: EnginePlanContext,
): ColumnSpec[] {
  const columns = columnsOf(table)
  const names = new Set(columns.map((column) => column.name))
  const keys = isPartitioned ? ['id', PARTITION_COLUMN.name] : ['id']
  const needed = new Set([...nodes.flatMap(({ scan }) => columnsOfScan(scan, names)), ...keys])
  return columns.filter((column) => needed.has(column.name))
}

/** A node, and the columns whose NULLs no join above it lets through. */
type JoinedNode = ReadNode & { readonly keys: readonly ColumnSpec[] }

function planRead(
  table: TableSpec,
  nodes: readonly JoinedNode[],
  columns: readonly ColumnSpec[],
  context: EnginePlanContext,
  isAlone: boolean,
): TableRead {
  const scans = context.serversOf(table).map((server): Scan => {
    const judged = nodes.map((node) => judgeNode(node, server, context))
    const domain = or(...judged.map((one) => one.domain))
    const [only] = isAlone && judged.every((one) => one.isExact) ? nodes : []
    return {
      server,
      ...fieldsToRead(columns, server),
      domain,
      access:
        domain.kind === 'none'
          ? { kind: 'nothing' }
          : (groupsOf(nodes, columns, server, context) ?? accessOf(only?.scan, table, server, context)),
      conjuncts: judged.flatMap((one) => one.conjuncts),
    }
  })
  return { table, columns, scans, nodes: nodes.map(({ scan }) => scan) }
}

const BATCHES: Access & { kind: 'batches' } = {
  kind: 'batches',
  isDescending: false,
  limit: undefined,
  offset: 0,
}

/** Where only the values matter, and Odoo can give each once. What tells rows apart must not be among them. */
function groupsOf(
  [node, ...others]: readonly JoinedNode[],
  columns: readonly ColumnSpec[],
  server: TableOnServer,
  { usePushdown }: EnginePlanContext,
): Access | undefined {
  if (node === undefined || others.length > 0 || !usePushdown) return undefined
  const names = new Set(columns.map(({ name }) => name))
  const shown = columnsOfScan(node.scan, names).flatMap(
    (name) => columns.find((column) => column.name === name) ?? [],
  )
  if (!isDistinctEnough(node.scan, node.table) || !shown.every((column) => isGroupable(column, server)))
    return undefined
  const groupBy = shown.flatMap((column) => {
    const source = sourceOf(column, server)
    return source.kind === 'field' ? [source.field] : []
  })
  return groupBy.length === 0 ? undefined : { kind: 'groups', groupBy }
}

/** The first rows are enough where LIMIT stands right above the only scan and Odoo checks all of the filter. */
function accessOf(
  node: ScanNode | undefined,
  table: TableSpec,
  server: TableOnServer,
  { rowsWanted, usePushdown }: EnginePlanContext,
): Access {
  const top = node === undefined || !usePushdown ? undefined : topOfPlan(node, table)
  if (top === undefined || rowsWanted === undefined) return BATCHES
  if (rowsWanted === 0) return { kind: 'nothing' }
  if (top.sortTexts.length === 0) return { ...BATCHES, limit: rowsWanted }
  if (top.sortKeys === undefined || rowsWanted > PAGE_ROWS_MAX) return BATCHES
  const pushed = pushDownOrder(top.sortKeys, server)
  if ('order' in pushed) return { kind: 'page', order: pushed.order, limit: rowsWanted, offset: 0 }
  const order = topOrderOf(top.sortKeys, server)
  return order === undefined ? BATCHES : { kind: 'top', limit: rowsWanted, ...order }
}

/** A filter that cannot be read or proven is simply not pushed: PostgreSQL checks every row anyway. */
function judgeNode(
  node: JoinedNode,
  server: TableOnServer,
  { usePushdown }: EnginePlanContext,
): { domain: Domain; isExact: boolean; conjuncts: JudgedConjunct[] } {
  const filters = node.conjuncts.map(({ text, predicate }) => ({
    text,
    verdict: !usePushdown
      ? NO_PUSHDOWN
      : predicate === undefined
        ? unsupported('Odoo has nothing like it')
        : pushDown(predicate, server),
  }))
  const conjuncts = [...filters, ...judgeKeys(node, filters, server)]
  const whole = both(conjuncts.map(({ verdict }) => verdict))
  return {
    domain: whole.support === 'unsupported' ? ALL : whole.domain,
    isExact: whole.support === 'exact',
    conjuncts,
  }
}

/** What joins imply and Odoo can check: that the keys are not NULL. */
const judgeKeys = (
  { scan, keys }: JoinedNode,
  filters: readonly JudgedConjunct[],
  server: TableOnServer,
): JudgedConjunct[] =>
  keys.flatMap((column) => {
    const verdict = pushDown(
      { kind: 'not', operand: { kind: 'test', column, test: { kind: 'isNull' } } },
      server,
    )
    if (verdict.support === 'unsupported' || verdict.domain.kind === 'all') return []
    const isAsked = filters.some((filter) => JSON.stringify(filter.verdict) === JSON.stringify(verdict))
    return isAsked ? [] : [{ text: `${scan.alias}.${column.name} IS NOT NULL`, verdict }]
  })
