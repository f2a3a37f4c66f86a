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

/** Distinct join keys that go to Odoo as one list; more cost more than they save. */
const JOIN_KEYS_MAX = 10_000
/** Rows that are held in memory for the sake of their join keys. */
const KEY_ROWS_MAX = 50_000

/**
 * The loads of an engine plan. Tables that joins connect are read one after the other, that with the fewest records
 * first, so that its keys narrow what is read of the others; all else is read side by side.
 */
export async function loadsOfPlan(plan: EnginePlan, options: ExecuteOptions): Promise<Load[]> {
  const { joinKeys } = plan
  if (joinKeys.length === 0) return plan.reads.map((read) => loadOfRead(read, options))
  const joined = plan.reads.filter((read) =>
    joinKeys.some(({ source, target }) => source === read || target === read),
  )
  const counted = await Promise.all(
    joined.map(async (read) => ({ read, count: await countRecords(read.scans, options) })),
  )
  counted.sort((a, b) => a.count - b.count)
  const held = new Map<TableRead, readonly RowBatch[]>()
  const loads = plan.reads.filter((read) => !joined.includes(read)).map((read) => loadOfRead(read, options))
  for (const [index, { read, count }] of counted.entries()) {
    const keys = joinKeys.filter(({ source, target }) => target === read && held.has(source))
    const narrowed = narrowByKeys(read, keys, held, count)
    const load = loadOfRead(narrowed, options)
    const later = counted.slice(index + 1).map((one) => one.read)
    const isSource = joinKeys.some(({ source, target }) => source === read && later.includes(target))
    // A read that was narrowed is smaller than its count says.
    if (!isSource || (count > KEY_ROWS_MAX && narrowed === read)) loads.push(load)
    else {
      const batches = await collect(load.batches)
      held.set(read, batches)
      loads.push({ ...load, batches })
    }
  }
  return loads
}

async function collect(batches: Load['batches']): Promise<RowBatch[]> {
  const collected: RowBatch[] = []
  for await (const batch of batches) collected.push(batch)
  return collected
}

function narrowByKeys(
  read: TableRead,
  keys: readonly JoinKey[],
  held: ReadonlyMap<TableRead, readonly RowBatch[]>,
  count: number,
): TableRead {
  let narrowed = read
  for (const { source, sourceColumn, targetColumn } of keys) {
    const index = source.columns.indexOf(sourceColumn)
    const values = new Set<Value>()
    for (const batch of held.get(source) ?? [])
      for (const row of batch) {
        const value = row[index] ?? null
        if (value !== null) values.add(value)
      }
    // A list as long as the table would narrow nothing.
    if (values.size <= JOIN_KEYS_MAX && values.size < count)
      narrowed = withValues(narrowed, targetColumn, [...values])
  }
  return narrowed
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
