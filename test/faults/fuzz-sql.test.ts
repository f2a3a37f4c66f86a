import { expect } from 'chai'
import { catalogOf } from '../../src/catalog/catalog.ts'
import { loadCatalog } from '../../src/catalog/load.ts'
import { qualifiedName } from '../../src/catalog/spec.ts'
import { startDemo } from '../../src/demo/server.ts'
import { connect, type Connection } from '../../src/driver/connection.ts'
import { openPartition } from '../../src/driver/partition.ts'
import { SqlError } from '../../src/errors.ts'
import { openClient } from '../../src/odoo/client.ts'
import { bindSelect } from '../../src/planner/bind-select.ts'
import { planScan } from '../../src/planner/scan-plan.ts'
import type { TableOnServer } from '../../src/planner/server.ts'
import { loadGrammar, positionOfColumn, positionOfLiteral } from '../../src/sql/gate.ts'
import { readSelect } from '../../src/sql/reader.ts'
import { parseStatement } from '../../src/sql/statement.ts'
import { randomFrom } from '../support/generate-random.ts'
import { startProxy, type Proxy } from '../support/proxy.ts'
import { mutatedQuery } from './mutate-query.ts'
import { SEED } from './seed.ts'

const PARSED = Number(process.env['FUZZ_RUNS'] ?? 100_000)
const ASKED = Math.ceil(PARSED / 10)

describe(`fuzz: SQL text (FAULT_SEED=${SEED})`, function () {
  this.timeout(400_000)

  it(`${PARSED} mutations of golden queries are parsed and planned, or refused as they should be`, async () => {
    await loadGrammar()
    const serverOf = await tablesOfDemo()
    const codes = new Map<string, number>()
    let planned = 0
    for (let run = 0; run < PARSED; run++) {
      const sql = mutatedQuery(randomFrom(SEED + run))
      try {
        if (planShort(sql, serverOf)) planned++
      } catch (thrown) {
        noteCode(codes, thrown, `seed ${SEED + run}: ${JSON.stringify(sql)}`)
      }
    }
    expect(planned).to.be.greaterThan(PARSED / 100)
    expect([...codes.keys()]).to.include.members(['42601', '25006'])
    console.log(`      ${planned} planned as scans, refused ${JSON.stringify(Object.fromEntries(codes))}`)
  })

  it(`${ASKED} of them are asked of the demo, which is only read`, async () => {
    const demo = await startDemo()
    const proxy = await startProxy(demo.url)
    const { login, apiKey } = demo
    const partitions = Object.fromEntries(
      demo.databases.map((database) => [database, { url: proxy.url, database, login, apiKey }]),
    )
    const connection = await connect({ partitions, catalogCache: false, timeoutMs: 10_000, maxRows: 50_000 })
    const codes = new Map<string, number>()
    let answered = 0
    try {
      for (let run = 0; run < ASKED; run++) {
        const sql = mutatedQuery(randomFrom(SEED + run))
        try {
          const { rows, rowCount } = await connection.query(sql)
          expect(rowCount).to.equal(rows.length)
          answered++
        } catch (thrown) {
          noteCode(codes, thrown, `seed ${SEED + run}: ${JSON.stringify(sql)}`)
        }
      }
      expect(answered).to.be.greaterThan(ASKED / 40)
      console.log(`      ${answered} answered, refused ${JSON.stringify(Object.fromEntries(codes))}`)
      await expectSound(connection, proxy)
    } finally {
      await connection.close()
      await proxy.close()
      await demo.close()
    }
  })
})

/** Whatever it is, it is no defect of ours: a SqlError, of no unknown kind, that says something. */
function noteCode(codes: Map<string, number>, thrown: unknown, about: string): void {
  expect(thrown, about).to.be.instanceOf(SqlError)
  const { code, message } = thrown as SqlError
  expect(code, `${about}: ${message}`).to.not.equal('XX000')
  expect(message, about)
    .to.match(/\S.{3}/s)
    .and.not.match(/undefined is not|\[object |Cannot read prop/)
  codes.set(code, (codes.get(code) ?? 0) + 1)
}

async function expectSound(connection: Connection, proxy: Proxy): Promise<void> {
  await connection.query('USE demo')
  expect(
    (await connection.query("SELECT upper('a') AS a, count(*) AS n FROM ir.mail_server")).rows,
  ).to.deep.equal([{ a: 'A', n: '12' }])
  const methods = new Set(proxy.requests.map(({ path }) => /^\/json\/2\/[^/]+\/(\w+)$/.exec(path)?.[1]))
  methods.delete(undefined)
  expect([...methods].filter((method) => !READS.has(method!))).to.deep.equal([])
}

const READS: ReadonlySet<string> = new Set([
  'context_get', 'fields_get', 'has_access', 'get_available_models', 'search', 'search_count', 'search_read', 'read',
  'formatted_read_group',
]) // prettier-ignore

type ServerOf = (schema: string | undefined, name: string) => TableOnServer | undefined

/** What the short way makes of a statement; false where it is not its kind. */
function planShort(sql: string, serverOf: ServerOf): boolean {
  const statement = parseStatement(sql)
  if (statement.kind !== 'select') return false
  const read = readSelect(statement.text, statement.node)
  const server = read === undefined ? undefined : serverOf(read.from.schema, read.from.name)
  if (read === undefined || server === undefined) return false
  const { table } = server
  const select = bindSelect(read, {
    table,
    from: read.from,
    parameters: [],
    parameterTypes: [],
    revealSecrets: false,
    positionOf: (kind, text) => (kind === 'column' ? positionOfColumn : positionOfLiteral)(statement, text),
  })
  return planScan(select, [server]) !== undefined
}

async function tablesOfDemo(): Promise<ServerOf> {
  const demo = await startDemo()
  const config = { name: 'demo', url: demo.url, database: 'demo', login: demo.login, apiKey: demo.apiKey }
  const client = await openClient(config)
  const published = await loadCatalog()
  const partition = openPartition(client, { published, cache: undefined, textOrder: 'server' })
  const found = [published.find('ir', 'mail_server')]
  for (const [schema, name] of [
    ['res', 'partner'],
    ['res', 'country'],
    ['crm', 'lead'],
  ] as const)
    found.push(await partition.discovery.table(schema, name, {}))
  const tables = catalogOf(found.filter((table) => table !== undefined))
  const servers = new Map<string, TableOnServer>()
  for (const table of tables.tables)
    servers.set(qualifiedName(table), await partition.tableOnServer(table, {}))
  client.close()
  await demo.close()
  return (schema, name) =>
    servers.get(`${schema ?? 'ir'}.${name}`) ?? servers.get(`${schema ?? 'res'}.${name}`)
}
