import { fileURLToPath } from 'node:url'
import { connect } from '../../src/driver/connection.ts'
import { compare, inMegabytes, mediansOf, verdictOn, type Line } from './measure.ts'
import { outputOf } from './process.ts'
import type { MemoryAt } from './stream-memory.ts'
import type { BenchTarget } from './targets.ts'

const FIELDS = ['name', 'smtp_host', 'smtp_port', 'active', 'create_date']
const SIZES = [1, 1_000, 20_000]

/** The library on a server that costs nothing: what it adds to one call by hand, which leaves the values as they came. */
export async function benchLibrary({ options, hand }: BenchTarget): Promise<Line[]> {
  const odoo = await connect(options)
  const byHand = (limit: number): Promise<unknown> =>
    hand.call('ir.mail_server', 'search_read', [], { fields: FIELDS, order: 'id', limit })
  const lines: Line[] = []
  for (const rows of SIZES) {
    const sql = `SELECT id, ${FIELDS.join(', ')} FROM ir.mail_server ORDER BY id LIMIT ${rows}`
    // What is compiled and kept open by the first is there for all.
    await Promise.all([odoo.query(sql), byHand(rows)])
    // One is over too soon to be timed.
    const repeated = async (work: () => Promise<unknown>): Promise<void> => {
      for (let done = 0; done < Math.max(1, 100 / rows); done++) await work()
    }
    const { query, raw, arrow } = await mediansOf({
      query: () => repeated(() => odoo.query(sql)),
      raw: () => repeated(() => byHand(rows)),
      arrow: () => repeated(() => drain(odoo.batches(sql))),
    })
    const other = { name: 'one call by hand', milliseconds: raw }
    lines.push(
      compare(`library: query of ${rows} rows`, query, other),
      compare(`library: Arrow batches of ${rows} rows`, arrow, other),
    )
  }
  await odoo.close()
  return lines
}

async function drain(items: AsyncIterable<unknown>): Promise<void> {
  const iterator = items[Symbol.asyncIterator]()
  while ((await iterator.next()).done !== true);
}

/** Memory of a process that streams a million rows, at its highest. */
export async function benchStreamMemory({ options }: BenchTarget): Promise<Line[]> {
  const script = fileURLToPath(new URL('stream-memory.ts', import.meta.url))
  const text = await outputOf(['--expose-gc', '--import', 'tsx', script], JSON.stringify(options))
  const profile = JSON.parse(text) as readonly MemoryAt[]
  const highest = Math.max(...profile.map(({ resident }) => resident))
  return [
    {
      what: `library: resident memory while ${profile.at(-1)!.rows} rows are streamed, at its highest`,
      ours: inMegabytes(highest),
      against: 'at the first look',
      theirs: inMegabytes(profile[0]!.resident),
      ratio: 'in MB',
      verdict: verdictOn(highest / 2 ** 20, { atMost: 200 }),
    },
  ]
}
