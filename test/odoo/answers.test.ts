import { expect } from 'chai'
import { fileURLToPath } from 'node:url'
import { loadCatalog } from '../../src/catalog/load.ts'
import { PARTITION_COLUMN_NAME, qualifiedName } from '../../src/catalog/spec.ts'
import type { SqlTypeName, TableSpec } from '../../src/catalog/spec.ts'
import type { Datum } from '../../src/catalog/types.ts'
import { startDemo } from '../../src/demo/server.ts'
import type { DemoServer } from '../../src/demo/server.ts'
import { connect } from '../../src/driver/connection.ts'
import type { Connection, ConnectOptions } from '../../src/driver/connection.ts'
import { openOracle, textOf } from '../support/oracle.ts'
import type { Oracle } from '../support/oracle.ts'
import { realServers } from '../support/real-odoo.ts'
import { QUESTIONS, REFUSED, ROWS } from './queries.ts'
import type { Question, Row, Sample, TableName } from './queries.ts'

const CATALOG = fileURLToPath(new URL('../support/catalog', import.meta.url))

/** Rows of the large tables that are asked about on real servers; the mail servers are taken whole. */
const SCOPES: Partial<Record<TableName, string>> = { 'res.partner': 'id <= 700', 'crm.lead': 'id <= 700' }
const REAL_TABLES = [
  'ir.mail_server',
  'res.partner',
  'crm.lead',
  'res.country',
  'ir.ui_menu',
  'mail.followers',
] as const
const DEMO_TABLES = ['ir.mail_server', 'res.partner', 'crm.lead'] as const

/** A server to ask, and the PostgreSQL that knows the right answers. */
interface Target {
  readonly title: string
  readonly tables: readonly TableName[]
  readonly scopes: Partial<Record<TableName, string>>
  /** The rows of the predicate tables that are asked about; all where left out. */
  readonly rows?: readonly Row[]
  /** Where the oracle may live; in process otherwise. */
  readonly pgUrl: string | undefined
  open(): Promise<{ readonly options: ConnectOptions; close(): Promise<void> }>
}

const realTarget = (title: string, pgUrl: string, options: ConnectOptions): Target => ({
  title,
  tables: REAL_TABLES,
  scopes: SCOPES,
  pgUrl,
  open: () => Promise.resolve({ options, close: () => Promise.resolve() }),
})

const demoTarget = (
  title: string,
  version: 14 | 19,
  secretOf: (demo: DemoServer) => ConnectOptions,
): Target => ({
  title,
  tables: DEMO_TABLES,
  scopes: {},
  pgUrl: realServers()[0]?.pgUrl,
  open: async () => {
    const demo = await startDemo({ version })
    const [database = ''] = demo.databases
    const options = { url: demo.url, database, login: demo.login, ...secretOf(demo) }
    return { options, close: () => demo.close() }
  },
})

/** Elsewhere the order of text is proven and pushed, for these databases collate as PostgreSQL does here. */
const withTextOrderLocal = (target: Target): Target => ({
  ...target,
  rows: ['char range', 'selection', 'translated', 'sized char', 'tree', 'order', 'order NULLS', 'limit'],
  open: async () => {
    const server = await target.open()
    return { ...server, options: { ...server.options, textOrder: 'local' } }
  },
})

const TARGETS: readonly Target[] = [
  ...realServers().flatMap(({ version, url, database, login, password, apiKey, pgUrl }) => [
    realTarget(`Odoo ${version}, JSON-RPC`, pgUrl, { url, database, login, password }),
    withTextOrderLocal(
      realTarget(`Odoo ${version}, text order local`, pgUrl, { url, database, login, password }),
    ),
    ...(version === 14
      ? []
      : [realTarget(`Odoo ${version}, JSON-2`, pgUrl, { url, database, login, apiKey })]),
  ]),
  demoTarget('the demo as Odoo 14', 14, ({ password }) => ({ password })),
  demoTarget('the demo as Odoo 19, JSON-RPC', 19, ({ password }) => ({ password })),
  demoTarget('the demo as Odoo 19, JSON-2', 19, ({ apiKey }) => ({ apiKey })),
]

type Rows = readonly (readonly (string | null)[])[]
type Params = NonNullable<Question['params']>

describe('answers', () => {
  it('asks about every row of the predicate tables', () => {
    const hit = new Set(QUESTIONS.map(({ row }) => row))
    expect(ROWS.filter((row) => !hit.has(row))).to.deep.equal([])
    expect(QUESTIONS.length).to.be.at.least(120)
  })

  for (const target of TARGETS)
    describe(`from ${target.title} equal PostgreSQL’s over the values that read returns`, () => {
      const closers: (() => Promise<void>)[] = []
      const samples = new Map<TableName, Sample>()
      let connection: Connection
      let oracle: Oracle

      before(async function () {
        this.timeout(300_000)
        const server = await target.open()
        closers.push(() => server.close())
        const options = { ...server.options, catalog: CATALOG, revealSecrets: true }
        connection = await connect(options)
        closers.push(() => connection.close())
        oracle = await openOracle(target.pgUrl)
        closers.push(() => oracle.close())
        const catalog = await loadCatalog([CATALOG])
        for (const name of target.tables) {
          const [schema, bare = ''] = name.split('.')
          const table = catalog.find(schema, bare)!
          const rows = await readWhole(connection, table, target.scopes[name])
          await oracle.load(table, rows)
          samples.set(name, sampleOf(table, rows))
        }
      })
      after(async () => {
        for (const close of closers.reverse()) await close()
      })

      const questions = QUESTIONS.filter(
        ({ row, table }) => target.tables.includes(table) && target.rows?.includes(row) !== false,
      )
      for (const question of questions)
        it(titleOf(question), async () => {
          for (const [sql, isOrdered] of statementsOf(
            question,
            samples.get(question.table)!,
            target.scopes,
          )) {
            const right = await oracle.query(sql, (question.params ?? []).map(oracleParam))
            const given = await answerOf(connection, sql, question.params)
            expect(isOrdered ? given : sorted(given), sql).to.deep.equal(isOrdered ? right : sorted(right))
          }
        })

      for (const [sql, code] of REFUSED)
        it(`${code}: ${sql}`, async () => {
          expect(await codeOf(answerOf(connection, sql))).to.equal(code)
        })
    })
})

/** The whole table, read without a predicate of the questions', as rows of values in the order of its columns. */
async function readWhole(connection: Connection, table: TableSpec, scope: string | undefined) {
  const rows: (readonly Datum[])[] = []
  const where = scope === undefined ? '' : ` WHERE ${scope}`
  const cursor = await connection.cursor(`SELECT * FROM ${qualifiedName(table)}${where}`)
  expect(cursor.columns.map(({ name }) => name)).to.deep.equal([
    ...table.columns.map(({ name }) => name),
    PARTITION_COLUMN_NAME,
  ])
  for await (const batch of cursor) rows.push(...batch)
  expect(rows, `rows of ${qualifiedName(table)}`).not.to.be.empty
  return rows
}

function sampleOf(table: TableSpec, rows: readonly (readonly Datum[])[]): Sample {
  const idAt = table.columns.findIndex(({ name }) => name === 'id')
  const inOrder = [...rows].sort((a, b) => Number(a[idAt]) - Number(b[idAt]))
  return (name, n = 0) => {
    const at = table.columns.findIndex((column) => column.name === name)
    const type = table.columns[at]!.type
    const texts = inOrder.map((row) => textOf(row[at] ?? null, type) ?? '')
    const distinct = [...new Set(texts)].filter((text) => text !== '' && Number(text) !== 0)
    const text = distinct[Math.min(n, distinct.length - 1)] ?? '1'
    return isNumeric(type) ? text : `'${text.replaceAll("'", "''")}'`
  }
}

const isNumeric = (type: SqlTypeName): boolean => ['int4', 'float8', 'numeric'].includes(type)

/** The ways in which one question is asked: as it stands; and a bare predicate also counted, and cut at a limit. */
function statementsOf(
  question: Question,
  sample: Sample,
  scopes: Target['scopes'],
): (readonly [sql: string, isOrdered: boolean])[] {
  const { table, select, orderBy, limit } = question
  const alias = select?.startsWith('s.') === true ? ' s' : ''
  const predicate = typeof question.where === 'function' ? question.where(sample) : question.where
  const conjuncts = [scopes[table], predicate].filter((conjunct) => conjunct !== undefined)
  const where =
    conjuncts.length === 0 ? '' : ` WHERE ${conjuncts.map((conjunct) => `(${conjunct})`).join(' AND ')}`
  const from = ` FROM ${table}${alias}${where}`
  const order = orderBy === undefined ? '' : ` ORDER BY ${orderBy}`
  const asked = [
    `SELECT ${select ?? 'id'}${from}${order} ${limit ?? ''}`.trim(),
    orderBy !== undefined,
  ] as const
  if (select !== undefined || orderBy !== undefined) return [asked]
  return [
    asked,
    [`SELECT count(*)${from}`, true],
    [`SELECT id${from} ORDER BY id DESC LIMIT 3 OFFSET 1`, true],
  ]
}

async function answerOf(connection: Connection, sql: string, params: Params = []): Promise<Rows> {
  const cursor = await connection.cursor(sql, params)
  const rows: (string | null)[][] = []
  // Types beyond those of tables (count's bigint) have the same text form as their value.
  for await (const batch of cursor)
    for (const row of batch) rows.push(row.map((datum, at) => textOf(datum, cursor.columns[at]!.type)))
  return rows
}

/** The SQLSTATE that an answer ends with, or undefined where it is an answer. */
const codeOf = (answer: Promise<unknown>): Promise<string | undefined> =>
  answer.then(
    () => undefined,
    (thrown: unknown) => (thrown as { code: string }).code,
  )

const oracleParam = (param: Params[number]): string | null =>
  param === null
    ? null
    : param instanceof Date
      ? param.toISOString().replace('T', ' ').slice(0, 19)
      : String(param)

const sorted = (rows: Rows): Rows =>
  [...rows].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))

function titleOf({ row, table, select, where, orderBy, limit }: Question): string {
  const predicate = typeof where === 'function' ? where((column) => `{${column}}`) : where
  const parts = [select, table, predicate, orderBy === undefined ? undefined : `ORDER BY ${orderBy}`, limit]
  return `${row}: ${parts.filter((part) => part !== undefined).join(' ')}`
}
