import { readBatches } from '../../src/odoo/batches.ts'
import { openClient } from '../../src/odoo/client.ts'
import { ALL } from '../../src/odoo/domain.ts'
import { startSyntheticOdoo } from '../support/synthetic-odoo.ts'
import { openLink } from './link.ts'
import { compare, IS_TRIAL, mediansOf, type Line } from './measure.ts'

/** How far the sizes that are chosen by cost may be from the best that is fixed. */
const GOAL = { atMost: 1.1 }
const FIXED = IS_TRIAL ? [1_000] : [500, 1_000, 2_000, 5_000, 10_000]
const SCAN = {
  model: 'res.partner',
  domain: ALL,
  fields: ['name', 'email', 'city', 'create_date'],
  labels: true,
}
const NARROW = { megabitsPerSecond: 20, roundTripMs: 20 }

/** Where the time goes: into the reader, the link, or Odoo's work on each row as well. */
const PLACES = [
  { what: 'a fast server', rows: 200_000 },
  { what: 'a link of 20 Mbit/s and 20 ms', rows: 20_000, link: NARROW },
  { what: 'the same link, replies compressed', rows: 100_000, link: NARROW, encoding: 'gzip' },
  { what: 'the same link, 0.2 ms of work a row', rows: 12_000, link: NARROW, microsecondsPerRow: 200 },
] as const

/** Batches of rows whose number goes by what rows cost, against each fixed number, over two readers. */
export async function benchBatches(): Promise<Line[]> {
  const lines: Line[] = []
  for (const place of IS_TRIAL ? PLACES.slice(-1) : PLACES) lines.push(...(await benchAt(place)))
  return lines
}

async function benchAt({ what, rows, ...place }: (typeof PLACES)[number]): Promise<Line[]> {
  const { close, ...server } = await startSyntheticOdoo({ ...place, rows: IS_TRIAL ? 2_500 : rows })
  const link = 'link' in place ? await openLink(server.url, place.link) : undefined
  const client = await openClient({ ...server, name: 'bench', url: link?.url ?? server.url })
  const read = async (options: { batchRows?: number }): Promise<void> => {
    let found = 0
    for await (const batch of readBatches(client, SCAN, options)) found += batch.length
    if (found === 0) throw new TypeError('no rows')
  }
  try {
    const works = Object.fromEntries(FIXED.map((batchRows) => [batchRows, () => read({ batchRows })]))
    await read({})
    const medians: Readonly<Record<string, number>> = await mediansOf({ chosen: () => read({}), ...works })
    const ours = medians['chosen'] ?? NaN
    const fixed = FIXED.map((size) => ({
      name: `${size} rows in each`,
      milliseconds: medians[size] ?? NaN,
    })).sort((a, b) => a.milliseconds - b.milliseconds)
    const [best] = fixed
    return [
      compare(
        `batches: ${what}, ${rows} rows`,
        ours,
        { ...best!, name: `the best of ${FIXED.length}: ${best!.name}` },
        GOAL,
      ),
      compare(`batches: ${what}, ${rows} rows`, ours, fixed.at(-1)!),
    ]
  } finally {
    client.close()
    await link?.close()
    await close()
  }
}
