import { expect } from 'chai'
import { Client } from 'pg'
import {
  fieldOf,
  qualifiedName,
  type ColumnSpec,
  type FieldType,
  type TableSpec,
} from '../../src/catalog/spec.ts'
import { connect, type Connection } from '../../src/driver/connection.ts'
import { SqlError } from '../../src/errors.ts'
import { textOf as messageOf } from '../support/errors.ts'
import { textOf } from '../support/oracle.ts'
import { describeReal } from '../support/real-odoo.ts'

/** Tables with unlike fields; those that a server has not are left out. */
const COMPARED: readonly string[] = [
  'res.partner',
  'res.users',
  'res.company',
  'res.country',
  'res.currency',
  'res.lang',
  'res.groups',
  'sale.order',
  'sale.order_line',
  'crm.lead',
  'crm.stage',
  'crm.team',
  'product.template',
  'product.product',
  'product.category',
  'mail.message',
  'mail.activity_type',
  'ir.attachment',
  'ir.model_fields',
  'ir.model',
  'ir.sequence',
  'ir.cron',
  'account.move',
  'account.tax',
  'account.journal',
  'uom.uom',
]

describeReal('every model of a real Odoo', (server) => {
  const { url, database, login, password, apiKey, version } = server
  const way = version >= 19 ? { apiKey } : { password }
  let connection: Connection
  before(async () => {
    connection = await connect({ url, database, login, ...way, revealSecrets: true })
  })
  after(() => connection.close())

  it('is a table that answers, or says clearly why not', async function () {
    this.timeout(240_000)
    const tables = await connection.tables()
    expect(tables.length).to.be.greaterThan(150)
    const outcomes = new Map<string, string[]>()
    let answered = 0
    for (const { schema, name } of tables) {
      const table = `"${schema}"."${name}"`
      try {
        const { columns } = await connection.query(`SELECT * FROM ${table} LIMIT 5`)
        expect(columns.at(0)?.name, table).to.be.a('string')
        expect(columns.at(-1)?.name, table).to.equal('_partition')
        answered++
      } catch (thrown) {
        expect(thrown, `${table}: ${String(thrown)}`).to.be.instanceOf(SqlError)
        const error = thrown as SqlError
        expect(error.code, `${table}: ${error.message}`).to.be.oneOf(['42501', '58000'])
        expect(messageOf(error)).to.not.contain('Traceback')
        outcomes.set(error.code, [
          ...(outcomes.get(error.code) ?? []),
          `${schema}.${name}: ${error.message.slice(0, 120)}`,
        ])
      }
    }
    console.log(`      ${tables.length} models, ${answered} answered`, Object.fromEntries(outcomes))
    expect(answered).to.be.greaterThan(tables.length * 0.9)
  })

  it('hides from a user what Odoo hides, and sends no filter on it', async function () {
    this.timeout(60_000)
    const { analystLogin, analystPassword } = server
    const analyst = await connect({ url, database, login: analystLogin, password: analystPassword })
    try {
      const seen = new Set((await analyst.table('res.partner')).columns.map(({ name }) => name))
      const hidden = (await connection.table('res.partner')).columns.filter(({ name }) => !seen.has(name))
      expect(hidden.length).to.be.greaterThan(0)
      for (const { name } of hidden.slice(0, 5)) {
        const statement = `SELECT id FROM res.partner WHERE "${name}" IS NOT NULL LIMIT 1`
        const error = await analyst.query(statement).then(
          ({ calls: made }) => expect.fail(`${name} was answered by ${made.length} calls`),
          (thrown: unknown) => thrown as SqlError,
        )
        expect(error.code, name).to.equal('42703')
      }
      const { rows } = await analyst.query(
        "SELECT model, method FROM system.calls WHERE model = 'res.partner'",
      )
      for (const { method } of rows)
        expect(method).to.be.oneOf(['fields_get', 'check_access_rights', 'has_access'])
    } finally {
      await analyst.close()
    }
  })

  it('has the values of the database under it', async function () {
    this.timeout(240_000)
    const under = new Client({
      connectionString: server.pgUrl,
      types: { getTypeParser: () => (text: string) => text },
    })
    await under.connect()
    await under.query("SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; SET extra_float_digits = 1")
    const known = new Set((await connection.tables()).map(qualifiedName))
    const compared: string[] = []
    try {
      for (const name of COMPARED.filter((one) => known.has(one))) {
        const columns = await compareTable(await connection.table(name), connection, under)
        compared.push(`${name} (${columns})`)
      }
    } finally {
      await under.end()
    }
    console.log(`      compared, with columns: ${compared.join(', ')}`)
    expect(compared.length).to.be.at.least(20)
  })
})

/** How a stored column reads through Odoo's API; types that are left out need more than their column. */
const READS: Partial<Record<FieldType, (name: string) => string>> = {
  char: (name) => name,
  text: (name) => name,
  selection: (name) => name,
  reference: (name) => name,
  integer: (name) => `coalesce(${name}, 0)`,
  boolean: (name) => `CASE WHEN ${name} THEN 't' ELSE 'f' END`,
  date: (name) => `to_char(${name}, 'YYYY-MM-DD')`,
  datetime: (name) => `to_char(${name}, 'YYYY-MM-DD HH24:MI:SS')`,
  many2one: (name) => name,
  many2one_reference: (name) => `coalesce(${name}, 0)`,
}

/** Compares the first 200 rows; returns the number of columns compared. */
async function compareTable(table: TableSpec, connection: Connection, under: Client): Promise<number> {
  const stored = await storedColumns(table, under)
  const columns = table.columns.filter((column) => stored.has(fieldOf(column)) && isPlain(column))
  const list = columns.map((column) => `"${column.name}"`).join(', ')
  const cursor = await connection.cursor(
    `SELECT ${list} FROM "${table.schema}"."${table.name}" ORDER BY id LIMIT 200`,
  )
  const given: (string | null)[][] = []
  for await (const batch of cursor)
    for (const row of batch) given.push(columns.map((column, at) => textOf(row[at] ?? null, column.type)))
  const items = columns.map((column) => readOf(column, stored.get(fieldOf(column)) ?? ''))
  const ids = given.map((row) => row[columns.findIndex(({ name }) => name === 'id')])
  const { rows } = await under.query<(string | null)[]>({
    text: `SELECT ${items.join(', ')} FROM ${table.model.replaceAll('.', '_')} WHERE id = ANY ($1) ORDER BY id`,
    values: [ids],
    rowMode: 'array',
  })
  expect(rows.length, table.name).to.equal(given.length)
  given.forEach((row, index) => {
    columns.forEach((column, at) => {
      const where = `${qualifiedName(table)}.${column.name} of ${String(ids[index])}`
      expect(row[at], where).to.equal(rows[index]?.[at] ?? null)
    })
  })
  return columns.length
}

const isPlain = (column: ColumnSpec): boolean =>
  column.part !== 'label' && READS[column.fieldType] !== undefined

function readOf(column: ColumnSpec, type: string): string {
  const name = `"${fieldOf(column)}"`
  // Translated texts are kept by language from Odoo 16 on.
  const value = type === 'jsonb' ? `${name} ->> 'en_US'` : (READS[column.fieldType]?.(name) ?? name)
  return `(${value})::text`
}

/** Column → type, of the plain columns that Odoo keeps in the table itself. */
async function storedColumns(table: TableSpec, under: Client): Promise<Map<string, string>> {
  const { rows } = await under.query<{ column_name: string; data_type: string }>(
    `SELECT c.column_name, c.data_type FROM information_schema.columns c
     JOIN ir_model_fields f ON f.model = $2 AND f.name = c.column_name AND f.store
     WHERE c.table_name = $1 AND NOT coalesce(to_jsonb(f) ->> 'company_dependent', 'false')::boolean`,
    [table.model.replaceAll('.', '_'), table.model],
  )
  return new Map(rows.map(({ column_name, data_type }) => [column_name, data_type]))
}
