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

for (const [topic, queries] of Object.entries(TOPICS))
  describe(`plans: ${topic}`, () => {
    const golden = openGolden(topic)
    const asked: Asked[] = []
    const closers: (() => Promise<void>)[] = []

    before(async function () {
      this.timeout(60_000)
      for (const version of VERSIONS) {
        const demo = await startDemo({ version })
        closers.push(() => demo.close())
        const { url, login, apiKey, databases } = demo
        const names = topic === ON_ALL_DATABASES ? databases : databases.slice(0, 1)
        const options: ConnectOptions = {
          partitions: Object.fromEntries(
            names.map((database) => [database, { url, database, login, apiKey }]),
          ),
          catalog: CATALOG,
        }
        const [pushing, whole] = await Promise.all([
          connect({ ...options, textOrder: 'server' }),
          connect({ ...options, pushdown: false }),
        ])
        closers.push(
          () => pushing.close(),
          () => whole.close(),
        )
        asked.push({ version, pushing, whole })
      }
    })
    after(async () => {
      golden.finish()
      for (const close of closers.reverse()) await close()
    })

    for (const sql of queries)
      it(sql, async function () {
        this.timeout(60_000)
        const plans: string[] = []
        for (const { version, pushing, whole } of asked) {
          const { plan, calls, rows } = await answer(pushing, { title: sql, sql })
          // A limit without a total order may take any rows.
          if (!/LIMIT/.test(sql) || /ORDER BY/.test(sql))
            expectSameRows({ title: sql, sql }, rows, (await answer(whole, { title: sql, sql })).rows)
          plans.push([`Odoo ${version}`, plan, ...callLines(calls)].join('\n'))
        }
        golden.check(sql, plans.join('\n'))
      })
  })
