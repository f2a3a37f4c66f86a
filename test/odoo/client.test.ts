import { expect } from 'chai'
import pg from 'pg'
import { openClient, type CallRecord, type ClientConfig, type OdooClient } from '../../src/odoo/client.ts'
import { ALL, leaf } from '../../src/odoo/domain.ts'
import { sqlErrorOf, textOf } from '../support/errors.ts'
import { describeReal, type RealServer } from '../support/real-odoo.ts'

describeReal('odoo client', (server) => {
  const admin = adminOf(server)
  const open: OdooClient[] = []
  const connect = async (config: ClientConfig): Promise<OdooClient> => {
    const client = await openClient(config)
    open.push(client)
    return client
  }
  afterEach(() => {
    for (const client of open.splice(0)) client.close()
  })

  for (const [name, config] of Object.entries(waysIn(server)))
    describe(name, () => {
      it('tells version, transport and user', async () => {
        const client = await connect(config)
        expect(client.version).to.deep.equal({
          major: server.version,
          text: `${server.version}.0`,
          family: String(server.version),
        })
        expect(client.userId).to.equal(2)
        expect(client.transport).to.equal(name === 'API key' && server.version === 19 ? 'json-2' : 'json-rpc')
      })

      it('reads fields with what the planner needs to know of them', async () => {
        const fields = await (await connect(config)).fieldsGet('res.partner')
        expect(fields.get('country_id')).to.include({
          type: 'many2one',
          relation: 'res.country',
          store: true,
        })
        expect(fields.get('partner_latitude')?.digits?.[0]).to.be.a('number')
        expect(fields.get('type')?.selection?.map(([code]) => code)).to.include('invoice')
        expect(fields.get('name')).to.include({
          label: 'Name',
          searchable: true,
          sortable: true,
          translate: false,
        })
        expect(fields.get('category_id')).to.include({ type: 'many2many', sortable: false })
        const country = await (await connect(config)).fieldsGet('res.country')
        expect(country.get('code')).to.include({ size: 2 })
        expect(country.get('name')).to.include({ translate: true })
      })

      it('reads records with and without labels', async () => {
        const client = await connect(config)
        const request = {
          domain: leaf('country_id', '!=', false),
          fields: ['country_id', 'ref'],
          order: 'id',
          limit: 3,
        }
        const plain = await client.searchRead('res.partner', { ...request, labels: false })
        const labelled = await client.searchRead('res.partner', { ...request, labels: true })
        expect(plain).to.have.length(3)
        for (const [index, record] of labelled.entries()) {
          const value = record['country_id'] as [number, string]
          expect(value[1]).to.be.a('string')
          expect(plain[index]).to.deep.equal({ ...record, country_id: value[0] })
        }
        const ids = plain.map(({ id }) => id)
        expect(
          await client.read('res.partner', ids, { fields: request.fields, labels: false }),
        ).to.deep.equal(plain)
        expect(await client.read('res.partner', ids, { fields: request.fields, labels: true })).to.deep.equal(
          labelled,
        )
      })

      it('reads and counts archived records like the others', async () => {
        const client = await connect(config)
        const rows = await queryDatabase(server, 'SELECT id FROM ir_mail_server ORDER BY id')
        const ids = rows.map(({ id }) => Number(id))
        expect(await client.search('ir.mail_server', { domain: ALL, order: 'id' })).to.deep.equal(ids)
        expect(await client.searchCount('ir.mail_server', ALL)).to.equal(ids.length)
        const records = await client.searchRead('ir.mail_server', {
          domain: ALL,
          fields: ['active'],
          order: 'id',
          labels: false,
        })
        expect(records.map(({ id }) => id)).to.deep.equal(ids)
        expect(new Set(records.map(({ active }) => active))).to.deep.equal(new Set([true, false]))
      })

      it('orders, limits and skips', async () => {
        const client = await connect(config)
        const all = await client.search('ir.mail_server', { domain: ALL, order: 'id desc' })
        expect(
          await client.search('ir.mail_server', { domain: ALL, order: 'id desc', limit: 2, offset: 3 }),
        ).to.deep.equal(all.slice(3, 5))
      })

      it('answers read of a record that is gone with nothing', async () => {
        const client = await connect(config)
        expect(
          await client.read('res.partner', [999_999_999], { fields: ['name'], labels: false }),
        ).to.deep.equal([])
      })

      it('may read, and knows it', async () => {
        expect(await (await connect(config)).canRead('ir.mail_server')).to.equal(true)
      })

      it('turns Odoo’s faults into conditions', async () => {
        const client = await connect(config)
        const read = (model: string, field: string) =>
          sqlErrorOf(client.searchRead(model, { domain: ALL, fields: [field], limit: 1, labels: false }))
        expect(await read('no.model', 'id')).to.include({ code: '42P01' })
        expect(await sqlErrorOf(client.fieldsGet('no.model'))).to.include({ code: '42P01' })
        expect(await sqlErrorOf(client.canRead('no.model'))).to.include({ code: '42P01' })
        const badField = await read('res.partner', 'no_such_field')
        expect(badField).to.include({ code: '58000', partition: 'north' })
        expect(badField.message).to.contain('no_such_field')
        expect(textOf(badField)).not.to.contain('Traceback')
        const badOrder = client.search('res.partner', { domain: ALL, order: 'no_such_field' })
        expect(await sqlErrorOf(badOrder)).to.include({ code: '58000' })
      })

      it('records every call, and no secret in it', async () => {
        const calls: CallRecord[] = []
        const client = await connect({ ...config, onCall: (call) => calls.push(call) })
        await client.search('ir.mail_server', { domain: ALL, limit: 7 })
        expect(calls.map(({ model, method }) => `${model} ${method}`)).to.deep.equal([
          'common version',
          ...(client.transport === 'json-2' ? ['res.users context_get', 'res.users read'] : ['common login']),
          'ir.mail_server search',
        ])
        expect(calls.at(-1)).to.include({ partition: 'north', rows: 7, tries: 1, outcome: 'ok' })
        expect(calls.at(-1)?.bytes).to.be.greaterThan(7)
        expect(JSON.stringify(calls)).not.to.contain(server.apiKey)
      })

      it('has no rights that the user does not have', async () => {
        const { analystLogin: login, analystPassword, analystApiKey } = server
        const secret = config.apiKey === undefined ? { password: analystPassword } : { apiKey: analystApiKey }
        const client = await connect({ ...config, login, ...secret })
        expect(await client.canRead('ir.mail_server')).to.equal(false)
        expect(await client.canRead('res.partner')).to.equal(true)
        const denied = await sqlErrorOf(client.searchCount('ir.mail_server', ALL))
        expect(denied).to.include({ code: '42501', message: 'permission denied for ir.mail_server' })
        expect((await client.fieldsGet('ir.mail_server')).has('smtp_pass')).to.equal(false)
      })

      it('refuses a company that is not the user’s', async () => {
        const client = await connect({ ...config, companies: [987_654] })
        const error = await sqlErrorOf(
          client.searchRead('res.partner', { domain: ALL, fields: ['company_id'], limit: 1, labels: true }),
        )
        expect(error).to.include({ code: '42501' })
        expect(error.message).to.contain('companies')
      })
    })

  describe('log-in', () => {
    it('rejects a wrong password', async () => {
      const error = await sqlErrorOf(openClient({ ...admin, password: 'wrong-secret' }))
      expect(error).to.include({ code: '28P01', partition: 'north' })
      expect(error.message).to.equal('Odoo rejected the log-in of "admin" to database "demo"')
      expect(textOf(error)).not.to.contain('wrong-secret')
    })

    it('rejects an unknown login', async () => {
      expect(await sqlErrorOf(openClient({ ...admin, login: 'nobody', password: 'x1' }))).to.include({
        code: '28P01',
      })
    })

    it('rejects a wrong key', async () => {
      const error = await sqlErrorOf(openClient({ ...admin, apiKey: '0123456789abcdef0123' }))
      expect(error).to.include({ code: '28P01' })
      expect(textOf(error)).not.to.contain('0123456789abcdef0123')
    })

    it('rejects a key of another user', async () => {
      const error = await sqlErrorOf(openClient({ ...admin, apiKey: server.analystApiKey }))
      expect(error).to.include({ code: '28P01' })
    })

    for (const secret of ['password', 'apiKey'] as const)
      it(`does not find an unknown database, by ${secret}`, async () => {
        const error = await sqlErrorOf(
          openClient({ ...admin, database: 'nowhere', [secret]: server[secret] }),
        )
        expect(error).to.include({ code: '3D000' })
        expect(error.message).to.equal('database "nowhere" does not exist on this Odoo server')
      })
  })
})

/** Where, what and who, still without a secret. */
function adminOf(server: RealServer): ClientConfig {
  return { name: 'north', url: server.url, database: server.database, login: server.login }
}

function waysIn(server: RealServer): Record<string, ClientConfig> {
  const admin = adminOf(server)
  return {
    password: { ...admin, password: server.password },
    'API key': { ...admin, apiKey: server.apiKey },
    ...(server.version === 19 && {
      'API key by JSON-RPC': { ...admin, apiKey: server.apiKey, transport: 'json-rpc' as const },
    }),
  }
}

async function queryDatabase(server: RealServer, sql: string): Promise<Record<string, unknown>[]> {
  const database = new pg.Client({ connectionString: server.pgUrl })
  await database.connect()
  try {
    return (await database.query<Record<string, unknown>>(sql)).rows
  } finally {
    await database.end()
  }
}
