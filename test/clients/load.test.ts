import { expect } from 'chai'
import { readFile } from 'node:fs/promises'
import pg from 'pg'
import QueryStream from 'pg-query-stream'
import { startDemo, type Bridge } from './bridge.ts'

const SESSIONS = 64
const CONNECTS = 1_000
const CONNECTS_AT_ONCE = 20
const WARM_UP = 200
/** What a thousand sessions may leave behind; a leak of one buffer each would leave more. */
const GROWTH_MAX_MB = 30

describe('a bridge under load', () => {
  let bridge: Bridge
  before(async function () {
    this.timeout(120_000)
    bridge = await startDemo()
  })

  async function connected(): Promise<pg.Client> {
    const client = new pg.Client(bridge.url)
    client.on('error', () => undefined)
    await client.connect()
    return client
  }

  it('survives clients that vanish in the middle of a result', async () => {
    const statements = ['SELECT n FROM generate_series(1, 3000000) n', 'SELECT * FROM res.partner']
    for (const statement of [...statements, ...statements, ...statements]) {
      const client = await connected()
      const rows = client.query(new QueryStream(statement, [], { batchSize: 10 }))
      rows.on('error', () => undefined)
      for await (const row of rows) if (row) break
      vanish(client)
    }
    const halfway = await connected()
    halfway.query('SELECT n FROM generate_series(1, 3000000) n').catch(() => undefined)
    await new Promise((resolve) => setTimeout(resolve, 200))
    vanish(halfway)
    const other = await connected()
    const { rows } = await other.query<{ count: string }>(
      'SELECT count(*) FROM res.partner p JOIN res.country c ON c.id = p.country_id',
    )
    expect(Number(rows[0]!.count)).to.be.above(0)
    await other.end()
  })

  it(`serves ${SESSIONS} sessions at once, each with its own settings and statements`, async () => {
    const clients = await Promise.all(Array.from({ length: SESSIONS }, connected))
    await Promise.all(clients.map((client, n) => client.query(`SET application_name = 'session ${n}'`)))
    const answers = await Promise.all(
      clients.map(async (client, n) => {
        const query = {
          name: 'mine',
          text: `SELECT id, ${n} AS n FROM ir.mail_server WHERE id > $1 ORDER BY id`,
          values: [n % 3],
        }
        const { rows } = await client.query<{ id: number; n: number }>(query)
        const { rows: shown } = await client.query<{ application_name: string }>('SHOW application_name')
        return { ids: rows.map(({ id }) => id), n: rows[0]!.n, name: shown[0]!.application_name }
      }),
    )
    const ids = bridge.servers.map(({ id }) => id)
    expect(answers).to.deep.equal(
      clients.map((_, n) => ({ ids: ids.filter((id) => id > n % 3), n, name: `session ${n}` })),
    )
    await Promise.all(clients.map((client) => client.end()))
  })

  it(`takes ${CONNECTS} connects and disconnects without growing`, async function () {
    this.timeout(120_000)
    await connects(WARM_UP)
    const before = await memoryOf(bridge.pid)
    await connects(CONNECTS)
    const after = await memoryOf(bridge.pid)
    console.log(`      memory before ${before.toFixed(0)} MB, after ${after.toFixed(0)} MB`)
    expect(after - before).to.be.below(GROWTH_MAX_MB)
  })

  async function connects(times: number): Promise<void> {
    const workers = Array.from({ length: CONNECTS_AT_ONCE }, async (_, worker) => {
      for (let n = worker; n < times; n += CONNECTS_AT_ONCE) {
        const client = await connected()
        // Every third takes its leave, the others are gone.
        if (n % 3 === 0) await client.end()
        else vanish(client)
      }
    })
    await Promise.all(workers)
  }
})

/** Ends a connection as a process that is killed does. */
function vanish(client: pg.Client): void {
  ;(client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy()
}

/** Resident memory of a process in MB. */
async function memoryOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)![1]) / 1024
}
