import { decoderOf } from '../catalog/types.ts'
import { readBatches } from '../odoo/batches.ts'
import type { CallOptions } from '../odoo/call.ts'
import type { OdooClient, OdooRecord } from '../odoo/client.ts'
import { and, type Domain } from '../odoo/domain.ts'
import type { Access, Scan } from '../planner/scan-plan.ts'
import { sourceOf } from '../planner/server.ts'
import { domainOfValue } from '../planner/top-order.ts'

type TopScan = Scan & { readonly access: Access & { readonly kind: 'top' } }

/**
 * The first records of a scan by SQL's order, and some more: a page of each band until there are enough, then what
 * ties with the last of them. No record comes twice.
 */
export async function* readTop(
  client: OdooClient,
  scan: TopScan,
  options: CallOptions,
): AsyncGenerator<readonly OdooRecord[]> {
  const { access, domain } = scan
  const seen = new Set<number>()
  let left = access.limit
  for (const band of access.bands) {
    const within = and(domain, band.domain)
    const before = seen.size
    if (band.isTie) yield* unseen(tiedRecords(client, scan, { domain: within, rows: left }, options), seen)
    else {
      const page = await pageOf(
        client,
        scan,
        { domain: within, order: access.order, limit: left + 1 },
        options,
      )
      yield* unseen([page], seen)
      const tie = tieAt(left, page, scan)
      if (tie !== undefined) yield* unseen(tiedRecords(client, scan, tie, options), seen)
      if (page.length > left) return
    }
    left -= seen.size - before
    if (left <= 0) return
  }
}

async function* unseen(
  batches: AsyncIterable<readonly OdooRecord[]> | Iterable<readonly OdooRecord[]>,
  seen: Set<number>,
): AsyncGenerator<readonly OdooRecord[]> {
  for await (const batch of batches) {
    const fresh = batch.filter(({ id }) => !seen.has(id))
    for (const { id } of fresh) seen.add(id)
    yield fresh
  }
}

interface Tie {
  readonly domain: Domain
  /** How many of its rows are wanted, by the other keys; undefined: all. */
  readonly rows: number | undefined
}

/** What is still to be read where the first record that is not wanted has the value of the last that is. */
function tieAt(
  limit: number,
  page: readonly OdooRecord[],
  { access, domain, server }: TopScan,
): Tie | undefined {
  const { column } = access
  const source = sourceOf(column, server)
  if (source.kind !== 'field' || page.length <= limit) return undefined
  const { field, live } = source
  const last = page[limit - 1]?.[field]
  if (page[limit]?.[field] !== last) return undefined
  const ofValue = domainOfValue(column, decoderOf({ ...column, fieldType: live.type })(last), server)
  // A value that Odoo cannot be asked for: better all rows than one too few.
  if (ofValue === undefined) return { domain, rows: undefined }
  const rows = page.slice(0, limit).filter((record) => record[field] === last).length
  return { domain: and(domain, ofValue), rows }
}

async function* tiedRecords(
  client: OdooClient,
  scan: TopScan,
  { domain, rows }: Tie,
  options: CallOptions,
): AsyncGenerator<readonly OdooRecord[]> {
  const { server, fields, labels, manyToOne, access } = scan
  const { model } = server.table
  if (access.tieOrder === undefined || rows === undefined)
    yield* readBatches(client, { model, domain, fields, labels, manyToOne }, options)
  else yield await pageOf(client, scan, { domain, order: access.tieOrder, limit: rows }, options)
}

const pageOf = (
  client: OdooClient,
  { server, fields, labels, manyToOne }: TopScan,
  page: { readonly domain: Domain; readonly order: string; readonly limit: number },
  options: CallOptions,
): Promise<readonly OdooRecord[]> =>
  client.searchRead(server.table.model, { fields, labels, manyToOne, ...page }, options)
