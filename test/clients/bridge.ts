import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { accessSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { connect } from '../../src/driver/connection.ts'
import { cleanEnvironment, CLI, firstWords, type Finished } from '../support/cli.ts'
import { realServers, skipForLackOfServers, type RealServer } from '../support/real-odoo.ts'

/** A running bridge: where it listens, who may log in, and what it should answer. */
export interface Bridge {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  readonly database: string
  /** `postgresql://user:password@host:port/database`. */
  readonly url: string
  /** Of the child process. */
  readonly pid: number
  /** Columns of a primary key: with the partition where more than one is configured. */
  readonly key: readonly string[]
  /** What ir.mail_server holds, by id: from the database under a real Odoo, from the library for the demo. */
  readonly servers: readonly MailServer[]
}

export interface MailServer {
  readonly id: number
  readonly name: string
  readonly smtp_host: string | null
  readonly smtp_port: number
  readonly active: boolean
  /** To the second, as PostgreSQL prints a timestamp. */
  readonly create_date: string
}

/** Columns of a MailServer, in order, for a statement. */
export const SERVER_COLUMNS = 'id, name, smtp_host, smtp_port, active, create_date'

/** The mail servers as rows of the columns above. */
export const rowsOf = ({ servers }: Bridge): unknown[][] =>
  servers.map((server): unknown[] => Object.values(server))

/**
 * A suite for the bridge over the demo, and one over each real Odoo. `programs` are files or names on the PATH that
 * the suite needs: where one is missing the suite is skipped, but in CI it fails. One bridge per target serves every
 * suite of the run.
 */
export function describeBridges(
  title: string,
  programs: readonly string[],
  suite: (bridge: () => Bridge, title: string) => void,
): void {
  describe(title, () => {
    for (const target of targets())
      describe(target.title, () => {
        let bridge: Bridge | undefined
        before(async function () {
          const missing = programs.filter((program) => !isInstalled(program))
          if (missing.length > 0) {
            if (process.env['CI'] !== undefined) throw new TypeError(`not installed: ${missing.join(', ')}`)
            notInstalled.add(`${title} (${missing.join(', ')})`)
            this.skip()
          }
          this.timeout(START_MS)
          bridge = await (target.bridge ??= target.start())
        })
        suite(() => bridge!, target.title)
      })
    if (realServers().length === 0) skipForLackOfServers(title)
  })
}

interface Target {
  readonly title: string
  readonly start: () => Promise<Bridge>
  bridge?: Promise<Bridge>
}

let known: Target[] | undefined
const targets = (): Target[] =>
  (known ??= [
    { title: 'demo', start: startDemo },
    ...realServers().map((server) => ({ title: `Odoo ${server.version}`, start: () => startReal(server) })),
  ])

const START_MS = 120_000
const END_MS = 20_000
const children = new Set<ChildProcessWithoutNullStreams>()
const notInstalled = new Set<string>()

/** Ends every bridge that was started here. */
export async function endBridges(): Promise<void> {
  for (const child of children) {
    child.kill('SIGTERM')
    if (child.exitCode === null) await once(child, 'exit', { signal: AbortSignal.timeout(END_MS) })
  }
  children.clear()
}

// Scripts use this module too, without mocha.
if (typeof after === 'function')
  after(async function () {
    this.timeout(END_MS + START_MS)
    if (notInstalled.size > 0)
      console.log(`\n  Not run for want of programs: ${[...notInstalled].join('; ')}.`)
    await endBridges()
  })

/** A bridge over the embedded demo. */
export async function startDemo(): Promise<Bridge> {
  const bridge = await startBridge(['--demo'], { user: 'demo', password: 'demo' })
  const library = await connect({ demo: true })
  const { rows } = await library.query<MailServer>(serversFrom('ir.mail_server'))
  await library.close()
  return { ...bridge, key: ['id', '_partition'], servers: rows }
}

/** A bridge over a real Odoo. */
export async function startReal(server: RealServer): Promise<Bridge> {
  const user = { user: 'reporter', password: 'of numbers' }
  const url = `odoo://${server.login}@${new URL(server.url).host}/${server.database}`
  const bridge = await startBridge([url], user, {
    ODOO_BRIDGE_USER: user.user,
    ODOO_BRIDGE_PASSWORD: user.password,
    ...(server.version >= 19 ? { ODOO_API_KEY: server.apiKey } : { ODOO_PASSWORD: server.password }),
  })
  const client = new pg.Client(server.pgUrl)
  await client.connect()
  const { rows } = await client.query<MailServer>(serversFrom('ir_mail_server'))
  await client.end()
  return { ...bridge, servers: rows }
}

/** Reads the mail servers by id, each value as PostgreSQL prints it. */
const serversFrom = (table: string): string =>
  `SELECT ${SERVER_COLUMNS.replace('create_date', "date_trunc('second', create_date)::text AS create_date")}
  FROM ${table} ORDER BY id`

/** Starts `odoo-sql serve` over one partition and waits until it says where it listens; `servers` is left empty. */
export async function startBridge(
  args: readonly string[],
  { user, password }: { readonly user: string; readonly password: string },
  env: NodeJS.ProcessEnv = {},
): Promise<Bridge> {
  const words = ['--import', 'tsx', CLI, 'serve', ...args, '--port', '0', '--quiet']
  const child = spawn(process.execPath, words, { env: { ...cleanEnvironment(), ...env } })
  children.add(child)
  child.stderr.pipe(process.stderr)
  const said = await firstWords(child)
  const [address, host = '', port] = /(127\.0\.0\.1):(\d+)/.exec(said) ?? []
  if (address === undefined) throw new TypeError(`odoo-sql serve does not listen: ${said}`)
  const url = `postgresql://${user}:${encodeURIComponent(password)}@${address}/odoo`
  const place = { host, port: Number(port), database: 'odoo', url, pid: child.pid! }
  return { ...place, user, password, key: ['id'], servers: [] }
}

/** A file, or a name on the PATH. */
export function isInstalled(program: string): boolean {
  const places = program.startsWith('/') ? [''] : (process.env['PATH'] ?? '').split(delimiter)
  return places.some((place) => {
    try {
      accessSync(join(place, program))
      return true
    } catch {
      return false
    }
  })
}

/** A file beside the tests, such as a client program. */
export const fileHere = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

/** Runs a client program to its end; `input` is piped into it. */
export async function runProgram(
  bridge: Bridge,
  program: string,
  args: readonly string[],
  { input = '', env = {} }: { readonly input?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<Finished> {
  const child = startProgram(bridge, program, args, env)
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  let [out, err] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (out += chunk))
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (err += chunk))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, out, err }
}

/** Starts a client program; what it needs to connect stands in libpq's environment variables. */
export const startProgram = (
  bridge: Bridge,
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): ChildProcessWithoutNullStreams => spawn(program, args, { env: { ...environmentOf(bridge), ...env } })

export const environmentOf = (bridge: Bridge): NodeJS.ProcessEnv => ({
  ...cleanEnvironment(),
  LC_ALL: 'C.UTF-8',
  PGHOST: bridge.host,
  PGPORT: String(bridge.port),
  PGUSER: bridge.user,
  PGPASSWORD: bridge.password,
  PGDATABASE: bridge.database,
})

/** Runs a client program that prints one JSON document, which is what comes back. */
export async function jsonOf(bridge: Bridge, program: string, args: readonly string[]): Promise<unknown> {
  const { code, out, err } = await runProgram(bridge, program, args)
  if (code !== 0) throw new TypeError(`${program} ${args.join(' ')} ended with ${String(code)}: ${err}`)
  return JSON.parse(out)
}
