import { expect } from 'chai'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { startDemo, type DemoServer } from '../../src/demo/server.ts'
import { connect, type ConnectOptions } from '../../src/driver/connection.ts'
import type { SqlError } from '../../src/errors.ts'
import { openTransport } from '../../src/odoo/transport.ts'
import { sqlErrorOf } from '../support/errors.ts'
import { closeKept, keep } from '../support/keep.ts'
import { startProxy, type Proxy, type ProxyOptions } from '../support/proxy.ts'

async function serve(listener: http.RequestListener): Promise<string> {
  const server = http.createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  keep({
    close() {
      server.close()
      server.closeAllConnections()
    },
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** What an Odoo, or whoever stands in its place, could try. */
describe('a hostile Odoo', () => {
  let demo: DemoServer
  before(async () => {
    demo = await startDemo()
  })
  after(() => demo.close())
  afterEach(closeKept)

  const proxyWith = async (options: ProxyOptions): Promise<Proxy> => keep(await startProxy(demo.url, options))
  const optionsFor = ({ url }: Proxy): ConnectOptions => ({
    url,
    database: 'demo',
    login: demo.login,
    apiKey: demo.apiKey,
    catalogCache: false,
  })

  it('fills no memory: a reply ends at its bound, also one that was small before it was unpacked', async () => {
    const megabyte = Buffer.alloc(2 ** 20, ' ')
    let sentBytes = 0
    const url = await serve((request, response) => {
      if (request.url === '/bomb') {
        response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
        response.end(gzipSync(Buffer.alloc(64 * 2 ** 20)))
        return
      }
      response.writeHead(200, { 'content-type': 'application/json' })
      const more = (): void => {
        for (let isTaken = true; isTaken && !response.destroyed; sentBytes += megabyte.length)
          isTaken = response.write(megabyte)
      }
      response.on('drain', more)
      more()
    })
    const replyBytesMax = 4 * 2 ** 20
    const transport = keep(openTransport(url, { sockets: 1, replyBytesMax }))
    const options = { signal: new AbortController().signal, timeoutMs: 30_000 }
    for (const path of ['/bomb', '/endless'])
      expect(await transport.send({ method: 'GET', path }, options), path).to.include({ reason: 'tooLarge' })
    // What stood in the buffers of both ends besides.
    expect(sentBytes).to.be.below(64 * 2 ** 20)
  })

  it('changes no object of this program by the names of its fields', async () => {
    const proxy = await proxyWith({
      rewrite: (reply) =>
        reply.replaceAll('"smtp_user"', '"__proto__"').replaceAll('"city"', '"constructor"'),
    })
    const connection = keep(await connect(optionsFor(proxy)))
    await connection.query('SELECT * FROM ir.mail_server').catch(() => undefined)
    await connection.query('SELECT * FROM res.partner').catch(() => undefined)
    await connection.query("SELECT upper(name) FROM res.partner WHERE name > 'a'").catch(() => undefined)
    expect(Object.keys(Object.prototype)).to.deep.equal([])
    expect(({} as Record<string, unknown>)['type']).to.equal(undefined)
  })

  it('runs no SQL by the names and labels that it gives', async () => {
    const evil = '");DROP TABLE res.partner;--'
    const escaped = JSON.stringify(evil).slice(1, -1)
    const proxy = await proxyWith({
      rewrite: (reply, request) =>
        request.includes('"attributes"')
          ? reply
              .replaceAll('"string":"City"', `"string":"${escaped}'); DROP TABLE res.partner; --"`)
              .replace(
                '"city":{',
                `"${escaped}":{"type":"char","store":true,"searchable":true,"sortable":true},"city":{`,
              )
          : reply,
    })
    const connection = keep(await connect(optionsFor(proxy)))
    const names = "SELECT count(*) AS n FROM res.partner WHERE upper(name) <> ''"
    const before = (await connection.query(names)).rows
    const table = await connection.table('res.partner')
    expect(table.columns.find(({ name }) => name === 'city')?.label).to.contain('DROP TABLE')
    expect((await connection.query(names)).rows).to.deep.equal(before)
    const listed =
      "SELECT column_name FROM information_schema.columns WHERE table_schema = 'res' AND table_name = 'partner'"
    // And the partition.
    expect((await connection.query(listed)).rowCount).to.equal(table.columns.length + 1)
  })

  it('gets the key in a header or a body only, and nowhere but at its own address', async () => {
    const elsewhere = keep(await startProxy(demo.url))
    const url = await serve((_request, response) => {
      response.writeHead(307, { location: `${elsewhere.url}/jsonrpc` }).end()
    })
    const error = await sqlErrorOf(connect({ ...optionsFor(elsewhere), url }))
    expect(error.code).to.equal('08001')
    expect(elsewhere.requests).to.deep.equal([])
    const connection = keep(await connect(optionsFor(elsewhere)))
    await connection.query('SELECT id FROM ir.mail_server LIMIT 1')
    for (const { path } of elsewhere.requests) expect(path).to.not.contain(demo.apiKey)
  })
})

describe('a hostile client', () => {
  afterEach(closeKept)

  /** What every secret of the demo reads like, in text and in base64. */
  const SECRET = /demo-only-not-a-secret|PRIVATE KEY|UFJJVkFURSBLRVk/
  const STATEMENTS = [
    'SELECT * FROM ir.mail_server',
    'SELECT smtp_pass, smtp_ssl_private_key, google_gmail_refresh_token FROM ir.mail_server',
    'SELECT upper(smtp_pass), length(smtp_pass), md5(smtp_pass) FROM ir.mail_server',
    'SELECT to_jsonb(m) FROM ir.mail_server m',
    'SELECT m FROM ir.mail_server m',
    'SELECT string_agg(smtp_pass, name) FROM ir.mail_server',
    'SELECT smtp_pass, count(*) FROM ir.mail_server GROUP BY smtp_pass',
    'SELECT max(smtp_pass), min(smtp_pass) FROM ir.mail_server',
    "SELECT id FROM ir.mail_server WHERE smtp_pass = 'demo-only-not-a-secret'",
    "SELECT id FROM ir.mail_server WHERE smtp_pass LIKE 'd%'",
    "SELECT id FROM ir.mail_server WHERE CASE WHEN smtp_pass > 'd' THEN true END",
    'SELECT a.id FROM ir.mail_server a JOIN ir.mail_server b ON a.smtp_pass = b.smtp_pass AND a.id < b.id',
    "SELECT id FROM ir.mail_server m WHERE to_jsonb(m) ->> 'smtp_pass' LIKE 'd%'",
    "SELECT CAST(smtp_pass AS int) FROM ir.mail_server WHERE name = 'Backup relay'",
    'SELECT id FROM ir.mail_server ORDER BY smtp_pass, id',
  ]

  it('gets no secret out of a column, and none is compared, here or by Odoo', async () => {
    const demo = keep(await startDemo())
    const proxy = keep(await startProxy(demo.url))
    const { login, apiKey } = demo
    const options = { url: proxy.url, database: 'demo', login, apiKey, catalogCache: false }
    const connection = keep(await connect(options))
    const outcomes = new Set<string>()
    for (const sql of STATEMENTS) {
      const [outcome, text] = await connection.query(sql).then(
        ({ rows }) => [
          'rows',
          JSON.stringify(rows, (_key, value: unknown) =>
            value instanceof Uint8Array ? Buffer.from(value).toString() : value,
          ),
        ],
        (thrown: unknown) => {
          const { code, message, detail, hint } = thrown as SqlError
          return [code, [message, detail, hint].join(' ')]
        },
      )
      // What the statement itself holds is no secret.
      expect(text!.replaceAll(sql, ''), sql).to.not.match(SECRET)
      outcomes.add(outcome!)
    }
    expect([...outcomes]).to.include.members(['rows', '42501'])
    for (const { body } of proxy.requests) {
      const { domain, order, groupby } = JSON.parse(body) as Record<string, unknown>
      expect(JSON.stringify([domain, order, groupby])).to.not.contain('smtp_pass')
    }

    const revealing = keep(await connect({ ...options, revealSecrets: true }))
    const { rows } = await revealing.query('SELECT smtp_pass FROM ir.mail_server WHERE id = 1')
    expect(rows).to.deep.equal([{ smtp_pass: 'demo-only-not-a-secret' }])
  })
})
