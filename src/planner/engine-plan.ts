import type { ColumnSpec, TableSpec } from '../catalog/spec.ts'
import { insufficientPrivilege, SqlError } from '../errors.ts'
import { ALL, NONE, or, type Domain } from '../odoo/domain.ts'
import { namesIn } from '../sql/plan-text.ts'
import { readPredicate } from '../sql/reader.ts'
import { bindPredicate } from './bind.ts'
import { columnsOf } from './bound.ts'
import { columnsOfScan, type ScanNode } from './explained.ts'
import { pushDown } from './pushdown.ts'
import { fieldsToRead, NO_PUSHDOWN, type Access, type JudgedConjunct, type Scan } from './scan-plan.ts'
import type { TableOnServer } from './server.ts'
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

/** What the engine needs for a statement: the rows that are loaded before PostgreSQL runs it. */
export interface EnginePlan {
  readonly kind: 'engine'
  readonly reads: readonly TableRead[]
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
export function planEngine(nodes: readonly ScanNode[], context: EnginePlanContext): EnginePlan {
  const byTable = new Map<TableSpec, ScanNode[]>()
  for (const node of nodes) {
    const table = context.tableOf(node.schema, node.name)
    if (table !== undefined) byTable.set(table, [...(byTable.get(table) ?? []), node])
  }
  const reads = [...byTable].map(([table, own]) => planRead(table, own, context, nodes.length === 1))
  return { kind: 'engine', reads }
}

function planRead(
  table: TableSpec,
  nodes: readonly ScanNode[],
  context: EnginePlanContext,
  isAlone: boolean,
): TableRead {
  const all = columnsOf(table)
  const names = new Set(all.map((column) => column.name))
  const needed = new Set([...nodes.flatMap((node) => columnsOfScan(node, names)), 'id'])
  const columns = all.filter((column) => needed.has(column.name))
  const scans = context.serversOf(table).map((server): Scan => {
    const judged = nodes.map((node) => judgeNode(node, table, server, context))
    const domain = or(...judged.map((one) => one.domain))
    const isExact = judged.length === 1 && judged[0]?.isExact === true
    return {
      server,
      ...fieldsToRead(columns, server),
      domain,
      access: domain.kind === 'none' ? { kind: 'nothing' } : accessOf(isAlone && isExact, nodes, context),
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

/** Where LIMIT stands right above the scan and Odoo checks all of the filter, the first rows are enough. */
function accessOf(isExact: boolean, nodes: readonly ScanNode[], context: EnginePlanContext): Access {
  const [node] = nodes
  const isRightBelowLimit = node?.path.length === 2 && node.path[0]?.['Node Type'] === 'Limit'
  if (!isExact || !isRightBelowLimit || context.rowsWanted === undefined) return BATCHES
  return context.rowsWanted === 0 ? { kind: 'nothing' } : { ...BATCHES, limit: context.rowsWanted }
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
