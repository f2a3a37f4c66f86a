import axios from 'axios'
import { fileURLToPath } from 'node:url'
import { connect } from '../../src/driver/connection.ts'
import { startSyntheticOdoo, type SyntheticOdoo } from '../support/synthetic-odoo.ts'
import { inMegabytes, inMilliseconds, mediansOf, times, type Line } from './measure.ts'
import { outputOf } from './process.ts'
import type { MemoryAt } from './stream-memory.ts'

const FIELDS = ['name', 'smtp_host', 'smtp_port', 'active', 'create_date']
const SIZES = [1, 1_000, 20_000]
const STREAMED_ROWS = 1_000_000

/** The library on a server that costs nothing: what it adds to the wire, and what it holds in memory. */
export async function benchLibrary(): Promise<Line[]> {
  const server = await startSyntheticOdoo(STREAMED_ROWS)
  try {
    return [...(await overheads(server)), await streamMemory(server)]
  } finally {
    await server.close()
  }
}

/** `query` against one call by hand, which reads the same rows and leaves their values as they came. */
async function overheads({ url, database, login, password }: SyntheticOdoo): Promise<Line[]> {
  const odoo = await connect({ url, database, login, password, catalogCache: false })
  const byHand = async (limit: number): Promise<void> => {
    const keywords = { fields: FIELDS, order: 'id', limit }
    const args = [database, 2, password, 'ir.mail_server', 'search_read', [[]], keywords]
    const params = { service: 'object', method: 'execute_kw', args }
    await axios.post(`${url}/jsonrpc`, { jsonrpc: '2.0', id: 1, method: 'call', params })
  }
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
    lines.push(line(`query of ${rows} rows`, query, raw), line(`Arrow batches of ${rows} rows`, arrow, raw))
  }
  await odoo.close()
  return lines
}

const line = (what: string, ours: number, other: number): Line => ({
  what: `library: ${what}, against one axios call by hand`,
  ours: inMilliseconds(ours),
  other: inMilliseconds(other),
  ratio: times(ours, other),
})

async function drain(items: AsyncIterable<unknown>): Promise<void> {
  const iterator = items[Symbol.asyncIterator]()
  while ((await iterator.next()).done !== true);
}

async function streamMemory({ url, database, login, password }: SyntheticOdoo): Promise<Line> {
  const script = fileURLToPath(new URL('stream-memory.ts', import.meta.url))
  const options = { url, database, login, password, catalogCache: false }
  const text = await outputOf(['--expose-gc', '--import', 'tsx', script], JSON.stringify(options))
  const profile = JSON.parse(text) as readonly MemoryAt[]
  const [early, late] = [profile.find(({ rows }) => rows === 100_000)!, profile.at(-1)!]
  return {
    what: `library: resident memory at row ${late.rows} of a stream, against row ${early.rows}`,
    ours: inMegabytes(late.resident),
    other: inMegabytes(early.resident),
    ratio: `${(late.resident / early.resident).toFixed(2)} ×`,
  }
}
