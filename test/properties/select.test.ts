import { expect } from 'chai'
import { randomFrom } from '../support/generate-random.ts'
import { list, print, shrink, term } from '../support/generate-term.ts'
import { skipForLackOfServers, realServers } from '../support/real-odoo.ts'
import { checkStatement, checkTarget } from './check.ts'
import { REGRESSIONS } from './regressions.ts'
import { makeSelect } from './select.ts'
import { targets, type OpenTarget } from './targets.ts'

/** Generated queries for each server. CI asks for more, by PROPERTY_RUNS. */
const RUNS = Number(process.env['PROPERTY_RUNS'] ?? 200)
/** Another seed asks other queries; a failure names the seed that asks its own again. */
const SEED = Number(process.env['PROPERTY_SEED'] ?? 1)

for (const target of targets())
  describe(`generated queries on ${target.title}`, () => {
    let open: OpenTarget
    before(async function () {
      this.timeout(300_000)
      if (realServers().length === 0) skipForLackOfServers('generated queries')
      open = await target.open()
    })
    after(() => open.close())

    for (const regression of REGRESSIONS)
      it(`once went wrong: ${regression.why}`, async function () {
        if (!open.sources.some(({ name }) => regression.sql.includes(name))) this.skip()
        const { sql, params = [], isOrdered = false } = regression
        expect(await checkStatement(open, { sql, params }, isOrdered)).to.deep.equal([])
      })

    it(`have the rows that PostgreSQL has (${RUNS} from seed ${SEED})`, async function () {
      this.timeout(0)
      const { compared, withRows, refused, failures } = await checkTarget(open, { runs: RUNS, seed: SEED })
      const reports = failures.map(({ report }) => report).join('\n\n')
      expect(failures.length, `seed ${SEED}\n${reports}\n`).to.equal(0)
      // Queries that PostgreSQL refuses, or that find nothing, prove little.
      expect(refused).to.be.at.most(RUNS / 50)
      expect(withRows).to.be.at.least(compared / 3)
    })
  })

describe('generated queries', () => {
  const column = (name: string, type: 'int4' | 'text') => ({ name, type, samples: ['1', '2'] })
  const sources = [{ name: 'ir.mail_server', columns: [column('id', 'int4'), column('name', 'text')] }]
  const made = (seed: number): string => JSON.stringify(print(makeSelect(randomFrom(seed), sources)))

  it('are the same from the same seed, and others from another', () => {
    expect(made(7)).to.equal(made(7))
    expect(new Set(Array.from({ length: 50 }, (_, seed) => made(seed))).size).to.be.above(45)
  })

  it('are made as small as a failure allows', async () => {
    const predicate = term('predicate')
    const guilty = predicate`b = ${{ kind: 'param', value: 2, literal: '2' }}`
    const wheres = [predicate`a = 1`, predicate`NOT (${predicate`c AND (${guilty})`})`, predicate`d`]
    const query = term('query')`SELECT 1${list(wheres, { prefix: ' WHERE ', separator: ' AND ', least: 0 })}`
    const small = await shrink(query, (less) => Promise.resolve(/b = (2|\$1)/.test(print(less).sql)))
    expect(print(small)).to.deep.equal({ sql: 'SELECT 1 WHERE b = 2', params: [] })
  })
})
