import { expect } from 'chai'
import { demoDatabases } from '../../src/demo/databases.ts'
import { startDemo, type DemoDatabase, type DemoServer } from '../../src/demo/server.ts'
import { connect, type Connection } from '../../src/driver/connection.ts'
import { SqlError } from '../../src/errors.ts'
import { randomFrom, type Random } from '../support/generate-random.ts'
import { startProxy, type Proxy } from '../support/proxy.ts'
import { sqlErrorOf } from '../support/errors.ts'
import { SEED } from './seed.ts'

/** Nobody can write to the demo, so a second client's work is shown as states of one database, one server each. */
const STATES = 4
/** Records that never change; the others come, go, are archived and get other names. */
const STANDING = 4_300
const CHANGING = 400
const RUNS = 60

interface Row {
  readonly id: number
  readonly name: string
  readonly active: boolean
}

for (const version of [14, 19] as const)
  describe(`Odoo ${version} that changes while it is read (FAULT_SEED=${SEED})`, function () {
    this.timeout(120_000)
    const demos: DemoServer[] = []
    let standing: readonly Row[]
    /** Every form that a changing record has in some state, by id. */
    const forms = new Map<number, Set<string>>()
    let current = 0
    let random: Random
    let proxy: Proxy
    let connection: Connection

    before(async () => {
      const states = statesOf(version, randomFrom(SEED))
      standing = states.standing
      for (const { database, changing } of states.databases) {
        demos.push(await startDemo({ version, databases: [database] }))
        for (const row of changing) {
          const known = forms.get(row.id) ?? new Set()
          forms.set(row.id, known.add(JSON.stringify(row)))
        }
      }
      // Before each call somebody may have worked.
      proxy = await startProxy(() => {
        if (random.chance(60)) current = random.below(STATES)
        return demos[current]!.url
      })
      random = randomFrom(SEED)
      const { login, password } = demos[0]!
      connection = await connect({ url: proxy.url, database: 'demo', login, password, catalogCache: false })
      await connection.query('SELECT id, name, active FROM ir.mail_server LIMIT 1')
    })
    after(async () => {
      await connection.close()
      await proxy.close()
      for (const demo of demos) await demo.close()
    })

    // The first streams as it comes, the last goes through PostgreSQL, which would refuse an id that comes twice.
    for (const sql of [
      'SELECT id, name, active FROM ir.mail_server',
      'SELECT id, name, active FROM ir.mail_server ORDER BY id DESC',
      "SELECT id, name, active FROM ir.mail_server WHERE name || '' <> ''",
    ])
      it(`gives what stands still once, and nothing twice: ${sql}`, async () => {
        for (let run = 0; run < RUNS / 3; run++) {
          random = randomFrom(SEED + run)
          const rows: Row[] = []
          for await (const row of connection.stream<Row>(sql)) rows.push(row)
          expect(new Set(rows.map(({ id }) => id)).size, `run ${run}`).to.equal(rows.length)
          const found = rows.filter(({ id }) => !forms.has(id)).sort((a, b) => a.id - b.id)
          expect(found, `run ${run}`).to.deep.equal(standing)
          for (const row of rows.filter(({ id }) => forms.has(id)))
            expect(forms.get(row.id)!.has(JSON.stringify(row)), `run ${run}, id ${row.id}`).to.equal(true)
        }
      })
  })

function statesOf(version: 14 | 19, random: Random) {
  const [first] = demoDatabases(version)
  const some = first!.records['ir.mail_server']!
  const recordOf = (row: Row) => ({ ...some[row.id % some.length]!, ...row })
  const ids = Array.from({ length: STANDING + CHANGING }, (_, index) => 1 + index * 2)
  const isChanging = (id: number): boolean => id % 47 === 0 || id > 2 * STANDING + 600
  const standing = ids
    .filter((id) => !isChanging(id))
    .map((id) => ({ id, name: `server ${id}`, active: id % 5 !== 0 }))
  const databases = Array.from(
    { length: STATES },
    (_, state): { database: DemoDatabase; changing: Row[] } => {
      const changing = ids
        .filter((id) => isChanging(id) && random.chance(60))
        .map((id) => ({ id, name: `server ${id}, state ${state}`, active: random.chance(50) }))
      const records = { ...first!.records, 'ir.mail_server': [...standing, ...changing].map(recordOf) }
      return { database: { ...first!, records }, changing }
    },
  )
  return { standing, databases }
}

describe('an Odoo that is stopped and started while it is read', function () {
  this.timeout(60_000)

  it('is waited for as long as the tries last: the whole answer, or 08006, and the next statement is answered', async () => {
    const options = {
      version: 19,
      databases: statesOf(19, randomFrom(1))
        .databases.slice(0, 1)
        .map(({ database }) => database),
    } as const
    let demo = await startDemo(options)
    const { port } = demo
    const connection = await connect({
      url: demo.url,
      database: 'demo',
      login: demo.login,
      apiKey: demo.apiKey,
      catalogCache: false,
    })
    const read = async (onBatch: () => Promise<void>): Promise<number> => {
      let rows = 0
      for await (const batch of await connection.cursor('SELECT id, name FROM ir.mail_server')) {
        rows += batch.length
        await onBatch()
      }
      return rows
    }
    const whole = await read(() => Promise.resolve())

    // Restarted at once: what was asked is asked again.
    let stops = 0
    expect(
      await read(async () => {
        if (stops++ > 0) return
        await demo.close()
        demo = await startDemo({ ...options, port })
      }),
    ).to.equal(whole)
    expect(stops).to.be.greaterThan(1)

    // Started again a moment later, within the tries.
    stops = 0
    let starting: Promise<DemoServer> | undefined
    const startLater = async (): Promise<DemoServer> => {
      await new Promise((resolve) => setTimeout(resolve, 400))
      return startDemo({ ...options, port })
    }
    expect(
      await read(async () => {
        if (stops++ > 0) return
        await demo.close()
        starting = startLater()
      }),
    ).to.equal(whole)
    demo = (await starting)!

    // Not started again: an error, and what came before it was no whole answer.
    const failed = await sqlErrorOf(read(() => demo.close()))
    expect(failed).to.be.instanceOf(SqlError)
    expect(failed.code).to.equal('08006')
    demo = await startDemo({ ...options, port })
    expect(await read(() => Promise.resolve())).to.equal(whole)
    await connection.close()
    await demo.close()
  })
})
