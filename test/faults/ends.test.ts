import { expect } from 'chai'
import { startDemo, type DemoServer } from '../../src/demo/server.ts'
import { connect, type Connection } from '../../src/driver/connection.ts'
import { sqlErrorOf } from '../support/errors.ts'
import type { Fault } from '../support/fault.ts'
import { startProxy, type ProxiedRequest, type Proxy } from '../support/proxy.ts'
import { until } from '../support/bridge.ts'

/** What a statement leaves behind when a part of it fails: nothing, and it does not wait for the rest. */
describe('a statement that fails in one place', () => {
  let demo: DemoServer
  let proxy: Proxy
  let connection: Connection
  let faultOf: ((request: ProxiedRequest) => Fault | undefined) | undefined

  before(async () => {
    demo = await startDemo({ version: 14 })
    proxy = await startProxy(demo.url, { fault: (request) => faultOf?.(request) })
    const { url } = proxy
    const { login, password } = demo
    const on = (database: string) => ({ url, database, login, password })
    connection = await connect({
      partitions: { demo: on('demo'), demo_eu: on('demo_eu') },
      catalogCache: false,
    })
    await connection.query('SELECT * FROM ir.mail_server')
    await connection.query('SELECT l.id FROM crm.lead l JOIN res.partner p ON p.id = l.partner_id')
  })
  afterEach(() => {
    faultOf = undefined
  })
  after(async () => {
    await connection.close()
    await proxy.close()
    await demo.close()
  })

  const expired: Fault = { kind: 'expired' }
  const isOf = ({ body }: ProxiedRequest, ...words: readonly string[]): boolean =>
    words.every((word) => body.includes(`"${word}"`))

  // Each would take two minutes, the bound on a call, if it waited for the other partition.
  const STATEMENTS = [
    'SELECT id, name FROM ir.mail_server',
    'SELECT count(*) FROM ir.mail_server',
    'SELECT upper(name) FROM ir.mail_server',
    'SELECT smtp_port, count(*) FROM ir.mail_server GROUP BY smtp_port',
    'SELECT l.id FROM crm.lead l JOIN res.partner p ON p.id = l.partner_id',
  ]
  for (const sql of STATEMENTS)
    it(`ends at once, and so do its other calls: ${sql}`, async () => {
      faultOf = (request) => (isOf(request, 'demo') ? expired : { kind: 'stall' })
      expect(await sqlErrorOf(connection.query(sql))).to.include({ code: '28P01', partition: 'demo' })
      await until(() => proxy.waiting === 0, 'no call is under way')
    })

  it('tries nothing again for the part that would have been tried again', async () => {
    faultOf = (request) => (isOf(request, 'demo') ? expired : { kind: 'reset' })
    await sqlErrorOf(connection.query(STATEMENTS[1]!))
    const before = proxy.requests.length
    // The first two tries would come within 250 and 500 ms.
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    expect(proxy.requests.length).to.equal(before)
  })

  it('says that a table cannot be looked for, not that there is none', async () => {
    const fresh = await connect({
      url: proxy.url,
      database: 'demo',
      login: demo.login,
      password: demo.password,
      catalogCache: false,
    })
    faultOf = () => ({ kind: 'status', status: 500 })
    expect((await sqlErrorOf(fresh.query('SELECT id FROM res.country'))).code).to.equal('58000')
    faultOf = undefined
    expect((await fresh.query('SELECT id FROM res.country')).rowCount).to.be.greaterThan(0)
    await fresh.close()
  })
})

describe('a reply that lacks what was asked for', () => {
  it('is an error, not a NULL', async () => {
    const demo = await startDemo()
    const proxy = await startProxy(demo.url, {
      rewrite: (reply, request) =>
        request.includes('"smtp_user"') ? reply.replaceAll('"smtp_user"', '"another"') : reply,
    })
    const connection = await connect({
      url: proxy.url,
      database: 'demo',
      login: demo.login,
      apiKey: demo.apiKey,
      catalogCache: false,
    })
    expect((await connection.query('SELECT name FROM ir.mail_server')).rowCount).to.equal(12)
    expect(
      (await sqlErrorOf(connection.query('SELECT name, smtp_user FROM ir.mail_server'))).message,
    ).to.equal('Odoo left field smtp_user out of its records of ir.mail_server')
    await connection.close()
    await proxy.close()
    await demo.close()
  })
})
