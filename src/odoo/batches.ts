import { queryCanceled, systemError } from '../errors.ts'
import { rowsForCost } from './batch-size.ts'
import type { CallOptions, CallRecord } from './call.ts'
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
  /**
   * No batch holds more records; default 2,000, from 25 fields on 1,000. Where it is given, no call asks for more
   * either; else calls ask for as many as suits the time and bytes that records have taken so far.
   */
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
  const { onProgress } = options
  const batchRows = options.batchRows ?? defaultBatchRows(scan)
  const left = new AbortController()
  const signal = options.signal === undefined ? left.signal : AbortSignal.any([options.signal, left.signal])
  const reader = openReader(client, scan, { signal, onCall: options.onCall })
  const limit = scan.limit ?? Infinity
  try {
    const asked = Math.min(batchRows, limit)
    const first = await reader.read(undefined, asked, scan.offset)
    const [start, last] = [first.at(0)?.id, first.at(-1)?.id]
    // A short batch is the last one: one call sees one state of the database.
    if (first.length < asked || first.length >= limit || start === undefined || last === undefined) {
      onProgress?.({ rows: first.length, fraction: 1 })
      if (first.length > 0) yield first
      return
    }
    let rows = 0
    const isAdaptive = options.batchRows === undefined
    for await (const read of readWindows(reader, { first, start, last, batchRows, isAdaptive, limit })) {
      const { records, doneUpTo, end } = read
      rows += records.length
      const part = end === undefined ? null : Math.min(1, (doneUpTo - start) / (end - start))
      onProgress?.({ rows, fraction: rows >= limit ? 1 : part })
      for (let at = 0; at < records.length; at += batchRows) yield records.slice(at, at + batchRows)
    }
  } finally {
    left.abort(LEFT)
  }
}

/** PostgreSQL's greatest integer, of which Odoo makes its ids. */
const ID_MAX = 2 ** 31 - 1

/** One for all reads: to make an error takes longer than to read a record. */
const LEFT = queryCanceled('the reading was left')

const defaultBatchRows = ({ fields }: BatchScan): number =>
  fields.length >= WIDE_FROM_FIELDS ? BATCH_ROWS_WIDE : BATCH_ROWS

interface WindowsRequest {
  /** The first batch, which is full, and its first and last id. */
  readonly first: readonly OdooRecord[]
  readonly start: number
  readonly last: number
  readonly batchRows: number
  /** Calls ask for more rows or fewer, as their cost tells. */
  readonly isAdaptive: boolean
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
  /** Last id of the scan, once it is known. */
  readonly end: number | undefined
}

/**
 * Delivers the first batch, then cuts the ids behind it into windows and reads two at once; the first of them while it
 * is still being asked where the ids end. What is left of a window that holds more than was asked for is read before
 * the windows behind it are delivered.
 */
async function* readWindows(
  reader: Reader,
  request: WindowsRequest,
): AsyncGenerator<WindowRead, void, undefined> {
  const { first, start, last, batchRows, isAdaptive } = request
  let limit = request.limit - first.length
  /** How dense the ids are. */
  let seen: Seen = { rows: first.length, ids: Math.abs(last - start) + 1 }
  /** Not asked for yet, in order. */
  let ahead: IdRange[] = [{ from: last, to: reader.isBefore(0, ID_MAX) ? ID_MAX : 0 }]
  const underWay: Window[] = []
  let end: number | undefined

  /** As many as suit, but towards the end a fair share of what is left, so that all readers end together. */
  function rowsToAsk(coming: number): number {
    if (!isAdaptive || end === undefined) return batchRows
    const idsLeft = ahead.reduce((sum, { from, to }) => sum + Math.abs(to - from), 0)
    const share = Math.ceil((coming + (idsLeft * seen.rows) / seen.ids) / READERS)
    return Math.min(reader.rowsThatSuit() ?? batchRows, Math.max(share, batchRows))
  }

  function fill(readers = READERS): void {
    while (underWay.length < readers && limit > 0) {
      const [next] = ahead
      if (next === undefined) return
      // What is left of an overfull window comes before the windows under way. Else nothing is asked for that the
      // limit may not need.
      const place = underWay.findIndex(({ range }) => reader.isBefore(next.from, range.from))
      const isOverdue = place >= 0 || underWay.length === 0
      const coming = underWay.reduce((sum, { asked }) => sum + asked, 0)
      if (!isOverdue && coming >= limit) return
      const rows = rowsToAsk(coming)
      const { window, rest } = nextWindow(next, { seen, batchRows: rows })
      ahead.splice(0, 1, ...(rest === undefined ? [] : [rest]))
      const asked = Math.min(rows, limit)
      const records = reader.read(window, asked)
      records.catch(() => undefined)
      underWay.splice(place < 0 ? underWay.length : place, 0, { range: window, asked, records })
    }
  }

  const ending = reader.lastId()
  // Thrown below, as what a read throws; a rejection that nobody waits for yet would end the process.
  ending.catch(() => undefined)
  fill(1)
  yield { records: first, doneUpTo: last, end }
  const lastId = (end = (await ending) ?? last)
  const upToEnd = ({ from, to }: IdRange): IdRange[] =>
    reader.isBefore(from, lastId) ? [{ from, to: reader.isBefore(lastId, to) ? lastId : to }] : []
  ahead = ahead.flatMap(upToEnd)
  fill()
  for (let window = underWay.shift(); window !== undefined && limit > 0; window = underWay.shift()) {
    const records = await window.records
    const { from, to } = window.range
    const doneUpTo = records.length < window.asked ? to : (records.at(-1)?.id ?? to)
    if (doneUpTo !== to) ahead.unshift(...upToEnd({ from: doneUpTo, to }))
    seen = { rows: records.length, ids: Math.abs(doneUpTo - from) }
    const wanted = records.length > limit ? records.slice(0, limit) : records
    limit -= wanted.length
    fill()
    yield { records: wanted, doneUpTo, end: lastId }
  }
}

interface Reader {
  /** At most `limit` records of the range, or of the whole scan, in order. */
  read(range: IdRange | undefined, limit: number, offset?: number): Promise<readonly OdooRecord[]>
  /** Rows to ask for, by what the last full read took; undefined where that is not known. */
  rowsThatSuit(): number | undefined
  /** Where the scan ends as of now. */
  lastId(): Promise<number | undefined>
  isBefore(a: number, b: number): boolean
}

function openReader(client: OdooClient, scan: BatchScan, options: CallOptions): Reader {
  const { model, domain, fields, labels, manyToOne, binarySizes, descending = false } = scan
  const isBefore = (a: number, b: number): boolean => (descending ? a > b : a < b)
  let rowsThatSuit: number | undefined
  return {
    isBefore,
    rowsThatSuit: () => rowsThatSuit,
    async read(range, limit, offset) {
      const part = range === undefined ? domain : domainOfRange(domain, range)
      const order = descending ? 'id desc' : 'id'
      const request = { domain: part, fields, labels, manyToOne, binarySizes, order, limit, offset }
      let [bytes, milliseconds] = [0, 0]
      const onCall = (call: CallRecord): void => {
        bytes += call.bytes
        milliseconds += call.milliseconds
        options.onCall?.(call)
      }
      const records = await client.searchRead(model, request, { ...options, onCall })
      checkOrder(records, range?.from, isBefore)
      // What few records take says little of many.
      if (bytes > 0 && records.length >= limit / 2)
        rowsThatSuit = rowsForCost({ rows: records.length, bytes, milliseconds })
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
