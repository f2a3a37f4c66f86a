import { benchBatches } from './batches.ts'
import { benchBridge } from './bridge.ts'
import { benchCompression } from './compression.ts'
import { benchColumns, benchFullRead } from './full-read.ts'
import { benchGoldenRows } from './golden-rows.ts'
import { benchLibrary, benchStreamMemory } from './library.ts'
import type { Line } from './measure.ts'
import { benchPartitions } from './partitions.ts'
import { benchPoint } from './point.ts'
import { benchCli, benchEngineStart, benchMemory } from './process.ts'
import { benchPushdown } from './pushdown.ts'
import type { BenchTarget, Servers } from './targets.ts'

/** What `npm run bench` measures under one name. */
export interface Part {
  readonly about: string
  readonly run: (servers: Servers) => Promise<Line[]>
}

/** A measurement of each server, one after another. */
const onEach =
  (bench: (target: BenchTarget) => Promise<Line[]>): Part['run'] =>
  async ({ real, synthetic }) => {
    const lines: Line[] = []
    for (const target of [...real, synthetic]) lines.push(...(await bench(target)))
    return lines
  }

export const PARTS: Readonly<Record<string, Part>> = {
  'full-read': { about: 'every row of a table', run: onEach(benchFullRead) },
  columns: { about: 'two columns of thirty, with and without labels', run: onEach(benchColumns) },
  pushdown: { about: 'filter, join, GROUP BY, top ten, count', run: onEach(benchPushdown) },
  partitions: { about: 'several databases at once', run: benchPartitions },
  point: { about: 'one row by its id', run: onEach(benchPoint) },
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
  cli: { about: 'the start of the program', run: benchCli },
  bridge: {
    about: 'reads and sessions through the bridge',
    // The demo has too few rows to measure a read.
    async run({ real }) {
      const lines: Line[] = []
      for (const target of real) if (target.kind === 'real') lines.push(...(await benchBridge(target)))
      return lines
    },
  },
  compression: { about: 'replies and requests compressed, near and far', run: benchCompression },
  batches: { about: 'sizes of batches chosen by cost, near and far', run: benchBatches },
}
