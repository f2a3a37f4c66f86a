import { expect } from 'chai'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadCatalog } from '../../src/catalog/load.ts'
import type { Catalog } from '../../src/catalog/catalog.ts'
import { qualifiedName, tableSchema, type TableSpec } from '../../src/catalog/spec.ts'
import { openCatalogCache } from '../../src/driver/catalog-cache.ts'
import { openDiscovery, type Discovery } from '../../src/driver/discovery.ts'
import { eachOf } from '../../src/driver/shared.ts'
import { openClient, type CallRecord, type ClientConfig, type OdooClient } from '../../src/odoo/client.ts'
import { sqlErrorOf } from '../support/errors.ts'
import { connectOdoo, type OdooConnection } from '../support/odoo-rpc.ts'
import { describeReal, type RealServer } from '../support/real-odoo.ts'

/** Models of the test servers whose fields are unlike each other. */
const MODELS = [
  'account.move',
  'crm.stage',
  'ir.attachment',
  'mail.message',
  'product.template',
  'res.company',
  'res.partner',
  'res.users',
  'sale.order.line',
]
const AT_ONCE = 4

describeReal('discovery', (server) => {
  for (const user of ['admin', 'analyst'] as const)
    describe(user, function () {
      // Each of some 200 models is asked for.
      this.timeout(120_000)
      const calls: CallRecord[] = []
      let client: OdooClient
      let published: Catalog
      let raw: OdooConnection
      /** One session for all, so that rights are asked for once. */
      let discovery: Discovery
      before(async () => {
        client = await openClient({ ...configOf(server, user), onCall: (call) => calls.push(call) })
        published = await loadCatalog()
        raw = await connectOdoo(addressOf(server, user))
        discovery = openDiscovery(client, undefined, published)
      })
      after(() => {
        client.close()
      })

      it('describes every model that the user may read, as a catalog file could', async () => {
        const listed = await discovery.list({})
        expect(listed.length).to.be.at.least(100)
        const tables = await eachOf(listed, AT_ONCE, async ({ schema, name, isPublished }) => {
          const table = await discovery.table(schema, name, {})
          expect(table === undefined, `${schema}.${name}`).to.equal(isPublished)
          return table
        })
        for (const table of tables.filter((one) => one !== undefined)) {
          expect(tableSchema.safeParse(table).error?.issues ?? [], table.model).to.deep.equal([])
          expect(table.description, table.model).not.to.contain('unknown')
        }
        const names = listed.map(qualifiedName)
        expect(new Set(names).size).to.equal(names.length)
      })

      it('lists no model that Odoo would refuse, and none too few', async () => {
        const listed = new Set((await discovery.list({})).map(({ model }) => model))
        const admin = await connectOdoo(addressOf(server, 'admin'))
        const { result } = await admin.call('ir.model', 'search_read', [[]], {
          fields: ['model', 'transient'],
        })
        const models = (result as { model: string; transient: boolean }[]).filter(
          ({ transient }) => !transient,
        )
        const readable = await eachOf(models, AT_ONCE, async ({ model }) =>
          (await mayRead(raw, model, server)) ? [model] : [],
        )
        const allowed = new Set(readable.flat())
        expect([...listed].filter((model) => !allowed.has(model))).to.deep.equal([])
        const missing = [...allowed].filter((model) => !listed.has(model))
        // Odoo grants rights to a few abstract models, which have no table to read.
        for (const model of missing) {
          const { error } = await raw.call(model, 'search', [[]], { limit: 1 })
          expect(error?.name, model).to.equal('psycopg2.errors.UndefinedTable')
        }
      })

      it('shows the fields that Odoo shows to this user, and no other', async () => {
        const readable = new Set((await discovery.list({})).map(({ model }) => model))
        for (const model of MODELS.filter((one) => readable.has(one))) {
          const { result } = await raw.call(model, 'fields_get', [], { attributes: ['type'] })
          const [schema, ...rest] = model.split('.')
          const table = await discovery.table(schema, rest.join('_'), {})
          // The bytes of `raw` cannot be sent as JSON.
          const sent = Object.keys(result as object).filter((field) => field !== 'raw')
          expect(fieldsOf(table!), model).to.deep.equal(sent.sort())
        }
      })

      it('asks by methods that read, and never for the rights themselves', () => {
        const onRights = calls.filter(({ model }) => model === 'ir.model.access').map(({ method }) => method)
        expect(onRights.filter((method) => !/^(fields_get|check_access_rights)$/.test(method))).to.deep.equal(
          [],
        )
        const methods = new Set(calls.map(({ method }) => method))
        expect([...methods].filter((method) => !READS.includes(method))).to.deep.equal([])
      })

      it('tells what may not be read from what is not there', async () => {
        expect(await discovery.table('no', 'such_model', {})).to.equal(undefined)
        expect(await discovery.table(undefined, 'nonsense', {})).to.equal(undefined)
        const lead = discovery.table('crm', 'lead', {})
        if (user === 'admin') expect((await lead)?.model).to.equal('crm.lead')
        else expect(await sqlErrorOf(lead)).to.include({ code: '42501', partition: 'test' })
        // Nothing can be read of an abstract model.
        expect(await sqlErrorOf(discovery.table('mail', 'thread', {}))).to.include({ code: '42501' })
      })

      it('asks nothing a second time that the disk knows', async () => {
        const root = await mkdtemp(join(tmpdir(), 'odoo-sql-discovery-'))
        const identity = { url: server.url, database: server.database, version: '0', lang: 'en_US' }
        const again = () =>
          openDiscovery(client, openCatalogCache({ ...identity, userId: client.userId }, root), published)
        try {
          const first = await again().table('res', 'partner', {})
          calls.length = 0
          expect(await again().table('res', 'partner', {})).to.deep.equal(first)
          expect(calls).to.deep.equal([])
        } finally {
          await rm(root, { recursive: true })
        }
      })
    })
})

const READS = [
  'fields_get',
  'has_access',
  'check_access_rights',
  'get_available_models',
  'search',
  'search_read',
  'login',
  'version',
  'context_get',
  'read',
]

const fieldsOf = ({ columns }: TableSpec): string[] =>
  columns
    .filter(({ part }) => part !== 'label')
    .map((column) => column.field ?? column.name)
    .sort()

async function mayRead(raw: OdooConnection, model: string, { version }: RealServer): Promise<boolean> {
  const { result } =
    version === 14
      ? await raw.call(model, 'check_access_rights', ['read', false])
      : await raw.call(model, 'has_access', [[], 'read'])
  return result === true
}

const addressOf = (server: RealServer, user: 'admin' | 'analyst'): RealServer =>
  user === 'admin'
    ? server
    : {
        ...server,
        login: server.analystLogin,
        password: server.analystPassword,
        apiKey: server.analystApiKey,
      }

function configOf(server: RealServer, user: 'admin' | 'analyst'): ClientConfig {
  const { url, database, login, password, apiKey } = addressOf(server, user)
  // JSON-2 on 19, JSON-RPC on 14.
  const secret = server.version === 19 ? { apiKey } : { password }
  return { name: 'test', url, database, login, ...secret }
}
