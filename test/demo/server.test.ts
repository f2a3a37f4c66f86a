import { expect } from 'chai'
import { request } from 'node:http'
import { startDemo } from '../../src/demo/server.ts'
import type { DemoServer } from '../../src/demo/server.ts'
import { callJson2, connectOdoo } from '../support/odoo-rpc.ts'
import type { OdooAddress } from '../support/odoo-rpc.ts'

const ANALYST = { login: 'analyst', password: 'analyst', apiKey: 'demo-api-key-of-analyst' }
const addressOf = (demo: DemoServer, database = 'demo'): OdooAddress => ({ ...demo, database })

interface Raw {
  readonly status: number
  readonly type: string
  readonly body: string
}

function send(
  demo: DemoServer,
  path: string,
  body: string | undefined,
  headers: Record<string, string> = {},
  method = body === undefined ? 'GET' : 'POST',
): Promise<Raw> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port: demo.port, path, method, headers }, (response) => {
      let text = ''
      response.on('data', (chunk: Buffer) => (text += chunk.toString()))
      response.on('end', () => {
        resolve({
          status: response.statusCode ?? 0,
          type: response.headers['content-type'] ?? '',
          body: text,
        })
      })
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

const JSON_TYPE = { 'content-type': 'application/json' }

for (const version of [14, 19] as const)
  describe(`the demo server as Odoo ${version}`, () => {
    let demo: DemoServer
    before(async () => {
      demo = await startDemo({ version })
    })
    after(() => demo.close())

    it('says what it is', async () => {
      const { body } = await send(
        demo,
        '/jsonrpc',
        '{"id":7,"params":{"service":"common","method":"version","args":[]}}',
        JSON_TYPE,
      )
      expect(JSON.parse(body)).to.deep.include({ jsonrpc: '2.0', id: 7 })
      expect(body).to.contain(`"server_version":"${version}.0"`)
      const web = await send(demo, '/web/version', undefined)
      expect(web.status).to.equal(version === 19 ? 200 : 404)
      if (version === 19) expect(JSON.parse(web.body)).to.have.property('version', '19.0')
    })

    it('has two databases with different servers', async () => {
      expect(demo.databases).to.deep.equal(['demo', 'demo_eu'])
      const hosts = await Promise.all(
        demo.databases.map(async (database) => {
          const odoo = await connectOdoo(addressOf(demo, database))
          const { result } = await odoo.call('ir.mail_server', 'search_read', [[], ['smtp_host']], {
            context: { active_test: false },
          })
          return (result as { smtp_host: string }[]).map((server) => server.smtp_host)
        }),
      )
      expect(hosts.map((list) => list.length)).to.deep.equal([12, 12])
      expect(hosts[0]).not.to.deep.equal(hosts[1])
    })

    it('is the same at every start', async () => {
      const again = await startDemo({ version })
      const all = async (server: DemoServer): Promise<unknown> =>
        (await connectOdoo(addressOf(server))).call('res.partner', 'search_read', [[]], { order: 'id' })
      expect(await all(again)).to.deep.equal(await all(demo))
      await again.close()
    })

    it('reads every model and field that it offers', async () => {
      const odoo = await connectOdoo(addressOf(demo))
      const { result: models } = await odoo.call('ir.model', 'search_read', [[], ['model']], { order: 'id' })
      const names = (models as { model: string }[]).map(({ model }) => model)
      expect(names).to.include.members(['ir.mail_server', 'res.partner', 'crm.lead', 'res.users', 'ir.model'])
      for (const model of names) {
        const { result: fields } = await odoo.call(model, 'fields_get', [])
        const wanted = Object.keys(fields as object).filter((name) => !/_uri$/.test(name))
        const { result, error } = await odoo.call(model, 'search_read', [[], wanted], {
          context: { active_test: false },
        })
        expect(error, model).to.equal(undefined)
        for (const record of result as object[]) expect(record).to.have.all.keys(wanted)
      }
    })

    it('refuses to write, whoever asks, and changes nothing', async () => {
      const odoo = await connectOdoo(addressOf(demo))
      const before = await odoo.call('res.partner', 'search_read', [[]], { order: 'id' })
      for (const [method, args] of [
        ['create', [{ name: 'x' }]],
        ['write', [[1], { name: 'x' }]],
        ['unlink', [[1]]],
        ['copy', [[1]]],
      ] as const)
        expect((await odoo.call('res.partner', method, args)).error?.name, method).to.equal(
          'odoo.exceptions.AccessError',
        )
      expect((await odoo.call('res.partner', '_write', [[1], {}])).error?.name).to.equal(
        'odoo.exceptions.AccessError',
      )
      expect((await odoo.call('res.partner', 'frobnicate', [[1]])).error?.name).to.equal(
        'builtins.AttributeError',
      )
      expect((await odoo.call('res.partner', 'constructor', [[1]])).error?.name).to.equal(
        'builtins.AttributeError',
      )
      expect(await odoo.call('res.partner', 'search_read', [[]], { order: 'id' })).to.deep.equal(before)
    })

    it('keeps servers and leads from the analyst', async () => {
      const odoo = await connectOdoo({ ...addressOf(demo), ...ANALYST })
      for (const model of ['ir.mail_server', 'crm.lead'])
        expect((await odoo.call(model, 'search', [[]])).error?.name).to.equal('odoo.exceptions.AccessError')
      const { result } = await odoo.call('ir.mail_server', 'fields_get', [[], ['type']])
      expect(result).to.have.property('smtp_host')
      expect(result).not.to.have.property('smtp_pass')
      expect((await odoo.call('res.partner', 'read', [[1], ['signup_type']])).error?.name).to.equal(
        'odoo.exceptions.AccessError',
      )
    })

    it('answers a wrong log-in as Odoo does', async () => {
      const odoo = await connectOdoo({ ...addressOf(demo), password: 'wrong' })
      expect(odoo.uid).to.equal(false)
      const asKey = await connectOdoo({ ...addressOf(demo), password: demo.apiKey })
      expect(asKey.uid).to.equal(2)
    })

    it('survives what is no request', async () => {
      const bodies = [
        '',
        '{',
        '[1]',
        '5',
        'null',
        '{}',
        '{"params":5}',
        '{"params":{"service":"object","method":"execute_kw","args":7}}',
      ]
      for (const body of bodies) {
        const { status, type } = await send(demo, '/jsonrpc', body, JSON_TYPE)
        expect([200, 400, 500], body).to.include(status)
        if (status !== 200) expect(type).to.match(/^text\/html/)
      }
      expect((await send(demo, '/jsonrpc', '{}', { 'content-type': 'text/plain' })).status).to.equal(
        version === 14 ? 400 : 415,
      )
      expect((await send(demo, '/jsonrpc', undefined)).status).to.equal(version === 14 ? 400 : 415)
      expect((await send(demo, '/no/such/page', undefined)).status).to.equal(404)
      const odd: unknown[] = [
        [],
        {},
        'x',
        5,
        true,
        [[]],
        [[['a']]],
        [[[['id'], '=', 1]]],
        [[['id', {}, 1]]],
        [[['id', '=', { a: 1 }]]],
      ]
      const odoo = await connectOdoo(addressOf(demo))
      for (const args of odd) await odoo.call('res.partner', 'search', args as unknown[], { order: 'id' })
      expect((await odoo.call('res.partner', 'search_count', [[]])).result).to.be.greaterThan(40)
    })

    it('refuses a body beyond the limit before it has come', async () => {
      const answer = await send(demo, '/jsonrpc', 'x', {
        ...JSON_TYPE,
        'content-length': String(2 ** 31),
      }).catch((error: unknown) => error as Error)
      expect(answer).to.have.property('status', 413)
    })

    it('does not let a caller reach into SQL', async () => {
      const odoo = await connectOdoo(addressOf(demo))
      const evil = ["x' OR 1=1 --", '"; DROP TABLE [res.partner]; --', ']] OR TRUE', '?']
      for (const text of evil) {
        expect((await odoo.call('res.partner', 'search', [[['name', '=', text]]])).result).to.deep.equal([])
        expect(
          (await odoo.call('res.partner', 'search', [[[`name] = 1 OR [id`, '=', text]]])).error?.name,
        ).to.equal('builtins.ValueError')
      }
      expect((await odoo.call('res.partner', 'search', [[]], { order: 'id; drop' })).error?.name).to.equal(
        'odoo.exceptions.UserError',
      )
    })

    it('takes deep and long domains', async () => {
      const odoo = await connectOdoo(addressOf(demo))
      const chain = [
        ...Array.from({ length: 4999 }, () => '|'),
        ...Array.from({ length: 5000 }, (_, at) => ['id', '=', at]),
      ]
      const { result } = await odoo.call('res.partner', 'search_count', [chain], {
        context: { active_test: false },
      })
      expect(result).to.equal(60)
      const nested = Array.from({ length: 700 }, (_, at) => [at % 2 === 0 ? '&' : '|', ['id', '>', 0]]).flat(
        1,
      )
      const deep = await odoo.call('res.partner', 'search_count', [[...nested, ['id', '>', 0]]], {
        context: { active_test: false },
      })
      if (version === 14) expect(deep.result).to.equal(60)
      else expect(deep.error?.name).to.equal('builtins.RecursionError')
    })
  })

describe('the demo server over JSON-2', () => {
  let demo: DemoServer
  before(async () => {
    demo = await startDemo()
  })
  after(() => demo.close())

  it('is Odoo 19 unless asked otherwise', () => {
    expect(demo.version).to.equal(19)
    expect(demo.url).to.equal(`http://127.0.0.1:${demo.port}`)
  })

  it('gives the bare result', async () => {
    const answer = await callJson2(addressOf(demo), 'ir.mail_server', 'search_count', { domain: [] })
    expect(answer).to.deep.equal({ result: 10 })
  })

  it('answers each fault with its status', async () => {
    const cases: [string, string, Record<string, unknown>, number, Partial<OdooAddress>][] = [
      ['ir.mail_server', 'search', {}, 422, {}],
      ['ir.mail_server', 'search', { domain: [['nope', '=', 1]] }, 500, {}],
      ['ir.mail_server', 'nope', {}, 404, {}],
      ['no.model', 'search', { domain: [] }, 404, {}],
      ['ir.mail_server', '_search', {}, 403, {}],
      ['ir.mail_server', 'write', { ids: [1], vals: {} }, 403, {}],
      ['ir.mail_server', 'search', { domain: [] }, 401, { apiKey: 'wrong' }],
      ['ir.mail_server', 'search', { domain: [] }, 404, { database: 'nowhere' }],
      ['ir.mail_server', 'search', { domain: [] }, 403, ANALYST],
    ]
    for (const [model, method, body, status, change] of cases)
      expect(
        (await callJson2({ ...addressOf(demo), ...change }, model, method, body)).error?.status,
        `${model}.${method}`,
      ).to.equal(status)
  })

  it('wants to know the database where there are several', async () => {
    const { status, type } = await send(demo, '/json/2/res.users/search', '{"domain":[]}', {
      ...JSON_TYPE,
      authorization: `bearer ${demo.apiKey}`,
    })
    expect(status).to.equal(404)
    expect(type).to.match(/^text\/html/)
  })

  it('reports a port that is taken', async () => {
    const error = await startDemo({ port: demo.port }).catch((thrown: unknown) => thrown)
    expect(error).to.have.property('code', 'EADDRINUSE')
  })
})
