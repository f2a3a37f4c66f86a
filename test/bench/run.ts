import { cpus, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import { startDemo } from '../../src/demo/server.ts'
import { realServers } from '../support/real-odoo.ts'
import { inMegabytes, markdownOf } from './measure.ts'
import { benchBridge } from './bridge.ts'
import { benchLibrary } from './library.ts'
import { benchCli, benchEngineStart, benchMemory } from './process.ts'
import { benchQueries, pagesOf, type BenchTarget } from './queries.ts'

/** `npm run bench`: medians of three, side by side in one run, so that the ratios mean something on any machine. */
const catalog = fileURLToPath(new URL('../support/catalog', import.meta.url))
const start = performance.now()

const targets: BenchTarget[] = []
for (const server of realServers()) {
  const isJson2 = server.version >= 19
  const { url, database, login, password, apiKey } = server
  targets.push({
    title: `Odoo ${server.version}`,
    options: { url, database, login, catalog, ...(isJson2 ? { apiKey } : { password }) },
    page: await pagesOf(server, isJson2),
  })
}
const demo = targets.length === 0 ? await startDemo() : undefined
if (demo !== undefined) {
  const { url, login, password, apiKey } = demo
  const [database = ''] = demo.databases
  targets.push({
    title: 'demo',
    options: { url, database, login, apiKey, catalog },
    page: await pagesOf({ url, database, login, password, apiKey }, true),
  })
}

const [cpu] = cpus()
console.log(
  `Node ${process.version}, ${cpus().length} × ${cpu?.model ?? 'unknown'}, ${inMegabytes(totalmem())}\n`,
)
const lines = []
for (const target of targets) lines.push(...(await benchQueries(target)))
// The demo has too few rows to measure a read.
if (demo === undefined) for (const target of targets) lines.push(...(await benchBridge(target)))
lines.push(...(await benchLibrary()))
lines.push(await benchEngineStart())
lines.push(await benchMemory(targets[0]!.options))
lines.push(...(await benchCli()))
await demo?.close()
console.log(markdownOf(lines))
console.log(`\n${Math.round((performance.now() - start) / 1000)} s in all.`)
