import { expect } from 'chai'
import fc from 'fast-check'
import { averageOfDecimals, sumOfDecimals } from '../../src/demo/decimal.ts'
import { startDemo } from '../../src/demo/server.ts'
import type { DemoServer } from '../../src/demo/server.ts'
import { openOracle } from '../support/oracle.ts'
import type { Oracle } from '../support/oracle.ts'
import { connectOdoo } from '../support/odoo-rpc.ts'
import type { OdooConnection } from '../support/odoo-rpc.ts'

/** Two records with NULLs, one with empty and zero, one with values. */
const PARTNERS = [
  { id: 1, ref: null, color: null, employee: null, partner_latitude: null, country_id: null },
  { id: 2, ref: '', color: 0, employee: false, partner_latitude: 0.1, country_id: 2 },
  { id: 3, ref: 'R1', color: 5, employee: true, partner_latitude: 0.2, country_id: 1 },
  { id: 4, ref: 'R1', color: null, employee: true, partner_latitude: null, country_id: 2 },
].map((partner) => ({ ...partner, name: `p${partner.id}`, active: true, partner_share: false }))

type Groups = readonly Readonly<Record<string, unknown>>[]

for (const version of [14, 19] as const)
  describe(`groups of the demo as Odoo ${version}`, () => {
    let demo: DemoServer
    let odoo: OdooConnection
    before(async () => {
      const account = { id: 2, login: 'admin', password: 'admin', apiKey: 'key', timeZone: 'UTC' }
      demo = await startDemo({
        version,
        databases: [
          {
            name: 'test',
            accounts: [{ ...account, isAdministrator: true }],
            records: {
              'res.users': [{ id: 2, login: 'admin', company_ids: [1], company_id: 1, active: true }],
              'res.company': [{ id: 1, name: 'C' }],
              'res.country': [
                { id: 1, name: 'Zambia', code: 'ZM' },
                { id: 2, name: 'Austria', code: 'AT' },
              ],
              'res.partner': PARTNERS,
            },
          },
        ],
      })
      odoo = await connectOdoo({
        url: demo.url,
        database: 'test',
        login: 'admin',
        password: 'admin',
        apiKey: 'key',
      })
    })
    after(() => demo.close())

    const grouped = async (domain: unknown, fields: unknown, groupby: unknown): Promise<Groups> =>
      (await odoo.call('res.partner', 'read_group', [domain, fields, groupby], { lazy: false }))
        .result as Groups

    const keysOf = async (field: string): Promise<unknown[]> =>
      (await grouped([], ['__count'], [field])).map((group) => [group[field], group['__count']])

    it('keep NULL apart from what it reads as, but for booleans', async () => {
      expect(await keysOf('ref')).to.deep.equal([
        ['', 1],
        ['R1', 2],
        [false, 1],
      ])
      expect(await keysOf('color')).to.deep.equal([
        [0, 1],
        [5, 1],
        [false, 2],
      ])
      expect(await keysOf('employee')).to.deep.equal([
        [false, 2],
        [true, 2],
      ])
    })

    it('carry the labels of a many2one, and come in their order', async () => {
      expect(await keysOf('country_id')).to.deep.equal([
        [[2, 'Austria'], 2],
        [[1, 'Zambia'], 1],
        [false, 1],
      ])
    })

    it('leave NULLs out of aggregates, and add exactly', async () => {
      const fields = ['a:sum(partner_latitude)', 'b:avg(color)', 'c:min(color)', 'd:max(ref)', 'e:count(ref)']
      const [all] = await grouped([], [...fields, 'f:count_distinct(ref)'], [])
      expect(all).to.include({ __count: 4, a: 0.3, b: 2.5, c: 0, d: 'R1', e: 3, f: 2 })
    })

    it('have no sum of nothing', async () => {
      const [none, ...more] = await grouped([['id', '=', -1]], ['a:sum(color)', 'b:count(color)'], [])
      expect(more).to.deep.equal([])
      expect(none).to.include({ __count: 0, a: version === 14 ? null : false, b: 0 })
      expect(await grouped([['id', '=', -1]], ['a:sum(color)'], ['ref'])).to.deep.equal([])
    })

    it(`${version === 14 ? 'lose' : 'keep'} an aggregate over what they are grouped by`, async () => {
      const [first] = await grouped([], ['a:max(color)'], ['color'])
      expect(first).to.have.property('color', 0)
      if (version === 14) expect(first).not.to.have.property('a')
      else expect(first).to.have.property('a', 0)
    })

    it('refuse times', async () => {
      const { error } = await odoo.call('res.partner', 'read_group', [[], [], ['create_date:month']])
      expect(error).to.include({ name: 'builtins.NotImplementedError' })
    })
  })

describe('decimal numbers of the demo', () => {
  let oracle: Oracle
  before(async function () {
    this.timeout(30_000)
    oracle = await openOracle()
  })
  after(() => oracle.close())

  it("add up and divide as PostgreSQL's numeric does", async function () {
    this.timeout(60_000)
    const number = fc.oneof(
      fc.integer(),
      fc.integer({ min: -9_999_999, max: 9_999_999 }).map((cents) => cents / 100),
      fc.integer({ min: -999, max: 999 }).map((parts) => parts / 1e7),
      fc.constantFrom(0, 1e-7, 1e21, 12_345_678.9),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(number, { minLength: 1, maxLength: 30 }), async (numbers) => {
        const [row = []] = await oracle.query(
          'SELECT sum(value)::float8, avg(value)::float8 FROM unnest($1::numeric[]) AS value',
          [`{${numbers.join(',')}}`],
        )
        expect([sumOfDecimals(numbers), averageOfDecimals(numbers)]).to.deep.equal(row.map(Number))
      }),
      { numRuns: 300 },
    )
  })
})
