import { cpus, loadavg, totalmem } from 'node:os'
import { benchBridge } from './bridge.ts'
import { benchColumns, benchFullRead } from './full-read.ts'
import { benchGoldenRows } from './golden-rows.ts'
import { benchLibrary, benchStreamMemory } from './library.ts'
import { inMegabytes, markdownOf, type Line } from './measure.ts'
import { benchPartitions } from './partitions.ts'
import { benchPoint } from './point.ts'
import { benchCli, benchEngineStart, benchMemory } from './process.ts'
import { benchPushdown } from './pushdown.ts'
import { openSynthetic, openTargets, type BenchTarget } from './targets.ts'

/** What `npm run bench` measures under one name. */
interface Part {
  readonly about: string
  readonly run: (servers: {
    readonly real: readonly BenchTarget[]
    readonly synthetic: BenchTarget
  }) => Promise<Line[]>
}

const on = async (
  targets: readonly BenchTarget[],
  bench: (target: BenchTarget) => Promise<Line[]>,
): Promise<Line[]> => {
  const lines: Line[] = []
  for (const target of targets) lines.push(...(await bench(target)))
  return lines
}

const PARTS: Readonly<Record<string, Part>> = {
  'full-read': {
    about: 'every row of a table',
    run: ({ real, synthetic }) => on([...real, synthetic], benchFullRead),
  },
  columns: { about: 'fewer columns, labels', run: ({ real }) => on(real, benchColumns) },
  pushdown: { about: 'filter, join, GROUP BY, top ten, count', run: ({ real }) => on(real, benchPushdown) },
  partitions: {
    about: 'several databases at once',
    run: ({ real, synthetic }) => on([...real, synthetic], benchPartitions),
  },
  point: { about: 'one row by its id', run: ({ real, synthetic }) => on([...real, synthetic], benchPoint) },
  rows: { about: 'rows fetched by the golden queries', run: benchGoldenRows },
  library: { about: 'what the library adds to the wire', run: ({ synthetic }) => benchLibrary(synthetic) },
  memory: {
    about: 'a million rows streamed, an idle session',
    run: async ({ real, synthetic }) => [
      ...(await benchStreamMemory(synthetic)),
      await benchMemory(real[0]!.options),
    ],
  },
  engine: { about: 'the start of the embedded PostgreSQL', run: async () => [await benchEngineStart()] },
  cli: { about: 'the start of the program', run: ({ real }) => on(real, benchCli) },
  bridge: {
    about: 'reads and sessions through the bridge',
    // The demo has too few rows to measure a read.
    run: ({ real }) =>
      on(
        real.filter((target) => target.real !== undefined),
        benchBridge,
      ),
  },
}

/**
 * `npm run bench [-- PART …]`: medians, ours and theirs in turn within one run, so that the ratios mean something on
 * any machine. Real servers are those that the environment names; the demo stands in where it names none.
 */
const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !(name in PARTS))
if (unknown.length > 0) {
  const list = Object.entries(PARTS).map(([name, { about }]) => `  ${name.padEnd(12)}${about}`)
  console.error(`no such part: ${unknown.join(', ')}\n\nParts:\n${list.join('\n')}`)
  process.exit(2)
}

const start = performance.now()
const [cpu] = cpus()
console.log(
  `Node ${process.version}, ${cpus().length} × ${cpu?.model ?? 'unknown'}, ${inMegabytes(totalmem())}, ` +
    `load ${loadavg()[0]!.toFixed(1)} at the start; servers, database and client on one machine.\n`,
)
const servers = { real: await openTargets(), synthetic: await openSynthetic() }
const lines: Line[] = []
try {
  for (const name of asked.length > 0 ? asked : Object.keys(PARTS)) {
    process.stderr.write(`${name} …\n`)
    try {
      lines.push(...(await PARTS[name]!.run(servers)))
    } catch (thrown) {
      // Servers that others use too may break a call by hand; the other parts are worth having all the same.
      lines.push({ what: name, ours: `failed: ${String(thrown)}` })
    }
  }
} finally {
  for (const target of [...servers.real, servers.synthetic]) await target.close()
}
console.log(markdownOf(lines))
console.log(
  `\n${Math.round((performance.now() - start) / 1000)} s in all, load ${loadavg()[0]!.toFixed(1)} at the end.`,
)
