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
import type { RealServer } from '../support/real-odoo.ts'
import { CONTEXT, type WholeRead } from './by-hand.ts'
import { millisecondsOf, type Line } from './measure.ts'

const run = promisify(execFile)

/** Another way to read from Odoo. It knows no SQL, so what Odoo does not answer by itself it must fetch whole. */
export interface Peer {
  readonly name: string
  /** Milliseconds that it takes for all records, by one call, the log-in left out. */
  fetchAll(read: WholeRead): Promise<number>
}

/** Where packages are installed that only the bench uses; it stays for the next run. */
const DIRECTORY = join(tmpdir(), 'odoo-sql-bench')
const PACKAGES = ['odoo-await@3.4.1', 'odoo-xmlrpc@1.0.8']

/** The peers that are there, connected, and a line for each that is not. */
export async function openPeers(server: RealServer): Promise<{ peers: Peer[]; missing: Line[] }> {
  const found: readonly (readonly [string, Peer | undefined])[] = [
    ['odoo-await', await ifInstalled(() => odooAwait(server))],
    ['odoo-xmlrpc', await ifInstalled(() => odooXmlRpc(server))],
    ['OdooRPC', await odooRpc(server)],
  ]
  return {
    peers: found.flatMap(([, peer]) => peer ?? []),
    missing: found.flatMap(([name, peer]) =>
      peer === undefined ? { what: `${name} on Odoo ${server.version}`, ours: 'skipped: not installed' } : [],
    ),
  }
}

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
  searchRead(model: string, domain: unknown[], fields: readonly string[], options: object): Promise<unknown[]>
}

async function odooAwait({ url, database, login, password }: RealServer): Promise<Peer> {
  const Client = load('odoo-await') as new (options: object) => OdooAwait
  const odoo = new Client({ baseUrl: url, db: database, username: login, password })
  await odoo.connect()
  return {
    name: 'odoo-await',
    fetchAll: ({ model, fields }) =>
      millisecondsOf(() => odoo.searchRead(model, [], fields, { context: CONTEXT })),
  }
}

type Done = (error: { message: string } | null, value: unknown) => void
interface OdooXmlRpc {
  connect(done: Done): void
  execute_kw(model: string, method: string, params: unknown[], done: Done): void
}

async function odooXmlRpc({ url, database, login, password }: RealServer): Promise<Peer> {
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
    fetchAll: ({ model, fields }) =>
      millisecondsOf(() =>
        ended((done) => {
          odoo.execute_kw(model, 'search_read', [[[]], { fields, context: CONTEXT }], done)
        }),
      ),
  }
}

/** Debian's package python3-odoorpc, or one that PYTHONPATH leads to. */
async function odooRpc({ url, database, login, password }: RealServer): Promise<Peer | undefined> {
  const python = '/usr/bin/python3'
  if (!isInstalled(python) || !(await run(python, ['-c', 'import odoorpc']).then(isDone, isNotDone)))
    return undefined
  const script = fileURLToPath(new URL('odoorpc_client.py', import.meta.url))
  const { hostname: host, port } = new URL(url)
  return {
    name: 'OdooRPC',
    async fetchAll({ model, fields }) {
      const child = spawn(python, [script], { stdio: ['pipe', 'pipe', 'inherit'] })
      const context = CONTEXT
      child.stdin.end(JSON.stringify({ host, port, database, login, password, model, fields, context }))
      return Number(await text(child.stdout))
    },
  }
}

const isDone = (): boolean => true
const isNotDone = (): boolean => false

/** Milliseconds that Odoo's own database takes, by psql's clock: no way through Odoo can be as fast. */
export async function throughDatabase({ pgUrl }: RealServer, sql: string): Promise<number> {
  const script = `\\timing on\n${sql.replaceAll(/\b(res|crm)\.(?=[a-z])/g, '$1_')};`
  const child = spawn('psql', [pgUrl, '-X', '-q', '-o', '/dev/null', '-f', '-'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  child.stdin.end(script)
  return Number(/^Time: ([\d.]+) ms/m.exec(await text(child.stdout))?.[1])
}

export const hasPsql = (): boolean => isInstalled('psql')
