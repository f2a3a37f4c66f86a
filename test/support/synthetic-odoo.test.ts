import { expect } from 'chai'
import { groupsAsJson } from './synthetic-odoo-groups.ts'
import { syntheticModels, type SyntheticModel } from './synthetic-odoo-records.ts'
import { search, type Prefix, type Search } from './synthetic-odoo-search.ts'
import { startSyntheticOdoo } from './synthetic-odoo.ts'

const ROWS = 1_000

describe('the synthetic Odoo', () => {
  let model: SyntheticModel
  before(async () => {
    model = (await syntheticModels(ROWS)).get('res.partner')!
  })

  const valueOf = (field: string, id: number) => model.fields.get(field)!.valueOf(id)
  const all = Array.from({ length: ROWS }, (_, index) => index + 1)
  const found = (domain: Prefix, place: Omit<Search, 'domain'> = {}) => search(model, { domain, ...place })

  it('filters as each record says', () => {
    const isMet = (id: number): boolean => valueOf('country_id', id) === 3 && valueOf('color', id) !== 4
    const domain: Prefix = ['&', ['country_id', 'in', [3]], '!', ['color', '=', 4]]
    expect(found(domain)).to.deep.equal(all.filter(isMet)).and.to.have.length(90)
    expect(found(['|', ['id', '<', 3], ['id', '>=', 999]])).to.deep.equal([1, 2, 999, 1000])
    expect(found([['active', '=', false]], { limit: 2 })).to.deep.equal([10, 20])
  })

  it('goes from id to id, and to ids by name', () => {
    const domain: Prefix = [
      ['country_id', '=', 3],
      ['id', '>', 100],
      ['id', '<=', 140],
    ]
    expect(found(domain)).to.deep.equal([102, 112, 122, 132])
    expect(found(domain, { order: 'id desc', limit: 2, offset: 1 })).to.deep.equal([122, 112])
    expect(found([['id', 'in', [7, 5, 7, ROWS + 1]]])).to.deep.equal([5, 7])
  })

  it('orders by any field', () => {
    const byColor = found([['id', '<=', 40]], { order: 'color desc, id', limit: 3 })
    expect(byColor).to.deep.equal([40, 30, 31])
    const dates = found([], { order: 'create_date desc' }).map((id) => valueOf('create_date', id))
    expect(dates).to.deep.equal([...dates].sort().reverse())
  })

  it('groups with counts and aggregates', () => {
    const grouping = { groupby: ['country_id'], fields: ['a0:sum(color)', 'a1:max(id)'] }
    const groups = JSON.parse(groupsAsJson(model, [['id', '<=', 20]], grouping)) as unknown[]
    expect(groups).to.have.length(10)
    expect(groups[0]).to.deep.equal({ country_id: [2, 'Number 2'], a0: 1, a1: 11, __count: 2 })
  })

  it('answers what it does not know with an error, as Odoo does', async () => {
    const { url, close } = await startSyntheticOdoo({ rows: 10 })
    const nameOfError = async (...args: readonly unknown[]): Promise<string> => {
      const params = { service: 'object', method: 'execute_kw', args: ['synthetic', 2, 'admin', ...args] }
      const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'call', params })
      const reply = await fetch(`${url}/jsonrpc`, { method: 'POST', body })
      return ((await reply.json()) as { error: { data: { name: string } } }).error.data.name
    }
    try {
      expect(await nameOfError('res.nothing', 'search', [[]])).to.equal('odoo.exceptions.UserError')
      expect(await nameOfError('res.partner', 'unlink', [[1]])).to.equal('builtins.AttributeError')
      expect(await nameOfError('res.partner', 'search', [[['nothing', '=', 1]]])).to.equal(
        'builtins.ValueError',
      )
      expect(await nameOfError('res.partner', 'search', [[['name', 'ilike', 'x']]])).to.equal(
        'builtins.ValueError',
      )
    } finally {
      await close()
    }
  })
})
