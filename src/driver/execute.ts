import { qualifiedName, type ColumnSpec, type TableSpec } from '../catalog/spec.ts'
import { isSystemTable } from '../catalog/system.ts'
import { decoderOf, type Datum, type Decode } from '../catalog/types.ts'
import type { Load } from '../engine/load.ts'
import { limitExceeded, systemError } from '../errors.ts'
import { columnsOf } from '../planner/bound.ts'
import type { TableRead } from '../planner/engine-plan.ts'
import { WHOLE, type Scan, type ScanPlan } from '../planner/scan-plan.ts'
import { sourceOf } from '../planner/server.ts'
import { readBatches } from '../odoo/batches.ts'
import type { CallOptions } from '../odoo/call.ts'
import type { OdooClient, OdooRecord } from '../odoo/client.ts'
import type { RowBatch } from './cursor.ts'
import { distinctRecords } from './groups.ts'
import { merge } from './merge.ts'
import { cachedCall, readThrough, type ScanCache } from './scan-cache.ts'
import { tolerate, type Tolerance } from './tolerance.ts'
import { readTop } from './top.ts'

export interface ExecuteOptions extends CallOptions, Tolerance {
  readonly revealSecrets: boolean
  readonly clientOf: (partition: string) => OdooClient
  /** Rows of the driver's own tables, in the order of their columns. */
  readonly systemRows: (table: TableSpec) => Promise<RowBatch>
  readonly onProgress?: ((progress: Omit<Progress, 'calls'>) => void) | undefined
  readonly cache: ScanCache | undefined
}

/** How far the reading of one partition has come. */
export interface Progress {
  /** Name of the partition. */
  readonly partition: string
  /** `schema.name` of the table that is read. */
  readonly table: string
  /** Rows of the table that were fetched so far, from all partitions. */
  readonly rows: number
  /** Those of this partition. */
  readonly partitionRows: number
  /** How much of the partition that is, 0 to 1, where it is known. */
  readonly fraction: number | undefined
  /** Calls that the statement has made. */
  readonly calls: number
}

/** Runs a scan plan: rows in the layout of its output columns. */
export async function* executeScanPlan(plan: ScanPlan, options: ExecuteOptions): AsyncGenerator<RowBatch> {
  const { countNames, output } = plan.select
  if (countNames !== undefined) {
    const count = String(await countRecords(plan.scans, options))
    yield* cut(one([countNames.map(() => count)]), plan.offset, plan.limit)
    return
  }
  const picks = output.map(({ column }) => plan.columns.indexOf(column))
  const isWhole = picks.length === plan.columns.length && picks.every((pick, index) => pick === index)
  for await (const batch of cut(rowsOfScans(plan.columns, plan.scans, options), plan.offset, plan.limit))
    yield isWhole ? batch : batch.map((row) => picks.map((pick) => row[pick] ?? null))
}

/** What the engine is given to load for one table. */
export const loadOfRead = (read: TableRead, options: ExecuteOptions): Load => ({
  table: read.table,
  columns: read.columns.map((column) => column.name),
  batches: isSystemTable(read.table)
    ? rowsOfSystemTable(read, options)
    : // PostgreSQL checks every filter again.
      rowsOfScans(read.columns, read.scans, { ...options, mayBeMore: true }),
})

async function* rowsOfSystemTable(
  { table, columns }: TableRead,
  options: ExecuteOptions,
): AsyncGenerator<RowBatch> {
  const all = columnsOf(table)
  const picks = columns.map((column) => all.indexOf(column))
  yield (await options.systemRows(table)).map((row) => picks.map((pick) => row[pick] ?? null))
}

export async function countRecords(scans: readonly Scan[], options: ExecuteOptions): Promise<number> {
  const counts = await Promise.all(
    scans.map(async (scan) => {
      const { access, server, domain } = scan
      if (access.kind === 'nothing') return 0
      const cached = options.cache?.find({ ...scan, fields: ['id'], access: WHOLE })
      if (cached !== undefined) {
        options.onCall?.(cachedCall(scan, null))
        return cached.length
      }
      const client = options.clientOf(server.partition)
      const count = (): Promise<number> => client.searchCount(server.table.model, domain, options)
      return tolerate(server.partition, options, count, 0)
    }),
  )
  return counts.reduce((sum, count) => sum + count, 0)
}

interface ReadOptions extends ExecuteOptions {
  /** Whoever takes the rows checks the filter anyway, so that there may be more of them. */
  readonly mayBeMore?: boolean
}

/** The rows of all scans, which are read side by side. */
function rowsOfScans(
  columns: readonly ColumnSpec[],
  scans: readonly Scan[],
  options: ReadOptions,
): AsyncGenerator<RowBatch> {
  let rows = 0
  const left = new AbortController()
  const within = { ...options, signal: signalOf(options.signal, left.signal) }
  const sources = scans.map((scan) => {
    const { partition, table } = scan.server
    let partitionRows = 0
    const onProgress = (fetched: number, fraction: number | undefined): void => {
      rows += fetched
      partitionRows += fetched
      options.onProgress?.({ partition, table: qualifiedName(table), rows, partitionRows, fraction })
    }
    const source = rowsOfScan(columns, scan, within, onProgress)
    return options.partitionErrors === 'skip' ? wholeOrNone(source, scan.server.partition, options) : source
  })
  return merge(sources, () => {
    left.abort()
  })
}

const signalOf = (given: AbortSignal | undefined, own: AbortSignal): AbortSignal =>
  given === undefined ? own : AbortSignal.any([given, own])

/** Rows that a partition held at most where it may still be left out. */
const SKIPPABLE_ROWS_MAX = 1_000_000

/** A partition that fails half way must not leave half its rows behind: they are held until it is through. */
async function* wholeOrNone(
  source: AsyncIterable<RowBatch>,
  partition: string,
  tolerance: Tolerance,
): AsyncGenerator<RowBatch> {
  const collect = async (): Promise<RowBatch[]> => {
    const batches: RowBatch[] = []
    let rows = 0
    for await (const batch of source) {
      batches.push(batch)
      rows += batch.length
      if (rows > SKIPPABLE_ROWS_MAX)
        throw limitExceeded(
          `partition "${partition}" has more than ${SKIPPABLE_ROWS_MAX} rows for the statement`,
          {
            hint: 'Set partitionErrors to fail, so that rows need not be held until their partition is through.',
          },
        )
    }
    return batches
  }
  yield* await tolerate(partition, tolerance, collect, [])
}

async function* rowsOfScan(
  columns: readonly ColumnSpec[],
  scan: Scan,
  options: ReadOptions,
  onProgress: (rows: number, fraction: number | undefined) => void,
): AsyncGenerator<RowBatch> {
  const decode = rowDecoder(columns, scan, options)
  let told = 0
  const onRead = (rows: number, fraction: number | undefined): void => {
    onProgress(rows - told, fraction)
    told = rows
  }
  const { cache, mayBeMore = false } = options
  const read = (within: CallOptions): AsyncGenerator<readonly OdooRecord[]> =>
    recordsOf(scan, { ...options, ...within }, onRead)
  const records =
    cache?.takes(scan) === true ? readThrough(cache, scan, mayBeMore, options, read) : read(options)
  for await (const batch of records) yield batch.map(decode)
}

async function* recordsOf(
  scan: Scan,
  options: ExecuteOptions,
  onRead: (rows: number, fraction: number | undefined) => void,
): AsyncGenerator<readonly OdooRecord[]> {
  const { access, domain, fields, labels, manyToOne, server } = scan
  const { model } = server.table
  const client = options.clientOf(server.partition)
  switch (access.kind) {
    case 'nothing':
    case 'count':
      return
    case 'page': {
      const { order, limit, offset } = access
      const request = { domain, fields, labels, manyToOne, order, limit, ...(offset === 0 ? {} : { offset }) }
      yield await client.searchRead(model, request, options)
      return
    }
    case 'groups': {
      const records = await distinctRecords(scan, access.groupBy, options)
      if (records === undefined) yield* recordsOf({ ...scan, access: WHOLE }, options, onRead)
      else yield records
      return
    }
    case 'top':
      yield* readTop(client, { ...scan, access }, options)
      return
    case 'batches': {
      const { limit, isDescending } = access
      const offset = access.offset === 0 ? undefined : access.offset
      yield* readBatches(
        client,
        { model, domain, fields, labels, manyToOne, descending: isDescending, limit, offset },
        {
          signal: options.signal,
          onCall: options.onCall,
          onProgress: ({ rows, fraction }) => {
            onRead(rows, fraction ?? undefined)
          },
        },
      )
      return
    }
    default:
      access satisfies never
  }
}

function rowDecoder(
  columns: readonly ColumnSpec[],
  scan: Scan,
  { revealSecrets, onNotice }: ExecuteOptions,
): (record: OdooRecord) => readonly Datum[] {
  const readers = columns.map((column): ((record: OdooRecord) => Datum) => {
    const source = sourceOf(column, scan.server)
    if (source.kind === 'partition') return () => scan.server.partition
    if (source.kind === 'missing') return () => null
    const { field, live } = source
    const decode = decoderOf({ ...column, fieldType: live.type }, () => {
      onNotice({
        severity: 'WARNING',
        message: `column ${column.name} of ${qualifiedName(scan.server.table)} is NULL where Odoo's value is not of its type, ${live.type}`,
      })
      return null
    })
    const shown = column.secret && !revealSecrets ? masked(decode, column) : decode
    return (record) => {
      const value = record[field]
      // A value that did not come must not be taken for one that is empty.
      if (value === undefined)
        throw systemError(`Odoo left field ${field} out of its records of ${scan.server.table.model}`)
      return shown(value)
    }
  })
  return (record) => readers.map((read) => read(record))
}

const MASK = '********'
const MASK_BYTES = new Uint8Array(Buffer.from(MASK))

/** That there is a secret may be seen, not what it is. */
const masked =
  (decode: Decode, column: ColumnSpec): Decode =>
  (value) =>
    decode(value) === null ? null : column.type === 'bytea' ? MASK_BYTES : MASK

/** OFFSET and LIMIT over batches; ends the reading as soon as enough has come. */
async function* cut(
  batches: AsyncIterable<RowBatch>,
  offset: number,
  limit: number | undefined,
): AsyncGenerator<RowBatch> {
  let [toSkip, left] = [offset, limit ?? Infinity]
  if (left === 0) return
  for await (const batch of batches) {
    const kept = toSkip === 0 && batch.length <= left ? batch : batch.slice(toSkip, toSkip + left)
    toSkip -= Math.min(toSkip, batch.length)
    left -= kept.length
    if (kept.length > 0) yield kept
    if (left === 0) return
  }
}

// eslint-disable-next-line @typescript-eslint/require-await -- one batch, in the shape that the others come in
async function* one(batch: RowBatch): AsyncGenerator<RowBatch> {
  yield batch
}
