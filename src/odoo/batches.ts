import { systemError } from '../errors.ts'
import type { CallOptions } from './call.ts'
import type { OdooClient, OdooRecord } from './client.ts'
import type { Domain } from './domain.ts'
import { domainOfRange, nextWindow, type IdRange, type Seen } from './id-range.ts'

/** All records of a domain, or the first of them by id. */
export interface BatchScan {
  readonly model: string
  readonly domain: Domain
  readonly fields: readonly string[]
  readonly labels: boolean
  /** As in SearchReadRequest. */
  readonly manyToOne?: boolean | undefined
  readonly binarySizes?: boolean | undefined
  /** Greatest id first. */
  readonly descending?: boolean | undefined
  readonly limit?: number | undefined
  readonly offset?: number | undefined
}

export interface BatchOptions extends CallOptions {
  /** No batch holds more records; default 2,000, from 25 fields on 1,000. */
  readonly batchRows?: number | undefined
  readonly onProgress?: ((progress: Progress) => void) | undefined
}

export interface Progress {
  /** Records delivered so far. */
  readonly rows: number
  /** Part of the id range that is done, 0 to 1; null until its end is known. */
  readonly fraction: number | null
}

export const BATCH_ROWS = 2_000
export const BATCH_ROWS_WIDE = 1_000
export const WIDE_FROM_FIELDS = 25
/** Reads at once. More than two gain nothing on a server with two workers, and people need some too. */
export const READERS = 2

/**
 * Reads a scan by id, never by offset (but for the scan's own, in the first call), so a record that stands still is
 * delivered exactly once whatever others create, change or delete meanwhile. Records come in the order of their ids;
 * those created behind the end of the id range while it is read are left out. No batch is empty. At most two reads
 * are under way or wait to be taken, and ending the iteration early aborts them.
 */
export async function* readBatches(
  client: OdooClient,
  scan: BatchScan,
  options: BatchOptions = {},
): AsyncGenerator<readonly OdooRecord[], void, undefined> {
  const { onProgress, batchRows = defaultBatchRows(scan) } = options
  const left = new AbortController()
  const signal = options.signal === undefined ? left.signal : AbortSignal.any([options.signal, left.signal])
  const reader = openReader(client, scan, { signal, onCall: options.onCall })
  const limit = scan.limit ?? Infinity
  try {
    const asked = Math.min(batchRows, limit)
    const first = await reader.read(undefined, asked, scan.offset)
    let rows = first.length
    const [start, last] = [first.at(0)?.id, first.at(-1)?.id]
    // A short batch is the last one: one call sees one state of the database.
    const isAll = first.length < asked || rows >= limit
    onProgress?.({ rows, fraction: isAll ? 1 : null })
    if (first.length > 0) yield first
    if (isAll || start === undefined || last === undefined) return
    const end = (await reader.lastId()) ?? last
    const windows = readWindows(reader, {
      range: { from: last, to: reader.isBefore(last, end) ? end : last },
      seen: { rows, ids: Math.abs(last - start) + 1 },
      batchRows,
      limit: limit - rows,
    })
    for await (const { records, doneUpTo } of windows) {
      rows += records.length
      const fraction = rows >= limit ? 1 : (doneUpTo - start) / (end - start)
      onProgress?.({ rows, fraction })
      if (records.length > 0) yield records
    }
  } finally {
    left.abort()
  }
}

const defaultBatchRows = ({ fields }: BatchScan): number =>
  fields.length >= WIDE_FROM_FIELDS ? BATCH_ROWS_WIDE : BATCH_ROWS

interface WindowsRequest {
  readonly range: IdRange
  /** What the first batch told of how dense the ids are. */
  readonly seen: Seen
  readonly batchRows: number
  readonly limit: number
}

/** A read that was asked for and not delivered yet. */
interface Window {
  readonly range: IdRange
  readonly asked: number
  readonly records: Promise<readonly OdooRecord[]>
}

interface WindowRead {
  readonly records: readonly OdooRecord[]
  /** Every id up to here was delivered. */
  readonly doneUpTo: number
}

/**
 * Cuts the range into windows of about a batch each and reads two at once. What is left of a window that holds more
 * than a batch is read before the windows behind it are delivered.
 */
async function* readWindows(
  reader: Reader,
  request: WindowsRequest,
): AsyncGenerator<WindowRead, void, undefined> {
  const { range, batchRows } = request
  let { seen, limit } = request
  /** Not asked for yet, in order. */
  const ahead: IdRange[] = range.from === range.to ? [] : [range]
  const underWay: Window[] = []

  function fill(): void {
    while (underWay.length < READERS && limit > 0) {
      const [next] = ahead
      if (next === undefined) return
      // What is left of an overfull window comes before the windows under way. Else nothing is asked for that the
      // limit may not need.
      const place = underWay.findIndex(({ range }) => reader.isBefore(next.from, range.from))
      const isOverdue = place >= 0 || underWay.length === 0
      const coming = underWay.reduce((sum, { asked }) => sum + asked, 0)
      if (!isOverdue && coming >= limit) return
      const { window, rest } = nextWindow(next, { seen, batchRows })
      ahead.splice(0, 1, ...(rest === undefined ? [] : [rest]))
      const asked = Math.min(batchRows, limit)
      const records = reader.read(window, asked)
      // Thrown when its turn comes; a rejection that nobody waits for yet would end the process.
      records.catch(() => undefined)
      underWay.splice(place < 0 ? underWay.length : place, 0, { range: window, asked, records })
    }
  }

  fill()
  for (let window = underWay.shift(); window !== undefined && limit > 0; window = underWay.shift()) {
    const records = await window.records
    const { from, to } = window.range
    const doneUpTo = records.length < window.asked ? to : (records.at(-1)?.id ?? to)
    if (doneUpTo !== to) ahead.unshift({ from: doneUpTo, to })
    seen = { rows: records.length, ids: Math.abs(doneUpTo - from) }
    const wanted = records.length > limit ? records.slice(0, limit) : records
    limit -= wanted.length
    fill()
    yield { records: wanted, doneUpTo }
  }
}

interface Reader {
  /** At most `limit` records of the range, or of the whole scan, in order. */
  read(range: IdRange | undefined, limit: number, offset?: number): Promise<readonly OdooRecord[]>
  /** Where the scan ends as of now. */
  lastId(): Promise<number | undefined>
  isBefore(a: number, b: number): boolean
}

function openReader(client: OdooClient, scan: BatchScan, options: CallOptions): Reader {
  const { model, domain, fields, labels, manyToOne, binarySizes, descending = false } = scan
  const isBefore = (a: number, b: number): boolean => (descending ? a > b : a < b)
  return {
    isBefore,
    async read(range, limit, offset) {
      const part = range === undefined ? domain : domainOfRange(domain, range)
      const order = descending ? 'id desc' : 'id'
      const request = { domain: part, fields, labels, manyToOne, binarySizes, order, limit, offset }
      const records = await client.searchRead(model, request, options)
      checkOrder(records, range?.from, isBefore)
      return records
    },
    async lastId() {
      const order = descending ? 'id' : 'id desc'
      const [id] = await client.search(model, { domain, order, limit: 1 }, options)
      return id
    },
  }
}

/** Records that repeat or go back would be read forever; only a server that ignores what it is asked sends them. */
function checkOrder(
  records: readonly OdooRecord[],
  from: number | undefined,
  isBefore: (a: number, b: number) => boolean,
): void {
  let previous = from
  for (const { id } of records) {
    if (previous !== undefined && !isBefore(previous, id))
      throw systemError('Odoo sent records that are not in the order of their ids', {
        hint: 'A module of that Odoo changes how this model is searched; it cannot be read in batches.',
      })
    previous = id
  }
}
