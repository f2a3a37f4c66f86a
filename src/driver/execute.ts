import type { ColumnSpec } from '../catalog/spec.ts'
import { decoderOf, type Datum, type Decode } from '../catalog/types.ts'
import type { Load } from '../engine/load.ts'
import type { TableRead } from '../planner/engine-plan.ts'
import type { Scan, ScanPlan } from '../planner/scan-plan.ts'
import { sourceOf } from '../planner/server.ts'
import { readBatches } from '../odoo/batches.ts'
import type { CallOptions } from '../odoo/call.ts'
import type { OdooClient, OdooRecord } from '../odoo/client.ts'
import type { RowBatch } from './cursor.ts'

export interface ExecuteOptions extends CallOptions {
  readonly revealSecrets: boolean
  readonly clientOf: (partition: string) => OdooClient
  /** Rows fetched so far, and how much of the whole that is (0 to 1) where it is known. */
  readonly onProgress?: ((progress: { rows: number; fraction: number | undefined }) => void) | undefined
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
  batches: rowsOfScans(read.columns, read.scans, options),
})

export async function countRecords(scans: readonly Scan[], options: ExecuteOptions): Promise<number> {
  const counts = await Promise.all(
    scans.map(async ({ access, server, domain }) =>
      access.kind === 'nothing'
        ? 0
        : options.clientOf(server.partition).searchCount(server.table.model, domain, options),
    ),
  )
  return counts.reduce((sum, count) => sum + count, 0)
}

async function* rowsOfScans(
  columns: readonly ColumnSpec[],
  scans: readonly Scan[],
  options: ExecuteOptions,
): AsyncGenerator<RowBatch> {
  for (const scan of scans) {
    const decode = rowDecoder(columns, scan, options.revealSecrets)
    for await (const records of recordsOf(scan, options)) yield records.map(decode)
  }
}

async function* recordsOf(scan: Scan, options: ExecuteOptions): AsyncGenerator<readonly OdooRecord[]> {
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
    case 'batches': {
      const { limit, isDescending } = access
      const offset = access.offset === 0 ? undefined : access.offset
      yield* readBatches(
        client,
        { model, domain, fields, labels, manyToOne, descending: isDescending, limit, offset },
        {
          signal: options.signal,
          onCall: options.onCall,
          onProgress: ({ rows, fraction }) => options.onProgress?.({ rows, fraction: fraction ?? undefined }),
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
  revealSecrets: boolean,
): (record: OdooRecord) => readonly Datum[] {
  const readers = columns.map((column): ((record: OdooRecord) => Datum) => {
    const source = sourceOf(column, scan.server)
    if (source.kind === 'partition') return () => scan.server.partition
    if (source.kind === 'missing') return () => null
    const { field, live } = source
    const decode = decoderOf({ ...column, fieldType: live.type })
    const shown = column.secret && !revealSecrets ? masked(decode, column) : decode
    return (record) => shown(record[field])
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
