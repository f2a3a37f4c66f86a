import { fileURLToPath } from 'node:url'
import { startDemo } from '../../src/demo/server.ts'
import { connect } from '../../src/driver/connection.ts'
import type { Connection, ConnectOptions } from '../../src/driver/connection.ts'
import { answer, callLines, expectSameRows, openGolden } from './golden.ts'
import { TOPICS } from './topics.ts'

const CATALOG = fileURLToPath(new URL('../support/catalog', import.meta.url))
const VERSIONS = [14, 19] as const

/** One of the demo's databases is enough for all topics but this. */
const ON_ALL_DATABASES = 'partitions'

interface Asked {
  readonly version: number
  readonly pushing: Connection
  readonly whole: Connection
}

describe('plans', () => {
  const closers: (() => Promise<void>)[] = []
  const asked: Record<'one' | 'all', Asked[]> = { one: [], all: [] }

  before(async function () {
    this.timeout(60_000)
    for (const version of VERSIONS) {
      const demo = await startDemo({ version })
      closers.push(() => demo.close())
      const { url, login, apiKey, databases } = demo
      for (const [which, names] of [['one', databases.slice(0, 1)] as const, ['all', databases] as const]) {
        const partitions = Object.fromEntries(
          names.map((database) => [database, { url, database, login, apiKey }]),
        )
        const options: ConnectOptions = { partitions, catalog: CATALOG }
        const [pushing, whole] = await Promise.all([
          connect({ ...options, textOrder: 'server' }),
          connect({ ...options, pushdown: false }),
        ])
        closers.push(
          () => pushing.close(),
          () => whole.close(),
        )
        asked[which].push({ version, pushing, whole })
      }
    }
  })
  after(async () => {
    for (const close of closers.reverse()) await close()
  })

  for (const [topic, queries] of Object.entries(TOPICS))
    describe(topic, () => {
      const golden = openGolden(topic)
      after(() => {
        golden.finish()
      })

      for (const sql of queries)
        it(sql, async function () {
          this.timeout(60_000)
          const query = { title: sql, sql }
          const plans: string[] = []
          for (const { version, pushing, whole } of asked[topic === ON_ALL_DATABASES ? 'all' : 'one']) {
            const { plan, calls, rows } = await answer(pushing, query)
            // A limit without a total order may take any rows.
            if (!sql.includes('LIMIT') || sql.includes('ORDER BY'))
              expectSameRows(query, rows, (await answer(whole, query)).rows)
            plans.push([`Odoo ${version}`, plan, ...callLines(calls)].join('\n'))
          }
          golden.check(sql, plans.join('\n'))
        })
    })
})
