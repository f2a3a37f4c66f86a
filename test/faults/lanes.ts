import { Client, type ClientConfig } from 'pg'
import QueryStream from 'pg-query-stream'
import { demoDatabases } from '../../src/demo/databases.ts'
import { startDemo, type DemoDatabase } from '../../src/demo/server.ts'
import { connect, type ConnectOptions } from '../../src/driver/connection.ts'
import { startTestBridge } from '../support/bridge.ts'
import type { Fault } from '../support/fault.ts'
import { startProxy, type Proxy } from '../support/proxy.ts'
import { realServers, type RealServer } from '../support/real-odoo.ts'

/** Runs go one after the other along a lane: one server, one proxy before it, and a way to ask. */
export interface Lane {
  readonly title: string
  readonly proxy: Proxy
  readonly statements: readonly string[]
  /** What goes wrong with the requests from now on, counted from 0. */
  setFaults(faultOf: ((index: number) => Fault | undefined) | undefined): void
  /** Statements need the embedded PostgreSQL, which takes a second to start. */
  readonly needsEngine: boolean
  /** Logs in; ends in 57014 after so long. */
  open(timeoutMs: number): Promise<Asker>
  close(): Promise<void>
}

export interface Asker {
  /** Adds the text of each row as it comes, and throws what the statement ends in. */
  ask(sql: string, timeoutMs: number, rows: string[]): Promise<void>
  close(): Promise<void>
}

/** More than one batch of a narrow table. */
const SERVERS = 2_500

/** The demo's databases; the first has so many mail servers that they come in batches. */
export function largeDatabases(version: 14 | 19): readonly DemoDatabase[] {
  const [first, ...others] = demoDatabases(version)
  const records = first!.records
  const some = records['ir.mail_server']!
  const servers = Array.from({ length: SERVERS }, (_, index) => ({
    ...some[index % some.length]!,
    id: index + 1,
  }))
  return [{ ...first!, records: { ...records, 'ir.mail_server': servers } }, ...others]
}

// prettier-ignore
/** Ways through the driver: batches, a page, a count, groups, labels; and PostgreSQL over rows, groups, joins. */
const SCANS = [
  'SELECT id, name, smtp_port FROM ir.mail_server',
  'SELECT id, smtp_host, active FROM ir.mail_server WHERE smtp_port = 587',
  'SELECT id, name FROM ir.mail_server ORDER BY id DESC LIMIT 7',
  "SELECT count(*) FROM ir.mail_server WHERE smtp_encryption <> 'none'",
  'SELECT id, name, create_uid_label FROM res.country WHERE id < 10',
]
// prettier-ignore
const FINISHED = [
  'SELECT smtp_encryption, count(*) FROM ir.mail_server GROUP BY smtp_encryption',
  'SELECT id, upper(name) FROM ir.mail_server WHERE length(name) > 20',
  'SELECT l.id, p.name FROM crm.lead l JOIN res.partner p ON p.id = l.partner_id',
  "SELECT c.name, count(*), sum(l.expected_revenue) FROM crm.lead l JOIN res.partner p ON p.id = l.partner_id JOIN res.country c ON c.id = p.country_id GROUP BY c.name",
  'SELECT city, count(*) FROM res.partner GROUP BY city HAVING count(*) > 1',
]

/** Opens lanes for each way to reach the demo, and one for each real server that the environment names. */
export async function openLanes(only = ''): Promise<Lane[]> {
  const all = [...SCANS, ...FINISHED]
  const lanes = await Promise.all([
    demoLane('Odoo 19, JSON-2', 19, { statements: all }),
    demoLane('Odoo 14, JSON-RPC', 14, { statements: all }),
    demoLane('two partitions', 19, { statements: all.slice(0, -2), isPartitioned: true }),
    demoLane('the bridge', 19, { statements: all, openAsker: askBridge }),
    // These wait most of the time, each for its own stalls.
    ...[1, 2, 3].flatMap((number) => [
      demoLane(`Odoo 19, scans ${number}`, 19, { statements: SCANS }),
      demoLane(`Odoo 14, scans ${number}`, 14, { statements: SCANS }),
    ]),
    ...realServers().map(realLane),
  ])
  return lanes.filter(({ title }) => title.includes(only))
}

type OpenAsker = (options: ConnectOptions, timeoutMs: number) => Promise<Asker>

async function demoLane(
  title: string,
  version: 14 | 19,
  given: { statements: readonly string[]; isPartitioned?: boolean; openAsker?: OpenAsker },
): Promise<Lane> {
  const demo = await startDemo({ version, databases: largeDatabases(version) })
  const { databases, login, apiKey, url } = demo
  const optionsOf = (through: string): ConnectOptions => {
    const names = given.isPartitioned === true ? databases : databases.slice(0, 1)
    const partitions = names.map((database) => [database, { url: through, database, login, apiKey }] as const)
    return { partitions: Object.fromEntries(partitions), catalogCache: false }
  }
  return laneOf(title, url, { ...given, optionsOf, closeServer: () => demo.close() })
}

const realLane = ({ version, url, database, login, password, apiKey }: RealServer): Promise<Lane> => {
  const account = version === 14 ? { password } : { apiKey }
  // The server's own tables are large, and others work with it: a part will do.
  const statements = [
    'SELECT id, name, smtp_port FROM ir.mail_server',
    'SELECT id, name FROM ir.mail_server ORDER BY id DESC LIMIT 7',
    'SELECT id, name FROM res.partner WHERE id < 4500',
    'SELECT smtp_encryption, count(*) FROM ir.mail_server GROUP BY smtp_encryption',
    'SELECT l.id, s.name FROM crm.lead l JOIN crm.stage s ON s.id = l.stage_id WHERE l.id < 200',
  ]
  const optionsOf = (through: string): ConnectOptions => ({
    url: through,
    database,
    login,
    ...account,
    catalogCache: false,
  })
  return laneOf(`real Odoo ${version}`, url, { statements, optionsOf })
}

async function laneOf(
  title: string,
  target: string,
  given: {
    readonly statements: readonly string[]
    readonly optionsOf: (url: string) => ConnectOptions
    readonly openAsker?: OpenAsker
    readonly closeServer?: () => Promise<void>
  },
): Promise<Lane> {
  let faultOf: ((index: number) => Fault | undefined) | undefined
  let index = 0
  const proxy = await startProxy(target, { fault: () => faultOf?.(index++) })
  return {
    title,
    proxy,
    statements: given.statements,
    needsEngine: given.statements !== SCANS,
    setFaults(faults) {
      faultOf = faults
      index = 0
    },
    open: (timeoutMs) => (given.openAsker ?? askLibrary)(given.optionsOf(proxy.url), timeoutMs),
    async close() {
      await proxy.close()
      await given.closeServer?.()
    },
  }
}

async function askLibrary(options: ConnectOptions, timeoutMs: number): Promise<Asker> {
  const connection = await connect({ ...options, signal: AbortSignal.timeout(timeoutMs) })
  return {
    async ask(sql, limitMs, rows) {
      for await (const batch of await connection.cursor(sql, [], { timeoutMs: limitMs }))
        rows.push(...batch.map((row) => JSON.stringify(row)))
    },
    close: () => connection.close(),
  }
}

/** Rows a client of the bridge asks for at a time. */
const PORTAL_ROWS = 500

async function askBridge(connectOptions: ConnectOptions, authenticationTimeoutMs: number): Promise<Asker> {
  const bridge = await startTestBridge(
    { connect: connectOptions, user: 'tool', password: 'tool' },
    { authenticationTimeoutMs },
  )
  const config: ClientConfig = {
    host: '127.0.0.1',
    port: bridge.port,
    user: 'tool',
    password: 'tool',
    database: 'odoo',
  }
  const client = new Client(config)
  // Told of again by what is under way.
  client.on('error', () => undefined)
  let hasEnded = false
  client.once('end', () => {
    hasEnded = true
  })
  const close = async (): Promise<void> => {
    // It would wait for ever for an end that has been.
    if (!hasEnded) await client.end()
    await bridge.close(0)
  }
  try {
    await client.connect()
  } catch (thrown) {
    await bridge.close(0)
    throw thrown
  }
  return {
    async ask(sql, limitMs, rows) {
      await client.query(`SET statement_timeout = ${limitMs}`)
      const stream = client.query(new QueryStream(sql, [], { batchSize: PORTAL_ROWS, rowMode: 'array' }))
      for await (const row of stream as AsyncIterable<unknown>) rows.push(JSON.stringify(row))
    },
    close,
  }
}
