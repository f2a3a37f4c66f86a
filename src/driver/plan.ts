import type { TableSpec } from '../catalog/spec.ts'
import type { Catalog } from '../catalog/catalog.ts'
import type { Engine, Explained, StatementOptions } from '../engine/engine.ts'
import { didYouMean, SqlError } from '../errors.ts'
import type { CallOptions } from '../odoo/call.ts'
import { bindSelect, type BoundSelect } from '../planner/bind-select.ts'
import { columnsOf } from '../planner/bound.ts'
import { foldConstants } from './fold.ts'
import { planAggregate, type AggregatePlan } from '../planner/aggregate.ts'
import { isExactRead, planEngine, type EnginePlan } from '../planner/engine-plan.ts'
import { rootOfPlan, scanNodesOf, type PlanNode, type ScanNode } from '../planner/explained.ts'
import { planScan, type ScanPlan } from '../planner/scan-plan.ts'
import type { TableOnServer } from '../planner/server.ts'
import { positionOfColumn, positionOfLiteral, rowCountOf, type Statement } from '../sql/gate.ts'
import { readSelect } from '../sql/reader.ts'
import type { Partition } from './partition.ts'

export interface PlanningContext {
  readonly catalog: Catalog
  readonly partitions: readonly Partition[]
  readonly revealSecrets: boolean
  readonly usePushdown: boolean
  /** Started by the first statement that needs it. */
  readonly engine: () => Engine
}

/** A statement that PostgreSQL finishes, over rows or over groups of them. */
export type FinishedPlan = (EnginePlan | AggregatePlan) & FinishedStatement

export interface FinishedStatement {
  readonly explained: Explained
  readonly root: PlanNode
  /** The time that stands still for the whole statement. */
  readonly now: Date
}

export type Plan = ScanPlan | FinishedPlan

type Select = Statement & { kind: 'select' }
type Parameters = readonly (string | null)[]

/** The short way where Odoo alone can answer; else what PostgreSQL's own plan over the empty tables asks for. */
export async function planSelect(
  statement: Select,
  parameters: Parameters,
  context: PlanningContext,
  options: CallOptions & StatementOptions,
): Promise<Plan> {
  const select = context.usePushdown ? bindShortWay(statement, parameters, context) : undefined
  if (select !== undefined) {
    const servers = await serversOf(select.table, context, options)
    const plan = await withTextOrder(() => planScan(select, servers), context, options)
    if (plan !== undefined) return plan
  }
  return planWithEngine(statement, parameters, context, options)
}

/** Plans anew once the server's text order is proven, where the first plan asked for it. */
async function withTextOrder<Planned>(
  plan: () => Planned,
  { partitions }: PlanningContext,
  options: CallOptions,
): Promise<Planned> {
  const planned = plan()
  const asked = partitions.filter((partition) => partition.isTextOrderWanted)
  if (asked.length === 0) return planned
  const proven = await Promise.all(asked.map((partition) => partition.proveTextOrder(options)))
  return proven.includes(true) ? plan() : planned
}

/** Undefined where the statement has another shape, or where it is for PostgreSQL to say what is wrong with it. */
function bindShortWay(
  statement: Select,
  parameters: Parameters,
  context: PlanningContext,
): BoundSelect | undefined {
  const read = readSelect(statement.text, statement.node)
  if (read === undefined || !isOwnDatabase(read.from.catalog)) return undefined
  const table = context.catalog.find(read.from.schema, read.from.name)
  if (table === undefined) return undefined
  try {
    return bindSelect(read, {
      table,
      from: read.from,
      parameters,
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
const isOwnDatabase = (catalog: string | undefined): boolean => catalog === undefined || catalog === 'odoo'

async function planWithEngine(
  statement: Select,
  parameters: Parameters,
  context: PlanningContext,
  options: CallOptions & StatementOptions,
): Promise<FinishedPlan> {
  const now = new Date()
  const params = parameters.map((value) => ({ oid: 0, value }))
  const engine = context.engine()
  const explained = await engine
    .explain({ sql: statement.text, params }, { ...options, now })
    .catch((thrown: unknown) => {
      throw withNearestName(thrown, context.catalog)
    })
  const root = rootOfPlan(explained.plan)
  const nodes = scanNodesOf(root)
  const tableOf = (schema: string, name: string): TableSpec | undefined => context.catalog.find(schema, name)
  const tables = new Set(nodes.flatMap((node) => tableOf(node.schema, node.name) ?? []))
  const [servers, folded] = await Promise.all([
    Promise.all([...tables].map(async (table) => [table, await serversOf(table, context, options)] as const)),
    foldConstants(nodes, engine, { ...options, now }),
  ])
  const serverLists = new Map(servers)
  const rowsWanted = rowCountOf(statement.node, parameters)
  const { revealSecrets, usePushdown } = context
  const planOnServers = (): EnginePlan =>
    planEngine(root, folded, {
      tableOf,
      serversOf: (table) => serverLists.get(table) ?? [],
      revealSecrets,
      usePushdown,
      rowsWanted,
    })
  const plan = await withTextOrder(planOnServers, context, options)
  const finished = { explained, root, now }
  return { ...(planOverGroups(statement, parameters, plan, nodes, context) ?? plan), ...finished }
}

function planOverGroups(
  { text, node }: Select,
  parameters: Parameters,
  { reads }: EnginePlan,
  nodes: readonly ScanNode[],
  { usePushdown }: PlanningContext,
): AggregatePlan | undefined {
  const [read] = reads
  if (!usePushdown || read === undefined || nodes.length !== 1 || !isExactRead(read)) return undefined
  const { table, scans } = read
  return planAggregate({ text, node, parameterCount: parameters.length, table, scans })
}

const serversOf = (
  table: TableSpec,
  context: PlanningContext,
  options: CallOptions,
): Promise<TableOnServer[]> =>
  Promise.all(context.partitions.map((partition) => partition.tableOnServer(table, options)))

/** PostgreSQL's error with a hint that names the nearest table or column, where it has none. */
function withNearestName(thrown: unknown, catalog: Catalog): unknown {
  if (!(thrown instanceof SqlError)) return thrown
  const name = /"([^"]+)"/.exec(thrown.message)?.[1] ?? / ([\w.]+) does not exist/.exec(thrown.message)?.[1]
  if (name === undefined) return thrown
  const bare = name.slice(name.lastIndexOf('.') + 1)
  if (thrown.condition === 'undefined_table')
    return thrown.with({ hint: didYouMean(name, catalog.names) ?? thrown.hint })
  if (thrown.condition !== 'undefined_column' || thrown.hint !== undefined) return thrown
  const columns = new Set(catalog.tables.flatMap((table) => columnsOf(table).map((column) => column.name)))
  return thrown.with({ hint: didYouMean(bare, columns) })
}
