import { execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { isInstalled } from '../clients/bridge.ts'
import { CONTEXT, type ModelCall } from './by-hand.ts'
import { millisecondsOf, type Line, type Timed } from './measure.ts'
import type { BenchTarget, LogIn } from './targets.ts'

const run = promisify(execFile)

/** Another way to read from Odoo. It knows no SQL: what is not a call of Odoo's it must fetch whole, and finish itself. */
export interface Peer {
  readonly name: string
  /** Milliseconds of one call, as many times; the log-in is left out. */
  run(call: ModelCall, times?: number): Promise<number>
}

/** Where packages are installed that only the bench uses; it stays for the next run. */
const DIRECTORY = join(tmpdir(), 'odoo-sql-bench')
const PACKAGES = ['odoo-await@3.4.1', 'odoo-xmlrpc@1.0.8']

interface Found {
  readonly peers: readonly Peer[]
  /** A line for each that is not there. */
  readonly missing: readonly Line[]
}

/** The peers that can talk to this server, logged in. */
export async function openPeers({ title, kind, logIn }: BenchTarget): Promise<Found> {
  if (kind === 'demo') return { peers: [], missing: [] }
  const reason =
    kind === 'synthetic' ? 'skipped: the server does not speak its XML-RPC' : 'skipped: not installed'
  const byXmlRpc = (open: (logIn: LogIn) => Promise<Peer>): Promise<Peer | undefined> =>
    kind === 'synthetic' ? Promise.resolve(undefined) : ifInstalled(() => open(logIn))
  const found: readonly (readonly [name: string, reason: string, peer: Peer | undefined])[] = [
    ['odoo-await', reason, await byXmlRpc(odooAwait)],
    ['odoo-xmlrpc', reason, await byXmlRpc(odooXmlRpc)],
    ['OdooRPC', 'skipped: not installed', await odooRpc(logIn)],
  ]
  return {
    peers: found.flatMap(([, , peer]) => peer ?? []),
    missing: found.flatMap(([name, why, peer]) =>
      peer === undefined ? { what: `${name} on ${title}`, ours: why } : [],
    ),
  }
}

/** The peers by name, each making these calls one after another. */
export const byPeers = (peers: readonly Peer[], calls: readonly ModelCall[], note = ''): Timed =>
  Object.fromEntries(
    peers.map((peer) => [
      `${peer.name}${note}`,
      async () => {
        let sum = 0
        for (const call of calls) sum += await peer.run(call)
        return sum
      },
    ]),
  )

async function ifInstalled(open: () => Promise<Peer>): Promise<Peer | undefined> {
  try {
    if (PACKAGES.some((name) => !existsSync(join(DIRECTORY, 'node_modules', name.split('@')[0]!)))) {
      await mkdir(DIRECTORY, { recursive: true })
      const options = ['--ignore-scripts', '--no-audit', '--no-fund']
      await run('npm', ['install', '--prefix', DIRECTORY, ...options, ...PACKAGES])
    }
  } catch {
    return undefined
  }
  return open()
}

const load = createRequire(join(DIRECTORY, 'package.json'))

interface OdooAwait {
  connect(): Promise<number>
  execute_kw(model: string, method: string, params: unknown[]): Promise<unknown>
}

async function odooAwait({ url, database, login, password }: LogIn): Promise<Peer> {
  const Client = load('odoo-await') as new (options: object) => OdooAwait
  const odoo = new Client({ baseUrl: url, db: database, username: login, password })
  await odoo.connect()
  return {
    name: 'odoo-await',
    run: (call, times = 1) => repeated(times, () => odoo.execute_kw(call.model, call.method, paramsOf(call))),
  }
}

/** Arguments by position and by name. */
const paramsOf = ({ domain, named }: ModelCall): unknown[] => [[domain], { ...named, context: CONTEXT }]

const repeated = (times: number, work: () => Promise<unknown>): Promise<number> =>
  millisecondsOf(async () => {
    for (let done = 0; done < times; done++) await work()
  })

type Done = (error: { message: string } | null, value: unknown) => void
interface OdooXmlRpc {
  connect(done: Done): void
  execute_kw(model: string, method: string, params: unknown[], done: Done): void
}

async function odooXmlRpc({ url, database, login, password }: LogIn): Promise<Peer> {
  const Client = load('odoo-xmlrpc') as new (options: object) => OdooXmlRpc
  const odoo = new Client({ url, db: database, username: login, password })
  const ended = (start: (done: Done) => void): Promise<unknown> =>
    new Promise((resolve, reject) => {
      start((error, value) => {
        if (error === null) resolve(value)
        else reject(new TypeError(error.message))
      })
    })
  await ended((done) => {
    odoo.connect(done)
  })
  return {
    name: 'odoo-xmlrpc',
    run: (call, times = 1) =>
      repeated(times, () =>
        ended((done) => {
          odoo.execute_kw(call.model, call.method, paramsOf(call), done)
        }),
      ),
  }
}

/** Debian's package python3-odoorpc, or one that PYTHONPATH leads to. */
async function odooRpc({ url, database, login, password }: LogIn): Promise<Peer | undefined> {
  const python = '/usr/bin/python3'
  if (!isInstalled(python) || !(await run(python, ['-c', 'import odoorpc']).then(isDone, isNotDone)))
    return undefined
  const script = fileURLToPath(new URL('odoorpc_client.py', import.meta.url))
  const { hostname: host, port } = new URL(url)
  return {
    name: 'OdooRPC',
    async run(call, times = 1) {
      const child = spawn(python, [script], { stdio: ['pipe', 'pipe', 'inherit'] })
      const { model, method } = call
      const asked = { model, method, params: paramsOf(call), times }
      child.stdin.end(JSON.stringify({ host, port, database, login, password, ...asked }))
      return Number(await text(child.stdout))
    },
  }
}

const isDone = (): boolean => true
const isNotDone = (): boolean => false

/**
 * Odoo's own database by psql, where it is there: no way through Odoo can be as fast. By psql's clock, so many times;
 * the SQL names tables as we do.
 */
export function inDatabase({ real }: Pick<BenchTarget, 'real'>, sql: string, times = 1): Timed {
  if (real === undefined || !isInstalled('psql')) return {}
  const statement = `${sql.replaceAll(/\b(res|crm|ir)\.(?=[a-z])/g, '$1_')};\n`
  return {
    'psql in Odoo’s database': async () => {
      const child = spawn('psql', [real.pgUrl, '-X', '-q', '-o', '/dev/null', '-f', '-'], {
        stdio: ['pipe', 'pipe', 'inherit'],
      })
      child.stdin.end(`\\timing on\n${statement.repeat(times)}`)
      const told = (await text(child.stdout)).matchAll(/^Time: ([\d.]+) ms/gm)
      return [...told].reduce((sum, [, milliseconds]) => sum + Number(milliseconds), 0)
    },
  }
}
