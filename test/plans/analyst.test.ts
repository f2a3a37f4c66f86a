import { expect } from 'chai'
import { fileURLToPath } from 'node:url'
import { loadCatalog } from '../../src/catalog/load.ts'
import type { Datum } from '../../src/catalog/types.ts'
import { startDemo } from '../../src/demo/server.ts'
import { connect } from '../../src/driver/connection.ts'
import type { Connection } from '../../src/driver/connection.ts'
import { openOracle } from '../support/oracle.ts'
import type { Oracle } from '../support/oracle.ts'
import { realServers } from '../support/real-odoo.ts'
import { ANALYST_QUERIES } from './analyst.ts'
import { answer, callLines, expectSameRows, openGolden, rowsFetched } from './golden.ts'
import { prepareNeeded, rowsNeeded } from './needed.ts'

const CATALOG = fileURLToPath(new URL('../support/catalog', import.meta.url))
const TABLES = ['ir.mail_server', 'res.partner', 'crm.lead', 'res.country']

describe('plans of what analysts ask of the demo', () => {
  const golden = openGolden('analyst')
  const closers: (() => Promise<void>)[] = []
  let [pushing, whole] = [undefined, undefined] as unknown as [Connection, Connection]
  let oracle: Oracle

  before(async function () {
    this.timeout(120_000)
    const demo = await startDemo()
    closers.push(() => demo.close())
    const [database = ''] = demo.databases
    const options = { url: demo.url, database, login: demo.login, apiKey: demo.apiKey, catalog: CATALOG }
    pushing = await connect({ ...options, textOrder: 'server' })
    whole = await connect({ ...options, pushdown: false })
    closers.push(
      () => pushing.close(),
      () => whole.close(),
    )
    oracle = await openOracle(realServers()[0]?.pgUrl)
    closers.push(() => oracle.close())
    const catalog = await loadCatalog([CATALOG])
    for (const name of TABLES) {
      const [schema, bare = ''] = name.split('.')
      const rows: (readonly Datum[])[] = []
      for await (const batch of await whole.cursor(`SELECT * FROM ${name}`)) rows.push(...batch)
      await oracle.load(catalog.find(schema, bare)!, rows)
    }
    await prepareNeeded(oracle)
  })
  after(async () => {
    golden.finish()
    for (const close of closers.reverse()) await close()
  })

  it('are at least sixty, each of its own title', () => {
    expect(new Set(ANALYST_QUERIES.map(({ title }) => title)).size).to.equal(ANALYST_QUERIES.length)
    expect(ANALYST_QUERIES.length).to.be.at.least(60)
  })

  for (const query of ANALYST_QUERIES)
    it(query.title, async function () {
      this.timeout(60_000)
      const { plan, calls, rows } = await answer(pushing, query)
      expectSameRows(query, rows, (await answer(whole, query)).rows)
      const needed = await rowsNeeded(
        oracle,
        [query.sql, ...(query.asks === undefined ? [] : [query.asks])],
        TABLES,
      )
      const counts = `${rowsFetched(calls)} rows fetched / ${needed} needed, ${rows.length} in the answer`
      golden.check(query.title, [query.sql, plan, ...callLines(calls), counts].join('\n'))
    })
})
