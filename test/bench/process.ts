import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadCatalog } from '../../src/catalog/load.ts'
import type { ConnectOptions } from '../../src/driver/connection.ts'
import { startEngine } from '../../src/engine/engine.ts'
import {
  compare,
  inMegabytes,
  inMilliseconds,
  median,
  mediansOf,
  millisecondsOf,
  REPEATS,
  verdictOn,
  type Line,
} from './measure.ts'
import type { BenchTarget, Servers } from './targets.ts'

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
    ratio: 'in ms',
    verdict: verdictOn(median(starts), { atMost: 1000 }),
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
    what: 'memory of an idle session with the engine',
    ours: inMegabytes(withEngine),
    against: 'without',
    theirs: inMegabytes(without),
  }
}

/** The package as it is installed, built anew beside the links that it needs. */
async function builtPackage(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'odoo-sql-built-'))
  for (const name of ['node_modules', 'catalog', 'package.json'])
    await symlink(pathOf(`../../${name}`), join(directory, name))
  for (const script of ['build/bundle.ts', 'engine/build-image.ts'])
    await outputOf(['--import', 'tsx', pathOf(`../../src/${script}`), join(directory, 'dist')])
  return directory
}

/** What a script needs at least that asks Odoo something: Node, its HTTP, one call. */
const ONE_CALL = `
const { url, headers, body } = JSON.parse(process.env.ONE_CALL)
const request = require('http').request(url, { method: 'POST', headers }, async (response) => {
  const chunks = []
  for await (const chunk of response) chunks.push(chunk)
  console.log(JSON.parse(Buffer.concat(chunks)).length)
})
request.end(body)`

/** The program as it is installed, against Node and one call. */
export async function benchCli({ real, synthetic }: Servers): Promise<Line[]> {
  const directory = await builtPackage()
  const cli = join(directory, 'dist', 'cli.js')
  try {
    const { bare, version } = await mediansOf(
      { bare: () => outputOf(['-e', '0']), version: () => outputOf([cli, '--version']) },
      ROUNDS,
    )
    const lines = [compare('command line: --version', version, { name: 'node -e 0', milliseconds: bare })]
    for (const target of [...real, synthetic]) lines.push(...(await benchQueries(cli, target)))
    return lines
  } finally {
    await rm(directory, { recursive: true })
  }
}

async function benchQueries(cli: string, { title, options, logIn }: BenchTarget): Promise<Line[]> {
  const { url, database, login, password } = logIn
  const key = typeof options.apiKey === 'string' ? options.apiKey : undefined
  const secret = key === undefined ? { ODOO_PASSWORD: password } : { ODOO_API_KEY: key }
  const odoo = `odoo://${login}@${new URL(url).host}/${database}`
  const call = {
    url: key === undefined ? `${url}/jsonrpc` : `${url}/json/2/ir.mail_server/search_read`,
    headers: {
      'content-type': 'application/json',
      ...(key !== undefined && { authorization: `bearer ${key}`, 'x-odoo-database': database }),
    },
    body: JSON.stringify(key === undefined ? VERSION : { fields: ['name'], domain: [], limit: 3 }),
  }
  const query = 'SELECT id, name FROM ir.mail_server WHERE id <= 3'
  const medians = await mediansOf(
    {
      call: () => outputOf(['-e', ONE_CALL], '', { ONE_CALL: JSON.stringify(call) }),
      short: () => outputOf([cli, odoo, '-c', query], '', secret),
      engine: () => outputOf([cli, odoo, '-c', `${query} OFFSET (SELECT 1)`], '', secret),
    },
    ROUNDS,
  )
  const least = { name: 'node and one call', milliseconds: medians.call }
  return [
    compare(`${title}: command line, one query`, medians.short, least, { atMost: 1.5 }),
    compare(`${title}: command line, one that needs the engine`, medians.engine, least),
  ]
}

const VERSION = { jsonrpc: '2.0', method: 'call', params: { service: 'common', method: 'version', args: [] } }
const ROUNDS = 7

/** Standard output of a Node process; fails the run where it fails. */
export async function outputOf(
  args: readonly string[],
  input = '',
  variables: NodeJS.ProcessEnv = {},
): Promise<string> {
  const env = { ...process.env, ...variables }
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'], env })
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()))
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) throw new TypeError(`node ${args.join(' ')} ended with ${String(code)}`)
  return text
}
