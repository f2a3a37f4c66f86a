import { fieldOf } from '../catalog/spec.ts'
import type { CallOptions, CallRecord } from '../odoo/call.ts'
import type { OdooRecord } from '../odoo/client.ts'
import type { Domain } from '../odoo/domain.ts'
import type { Scan } from '../planner/scan-plan.ts'

/** Reuse of what was read a moment ago, for those who ask for it: answers may then be as old as `ttlMs`. */
export interface CacheOptions {
  /** How long what was read may be used again, from the start of its reading. */
  readonly ttlMs: number
  /** Size of the replies that are kept, together; default 256 MiB. What was used longest ago goes first. */
  readonly bytesMax?: number
}

/** Records of scans, for one user: it is opened with the log-ins, and never shared between two. */
export interface ScanCache {
  /**
   * Records for the scan. With `mayBeMore` they may hold further records, for a reader that checks its filter anyway:
   * a scan whose domain is that of a kept one and more finds its records among the kept ones.
   */
  find(scan: Scan, options?: { readonly mayBeMore: boolean }): readonly OdooRecord[] | undefined
  /** Keeps all records of a scan, whose reading began at `startedAt` (performance.now()). */
  keep(scan: Scan, read: { records: readonly OdooRecord[]; bytes: number; startedAt: number }): void
  /** Whether records of the scan would be kept at all. */
  takes(scan: Scan): boolean
  /** What `read` gives, or gave for the same key. */
  reuse<T>(key: string, read: () => Promise<T>): Promise<{ readonly value: T; readonly isCached: boolean }>
  clear(): void
  readonly bytesMax: number
}

const BYTES_MAX = 256 * 2 ** 20

interface Entry {
  readonly what: KeptScan | { readonly kind: 'value'; readonly key: string; readonly value: unknown }
  readonly bytes: number
  readonly startedAt: number
}

interface KeptScan {
  readonly kind: 'scan'
  readonly scan: Scan
  readonly records: readonly OdooRecord[]
}

export function openScanCache({ ttlMs, bytesMax = BYTES_MAX }: CacheOptions): ScanCache {
  /** What was used last stands last. */
  let entries: Entry[] = []

  const find = (matches: (what: Entry['what']) => boolean): Entry | undefined => {
    entries = entries.filter(({ startedAt }) => performance.now() - startedAt < ttlMs)
    const entry = entries.find(({ what }) => matches(what))
    if (entry !== undefined) entries = [...entries.filter((other) => other !== entry), entry]
    return entry
  }

  const keep = (entry: Entry, isReplaced: (what: Entry['what']) => boolean): void => {
    if (entry.bytes > bytesMax) return
    entries = [...entries.filter(({ what }) => !isReplaced(what)), entry]
    let bytes = entries.reduce((sum, { bytes: size }) => sum + size, 0)
    while (bytes > bytesMax) bytes -= entries.shift()?.bytes ?? bytes
  }

  return {
    bytesMax,
    takes: ({ access, server, fields }) =>
      access.kind !== 'nothing' &&
      access.kind !== 'count' &&
      // What is masked in results must not lie about in memory either.
      !server.table.columns.some((column) => column.secret && fields.includes(fieldOf(column))),
    find(scan, { mayBeMore } = { mayBeMore: false }) {
      const entry = find((what) => what.kind === 'scan' && covers(what.scan, scan, mayBeMore))
      return entry?.what.kind === 'scan' ? cutRecords(entry.what, scan) : undefined
    },
    keep(scan, { records, bytes, startedAt }) {
      keep(
        { what: { kind: 'scan', scan, records }, bytes, startedAt },
        (what) => what.kind === 'scan' && covers(scan, what.scan, false),
      )
    },
    async reuse<T>(key: string, read: () => Promise<T>) {
      const isSame = (what: Entry['what']): boolean => what.kind === 'value' && what.key === key
      const kept = find(isSame)
      if (kept?.what.kind === 'value') return { value: kept.what.value as T, isCached: true }
      const startedAt = performance.now()
      const value = await read()
      keep({ what: { kind: 'value', key, value }, bytes: JSON.stringify(value).length, startedAt }, isSame)
      return { value, isCached: false }
    },
    clear() {
      entries = []
    },
  }
}

/** Whether all records that the wanted scan asks for, with all their fields, are among those of the kept one. */
function covers(kept: Scan, wanted: Scan, mayBeMore: boolean): boolean {
  if (kept.server.partition !== wanted.server.partition) return false
  if (kept.server.table.model !== wanted.server.table.model) return false
  if (kept.labels !== wanted.labels || !wanted.fields.every((field) => kept.fields.includes(field)))
    return false
  const [has, wants] = [conjunctsOf(kept.domain), conjunctsOf(wanted.domain)]
  const isNarrower = [...has].every((conjunct) => wants.has(conjunct))
  if (!isNarrower || (!mayBeMore && has.size !== wants.size)) return false
  // Records up to a limit, or in Odoo's order, are those of this very request only.
  return isWhole(kept) && wanted.access.kind === 'batches'
    ? has.size === wants.size || isWhole(wanted)
    : has.size === wants.size && JSON.stringify(kept.access) === JSON.stringify(wanted.access)
}

const isWhole = ({ access }: Scan): boolean =>
  access.kind === 'batches' && access.limit === undefined && access.offset === 0

const conjunctsOf = (domain: Domain): ReadonlySet<string> =>
  new Set(
    (domain.kind === 'and' ? domain.operands : domain.kind === 'all' ? [] : [domain]).map((one) =>
      JSON.stringify(one),
    ),
  )

/** What the wanted scan would read of the kept records: the direction, offset and limit of its own. */
function cutRecords({ scan, records }: KeptScan, wanted: Scan): readonly OdooRecord[] {
  if (scan.access.kind !== 'batches' || wanted.access.kind !== 'batches') return records
  if (JSON.stringify(scan.access) === JSON.stringify(wanted.access)) return records
  const { isDescending, offset, limit } = wanted.access
  const turned = isDescending === scan.access.isDescending ? records : records.toReversed()
  return turned.slice(offset, limit === undefined ? undefined : offset + limit)
}

/** Records that move together where they come from memory. */
const BATCH_ROWS = 2000

/**
 * Reads a scan through the cache: what is there is told as a call of no tries, what is not is kept once it was
 * read to its end.
 */
export async function* readThrough(
  cache: ScanCache,
  scan: Scan,
  mayBeMore: boolean,
  options: CallOptions,
  read: (options: CallOptions) => AsyncGenerator<readonly OdooRecord[]>,
): AsyncGenerator<readonly OdooRecord[]> {
  const found = cache.find(scan, { mayBeMore })
  if (found !== undefined) {
    options.onCall?.(cachedCall(scan, found.length))
    for (let at = 0; at < found.length; at += BATCH_ROWS) yield found.slice(at, at + BATCH_ROWS)
    return
  }
  const [startedAt, records] = [performance.now(), [] as OdooRecord[]]
  let bytes = 0
  const onCall = (call: CallRecord): void => {
    bytes += call.bytes
    options.onCall?.(call)
  }
  for await (const batch of read({ ...options, onCall })) {
    if (bytes <= cache.bytesMax) records.push(...batch)
    else records.length = 0
    yield batch
  }
  cache.keep(scan, { records, bytes, startedAt })
}

/** A call that was not made, in the list of those that were. */
export const cachedCall = ({ server }: Pick<Scan, 'server'>, rows: number | null): CallRecord => ({
  startedAt: new Date().toISOString(),
  partition: server.partition,
  model: server.table.model,
  method: 'cache',
  rows,
  bytes: 0,
  milliseconds: 0,
  tries: 0,
  outcome: 'ok',
})
