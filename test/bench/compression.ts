import { brotliCompressSync, brotliDecompressSync, constants, gunzipSync, gzipSync } from 'node:zlib'
import { connect } from '../../src/driver/connection.ts'
import { startSyntheticOdoo, type SyntheticOptions } from '../support/synthetic-odoo.ts'
import type { HandRead } from './by-hand.ts'
import { openLink } from './link.ts'
import { compare, inMilliseconds, IS_TRIAL, median, mediansOf, type Line } from './measure.ts'
import { CATALOG, type BenchTarget, type Servers } from './targets.ts'
import { drain } from './workloads.ts'

const ROWS = IS_TRIAL ? 2_500 : 40_000
const SQL = 'SELECT id, name, email, city, create_date FROM res.partner'
const PARTNERS: HandRead = { model: 'res.partner', fields: ['name', 'email', 'city', 'create_date'] }
const LINKS = [undefined, { megabitsPerSecond: 20, roundTripMs: 20 }] as const
const ENCODINGS = [undefined, 'gzip', 'br'] as const
const PAGE = 5_000

/** Whether it pays to compress what goes over the wire, as a proxy before Odoo may; Odoo itself never does. */
export async function benchCompression({ real }: Servers): Promise<Line[]> {
  const lines: Line[] = []
  for (const target of real) lines.push(...(await sizes(target)), await compressedRequest(target))
  for (const link of IS_TRIAL ? LINKS.slice(1) : LINKS) lines.push(...(await replies(link)))
  return lines
}

/** A read by the library from servers that compress and one that does not, over the same link. */
async function replies(link: (typeof LINKS)[number]): Promise<Line[]> {
  const opened = await Promise.all(ENCODINGS.map((encoding) => openServer({ rows: ROWS, encoding }, link)))
  try {
    const [plain, gzip, br] = opened.map(({ read }) => read)
    const medians = await mediansOf({ plain: plain!, gzip: gzip!, br: br! })
    const place =
      link === undefined
        ? 'on one machine'
        : `over ${link.megabitsPerSecond} Mbit/s and ${link.roundTripMs} ms`
    const other = { name: 'plain', milliseconds: medians.plain }
    return [
      compare(`compression: ${ROWS} rows ${place}, by gzip`, medians.gzip, other),
      compare(`compression: ${ROWS} rows ${place}, by brotli`, medians.br, other),
    ]
  } finally {
    for (const { close } of opened) await close()
  }
}

async function openServer(
  options: SyntheticOptions,
  link: (typeof LINKS)[number],
): Promise<{ read: () => Promise<number>; close: () => Promise<void> }> {
  const { close, ...logIn } = await startSyntheticOdoo(options)
  const narrow = link === undefined ? undefined : await openLink(logIn.url, link)
  const odoo = await connect({
    ...logIn,
    catalog: CATALOG,
    catalogCache: false,
    url: narrow?.url ?? logIn.url,
  })
  return {
    read: () => drain(odoo, SQL),
    async close() {
      await odoo.close()
      await narrow?.close()
      await close()
    },
  }
}

/** How small a reply of real records becomes, and what it takes to undo that. */
async function sizes({ title, hand }: BenchTarget): Promise<Line[]> {
  const { model, fields } = PARTNERS
  const records = await hand.call<unknown[]>(model, 'search_read', [], { fields, order: 'id', limit: PAGE })
  const text = Buffer.from(JSON.stringify(records))
  const ways = [
    { name: 'gzip', packed: gzipSync(text, { level: 4 }), unpack: gunzipSync },
    {
      name: 'brotli',
      packed: brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }),
      unpack: brotliDecompressSync,
    },
  ]
  return ways.map(({ name, packed, unpack }) => {
    const times = Array.from({ length: 9 }, () => {
      const start = performance.now()
      unpack(packed)
      return performance.now() - start
    })
    const perMegabyte = median(times) / (text.length / 2 ** 20)
    return {
      what: `compression: ${records.length} partners of ${title} by ${name}`,
      ours: `${(packed.length / 1024).toFixed(0)} kB, unpacked in ${inMilliseconds(perMegabyte)} a MB`,
      against: 'plain',
      theirs: `${(text.length / 1024).toFixed(0)} kB`,
      ratio: `${(text.length / packed.length).toFixed(1)} × smaller`,
    }
  })
}

/** Whether the server understands a request that is compressed. */
async function compressedRequest({ title, logIn }: BenchTarget): Promise<Line> {
  const call = { jsonrpc: '2.0', method: 'call', params: { service: 'common', method: 'version', args: [] } }
  const reply = await fetch(`${logIn.url}/jsonrpc`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    body: new Uint8Array(gzipSync(JSON.stringify(call))),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })
  const isUnderstood = (await reply.text()).includes('server_version_info')
  return {
    what: `compression: a request of gzip to ${title}`,
    ours: isUnderstood ? 'understood' : `not understood: HTTP ${reply.status}`,
  }
}
const TIMEOUT_MS = 30_000
