import { fileURLToPath } from 'node:url'
import { loadCatalog } from '../../src/catalog/load.ts'
import { qualifiedName } from '../../src/catalog/spec.ts'
import type { TableSpec } from '../../src/catalog/spec.ts'
import type { Datum } from '../../src/catalog/types.ts'
import { startDemo } from '../../src/demo/server.ts'
import { connect } from '../../src/driver/connection.ts'
import type { Connection, ConnectOptions } from '../../src/driver/connection.ts'
import { openOracle } from '../support/oracle.ts'
import type { Oracle } from '../support/oracle.ts'
import { realServers } from '../support/real-odoo.ts'
import type { RealServer } from '../support/real-odoo.ts'
import { sourceOf, type Source } from './relations.ts'
import { startScopedServer, type Scopes } from './scoped-server.ts'

/** A server to ask, in each of the ways that must answer alike, and the PostgreSQL that knows the right answers. */
export interface Target {
  readonly title: string
  open(): Promise<OpenTarget>
}

export interface OpenTarget {
  readonly sources: readonly Source[]
  readonly oracle: Oracle
  /** Sessions with pushdown: text order left to the server, and kept here. */
  readonly pushing: readonly Session[]
  /** The session that fetches whole tables. */
  readonly whole: Session
  close(): Promise<void>
}

export interface Session {
  readonly name: string
  readonly connection: Connection
}

const CATALOG = fileURLToPath(new URL('../support/catalog', import.meta.url))

/** Tables are asked about whole, so the large ones are seen in part. */
const SCOPES: Scopes = {
  'res.partner': ['id', '<=', 200],
  'crm.lead': ['id', '<=', 160],
  'ir.ui.menu': ['id', '<=', 120],
}
/** Odoo computes these record by record, in a call each, and every server has hundreds: other tests read them. */
const SLOW_COLUMNS = ['google_gmail_uri', 'smtp_authentication_info']
const REAL_TABLES = [
  'ir.mail_server',
  'res.partner',
  'crm.lead',
  'res.country',
  'ir.ui_menu',
  'mail.followers',
]
const DEMO_TABLES = ['ir.mail_server', 'res.partner', 'crm.lead']

/** The real servers that the environment names, Odoo 19 by JSON-2; where it names none, the embedded demo. */
export function targets(): Target[] {
  const real = realServers().map(realTarget)
  return real.length > 0 ? real : [demoTarget()]
}

const realTarget = ({ version, url, database, login, password, apiKey, pgUrl }: RealServer): Target => ({
  title: `Odoo ${version}`,
  open: async () => {
    const server = await startScopedServer(url, SCOPES)
    const account = version === 14 ? { password } : { apiKey, transport: 'json-2' as const }
    const options = { url: server.url, database, login, ...account }
    return openTarget(options, REAL_TABLES, pgUrl, () => server.close())
  },
})

const demoTarget = (): Target => ({
  title: 'the demo',
  open: async () => {
    const demo = await startDemo()
    const [database = ''] = demo.databases
    const options = { url: demo.url, database, login: demo.login, apiKey: demo.apiKey }
    return openTarget(options, DEMO_TABLES, undefined, () => demo.close())
  },
})

async function openTarget(
  given: ConnectOptions,
  names: readonly string[],
  pgUrl: string | undefined,
  closeServer: () => Promise<void>,
): Promise<OpenTarget> {
  const options = { ...given, catalog: CATALOG, revealSecrets: true }
  const [catalog, oracle, byServer, byUs, cached, whole] = await Promise.all([
    loadCatalog([CATALOG]),
    openOracle(pgUrl),
    connect({ ...options, textOrder: 'server' }),
    connect({ ...options, textOrder: 'local' }),
    connect({ ...options, textOrder: 'local', cache: { ttlMs: 3_600_000 } }),
    connect({ ...options, pushdown: false }),
  ])
  const sources: Source[] = []
  for (const name of names) {
    const [schema, bare = ''] = name.split('.')
    const table = catalog.find(schema, bare)!
    const rows = await readWhole(byUs, table)
    await oracle.load(table, rows)
    const { columns, ...source } = sourceOf(table, rows)
    sources.push({ ...source, columns: columns.filter((column) => !SLOW_COLUMNS.includes(column.name)) })
  }
  return {
    sources,
    oracle: inTurn(oracle),
    pushing: [
      { name: 'pushdown, text order by the server', connection: byServer },
      { name: 'pushdown, text order here', connection: byUs },
      { name: 'pushdown, with what was read before', connection: cached },
    ],
    whole: { name: 'no pushdown', connection: whole },
    close: async () => {
      await Promise.all([byServer, byUs, cached, whole, oracle].map((opened) => opened.close()))
      await closeServer()
    },
  }
}

async function readWhole(connection: Connection, table: TableSpec): Promise<readonly (readonly Datum[])[]> {
  const rows: (readonly Datum[])[] = []
  for await (const batch of await connection.cursor(`SELECT * FROM ${qualifiedName(table)}`))
    rows.push(...batch)
  return rows
}

/** Its connection takes one statement at a time. */
function inTurn(oracle: Oracle): Oracle {
  let last: Promise<unknown> = Promise.resolve()
  return {
    ...oracle,
    query: (sql, params) => {
      const answer = last.then(() => oracle.query(sql, params))
      last = answer.catch(() => undefined)
      return answer
    },
  }
}
