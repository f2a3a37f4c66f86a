import { expect } from 'chai'
import { connect, type Connection } from '../../src/index.ts'
import { startDemo } from '../../src/demo/server.ts'

/** What a statement gave, and what it asked of Odoo: `cache` stands for what came from memory. */
async function ask(odoo: Connection, sql: string) {
  const { rows, calls } = await odoo.query(sql)
  return { rows, methods: calls.map(({ method }) => method).sort() }
}

describe('cache of scans', () => {
  let server: Awaited<ReturnType<typeof startDemo>>
  const open = (cache?: { ttlMs: number; bytesMax?: number }): Promise<Connection> => {
    const { url, login, apiKey } = server
    const both = Object.fromEntries(
      server.databases.map((database) => [database, { url, database, login, apiKey }]),
    )
    return connect({ partitions: both, catalogCache: false, ...(cache === undefined ? {} : { cache }) })
  }
  before(async () => {
    server = await startDemo({})
  })
  after(() => server.close())

  it('is off unless it is asked for', async () => {
    const odoo = await open()
    await odoo.query('SELECT id, name FROM res.partner')
    expect((await ask(odoo, 'SELECT id, name FROM res.partner')).methods).not.to.include('cache')
    await odoo.close()
  })

  it('answers as without it, and asks Odoo only for what it does not hold', async () => {
    const [cached, plain] = await Promise.all([open({ ttlMs: 60_000 }), open()])
    const whole = 'SELECT id, name, city, color FROM res.partner'
    await ask(cached, whole)
    const fromMemory = [
      whole,
      'SELECT id, city FROM res.partner ORDER BY _partition, id',
      'SELECT name FROM res.partner WHERE color > 2 ORDER BY _partition, id',
      "SELECT id FROM res.partner WHERE name LIKE 'A%' AND color IS NOT NULL AND _partition = 'demo'",
      'SELECT a.name, b.name AS other FROM res.partner a JOIN res.partner b ON a.id = b.color AND a._partition = b._partition',
      "SELECT id FROM res.partner WHERE _partition = 'demo' ORDER BY id DESC LIMIT 7 OFFSET 2",
    ]
    for (const sql of fromMemory) {
      const [answer, expected] = await Promise.all([ask(cached, sql), ask(plain, sql)])
      expect(answer.rows, sql).to.have.deep.members([...expected.rows])
      expect(new Set(answer.methods), sql).to.deep.equal(new Set(['cache']))
    }
    const fromOdoo = [
      'SELECT id, email FROM res.partner',
      'SELECT id, name FROM crm.lead',
      "SELECT id FROM ir.mail_server WHERE name LIKE 'A%'",
    ]
    for (const sql of fromOdoo) {
      const [answer, expected] = await Promise.all([ask(cached, sql), ask(plain, sql)])
      expect(answer.rows, sql).to.have.deep.members([...expected.rows])
      expect(answer.methods, sql).not.to.include('cache')
    }
    await Promise.all([cached.close(), plain.close()])
  })

  it('keeps groups and counts, each for its own filter', async () => {
    const odoo = await open({ ttlMs: 60_000 })
    const grouped = 'SELECT color, count(*) FROM res.partner GROUP BY color ORDER BY 1'
    const first = await ask(odoo, grouped)
    const again = await ask(odoo, grouped)
    expect(again.rows).to.deep.equal(first.rows)
    expect(new Set(again.methods)).to.deep.equal(new Set(['cache']))
    const other = await ask(odoo, 'SELECT color, count(*) FROM res.partner WHERE color > 1 GROUP BY color')
    expect(other.methods).not.to.include('cache')
    await odoo.query('SELECT id FROM res.partner WHERE color > 1')
    expect((await ask(odoo, 'SELECT count(*) FROM res.partner WHERE color > 1')).rows).to.have.length(1)
    await odoo.close()
  })

  it('never takes a wider filter, a limit or an order for the whole', async () => {
    const odoo = await open({ ttlMs: 60_000 })
    await odoo.query('SELECT id, name FROM res.partner WHERE color > 2')
    await odoo.query("SELECT id, name FROM res.partner WHERE _partition = 'demo' LIMIT 3")
    await odoo.query("SELECT id, name FROM res.partner WHERE _partition = 'demo' ORDER BY id DESC LIMIT 3")
    for (const sql of [
      'SELECT id, name FROM res.partner',
      'SELECT id, name FROM res.partner WHERE color > 1',
    ])
      expect((await ask(odoo, sql)).methods, sql).not.to.include('cache')
    await odoo.close()
  })

  it('forgets after its time, on demand, and what is too much', async () => {
    const odoo = await open({ ttlMs: 1 })
    const sql = 'SELECT id, name FROM res.partner'
    await odoo.query(sql)
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect((await ask(odoo, sql)).methods).not.to.include('cache')
    await odoo.close()
    const small = await open({ ttlMs: 60_000, bytesMax: 10 })
    await small.query(sql)
    expect((await ask(small, sql)).methods).not.to.include('cache')
    await small.close()
    const lasting = await open({ ttlMs: 60_000 })
    await lasting.query(sql)
    lasting.clearCache()
    expect((await ask(lasting, sql)).methods).not.to.include('cache')
    await lasting.close()
  })

  it('keeps no secret, not even for those who may see it', async () => {
    const odoo = await open({ ttlMs: 60_000 })
    const sql = 'SELECT id, smtp_pass FROM ir.mail_server'
    await odoo.query(sql)
    expect((await ask(odoo, sql)).methods).not.to.include('cache')
    await odoo.close()
  })

  it('is told of in EXPLAIN ANALYZE and system.calls', async () => {
    const odoo = await open({ ttlMs: 60_000 })
    const sql = 'SELECT id, name FROM res.partner'
    await odoo.query(sql)
    expect(await odoo.explain(sql, [], { analyze: true })).to.match(/res\.partner\.cache: \d+ rows/)
    const { rows } = await odoo.query("SELECT model, tries FROM system.calls WHERE method = 'cache'")
    expect(rows).to.deep.equal([
      { model: 'res.partner', tries: 0 },
      { model: 'res.partner', tries: 0 },
    ])
    await odoo.close()
  })
})
