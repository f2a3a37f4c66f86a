import { expect } from 'chai'
import { connectOdoo, type OdooConnection } from '../support/odoo-rpc.ts'
import { describeReal } from '../support/real-odoo.ts'

const CONTEXT = { active_test: false, lang: 'en_US' }
const RECORDS_MAX = 1_500

type Records = readonly Readonly<Record<string, unknown>>[]

/** many2many fields of models that both versions have, whose lists may be searched for being filled. */
const LISTS: readonly (readonly [model: string, field: string])[] = [
  ['res.partner', 'category_id'],
  ['crm.lead', 'tag_ids'],
  ['res.users', 'company_ids'],
  ['res.country.group', 'country_ids'],
  ['ir.rule', 'groups'],
]

/** Fields that Odoo orders more finely than they read, or with NULL elsewhere. */
const ORDERED: readonly (readonly [model: string, field: string])[] = [
  ['res.partner', 'create_date'],
  ['res.partner', 'partner_latitude'],
  ['res.partner', 'color'],
  ['crm.lead', 'create_date'],
  ['crm.lead', 'expected_revenue'],
  ['crm.lead', 'probability'],
  ['ir.mail_server', 'sequence'],
]

/** What the planner takes for granted of real servers beyond the predicates that `answers.test.ts` asks. */
describeReal('what narrows a read', (server) => {
  let odoo: OdooConnection
  before(async () => {
    odoo = await connectOdoo(server)
  })

  const ask = async <T>(model: string, method: string, domain: unknown, named: object): Promise<T> => {
    const { result, error } = await odoo.call(model, method, [domain], { ...named, context: CONTEXT })
    expect(error, `${model}.${method} ${JSON.stringify(domain)}`).to.equal(undefined)
    return result as T
  }

  for (const [model, field] of LISTS)
    it(`finds the records whose ${model}.${field} shows a member`, async () => {
      const named = { fields: [field], limit: RECORDS_MAX, order: 'id' }
      const records = await ask<Records>(model, 'search_read', [], named)
      const members = [...new Set(records.flatMap((record) => record[field] as number[]))].sort()
      expect(members, 'members to look for').not.to.be.empty
      const within = ['id', '<=', records.at(-1)?.['id']]
      const missed = async (leaf: readonly unknown[], shows: (list: readonly number[]) => boolean) => {
        const found = new Set(await ask<number[]>(model, 'search', [within, leaf], {}))
        return records
          .filter((record) => shows(record[field] as number[]) && !found.has(record['id'] as number))
          .map((record) => record['id'])
      }
      expect(await missed([field, '!=', false], (list) => list.length > 0)).to.deep.equal([])
      for (const member of members.slice(0, 4))
        expect(await missed([field, 'in', [member]], (list) => list.includes(member))).to.deep.equal([])
      const some = members.slice(0, 3)
      expect(await missed([field, 'in', some], (list) => some.some((id) => list.includes(id)))).to.deep.equal(
        [],
      )
    })

  for (const [model, field] of ORDERED)
    it(`orders ${model} by ${field} as its values read, NULL aside`, async () => {
      const isNumber = !field.endsWith('_date')
      for (const sign of isNumber ? ['>', '<'] : ['!='])
        for (const direction of ['', ' desc']) {
          const named = { fields: [field], order: `${field}${direction}, id`, limit: RECORDS_MAX }
          const domain = [[field, sign, isNumber ? 0 : false]]
          const values = (await ask<Records>(model, 'search_read', domain, named)).map((one) => one[field])
          const sorted = values.toSorted((a, b) => ((a as number) < (b as number) ? -1 : a === b ? 0 : 1))
          expect(values).to.deep.equal(direction === '' ? sorted : sorted.reverse())
        }
    })
})
