import type { ColumnSpec, TableSpec } from '../catalog/spec.ts'
import { insufficientPrivilege, SqlError } from '../errors.ts'
import { ALL, NONE, or, type Domain } from '../odoo/domain.ts'
import { namesIn } from '../sql/plan-text.ts'
import { quoteIdentifier } from '../sql/print.ts'
import { readPredicate } from '../sql/reader.ts'
import { bindPredicate } from './bind.ts'
import { columnsOf, PARTITION_COLUMN } from './bound.ts'
import { columnsOfScan, type PlanNode, type ScanNode } from './explained.ts'
import { joinKeysOf, type JoinKey } from './join-keys.ts'
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
import type { TableOnServer } from './server.ts'
import { topOfPlan } from './top-of-plan.ts'
import { both, unsupported, type Pushdown } from './verdict.ts'

/** All that is read of one table for one statement; its scans see a superset of what each needs. */
export interface TableRead {
  readonly table: TableSpec
  /** The layout of the rows to load; `id` is always there. */
  readonly columns: readonly ColumnSpec[]
  readonly scans: readonly Scan[]
  /** Nodes of PostgreSQL's plan that read the table. */
  readonly nodes: readonly ScanNode[]
}

/**
 * The rows that make it past LIMIT are found with the columns of filter and order alone; only then are the remaining
 * columns of just those rows fetched.
 */
export interface LateColumns {
  /** The read with only the columns that decide. */
  readonly keys: TableRead
  /** Gives the `id` and `_partition` of the rows that made it. */
  readonly sql: string
}

/** Whether Odoo checks all that the only scan of a plan filters by, in every partition. */
export const isExactRead = ({ nodes, scans }: TableRead): boolean =>
  nodes.length === 1 &&
  scans.every(({ conjuncts }) => conjuncts.every(({ verdict }) => verdict.support === 'exact'))

/** What the engine needs for a statement: the rows that are loaded before PostgreSQL runs it. */
export interface EnginePlan {
  readonly kind: 'engine'
  readonly reads: readonly TableRead[]
  readonly joinKeys: readonly JoinKey[]
  /** Only where there is one read. */
  readonly late: LateColumns | undefined
}

export interface EnginePlanContext {
  readonly tableOf: (schema: string, name: string) => TableSpec | undefined
  readonly serversOf: (table: TableSpec) => readonly TableOnServer[]
  readonly revealSecrets: boolean
  readonly usePushdown: boolean
  /** Rows that are enough, where the first of them in Odoo's order can only be the answer's. */
  readonly rowsWanted: number | undefined
}

/** Decides what to fetch for the scans of PostgreSQL's plan. Tables of its own catalog are left to it. Does no I/O. */
export function planEngine(
  root: PlanNode,
  nodes: readonly ScanNode[],
  context: EnginePlanContext,
): EnginePlan {
  const byTable = new Map<TableSpec, ScanNode[]>()
  for (const node of nodes) {
    const table = context.tableOf(node.schema, node.name)
    if (table !== undefined) byTable.set(table, [...(byTable.get(table) ?? []), node])
  }
  const reads = [...byTable].map(([table, own]) => planRead(table, own, context, nodes.length === 1))
  const [first] = reads
  return {
    kind: 'engine',
    reads,
    joinKeys: context.usePushdown ? joinKeysOf(root, reads) : [],
    late:
      first !== undefined && nodes.length === 1 && context.usePushdown ? planLate(first, context) : undefined,
  }
}

function planRead(
  table: TableSpec,
  nodes: readonly ScanNode[],
  context: EnginePlanContext,
  isAlone: boolean,
): TableRead {
  const names = new Set(columnsOf(table).map((column) => column.name))
  const needed = new Set([...nodes.flatMap((node) => columnsOfScan(node, names)), 'id'])
  const columns = columnsOf(table).filter((column) => needed.has(column.name))
  const scans = context.serversOf(table).map((server): Scan => {
    const judged = nodes.map((node) => judgeNode(node, table, server, context))
    const domain = or(...judged.map((one) => one.domain))
    const [only] = isAlone && judged.every((one) => one.isExact) ? nodes : []
    return {
      server,
      ...fieldsToRead(columns, server),
      domain,
      access: domain.kind === 'none' ? { kind: 'nothing' } : accessOf(only, table, server, context),
      conjuncts: judged.flatMap((one) => one.conjuncts),
    }
  })
  return { table, columns, scans, nodes }
}

const BATCHES: Access & { kind: 'batches' } = {
  kind: 'batches',
  isDescending: false,
  limit: undefined,
  offset: 0,
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
  return 'order' in pushed ? { kind: 'page', order: pushed.order, limit: rowsWanted, offset: 0 } : BATCHES
}

/** Fewer columns than this are not worth the second call. */
const LATE_COLUMNS_MIN = 4

function planLate(read: TableRead, { rowsWanted }: EnginePlanContext): LateColumns | undefined {
  const [node] = read.nodes
  const top = node === undefined ? undefined : topOfPlan(node, read.table)
  if (node === undefined || top === undefined || top.sortTexts.length === 0) return undefined
  if (rowsWanted === undefined || rowsWanted === 0 || rowsWanted > PAGE_ROWS_MAX) return undefined
  if (!read.scans.some((scan) => scan.access.kind === 'batches')) return undefined
  const filter = node.node.Filter
  // A subplan has no text that could be run on its own.
  if (/SubPlan|InitPlan|\$\d/.test([filter ?? '', ...top.sortTexts].join(' '))) return undefined
  const names = new Set(read.columns.map((column) => column.name))
  const deciding = new Set([
    'id',
    PARTITION_COLUMN.name,
    ...[...top.sortTexts, ...(filter === undefined ? [] : [filter])].flatMap((text) => namesIn(text, names)),
  ])
  const columns = [...read.columns.filter((column) => deciding.has(column.name))]
  if (!columns.includes(PARTITION_COLUMN)) columns.push(PARTITION_COLUMN)
  if (read.columns.length - columns.length < LATE_COLUMNS_MIN) return undefined
  const alias = quoteIdentifier(node.alias)
  const from = `${quoteIdentifier(node.schema)}.${quoteIdentifier(node.name)} AS ${alias}`
  const where = filter === undefined ? '' : ` WHERE ${filter}`
  return {
    keys: {
      ...read,
      columns,
      scans: read.scans.map((scan) => ({ ...scan, ...fieldsToRead(columns, scan.server) })),
    },
    sql: `SELECT ${alias}.id, ${alias}._partition FROM ${from}${where} ORDER BY ${top.sortTexts.join(', ')} LIMIT ${rowsWanted}`,
  }
}

function judgeNode(
  node: ScanNode,
  table: TableSpec,
  server: TableOnServer,
  context: EnginePlanContext,
): { domain: Domain; isExact: boolean; conjuncts: JudgedConjunct[] } {
  const conjuncts = node.conjuncts.map((text) => ({
    text,
    verdict: judgeText(text, node, table, server, context),
  }))
  const whole = both(conjuncts.map(({ verdict }) => verdict))
  return {
    domain: whole.support === 'unsupported' ? ALL : whole.domain.kind === 'none' ? NONE : whole.domain,
    isExact: whole.support === 'exact',
    conjuncts,
  }
}

/** A filter that cannot be read or proven is simply not pushed: PostgreSQL checks every row anyway. */
function judgeText(
  text: string,
  node: ScanNode,
  table: TableSpec,
  server: TableOnServer,
  context: EnginePlanContext,
): Pushdown {
  refuseSecrets(text, table, context)
  if (!context.usePushdown) return NO_PUSHDOWN
  const predicate = readPredicate(text)
  if (predicate === undefined) return unsupported('Odoo has nothing like it')
  try {
    const bound = bindPredicate(predicate, {
      table,
      from: { name: node.name, alias: node.alias },
      parameters: [],
      revealSecrets: true,
      positionOf: () => undefined,
    })
    return pushDown(bound, server)
  } catch (thrown) {
    if (thrown instanceof SqlError) return unsupported('Odoo has nothing like it')
    throw thrown
  }
}

function refuseSecrets(text: string, table: TableSpec, context: EnginePlanContext): void {
  if (context.revealSecrets) return
  const secrets = new Set(table.columns.filter((column) => column.secret).map((column) => column.name))
  const [name] = namesIn(text, secrets)
  if (name === undefined) return
  throw insufficientPrivilege(`column "${name}" is secret and cannot be compared or ordered by`, {
    hint: 'Open the session with --reveal-secrets (library: revealSecrets: true) to use it.',
  })
}
