import { expect } from 'chai'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { connect, type Connection } from '../../src/driver/connection.ts'
import { SqlError } from '../../src/errors.ts'
import type { OdooConnection } from '../support/odoo-rpc.ts'
import { closeKept, keep } from '../support/keep.ts'
import { openOwnOdoo, type OwnOdoo } from '../support/own-odoo.ts'
import { startProxy } from '../support/proxy.ts'
import { describeReal, skipForLackOfServers } from '../support/real-odoo.ts'
import { openSecondClient, type Partner } from './second-client.ts'

/** What a statement delivered, and what it ended in. */
interface Outcome {
  readonly rows: readonly Partner[]
  readonly error: SqlError | undefined
}

const title = 'a real Odoo that is killed, stopped and written to while it is read'
const SQL = 'SELECT id, name, ref, active FROM res.partner'
/** Of a statement, all tries included. */
const TIMEOUT_MS = 30_000
/** A statement that needs no more is not interrupted by what happens between its reads. */
const READS_MIN = 4
/** Reads, and tries of them, in which all workers die; so long after its start a read is under way. */
const KILLED_READS = [2, 5]
const MID_READ_MS = 10

describeReal(title, (server) => {
  let odoo: OwnOdoo
  let writer: OdooConnection
  let connection: Connection
  let right: readonly Partner[]
  /** Before each read of the driver's. */
  let beforeRead: () => Promise<void> | void

  before(async function () {
    this.timeout(120_000)
    const opened = await openOwnOdoo(server)
    if (opened === undefined) {
      skipForLackOfServers(`${title} (as root, on the machine of the servers)`)
      this.skip()
    }
    odoo = keep(opened)
    writer = await odoo.start()
    const proxy = await startProxy(odoo.url, {
      before: async ({ path, body }) => {
        if (/search_read/.test(path + body)) await beforeRead()
      },
    })
    keep(proxy)
    const { version, database, login, password, apiKey } = { ...server, database: odoo.database }
    const account = version === 14 ? { password } : { apiKey }
    connection = keep(await connect({ url: proxy.url, database, login, ...account, catalogCache: false }))
    right = await partnersOf(odoo)
  })
  beforeEach(() => {
    beforeRead = () => undefined
  })
  after(async function () {
    this.timeout(60_000)
    await closeKept()
  })

  /** `onBatch` is waited for before the next batch is taken. */
  async function outcomeOf(
    sql: string,
    onBatch: () => Promise<void> | void = () => undefined,
  ): Promise<Outcome> {
    const rows: Partner[] = []
    try {
      const cursor = await connection.cursor(sql, [], { timeoutMs: TIMEOUT_MS })
      for await (const batch of cursor) {
        rows.push(...batch.map(([id, name, ref, active]) => ({ id, name, ref, active }) as Partner))
        await onBatch()
      }
      expect(cursor.calls.length).to.be.at.least(READS_MIN)
      return { rows, error: undefined }
    } catch (thrown) {
      if (!(thrown instanceof SqlError)) throw thrown
      return { rows, error: thrown }
    }
  }

  /** Whole and right, or one clear error after rows that are right as far as they go; then it answers as before. */
  async function expectSound({ rows, error }: Outcome): Promise<void> {
    if (error === undefined) expect(rows).to.deep.equal(right)
    else {
      expect(error).to.include({ code: '08006', partition: odoo.database })
      expect(rows).to.deep.equal(right.slice(0, rows.length))
      expect(rows.length).to.be.below(right.length)
    }
    expect(await outcomeOf(SQL)).to.deep.equal({ rows: right, error: undefined })
  }

  it('answers wholly, or with one error, when its workers are killed in mid-read', async () => {
    let reads = 0
    beforeRead = () => {
      if (KILLED_READS.includes(++reads)) void sleep(MID_READ_MS).then(odoo.killWorkers)
    }
    const outcome = await outcomeOf(SQL)
    beforeRead = () => undefined
    const { rows } = await connection.query('SELECT max(tries) AS tries FROM system.calls')
    expect(rows[0]?.['tries']).to.be.greaterThan(1)
    await expectSound(outcome)
  })

  it('answers wholly, or with one error, when it is stopped and started again', async () => {
    let starting: Promise<OdooConnection> | undefined
    const outcome = await outcomeOf(SQL, async () => {
      if (starting !== undefined) return
      await odoo.stop()
      starting = odoo.start()
    })
    writer = await starting!
    await expectSound(outcome)
  })

  it('says that it is lost when it is stopped and not started again', async () => {
    const outcome = await outcomeOf(SQL, odoo.stop)
    writer = await odoo.start()
    expect(outcome.error).to.be.instanceOf(SqlError)
    await expectSound(outcome)
  })

  // The first two stream as they come, the last goes through PostgreSQL.
  for (const sql of [SQL, `${SQL} ORDER BY id DESC`, `${SQL} WHERE id + 0 > 0`])
    it(`gives what stands still once, and nothing twice or torn, while a second client works: ${sql}`, async () => {
      const other = openSecondClient(writer, await partnersOf(odoo))
      beforeRead = () => other.work()
      const { rows, error } = await outcomeOf(sql)
      expect(error).to.equal(undefined)
      other.expectRead(rows)
    })
})

/** By the database under it. */
async function partnersOf({ pgUrl }: OwnOdoo): Promise<readonly Partner[]> {
  const client = new Client({ connectionString: pgUrl })
  await client.connect()
  const { rows } = await client.query<Partner>('SELECT id, name, ref, active FROM res_partner ORDER BY id')
  await client.end()
  return rows
}
