import type { ColumnSpec, TableSpec } from '../catalog/spec.ts'
import { insufficientPrivilege, internalError, SqlError } from '../errors.ts'
import { ALL, or, type Domain } from '../odoo/domain.ts'
import { namesIn } from '../sql/plan-text.ts'
import { quoteIdentifier } from '../sql/print.ts'
import { readPredicate } from '../sql/reader.ts'
import { bindPredicate } from './bind.ts'
import { columnsOf, PARTITION_COLUMN, type BoundPredicate } from './bound.ts'
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
import { both, unsupported } from './verdict.ts'

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
  const byTable = new Map<TableSpec, ReadNode[]>()
  for (const node of nodes) byTable.set(node.table, [...(byTable.get(node.table) ?? []), node])
  const reads = [...byTable].map(([table, own]) => planRead(table, own, context, nodes.length === 1))
  const [first] = reads
  const { usePushdown } = context
  return {
    kind: 'engine',
    reads,
    joinKeys: usePushdown ? joinKeysOf(root, reads) : [],
    late: first !== undefined && nodes.length === 1 && usePushdown ? planLate(first, context) : undefined,
  }
}

function planRead(
  table: TableSpec,
  nodes: readonly ReadNode[],
  context: EnginePlanContext,
  isAlone: boolean,
): TableRead {
  const names = new Set(columnsOf(table).map((column) => column.name))
  const keys = context.isPartitioned ? ['id', PARTITION_COLUMN.name] : ['id']
  const needed = new Set([...nodes.flatMap(({ scan }) => columnsOfScan(scan, names)), ...keys])
  const columns = columnsOf(table).filter((column) => needed.has(column.name))
  const scans = context.serversOf(table).map((server): Scan => {
    const judged = nodes.map((node) => judgeNode(node, server, context))
    const domain = or(...judged.map((one) => one.domain))
    const [only] = isAlone && judged.every((one) => one.isExact) ? nodes : []
    return {
      server,
      ...fieldsToRead(columns, server),
      domain,
      access: domain.kind === 'none' ? { kind: 'nothing' } : accessOf(only?.scan, table, server, context),
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

/** A filter that cannot be read or proven is simply not pushed: PostgreSQL checks every row anyway. */
function judgeNode(
  node: ReadNode,
  server: TableOnServer,
  { usePushdown }: EnginePlanContext,
): { domain: Domain; isExact: boolean; conjuncts: JudgedConjunct[] } {
  const conjuncts = node.conjuncts.map(({ text, predicate }) => ({
    text,
    verdict: !usePushdown
      ? NO_PUSHDOWN
      : predicate === undefined
        ? unsupported('Odoo has nothing like it')
        : pushDown(predicate, server),
  }))
  const whole = both(conjuncts.map(({ verdict }) => verdict))
  return {
    domain: whole.support === 'unsupported' ? ALL : whole.domain,
    isExact: whole.support === 'exact',
    conjuncts,
  }
}
