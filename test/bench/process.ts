import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { loadCatalog } from '../../src/catalog/load.ts'
import type { ConnectOptions } from '../../src/driver/connection.ts'
import { startEngine } from '../../src/engine/engine.ts'
import {
  inMegabytes,
  inMilliseconds,
  median,
  mediansOf,
  millisecondsOf,
  REPEATS,
  times,
  type Line,
} from './measure.ts'

const pathOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

/** From the start of a thread to the first statement that could run. */
export async function benchEngineStart(): Promise<Line> {
  const { tables } = await loadCatalog([])
  const starts: number[] = []
  for (let round = 0; round < REPEATS; round++)
    starts.push(
      await millisecondsOf(async () => {
        const engine = startEngine({ tables })
        await engine.ready
        void engine.close()
      }),
    )
  return {
    what: 'engine: from start to ready',
    ours: inMilliseconds(median(starts)),
    other: '1000 ms wanted',
    ratio: '',
  }
}

/** Resident memory of a process with one idle session, before and after its first statement that needs the engine. */
export async function benchMemory(options: ConnectOptions): Promise<Line> {
  const text = await outputOf(
    ['--expose-gc', '--import', 'tsx', pathOf('memory.ts')],
    JSON.stringify(options),
  )
  const { without, withEngine } = JSON.parse(text) as { without: number; withEngine: number }
  return {
    what: 'memory of an idle session: with the engine, against without',
    ours: inMegabytes(withEngine),
    other: inMegabytes(without),
    ratio: `+${inMegabytes(withEngine - without)}`,
  }
}

const CLI = pathOf('../../dist/cli.js')

/** The program as it is installed, against a Node that does nothing. */
export async function benchCli(): Promise<Line[]> {
  if (!existsSync(CLI))
    return [{ what: 'command line', ours: 'not built: npm run build', other: '', ratio: '' }]
  const query = 'SELECT id, name FROM ir.mail_server LIMIT 3'
  const { bare, version, short, engine } = await mediansOf({
    bare: () => outputOf(['-e', '0']),
    version: () => outputOf([CLI, '--version']),
    short: () => outputOf([CLI, '--demo', '-c', query]),
    engine: () => outputOf([CLI, '--demo', '-c', `${query} OFFSET (SELECT 1)`]),
  })
  const line = (what: string, ours: number): Line => ({
    what: `command line: ${what}, against node -e 0`,
    ours: inMilliseconds(ours),
    other: inMilliseconds(bare),
    ratio: times(ours, bare),
  })
  return [
    line('--version', version),
    line('a query of the demo', short),
    line('one that needs the engine', engine),
  ]
}

/** Standard output of a Node process; fails the run where it fails. */
export async function outputOf(args: readonly string[], input = ''): Promise<string> {
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()))
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) throw new TypeError(`node ${args.join(' ')} ended with ${String(code)}`)
  return text
}
