import { isSystemTable } from '../catalog/system.ts'
import type { TableSpec } from '../catalog/spec.ts'
import type { Engine, Explained, StatementOptions } from '../engine/engine.ts'
import { didYouMean, SqlError } from '../errors.ts'
import type { CallOptions } from '../odoo/call.ts'
import { planAggregate, type AggregatePlan } from '../planner/aggregate.ts'
import { bindSelect, type BoundSelect } from '../planner/bind-select.ts'
import { columnsOf, type BoundPredicate } from '../planner/bound.ts'
import {
  isExactRead,
  planEngine,
  readNodesOf,
  type EnginePlan,
  type EnginePlanContext,
  type ReadNode,
} from '../planner/engine-plan.ts'
import { rootOfPlan, scanNodesOf, type PlanNode } from '../planner/explained.ts'
import { canMatch } from '../planner/prune.ts'
import { planScan, type Scan, type ScanPlan } from '../planner/scan-plan.ts'
import type { TableOnServer } from '../planner/server.ts'
import { cteColumnsIn } from '../sql/cte-columns.ts'
import { cteNamesIn, positionOfColumn, positionOfLiteral, rowCountOf, tableNamesIn } from '../sql/gate.ts'
import { readSelect } from '../sql/reader.ts'
import { readsSystemCatalogs } from '../sql/system-catalogs.ts'
import type { SelectText } from '../sql/statement.ts'
import type { LookUpOptions } from './discovery.ts'
import { foldConstants } from './fold.ts'
import type { ScanCache } from './scan-cache.ts'
import { spelledType, textsOf, type Parameter } from './parameters.ts'
import type { Partition } from './partition.ts'

/** What planning needs of a session. */
export interface PlanningContext {
  /** A table by its SQL name; asks the servers for one that no file describes. */
  findTable(schema: string | undefined, name: string, options: LookUpOptions): Promise<TableSpec | undefined>
  /** Names of tables, for hints. */
  tableNames(options: CallOptions): Promise<Iterable<string>>
  /** Every table there is, described. */
  everyTable(options: CallOptions): Promise<readonly TableSpec[]>
  /** The embedded PostgreSQL; started by the first statement that needs it. */
  engine(): Engine
  /** Names of the partitions that the statement reads. */
  readonly selected: readonly string[]
  /** How the table stands in a partition; undefined where that failed and failing partitions are skipped. */
  serverOf(partition: string, table: TableSpec, options: CallOptions): Promise<TableOnServer | undefined>
  openPartitions(): readonly Partition[]
  readonly revealSecrets: boolean
  readonly usePushdown: boolean
  readonly cache: ScanCache | undefined
  /** More than one partition is configured. */
  readonly isPartitioned: boolean
  /** PostgreSQL's settings of the session, such as its time zone. */
  readonly settings: Readonly<Record<string, string>>
  /** They change how values are written, so that PostgreSQL is to write them. */
  readonly changesTextForms: boolean
}

/** A statement that PostgreSQL finishes, over rows or over groups of them. */
export type FinishedPlan = (EnginePlan | GroupsPlan) & FinishedStatement

/** `instead` reads the rows, for models whose groups turn out to be of other rows than are read. */
export type GroupsPlan = AggregatePlan & { readonly instead: EnginePlan }

export interface FinishedStatement {
  readonly explained: Explained
  readonly root: PlanNode
  /** The time that stands still for the whole statement. */
  readonly now: Date
  readonly engine: Engine
  /** Those that the statement may be about. */
  readonly tables: readonly TableSpec[]
}

export type Plan = ScanPlan | FinishedPlan

/** A SELECT, and what is known of its parameters. */
export interface BoundStatement {
  readonly select: SelectText
  readonly parameters: readonly Parameter[]
}

/** The short way where Odoo alone can answer; else what PostgreSQL's own plan over the empty tables asks for. */
export async function planSelect(
  statement: BoundStatement,
  context: PlanningContext,
  options: CallOptions,
): Promise<Plan> {
  const isShort = context.usePushdown && !context.changesTextForms
  const select = isShort ? await bindShortWay(statement, context, options) : undefined
  if (select !== undefined) {
    const filter = [select.conjuncts.map(({ predicate }) => predicate)]
    const servers = await serversOf(select.table, filter, context, options)
    const plan = await withTextOrder(() => planScan(select, servers), context, options)
    if (plan !== undefined && !isAmongCached(plan, context.cache)) return plan
  }
  return planWithEngine(statement, context, options)
}

/** Whether the cache holds all rows of the plan among others: PostgreSQL then picks them, and no call is made. */
const isAmongCached = ({ scans }: ScanPlan, cache: ScanCache | undefined): boolean =>
  cache !== undefined &&
  scans.some((scan) => isRead(scan) && cache.find(scan) === undefined) &&
  scans.every((scan) => !isRead(scan) || cache.find(scan, { mayBeMore: true }) !== undefined)

const isRead = ({ access }: Scan): boolean => access.kind !== 'nothing'

/** Plans anew once the server's text order is proven, where the first plan asked for it. */
async function withTextOrder<Planned>(
  plan: () => Planned,
  context: PlanningContext,
  options: CallOptions,
): Promise<Planned> {
  const planned = plan()
  const asked = context.openPartitions().filter((partition) => partition.isTextOrderWanted)
  if (asked.length === 0) return planned
  const proven = await Promise.all(asked.map((partition) => partition.proveTextOrder(options)))
  return proven.includes(true) ? plan() : planned
}

/** Undefined where the statement has another shape, or where it is for PostgreSQL to say what is wrong with it. */
async function bindShortWay(
  { select: statement, parameters: given }: BoundStatement,
  context: PlanningContext,
  options: CallOptions,
): Promise<BoundSelect | undefined> {
  const parameters = textsOf(given)
  const read = parameters === undefined ? undefined : readSelect(statement.text, statement.node)
  if (
    parameters === undefined ||
    read === undefined ||
    // A parameter that stands nowhere, as in `name = '$1'`, has no type: PostgreSQL refuses it.
    statement.parameters.size < given.length ||
    (read.from.catalog ?? DATABASE_NAME) !== DATABASE_NAME
  )
    return undefined
  const table = await context.findTable(read.from.schema, read.from.name, options)
  if (table === undefined || isSystemTable(table)) return undefined
  try {
    return bindSelect(read, {
      table,
      from: read.from,
      parameters,
      parameterTypes: given.map(spelledType),
      revealSecrets: context.revealSecrets,
      positionOf: (kind, text) =>
        kind === 'column' ? positionOfColumn(statement, text) : positionOfLiteral(statement, text),
    })
  } catch (thrown) {
    if (!(thrown instanceof SqlError) || thrown.condition === 'insufficient_privilege') throw thrown
    return undefined
  }
}

/** The database that tools see; `odoo.ir.mail_server` is `ir.mail_server`. */
const DATABASE_NAME = 'odoo'

async function planWithEngine(
  statement: BoundStatement,
  context: PlanningContext,
  options: CallOptions,
): Promise<FinishedPlan> {
  const { select, parameters } = statement
  const tables = await tablesOf(select, context, options)
  const engine = context.engine()
  const now = new Date()
  const within: StatementOptions = { signal: options.signal, now, settings: context.settings, tables }
  const explained = await engine
    .explain({ sql: select.text, params: parameters }, within)
    .catch(async (thrown: unknown) => {
      throw await withNearestName(thrown, tables, context, options)
    })
  const root = rootOfPlan(explained.plan)
  const scans = await foldConstants(scanNodesOf(root), engine, within)
  const tableOf = (schema: string, name: string): TableSpec | undefined =>
    tables.find((table) => table.schema === schema && table.name === name)
  const nodes = readNodesOf(scans, tableOf, context.revealSecrets)
  const plan = await planReads(root, nodes, context, {
    ...options,
    rowsWanted: rowCountOf(
      select.node,
      parameters.map(({ value }) => value),
    ),
    cteColumns: cteColumnsIn(select.node),
  })
  const overGroups = scans.length === 1 ? planOverGroups(statement, plan, context) : undefined
  const finished = { explained, root, now, engine, tables }
  return overGroups === undefined ? { ...plan, ...finished } : { ...overGroups, instead: plan, ...finished }
}

/** The tables that a statement may be about; a client that reads the system catalogs is to find every table there. */
export async function tablesOf(
  { node }: SelectText,
  context: PlanningContext,
  options: CallOptions,
): Promise<readonly TableSpec[]> {
  const hidden = cteNamesIn(node)
  const named = tableNamesIn(node).map(async ({ schema, name }) => {
    if (schema !== undefined || !hidden.has(name)) return context.findTable(schema, name, options)
    // `WITH partner AS (SELECT … FROM partner)`: most often no table is meant, so that none is asked for.
    return context.findTable(schema, name, { ...options, isListedOnly: true }).catch(undefinedIfForbidden)
  })
  const found = (await Promise.all(named)).filter((table) => table !== undefined)
  return readsSystemCatalogs(node) ? [...new Set([...found, ...(await context.everyTable(options))])] : found
}

function undefinedIfForbidden(thrown: unknown): undefined {
  if (!(thrown instanceof SqlError) || thrown.condition !== 'insufficient_privilege') throw thrown
}

async function planReads(
  root: PlanNode,
  nodes: readonly ReadNode[],
  context: PlanningContext,
  options: CallOptions & Pick<EnginePlanContext, 'rowsWanted' | 'cteColumns'>,
): Promise<EnginePlan> {
  const servers = new Map<TableSpec, readonly TableOnServer[]>()
  const tables = [...new Set(nodes.map(({ table }) => table))]
  await Promise.all(
    tables.map(async (table) => {
      const filters = nodes
        .filter((node) => node.table === table)
        .map(({ conjuncts }) => conjuncts.flatMap(({ predicate }) => predicate ?? []))
      servers.set(table, await serversOf(table, filters, context, options))
    }),
  )
  const { usePushdown, isPartitioned } = context
  const { rowsWanted, cteColumns } = options
  const serversOfTable = (table: TableSpec): readonly TableOnServer[] => servers.get(table) ?? []
  const plan = (): EnginePlan =>
    planEngine(root, nodes, { serversOf: serversOfTable, usePushdown, isPartitioned, rowsWanted, cteColumns })
  return withTextOrder(plan, context, options)
}

/** The table in every partition that may hold rows for one of the filters; the others are not even connected to. */
async function serversOf(
  table: TableSpec,
  filters: readonly (readonly BoundPredicate[])[],
  context: PlanningContext,
  options: CallOptions,
): Promise<TableOnServer[]> {
  if (isSystemTable(table)) return []
  const names = context.usePushdown
    ? context.selected.filter((name) => filters.some((filter) => canMatch(filter, name)))
    : context.selected
  const servers = await Promise.all(names.map((name) => context.serverOf(name, table, options)))
  return servers.filter((server) => server !== undefined)
}

function planOverGroups(
  { select: { text, node }, parameters }: BoundStatement,
  { reads }: EnginePlan,
  { usePushdown }: PlanningContext,
): AggregatePlan | undefined {
  const [read] = reads
  if (!usePushdown || read === undefined || isSystemTable(read.table) || !isExactRead(read)) return undefined
  const { table, scans } = read
  return planAggregate({ text, node, parameterCount: parameters.length, table, scans })
}

/** PostgreSQL's error with a hint that names the nearest table or column, where it has none. */
export async function withNearestName(
  thrown: unknown,
  tables: readonly TableSpec[],
  context: PlanningContext,
  options: CallOptions,
): Promise<unknown> {
  if (!(thrown instanceof SqlError)) return thrown
  const name = /"([^"]+)"/.exec(thrown.message)?.[1] ?? /([\w.]+) does not exist/.exec(thrown.message)?.[1]
  if (name === undefined || thrown.hint !== undefined) return thrown
  if (thrown.condition === 'undefined_table') {
    // Only for the hint's sake, so its own errors are of no matter.
    const names = await context.tableNames(options).catch(() => [])
    return thrown.with({ hint: didYouMean(name, names) })
  }
  if (thrown.condition !== 'undefined_column') return thrown
  const columns = new Set(tables.flatMap((table) => columnsOf(table).map((column) => column.name)))
  return thrown.with({ hint: didYouMean(name.slice(name.lastIndexOf('.') + 1), columns) })
}
