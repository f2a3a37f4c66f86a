import { writeFile } from 'node:fs/promises'
import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { IS_TRIAL, type Line } from './measure.ts'
import { PARTS } from './parts.ts'
import { describeMachine, markdownOf } from './report.ts'
import { openServers } from './targets.ts'

/**
 * `npm run bench [-- --markdown FILE] [PART…]`: medians, ours and theirs in turn within one run, so that the ratios
 * mean something on any machine. Real servers are those that the environment names; the demo stands in where it names
 * none.
 */
const { values, positionals: asked } = parseArgs({
  options: { markdown: { type: 'string' } },
  allowPositionals: true,
})
const unknown = asked.filter((name) => !(name in PARTS))
if (unknown.length > 0) {
  const list = Object.entries(PARTS).map(([name, { about }]) => `  ${name.padEnd(12)}${about}`)
  console.error(`no such part: ${unknown.join(', ')}\n\nParts:\n${list.join('\n')}`)
  process.exit(2)
}

const start = performance.now()
const servers = await openServers()
const machine = await describeMachine(servers.real)
const lines: Line[] = []
const failures: string[] = []
try {
  for (const name of asked.length > 0 ? asked : Object.keys(PARTS)) {
    if (!IS_TRIAL) process.stderr.write(`${name} …\n`)
    try {
      lines.push(...(await PARTS[name]!.run(servers)))
    } catch (thrown) {
      // Servers that others use too may break a call by hand; the other parts are worth having all the same.
      failures.push(name)
      lines.push({
        what: name,
        ours: `failed: ${String(thrown).replaceAll(/https?:\/\/[^\s/]+/g, 'its server')}`,
      })
    }
  }
} finally {
  for (const target of [...servers.real, servers.synthetic]) await target.close()
}
const seconds = Math.round((performance.now() - start) / 1000)
const report = `${machine}\n\n${markdownOf(lines)}\n\n${seconds} s in all, load ${loadavg()[0]!.toFixed(1)} at the end.\n`
process.stdout.write(report)
if (values.markdown !== undefined) await writeFile(values.markdown, report)
if (failures.length > 0) process.exitCode = 1
