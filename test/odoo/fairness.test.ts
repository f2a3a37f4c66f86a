import { expect } from 'chai'
import { connect, type Connection } from '../../src/index.ts'
import { sqlErrorOf } from '../support/errors.ts'
import { describeReal } from '../support/real-odoo.ts'

const QUERIES = 100

describeReal('many statements on one connection', ({ url, database, login, password }) => {
  let odoo: Connection
  before(async () => {
    odoo = await connect({ partitions: { [database]: { url, database, login, password, concurrency: 2 } } })
  })
  after(() => odoo.close())
  const point = (id: number, signal?: AbortSignal) =>
    odoo.query('SELECT id, name FROM res.partner WHERE id = $1', [id], { signal })

  it('share its calls: none waits for the end of a long one', async () => {
    const ended: string[] = []
    const long = odoo
      .query('SELECT id, name, email, phone FROM res.partner')
      .then(({ rowCount }) => ended.push(`long ${rowCount > 19_000}`))
    const points = Array.from({ length: QUERIES }, async (_, index) => {
      const { rows } = await point(index + 1)
      ended.push('point')
      return rows
    })
    const answers = await Promise.all(points)
    await long
    expect(ended).to.deep.equal([...points.map(() => 'point'), 'long true'])
    for (const [index, rows] of answers.entries())
      for (const row of rows) expect(row['id']).to.equal(index + 1)
  })

  it('share the engine, and each gets its own answer', async () => {
    const answers = await Promise.all(
      Array.from({ length: QUERIES }, (_, index) =>
        odoo.query('SELECT count(*) AS n, $1::int AS mine FROM res.partner WHERE id <= $1 + 0', [index]),
      ),
    )
    for (const [index, { rows }] of answers.entries()) {
      expect(rows[0]?.['mine']).to.equal(index)
      expect(Number(rows[0]?.['n'])).to.be.at.most(index)
    }
  })

  it('are cancelled one by one: those that wait ask nothing of Odoo', async () => {
    const before = await callsMade(odoo)
    const controllers = Array.from({ length: QUERIES }, () => new AbortController())
    const running = controllers.map(({ signal }, index) => point(index + 1, signal))
    const settled = Promise.allSettled(running)
    const kept = (index: number): boolean => index % 10 === 0
    for (const [index, controller] of controllers.entries()) if (!kept(index)) controller.abort()
    await settled
    for (const [index, query] of running.entries())
      if (kept(index)) expect((await query).rows.length).to.be.at.most(1)
      else expect((await sqlErrorOf(query)).code).to.equal('57014')
    expect((await callsMade(odoo)) - before).to.equal(QUERIES / 10)
  })
})

const callsMade = async (odoo: Connection): Promise<number> =>
  Number((await odoo.query<{ n: string }>('SELECT count(*) AS n FROM system.calls')).rows[0]?.n)
