import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { startDemo, type DemoServer } from '../../src/demo/server.ts'
import { connect, type Connection, type ConnectOptions } from '../../src/driver/connection.ts'
import { sqlErrorOf, textOf } from '../support/errors.ts'
import { describeReal } from '../support/real-odoo.ts'

/** A statement, and the SQLSTATE and position that it ends in. */
const STATEMENTS: readonly (readonly [
  sql: string,
  code: string,
  position?: number | undefined,
  params?: readonly unknown[],
])[] = [
  ['', '42601'],
  ['   ', '42601'],
  ['SELEC 1', '42601', 1],
  ["SELECT 'abc", '42601', 8],
  ['SELECT id FROM ir.mail_server WHERE', '42601', 36],
  ['SELECT id FROM ir.nothing', '42P01', 16],
  ['SELECT id FROM mail_serve', '42P01', 16],
  ['SELECT smtp_prt FROM ir.mail_server', '42703', 8],
  ['SELECT m.smtp_prt FROM ir.mail_server m', '42703', 8],
  ['SELECT x.id FROM ir.mail_server m', '42P01', 8],
  ["SELECT id FROM ir.mail_server WHERE smtp_port = 'abc'", '22P02', 49],
  ["SELECT id FROM ir.mail_server WHERE smtp_port = '99999999999'", '22003', 49],
  ["SELECT id FROM ir.mail_server WHERE active = 'perhaps'", '22P02', 46],
  ["SELECT id FROM ir.mail_server WHERE create_date > 'soon'", '22007', 51],
  ["SELECT id FROM ir.mail_server WHERE create_date > '2026-02-30'", '22008', 51],
  ['SELECT id FROM ir.mail_server WHERE name = 5', '42883', 42],
  ['SELECT id FROM ir.mail_server WHERE smtp_port', '42804', 37],
  ['SELECT id FROM ir.mail_server LIMIT -1', '2201W'],
  ['SELECT id FROM ir.mail_server OFFSET -1', '2201X'],
  ["SELECT id FROM ir.mail_server WHERE name LIKE 'a' ESCAPE 'xy'", '22025'],
  ['SELECT id FROM ir.mail_server WHERE id = $1', '42P02'],
  ['SELECT id FROM ir.mail_server WHERE id = $1', '22P02', undefined, ['one']],
  ['SELECT id FROM ir.mail_server WHERE id = $1', '22023', undefined, [Symbol('x')]],
  ['SELECT id FROM ir.mail_server WHERE id = $1', '22023', undefined, [undefined]],
  ['SELECT id FROM ir.mail_server WHERE name = $1', '22021', undefined, ['a\0b']],
  ['SELECT id FROM ir.mail_server; SELECT 1', '42601', 32],
  [`SELECT '${'x'.repeat(2 ** 20)}'`, '54000'],
  ['SELECT 1\0', '22021', 9],
  ["SELECT id FROM ir.mail_server WHERE smtp_pass = 'x'", '42501', 37],
  ['SELECT id FROM ir.mail_server ORDER BY smtp_ssl_private_key', '42501', 40],
  ['SELECT id FROM ir.mail_server WHERE length(smtp_pass) > 1', '42501'],
  ['SELECT id FROM elsewhere.ir.mail_server', '0A000'],
  ['SELECT id, id AS x, name AS x FROM ir.mail_server ORDER BY x', '42702', 60],
  ['SELECT id FROM ir.mail_server ORDER BY 2', '42P10', 40],
  ['SELECT name, count(*) FROM ir.mail_server', '42803', 8],
  ['SELECT 1/0', '22012'],
  ['SELECT pg_sleep(1)', '42501'],
  ['USE nowhere', '22023'],
  ['SET no_such_setting = 1', '22023'],
  ["SET TIME ZONE 'Nowhere/At_all'", '22023'],
  ["SET DateStyle = 'as you like'", '22023'],
  ['BEGIN', '0A000'],
]

describe('bad input', () => {
  let demo: DemoServer
  let connection: Connection
  const target = (): ConnectOptions => ({
    url: demo.url,
    database: 'demo',
    login: demo.login,
    apiKey: demo.apiKey,
  })

  before(async () => {
    demo = await startDemo()
    connection = await connect(target())
  })
  after(async () => {
    await connection.close()
    await demo.close()
  })

  for (const [sql, code, position, params = []] of STATEMENTS)
    it(`${code} for ${JSON.stringify(sql.slice(0, 70))}${params.length > 0 ? ` with ${String(params[0])}` : ''}`, async () => {
      const error = await sqlErrorOf(connection.query(sql, params))
      expect(error.code, error.message).to.equal(code)
      if (position !== undefined) expect(error.position).to.equal(position)
    })

  it('names the nearest table and column', async () => {
    const hintOf = async (sql: string) => (await sqlErrorOf(connection.query(sql))).hint
    expect(await hintOf('SELECT id FROM mail_serve')).to.contain('mail_server')
    expect(await hintOf('SELECT smtp_prt FROM ir.mail_server')).to.contain('smtp_port')
    expect(await hintOf("SELECT id FROM ir.mail_server WHERE smtp_prt = 1 AND name ILIKE 'a'")).to.contain(
      'smtp_port',
    )
  })

  it('takes no statement that is no string', async () => {
    expect((await sqlErrorOf(connection.query(5 as unknown as string))).code).to.equal('22023')
  })

  it('goes on after every error', async () => {
    expect((await connection.query('SELECT count(*) AS n FROM ir.mail_server')).rows).to.deep.equal([
      { n: '12' },
    ])
  })

  it('says what is wrong with the options', async () => {
    const codeOf = async (options: ConnectOptions | string) => (await sqlErrorOf(connect(options))).code
    expect(await codeOf({})).to.equal('22023')
    expect(await codeOf('not a url')).to.equal('22023')
    expect(await codeOf('ftp://x@y/z')).to.equal('22023')
    expect(await codeOf({ ...target(), database: '' })).to.be.oneOf(['22023', '3D000'])
    expect(await codeOf({ url: demo.url, login: 'admin', apiKey: 'x' })).to.equal('22023')
    for (const partition of ['other', ['other']])
      expect(await sqlErrorOf(connect({ ...target(), partition }))).to.include({
        code: '22023',
        message: 'partition "other" is not configured',
      })
    expect(await codeOf({ config: '/nowhere/at/all.json' })).to.equal('F0000')
    expect(await codeOf({ ...target(), catalog: '/nowhere/at/all' })).to.equal('F0000')
  })

  it('says why it cannot connect, without a secret', async () => {
    const secret = 'hunter2-not-to-be-seen'
    const html = createServer((_, reply) => reply.end('<html>hello</html>'))
    const page = await listen(html)
    const cases: readonly (readonly [ConnectOptions | string, string])[] = [
      [{ ...target(), url: 'http://127.0.0.1:1', apiKey: secret }, '08001'],
      [{ ...target(), url: 'http://no-such-host.invalid', apiKey: secret }, '08001'],
      [{ ...target(), url: page, apiKey: secret }, '08001'],
      [{ ...target(), apiKey: secret }, '28P01'],
      [`odoo://admin:${secret}@127.0.0.1:${demo.port}/demo`, '28P01'],
      [{ url: demo.url, database: 'demo', login: 'admin', password: secret }, '28P01'],
      [{ url: demo.url, database: 'nope', login: 'admin', password: secret }, '3D000'],
    ]
    for (const [options, code] of cases) {
      const error = await sqlErrorOf(connect(options))
      expect(textOf(error), error.message).to.not.contain(secret)
      expect(error.code, error.message).to.equal(code)
      expect(error.message).to.have.length.greaterThan(10)
    }
    html.closeAllConnections()
    html.close()
  })

  it('ends a statement by its time limit and by its signal', async () => {
    const slow = 'SELECT count(*) FROM generate_series(1, 1000000000000) g'
    const timedOut = await sqlErrorOf(connection.query(slow, [], { timeoutMs: 300 }))
    expect(timedOut).to.include({ code: '57014', message: 'canceling statement due to statement timeout' })
    const abort = new AbortController()
    setTimeout(() => {
      abort.abort()
    }, 200)
    const canceled = await sqlErrorOf(connection.query(slow, [], { signal: abort.signal }))
    expect(canceled).to.include({ code: '57014', message: 'canceling statement due to user request' })
    expect((await connection.query('SELECT 1 AS one')).rows).to.deep.equal([{ one: 1 }])
  })

  it('never cuts a result that is too long', async () => {
    for (const sql of ['SELECT id FROM ir.mail_server', 'SELECT upper(name) FROM ir.mail_server'])
      expect((await sqlErrorOf(connection.query(sql, [], { maxRows: 3 }))).code, sql).to.equal('54000')
    expect(
      (await connection.query('SELECT id FROM ir.mail_server LIMIT 3', [], { maxRows: 3 })).rowCount,
    ).to.equal(3)
  })

  it('refuses statements after the end', async () => {
    const other = await connect(target())
    await other.close()
    expect((await sqlErrorOf(other.query('SELECT 1'))).code).to.equal('55000')
  })
})

describeReal('bad input on real servers', (server) => {
  const { url, database, login, password, apiKey } = server
  const ways: readonly (readonly [string, ConnectOptions])[] = [
    ['password', { url, database, login, password }],
    ['API key', { url, database, login, apiKey }],
  ]
  for (const [way, options] of ways)
    it(`is told apart by ${way}`, async () => {
      const codeOf = async (changed: ConnectOptions) =>
        (await sqlErrorOf(connect({ ...options, ...changed }))).code
      const wrong = way === 'password' ? { password: 'wrong' } : { apiKey: 'wrong' }
      expect(await codeOf(wrong)).to.equal('28P01')
      expect(await codeOf({ login: 'nobody' })).to.equal('28P01')
      // A key says nothing of a database that there is not.
      expect(await codeOf({ database: 'nowhere' })).to.be.oneOf(['3D000', '28P01'])
    })

  it('is 42501 for a table that the user may not read', async () => {
    const analyst = await connect({
      url,
      database,
      login: server.analystLogin,
      password: server.analystPassword,
    })
    try {
      const error = await sqlErrorOf(analyst.query('SELECT id FROM ir.mail_server'))
      expect(error).to.include({ code: '42501', partition: 'demo' })
      expect(
        (await sqlErrorOf(analyst.query("SELECT name FROM ir.mail_server WHERE name ILIKE 'a'"))).code,
      ).to.equal('42501')
    } finally {
      await analyst.close()
    }
  })
})

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
