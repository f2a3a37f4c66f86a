import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { Client } from 'pg'
import { connectOdoo, type OdooConnection } from './odoo-rpc.ts'
import type { RealServer } from './real-odoo.ts'

/** A second server like a real one, over a copy of its database: a test may stop it, kill it and write to it. */
export interface OwnOdoo {
  readonly url: string
  /** Connection URL of its database. */
  readonly pgUrl: string
  readonly database: string
  /** Resolves once it answers; gives a client that may write. */
  readonly start: () => Promise<OdooConnection>
  /** As an administrator does it: SIGTERM. Resolves once it has ended. */
  readonly stop: () => Promise<void>
  /** As a crash does it: SIGKILL. The server starts others. */
  readonly killWorkers: () => void
  readonly close: () => Promise<void>
}

/** How a server was started that runs on this machine, perhaps in a root of its own. */
interface Running {
  readonly root: string
  readonly uid: number
  readonly gid: number
  readonly command: readonly string[]
  readonly env: NodeJS.ProcessEnv
}

const START_TRIES = 300
const START_POLL_MS = 100

/** Copies a real server. Undefined where it does not run on this machine, or this user may not look into it. */
export async function openOwnOdoo(server: RealServer): Promise<OwnOdoo | undefined> {
  const running = runningAt(Number(new URL(server.url).port))
  if (running === undefined) return undefined
  const database = `odoo_sql_faults_${process.pid}_${server.version}`
  const pgUrl = Object.assign(new URL(server.pgUrl), { pathname: `/${database}` }).href
  const files = mkdtempSync(join(running.root, 'tmp', 'odoo-sql-faults-'))
  chownSync(files, running.uid, running.gid)
  const [port, chatPort] = [await freePort(), await freePort()]
  const chatOption = server.version === 14 ? '--longpolling-port' : '--gevent-port'
  // Of an option that is given twice the last counts.
  const command = [
    ...[...running.command, '--http-port', `${port}`, chatOption, `${chatPort}`, '--workers', '2'],
    ...['-d', database, '-D', `/tmp/${files.split('/').at(-1)!}`],
  ]
  const address = { ...server, url: `http://127.0.0.1:${port}`, database }
  let odoo: ChildProcess | undefined
  const own: OwnOdoo = {
    url: address.url,
    pgUrl,
    database,
    async start() {
      odoo = spawn(...within(running, command), { env: running.env, stdio: 'ignore' })
      for (let tries = 1; ; tries++) {
        const client = await connectOdoo(address).catch(() => undefined)
        if (client?.uid !== undefined) return client
        if (tries === START_TRIES) throw new Error('the second Odoo does not answer')
        await sleep(START_POLL_MS)
      }
    },
    async stop() {
      if (odoo === undefined || odoo.exitCode !== null || odoo.signalCode !== null) return
      const exit = once(odoo, 'exit')
      odoo.kill()
      await exit
    },
    killWorkers() {
      for (const worker of childrenOf(odoo!.pid!)) process.kill(worker, 'SIGKILL')
    },
    async close() {
      await own.stop()
      rmSync(files, { recursive: true })
      await administer(server.pgUrl, `DROP DATABASE ${database} WITH (FORCE)`)
    },
  }
  await administer(server.pgUrl, `CREATE DATABASE ${database} TEMPLATE template0`)
  try {
    await copyDatabase(running, server.pgUrl, pgUrl)
    return own
  } catch (thrown) {
    await own.close()
    throw thrown
  }
}

/** By its own programs, which are as new as its PostgreSQL. */
async function copyDatabase(running: Running, from: string, to: string): Promise<void> {
  const copy = 'pg_dump --no-owner "$1" | psql -qX "$2"'
  await promisify(execFile)(...within(running, ['sh', '-c', copy, 'sh', from, to]), { env: running.env })
}

/** The same command as the same user in the same root. */
const within = ({ root, uid, gid }: Running, command: readonly string[]): [string, string[]] => [
  '/usr/sbin/chroot',
  [`--userspec=${uid}:${gid}`, root, ...command],
]

/** The first of the processes that listen at this port, from whom the others have the socket. */
function runningAt(port: number): Running | undefined {
  if (process.getuid?.() !== 0) return undefined
  const inode = inodeAt(port)
  const listeners = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && holdsSocket(name, inode))
  const pid = listeners.find((name) => !listeners.includes(parentOf(name)))
  if (pid === undefined) return undefined
  const { uid, gid } = statSync(`/proc/${pid}`)
  const [command, variables] = [partsOf(pid, 'cmdline'), partsOf(pid, 'environ')]
  const env = Object.fromEntries(
    variables.map((variable) => variable.split(/=(.*)/s, 2)),
  ) as NodeJS.ProcessEnv
  return { root: readlinkSync(`/proc/${pid}/root`), uid, gid, command, env }
}

/** The socket that listens there, by the kernel's number; empty where nothing does. */
function inodeAt(port: number): string {
  const isListening = (fields: readonly string[]): boolean =>
    fields[3] === '0A' && Number.parseInt(fields[1]!.split(':')[1]!, 16) === port
  const sockets = readFileSync('/proc/net/tcp', 'utf8').split('\n')
  return sockets.map((line) => line.trim().split(/\s+/)).find(isListening)?.[9] ?? ''
}

function holdsSocket(pid: string, inode: string): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some(
      (file) => readlinkSync(`/proc/${pid}/fd/${file}`) === `socket:[${inode}]`,
    )
  } catch {
    // It ended just now.
    return false
  }
}

const partsOf = (pid: string, file: string): string[] =>
  readFileSync(`/proc/${pid}/${file}`, 'utf8')
    .split('\0')
    .filter((part) => part !== '')

const parentOf = (pid: string): string =>
  /^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? ''

const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(/\s+/).map(Number)

async function administer(pgUrl: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: pgUrl })
  await client.connect()
  await client.query(sql)
  await client.end()
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
