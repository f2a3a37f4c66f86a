import { decoderOf, type Datum } from '../catalog/types.ts'
import { fieldOf, type ColumnSpec } from '../catalog/spec.ts'
import type { OdooRecord } from '../odoo/client.ts'
import { isRefusal } from '../odoo/faults.ts'
import type { AggregateOperator, Group } from '../odoo/groups.ts'
import { isGroupable, type AggregatePlan, type GroupScan } from '../planner/aggregate.ts'
import type { Scan } from '../planner/scan-plan.ts'
import { sourceOf } from '../planner/server.ts'
import type { ExecuteOptions } from './execute.ts'
import { cachedCall } from './scan-cache.ts'
import { tolerate } from './tolerance.ts'

/**
 * The groups of all partitions as JSON, for the statement of an aggregate plan to read. Undefined where a model groups
 * other records than it lets be read, as some of Odoo's do (`ir.ui.menu` hides menus from a search, not from groups).
 */
export async function groupsOfPlan(
  plan: AggregatePlan,
  options: ExecuteOptions,
): Promise<string | undefined> {
  const rows = await Promise.all(
    plan.scans.map((scan) =>
      tolerate(scan.server.partition, options, () => groupsOfScan(plan, scan, options), []),
    ),
  )
  return rows.includes(undefined) ? undefined : JSON.stringify(rows.flat())
}

type GroupRow = Record<string, Datum>

async function groupsOfScan(
  plan: AggregatePlan,
  scan: GroupScan,
  options: ExecuteOptions,
): Promise<GroupRow[] | undefined> {
  const { groups, count } = await readGroups(scan, options)
  if (groups === undefined)
    return count === 0 ? [] : [groupRow(plan, scan, { count, keys: {}, aggregates: [] })]
  return groupsOf(groups, count)?.map((group) => groupRow(plan, scan, group))
}

/** Undefined where they are not the groups of the records that a search counts. */
function groupsOf(groups: readonly Group[] | 'refused', count: number): readonly Group[] | undefined {
  if (groups === 'refused' || groups.reduce((sum, group) => sum + group.count, 0) !== count) return undefined
  // Odoo gives one group for no records where SQL aggregates over nothing.
  return groups.filter((group) => group.count > 0)
}

/**
 * What the records of a scan have in the fields of `groupBy`, each combination as one record with an id below 0.
 * Undefined where the model groups other records than it lets be read, or none.
 */
export async function distinctRecords(
  { server, domain }: Pick<GroupScan, 'server' | 'domain'>,
  groupBy: readonly string[],
  options: ExecuteOptions,
): Promise<readonly OdooRecord[] | undefined> {
  const { groups, count } = await readGroups({ server, domain, groupBy, aggregates: [] }, options)
  return groupsOf(groups ?? 'refused', count)?.map(({ keys }, index) => ({ ...keys, id: -1 - index }))
}

interface ReadGroups {
  /** Undefined where only the count is wanted. */
  readonly groups: readonly Group[] | 'refused' | undefined
  readonly count: number
}

/** The values of a column, each once; undefined where that is not for Odoo to say. */
export async function distinctValues(
  scans: readonly Scan[],
  column: ColumnSpec,
  options: ExecuteOptions,
): Promise<ReadonlySet<Datum> | undefined> {
  const values = await Promise.all(
    scans.map(async (scan) => {
      const source = sourceOf(column, scan.server)
      const isExact = scan.conjuncts.every(({ verdict }) => verdict.support === 'exact')
      if (source.kind !== 'field' || !isExact || !isGroupable(column, scan.server)) return undefined
      if (scan.access.kind === 'nothing') return []
      const decode = decoderOf({ ...column, fieldType: source.live.type })
      const read = () => distinctRecords(scan, [source.field], options)
      const records = await tolerate(scan.server.partition, options, read, [])
      return records?.map((record) => decode(record[source.field]))
    }),
  )
  return values.every((some) => some !== undefined) ? new Set(values.flat()) : undefined
}

async function readGroups(
  scan: Pick<GroupScan, 'server' | 'domain' | 'groupBy' | 'aggregates'>,
  options: ExecuteOptions,
): Promise<ReadGroups> {
  const { groupBy, aggregates, domain, server } = scan
  const client = options.clientOf(server.partition)
  const { model } = server.table
  const isCount = groupBy.length === 0 && aggregates.length === 0
  const read = async (): Promise<ReadGroups> => {
    const [groups, count] = await Promise.all([
      isCount
        ? undefined
        : groupsOrNone(() => client.readGroup(model, { domain, groupBy, aggregates }, options)),
      client.searchCount(model, domain, options),
    ])
    return { groups, count }
  }
  if (options.cache === undefined) return read()
  const key = JSON.stringify([server.partition, model, domain, groupBy, aggregates])
  const { value, isCached } = await options.cache.reuse(key, read)
  if (isCached) options.onCall?.(cachedCall(scan, null))
  return value
}

/** A model may refuse to group, or fail at it, and yet be read (`ir.attachment` of 14): then its rows are. */
async function groupsOrNone(read: () => Promise<readonly Group[]>): Promise<readonly Group[] | 'refused'> {
  try {
    return await read()
  } catch (thrown) {
    if (isRefusal(thrown)) return 'refused'
    throw thrown
  }
}

function groupRow(plan: AggregatePlan, scan: GroupScan, group: Group): GroupRow {
  const keys = plan.keys.map((key): [string, Datum] => [key.name, keyDecoder(key, scan)(group.keys)])
  return { ...Object.fromEntries(keys), __count: group.count, ...partialsOf(plan, scan, group) }
}

function keyDecoder(key: ColumnSpec, { server }: GroupScan): (keys: Group['keys']) => Datum {
  const source = sourceOf(key, server)
  if (source.kind === 'partition') return () => server.partition
  if (source.kind === 'missing') return () => null
  const decode = decoderOf({ ...key, fieldType: source.live.type })
  return (keys) => decode(keys[source.field])
}

/** The partial aggregates of one group. Odoo leaves NULLs out of its aggregates; read, they are 0. */
function partialsOf({ partials }: AggregatePlan, scan: GroupScan, group: Group): GroupRow {
  const valueOf = (column: ColumnSpec, operator: AggregateOperator): number => {
    const field = fieldOf(column)
    if (scan.groupBy.includes(field))
      return valueOfKey(keyDecoder(column, scan)(group.keys), operator, group.count)
    const index = scan.aggregates.findIndex((one) => one.field === field && one.operator === operator)
    return Number(group.aggregates[index] ?? 0)
  }
  return Object.fromEntries(
    partials.map(({ name, operator, column }): [string, Datum] => {
      const value = valueOf(column, operator)
      if (operator === 'sum' || operator === 'count') return [name, value]
      const isComplete = valueOf(column, 'count') === group.count
      return [name, isComplete ? value : operator === 'min' ? Math.min(value, 0) : Math.max(value, 0)]
    }),
  )
}

/** An aggregate over the values of a key, which are all the same. */
function valueOfKey(key: Datum, operator: AggregateOperator, count: number): number {
  switch (operator) {
    case 'count':
      return key === null ? 0 : count
    case 'sum':
      return Number(key) * count
    case 'min':
    case 'max':
      return Number(key)
    default:
      return operator satisfies never
  }
}
