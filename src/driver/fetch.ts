import type { ColumnSpec } from '../catalog/spec.ts'
import type { Datum } from '../catalog/types.ts'
import type { Load } from '../engine/load.ts'
import { and, type Domain } from '../odoo/domain.ts'
import { PARTITION_COLUMN, type Value } from '../planner/bound.ts'
import type { EnginePlan, TableRead } from '../planner/engine-plan.ts'
import type { JoinKey } from '../planner/join-keys.ts'
import { pushDown } from '../planner/pushdown.ts'
import type { Scan } from '../planner/scan-plan.ts'
import type { TableOnServer } from '../planner/server.ts'
import type { RowBatch } from './cursor.ts'
import { countRecords, loadOfRead, type ExecuteOptions } from './execute.ts'
import { distinctValues } from './groups.ts'

/** Distinct join keys that go to Odoo as one list; more cost more than they save. */
const JOIN_KEYS_MAX = 10_000
/** Rows that are held in memory for the sake of their join keys. */
const KEY_ROWS_MAX = 50_000

/**
 * The loads of an engine plan. Reads that joins connect are done one after the other, that with the fewest records
 * first, so that its keys narrow what is read of the others; all else is read side by side.
 */
export async function loadsOfPlan(plan: EnginePlan, options: ExecuteOptions): Promise<Load[]> {
  if (plan.joinKeys.length === 0) return plan.reads.map((read) => loadOfRead(read, options))
  const { reads, joinKeys, counts } = withoutIdleParts(plan, await countJoined(plan, options))
  const held = new Map<TableRead, readonly RowBatch[]>()
  const loads = new Map<TableRead, Load>()
  const joined = [...counts].sort(([, a], [, b]) => a - b)
  for (const [index, [read, count]] of joined.entries()) {
    const keys = joinKeys.filter(({ source, target }) => target === read && held.has(source))
    const later = joined.slice(index + 1).map(([other]) => other)
    const isSource = joinKeys.some(({ source, target }) => source === read && later.includes(target))
    const walk = keys.find(({ next }) => next !== undefined)
    const anti = keys.find(({ isAnti }) => isAnti === true)
    // Whose values are wanted needs all of its rows, those too that another part has read.
    const needsAll = isSource || walk !== undefined || anti !== undefined
    const siblings = needsAll ? [] : (reads.find(({ parts }) => parts?.includes(read))?.parts ?? [])
    const narrowed = narrowByKeys(read, { keys, held, count, siblings })
    const matched = anti && (await distinctValues(narrowed.scans, anti.targetColumn, options))
    if (anti !== undefined && matched !== undefined) {
      // With its matches gone, a row that has one would pass for one that has none.
      const kept = rowsWithout(matched, anti, held)
      held.set(anti.source, kept)
      loads.set(anti.source, { ...loadOfRead(anti.source, options), batches: kept })
      loads.set(read, { ...loadOfRead(read, options), batches: [] })
      continue
    }
    const walked = walk === undefined ? undefined : await walkRows(narrowed, walk, held, options)
    const load = walked ?? loadOfRead(narrowed, options)
    // A read that was narrowed is smaller than its count says.
    const isHeld = isSource && (count <= KEY_ROWS_MAX || narrowed !== read || walked !== undefined)
    const batches = isHeld ? await collect(load.batches) : load.batches
    if (isHeld) held.set(read, batches as RowBatch[])
    loads.set(read, { ...load, batches })
  }
  return reads.map((read) => {
    const [first, ...more] = (read.parts ?? [read]).map(
      (part) => loads.get(part) ?? loadOfRead(part, options),
    )
    if (first === undefined || more.length === 0) return first ?? loadOfRead(read, options)
    return { ...first, batches: withoutRepeats(read, [first, ...more]) }
  })
}

interface CountedPlan extends Pick<EnginePlan, 'reads' | 'joinKeys'> {
  /** Records of the reads that joins connect. */
  readonly counts: ReadonlyMap<TableRead, number>
}

async function countJoined(
  { joinKeys }: EnginePlan,
  options: ExecuteOptions,
): Promise<CountedPlan['counts']> {
  const joined = [...new Set(joinKeys.flatMap(({ source, target }) => [source, target]))]
  const counts = await Promise.all(joined.map(({ scans }) => countRecords(scans, options)))
  return new Map(joined.map((read, index) => [read, counts[index] ?? 0]))
}

/**
 * Parts of a table serve only where each but the first can be narrowed by one with fewer records: else their rows
 * would be read twice, and the table is read as a whole.
 */
function withoutIdleParts({ reads, joinKeys }: EnginePlan, counts: CountedPlan['counts']): CountedPlan {
  const countOf = (read: TableRead): number => counts.get(read) ?? Infinity
  const isNarrowed = (part: TableRead): boolean =>
    joinKeys.some(
      ({ source, target }) =>
        target === part && countOf(source) < countOf(part) && countOf(source) <= JOIN_KEYS_MAX,
    )
  const wholeOf = new Map<TableRead, TableRead>()
  for (const { parts = [], ...read } of reads) {
    const [, ...more] = [...parts].sort((a, b) => countOf(a) - countOf(b))
    if (!more.every(isNarrowed)) for (const part of parts) wholeOf.set(part, read)
  }
  if (wholeOf.size === 0) return { reads, joinKeys, counts }
  const merged = new Map<TableRead, number>()
  for (const [read, count] of counts) {
    const whole = wholeOf.get(read) ?? read
    merged.set(whole, (merged.get(whole) ?? 0) + count)
  }
  return {
    reads: reads.map((read) => wholeOf.get(read.parts?.[0] ?? read) ?? read),
    joinKeys: joinKeys
      .filter(({ target }) => !wholeOf.has(target))
      .map((key) => ({ ...key, source: wholeOf.get(key.source) ?? key.source })),
    counts: merged,
  }
}

/** The rows of several reads of one table, each row once. */
async function* withoutRepeats({ columns }: TableRead, loads: readonly Load[]): AsyncGenerator<RowBatch> {
  const [id, partition] = ['id', PARTITION_COLUMN.name].map((name) =>
    columns.findIndex((column) => column.name === name),
  )
  const seen = new Set<string>()
  for (const { batches } of loads)
    for await (const batch of batches)
      yield batch.filter((row) => {
        const key = `${String(row[partition ?? -1])} ${String(row[id ?? -1])}`
        const isNew = !seen.has(key)
        seen.add(key)
        return isNew
      })
}

async function collect(batches: Load['batches']): Promise<RowBatch[]> {
  const collected: RowBatch[] = []
  for await (const batch of batches) collected.push(batch)
  return collected
}

interface Narrowing {
  readonly keys: readonly JoinKey<TableRead>[]
  readonly held: ReadonlyMap<TableRead, readonly RowBatch[]>
  /** Records of the read. */
  readonly count: number
  /** Parts of the same table, whose rows need not be read again. */
  readonly siblings: readonly TableRead[]
}

function narrowByKeys(read: TableRead, { keys, held, count, siblings }: Narrowing): TableRead {
  let narrowed = read
  for (const { source, sourceColumn, targetColumn, next } of keys) {
    if (next !== undefined) continue
    const values = valuesOf(source, sourceColumn, held)
    // An id is a row's own in one partition only.
    if (targetColumn.name === 'id' && read.scans.length === 1)
      for (const sibling of siblings)
        for (const id of valuesOf(sibling, targetColumn, held)) values.delete(id)
    // A list as long as the table would narrow nothing.
    if (values.size <= JOIN_KEYS_MAX && values.size < count)
      narrowed = withValues(narrowed, targetColumn, [...values])
  }
  return narrowed
}

/** The rows of a key's source whose value is none of these. */
function rowsWithout(
  values: ReadonlySet<Datum>,
  { source, sourceColumn }: JoinKey<TableRead>,
  held: Narrowing['held'],
): RowBatch[] {
  const index = source.columns.indexOf(sourceColumn)
  const isKept = (value: Datum): boolean => value === null || !values.has(value)
  return (held.get(source) ?? []).map((batch) => batch.filter((row) => isKept(row[index] ?? null)))
}

/** Steps from row to row, such as levels of a tree; each is a call. */
const STEPS_MAX = 50

/** The rows that a walk reaches, step by step; undefined where it takes too many steps or reaches too many rows. */
async function walkRows(
  read: TableRead,
  { source, sourceColumn, targetColumn, next = targetColumn }: JoinKey<TableRead>,
  held: Narrowing['held'],
  options: ExecuteOptions,
): Promise<Load | undefined> {
  const known = valuesOf(source, sourceColumn, held)
  const loads: Load[] = []
  let step: ReadonlySet<Value> = known
  while (step.size > 0) {
    if (loads.length === STEPS_MAX || known.size > JOIN_KEYS_MAX) return undefined
    const load = loadOfRead(withValues(read, targetColumn, [...step]), options)
    const batches = await collect(load.batches)
    loads.push({ ...load, batches })
    const reached = valuesOf(read, next, new Map([[read, batches]]))
    step = new Set([...reached].filter((value) => !known.has(value)))
    for (const value of step) known.add(value)
  }
  return { ...loadOfRead(read, options), batches: withoutRepeats(read, loads) }
}

function valuesOf(read: TableRead, column: ColumnSpec, held: Narrowing['held']): Set<Value> {
  const index = read.columns.indexOf(column)
  const values = new Set<Value>()
  for (const batch of held.get(read) ?? [])
    for (const row of batch) {
      const value = row[index] ?? null
      if (value !== null) values.add(value)
    }
  return values
}

/** The read with only the rows whose `column` is one of the values. */
function withValues(read: TableRead, column: ColumnSpec, values: readonly Value[]): TableRead {
  return withDomain(read, (server) => {
    const verdict = pushDown({ kind: 'test', column, test: { kind: 'in', values, hasNull: false } }, server)
    return verdict.support === 'unsupported' ? undefined : verdict.domain
  })
}

function withDomain(read: TableRead, domainOf: (server: TableOnServer) => Domain | undefined): TableRead {
  return {
    ...read,
    scans: read.scans.map((scan): Scan => {
      const further = domainOf(scan.server)
      const domain = further === undefined ? scan.domain : and(scan.domain, further)
      return { ...scan, domain, access: domain.kind === 'none' ? { kind: 'nothing' } : scan.access }
    }),
  }
}

/** The read narrowed to the rows that `rows` names by id and partition. */
export function readOfRows(read: TableRead, rows: readonly (readonly Datum[])[]): TableRead {
  const id = read.table.columns.find((column) => column.name === 'id') ?? PARTITION_COLUMN
  return withDomain(read, (server) => {
    const ids = rows
      .filter(([, partition]) => partition === server.partition)
      .map(([value]) => value as Value)
    const verdict = pushDown(
      { kind: 'test', column: id, test: { kind: 'in', values: ids, hasNull: false } },
      server,
    )
    return verdict.support === 'unsupported' ? undefined : verdict.domain
  })
}
