import { expect } from 'chai'
import fc from 'fast-check'
import { startDemo } from '../../src/demo/server.ts'
import type { DemoServer } from '../../src/demo/server.ts'
import { collate } from '../../src/demo/records.ts'
import { patternFromLike } from '../../src/demo/values.ts'
import { connectOdoo } from '../support/odoo-rpc.ts'
import type { OdooConnection } from '../support/odoo-rpc.ts'

/** Records that hold NULL, empty and zero side by side. */
const PARTNERS = [
  {
    id: 1,
    name: 'a',
    ref: null,
    color: null,
    employee: null,
    partner_latitude: null,
    country_id: null,
  },
  {
    id: 2,
    name: 'b',
    ref: '',
    color: 0,
    employee: false,
    partner_latitude: 0,
    country_id: 1,
  },
  {
    id: 3,
    name: 'c',
    ref: 'R1',
    color: 5,
    employee: true,
    partner_latitude: 1.5,
    country_id: 2,
  },
].map((partner) => ({
  ...partner,
  active: partner.id !== 3,
  partner_share: false,
  create_date: '2026-01-01 10:00:00.500000',
}))

/** domain → ids on 14, ids on 19; an error by name. Straight from what was measured on the real servers. */
const EXPECTED: readonly (readonly [unknown[], number[] | string, number[] | string])[] = [
  [[['ref', '=', false]], [1], [1, 2]],
  [[['ref', '=', '']], [2], [1, 2]],
  [[['ref', '!=', false]], [2, 3], [3]],
  [[['ref', '!=', '']], [3], [3]],
  [[['ref', '!=', 'R1']], [1, 2], [1, 2]],
  [[['ref', '<', 'R1']], [2], [1, 2]],
  [['!', ['ref', '<', 'R1']], [3], [3]],
  [['!', ['ref', '=like', 'R%']], [2], [1, 2]],
  [[['ref', 'not like', '']], [1], []],
  [[['ref', 'in', 'R1']], 'builtins.ValueError', [3]],
  [[['color', '=', 0]], [2], [1, 2]],
  [[['color', 'in', [0]]], [1], [1, 2]],
  [[['color', '<', 1]], [2], [1, 2]],
  [[['color', '!=', 5]], [1, 2], [1, 2]],
  [[['partner_latitude', '=', 1.50000000001]], [3], [3]],
  [[['employee', '=', false]], [1, 2], [1, 2]],
  [[['employee', '=', null]], [1], [1, 2]],
  [[['country_id', '>', 0]], [], []],
  [[['country_id', '!=', 0]], [], [1]],
  [[['country_id', 'in', [0, false]]], [1], []],
  [[['country_id.code', '!=', 'FR']], [3], [3]],
  [[['country_id.code', '=', 'FRX']], [2], [2]],
  [[['create_date', '=', '2026-01-01 10:00:00']], [], [1, 2, 3]],
  [[['create_date', '<=', '2026-01-01 10:00:00']], [], [1, 2, 3]],
  [[['create_date', '>', '2026-01-01 10:00:00']], [1, 2, 3], []],
  [[['company_type', '=', 'company']], [1, 2, 3], 'builtins.ValueError'],
  [['!', [1, '=', 1]], [], []],
]

for (const version of [14, 19] as const)
  describe(`domains of the demo as Odoo ${version}`, () => {
    let demo: DemoServer
    let odoo: OdooConnection
    before(async () => {
      const account = {
        id: 2,
        login: 'admin',
        password: 'admin',
        apiKey: 'key',
        isAdministrator: true,
        timeZone: 'UTC',
      }
      const countries = [
        { id: 1, name: 'France', code: 'FR' },
        { id: 2, name: 'Germany', code: 'DE' },
      ]
      const users = [{ id: 2, login: 'admin', active: true, partner_id: 1, company_ids: [], share: false }]
      demo = await startDemo({
        version,
        databases: [
          {
            name: 'only',
            accounts: [account],
            records: { 'res.partner': PARTNERS, 'res.country': countries, 'res.users': users },
          },
        ],
      })
      odoo = await connectOdoo({ ...demo, database: 'only' })
    })
    after(() => demo.close())

    const search = async (domain: unknown): Promise<unknown> => {
      const { result, error } = await odoo.call('res.partner', 'search', [domain], {
        order: 'id',
        context: { active_test: false },
      })
      return error?.name ?? result
    }

    for (const [domain, in14, in19] of EXPECTED)
      it(`finds ${JSON.stringify(domain)}`, async () => {
        expect(await search(domain)).to.deep.equal(version === 14 ? in14 : in19)
      })

    it('hides archived records unless asked', async () => {
      const ids = async (domain: unknown[], context = {}): Promise<unknown> =>
        (await odoo.call('res.partner', 'search', [domain], { order: 'id', context })).result
      expect(await ids([])).to.deep.equal([1, 2])
      expect(await ids([['active', '=', false]])).to.deep.equal([3])
      expect(await ids([], { active_test: false })).to.deep.equal([1, 2, 3])
    })

    it('reads absent values as Odoo shows them', async () => {
      const fields = ['ref', 'color', 'employee', 'country_id', 'child_ids', 'create_date']
      const { result } = await odoo.call('res.partner', 'read', [[1, 2], fields])
      expect(result).to.deep.equal([
        {
          id: 1,
          ref: false,
          color: 0,
          employee: false,
          country_id: false,
          child_ids: [],
          create_date: '2026-01-01 10:00:00',
        },
        {
          id: 2,
          ref: '',
          color: 0,
          employee: false,
          country_id: [1, 'France'],
          child_ids: [],
          create_date: '2026-01-01 10:00:00',
        },
      ])
    })
  })

describe('the texts of the demo', () => {
  it('sort by code point, as their UTF-8 bytes do', () => {
    const text = fc.string({ unit: 'binary' })
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(Math.sign(collate(a, b))).to.equal(Buffer.compare(Buffer.from(a), Buffer.from(b)))
      }),
    )
  })

  it('match LIKE patterns made of themselves', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const literal = text.replaceAll(/[\\%_]/g, '\\$&')
        expect(patternFromLike(literal, false).test(text)).to.equal(true)
        expect(patternFromLike(literal, true).test(text)).to.equal(true)
        expect(patternFromLike(`${literal}_`, false).test(text)).to.equal(false)
        expect(patternFromLike(`%${literal}%`, false).test(`x${text}\ny`)).to.equal(true)
      }),
    )
  })

  it('fold case one character at a time', () => {
    expect(patternFromLike('istanbul', true).test('İstanbul')).to.equal(true)
    expect(patternFromLike('ÉMILE', true).test('émile')).to.equal(true)
    expect(patternFromLike('emile', true).test('émile')).to.equal(false)
    expect(patternFromLike('STRASSE', true).test('Straße')).to.equal(false)
  })
})
