import type { Table } from 'apache-arrow'
import { expect } from 'chai'
import fc from 'fast-check'
import type { SqlTypeName } from '../../src/catalog/spec.ts'
import type { Datum } from '../../src/catalog/types.ts'
import { arrowBatches, arrowStream, type ArrowOptions } from '../../src/driver/arrow.ts'
import { connect, type Connection } from '../../src/driver/connection.ts'
import type { Cursor, ResultColumn, RowBatch } from '../../src/driver/cursor.ts'
import { sqlErrorOf } from '../support/errors.ts'

// As the driver loads it: mocha may give a static import another copy of the package.
const { tableFromIPC, tableToIPC } = await import('apache-arrow')

const TYPES: Record<SqlTypeName, string> = {
  text: 'Utf8',
  int4: 'Int32',
  int8: 'Int64',
  bool: 'Bool',
  float8: 'Float64',
  numeric: 'Utf8',
  date: 'Date32<DAY>',
  timestamp: 'Timestamp<MICROSECOND>',
  bytea: 'Binary',
  jsonb: 'Utf8',
  'int4[]': 'List<Int32>',
}
const NAMES = Object.keys(TYPES) as SqlTypeName[]

const day = fc
  .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10))
const second = fc.integer({ min: 0, max: 86_399 })
const micros = fc.integer({ min: 0, max: 999_999 })

/** Values as PostgreSQL or Odoo give them. */
const DATUMS: Record<SqlTypeName, fc.Arbitrary<Datum>> = {
  text: fc.string({ unit: 'grapheme' }),
  int4: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  int8: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
  bool: fc.boolean(),
  float8: fc.double(),
  numeric: fc.tuple(fc.bigInt(), fc.nat()).map(([whole, part]) => `${whole}.${part}`),
  date: day,
  timestamp: fc.tuple(day, second, micros).map(([date, at, fraction]) => {
    const time = new Date(at * 1000).toISOString().slice(11, 19)
    const digits = String(fraction).padStart(6, '0').replace(/0+$/, '')
    return `${date} ${time}${digits === '' ? '' : `.${digits}`}`
  }),
  bytea: fc.uint8Array(),
  jsonb: fc.json(),
  'int4[]': fc.array(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
}

function cursorOf(columns: readonly ResultColumn[], ...batches: readonly RowBatch[]): Cursor {
  // eslint-disable-next-line @typescript-eslint/require-await -- in the shape of a cursor
  async function* read(): AsyncGenerator<RowBatch> {
    yield* batches
  }
  return { columns, notices: [], calls: [], [Symbol.asyncIterator]: read }
}

/** What a reader of the stream has. */
async function streamed(cursor: Cursor, options?: ArrowOptions): Promise<Table> {
  const parts: Uint8Array[] = []
  for await (const part of arrowStream(cursor, options)) parts.push(part)
  return tableFromIPC(Buffer.concat(parts))
}

/** A value of a table, as the driver would write it. */
function datumAt(table: Table, column: number, row: number, type: SqlTypeName): Datum {
  const vector = table.getChildAt(column)!
  const value: unknown = vector.get(row)
  if (value === null) return null
  switch (type) {
    case 'int8':
      return (value as bigint).toString()
    case 'date':
      return new Date(value as number).toISOString().slice(0, 10)
    case 'timestamp': {
      // The table gives milliseconds; the microseconds are in the column's own numbers.
      const exact = vector.toArray() as BigInt64Array
      return timestampText(exact[row]!)
    }
    case 'int4[]':
      return [...(value as Iterable<number>)]
    default:
      return value as Datum
  }
}

function timestampText(microseconds: bigint): string {
  const fraction = ((microseconds % 1_000_000n) + 1_000_000n) % 1_000_000n
  const text = new Date(Number((microseconds - fraction) / 1000n)).toISOString().slice(0, 19)
  const digits = String(fraction).padStart(6, '0').replace(/0+$/, '')
  return text.replace('T', ' ') + (digits === '' ? '' : `.${digits}`)
}

describe('Arrow', () => {
  it('has a type for each type of SQL', async () => {
    const table = await streamed(cursorOf(NAMES.map((type) => ({ name: type, type }))))
    expect(
      Object.fromEntries(table.schema.fields.map(({ name, type }) => [name, String(type)])),
    ).to.deep.equal(TYPES)
    expect(table.numRows).to.equal(0)
  })

  it('holds every value and every NULL exactly, over any batches', async () => {
    const rows = fc.array(fc.tuple(...NAMES.map((type) => fc.option(DATUMS[type]))), { maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(rows, fc.nat(20), async (rows, cut) => {
        const columns = NAMES.map((type) => ({ name: type, type }))
        const table = await streamed(cursorOf(columns, rows.slice(0, cut), rows.slice(cut)))
        const read = rows.map((_, row) => NAMES.map((type, column) => datumAt(table, column, row, type)))
        expect(read).to.deep.equal(rows)
      }),
      { numRuns: 50 },
    )
  })

  it('has floats for numerics where they are asked for', async () => {
    const cursor = cursorOf([{ name: 'amount', type: 'numeric' }], [['12.50'], [null], ['0.1']])
    const table = await streamed(cursor, { numeric: 'float64' })
    expect(String(table.schema)).to.contain('Float64')
    expect([...table.getChildAt(0)!]).to.deep.equal([12.5, null, 0.1])
  })

  it('refuses what it has no form for, and loses nothing quietly', async () => {
    const cases: readonly (readonly [SqlTypeName, Datum, string])[] = [
      ['timestamp', 'infinity', '22008'],
      ['date', '-infinity', '22008'],
      ['date', '0044-03-15 BC', '22008'],
      ['timestamp', '10000-01-01 00:00:00', '22008'],
      ['int4[]', '{{1},{2}}', '0A000'],
    ]
    for (const [type, datum, code] of cases)
      expect(await sqlErrorOf(streamed(cursorOf([{ name: 'a', type }], [[datum]]))), type).to.include({
        code,
      })
    const list = await streamed(cursorOf([{ name: 'a', type: 'int4[]' }], [['{1,NULL,-3}']]))
    expect(String(list.get(0))).to.equal('{"a": [1,null,-3]}')
  })

  it('encodes selections as dictionaries, codes that the catalog lacks included', async () => {
    const source = {
      table: 'a.b',
      column: 'state',
      model: 'a.b',
      field: 'state',
      label: 'State',
      description: 'Where it stands.',
      values: { draft: 'Draft', done: 'Done' },
    }
    const columns: ResultColumn[] = [{ name: 'state', type: 'text', source }]
    const batches = [
      [['done'], [null]],
      [['odd'], ['draft']],
      [['odd'], ['even']],
    ]
    const table = await streamed(cursorOf(columns, ...batches))
    expect(String(table.schema.fields[0])).to.equal('state: Dictionary<Int32, Utf8>')
    expect([...table.getChildAt(0)!]).to.deep.equal(batches.flat(2))
    expect([...table.batches.at(-1)!.getChildAt(0)!.data[0]!.dictionary!]).to.deep.equal([
      'draft',
      'done',
      'odd',
      'even',
    ])
    expect(Object.fromEntries(table.schema.fields[0]!.metadata)).to.deep.equal({
      'sql.type': 'text',
      'odoo.model': 'a.b',
      'odoo.field': 'state',
      label: 'State',
      description: 'Where it stands.',
    })
  })

  it('gives a batch for each of the cursor’s, and one where there are no rows', async () => {
    const columns: ResultColumn[] = [{ name: 'id', type: 'int4' }]
    const rowsOf = async (cursor: Cursor): Promise<number[]> => {
      const rows: number[] = []
      for await (const batch of arrowBatches(cursor)) rows.push(batch.numRows)
      return rows
    }
    expect(await rowsOf(cursorOf(columns, [[1], [2]], [[3]]))).to.deep.equal([2, 1])
    expect(await rowsOf(cursorOf(columns))).to.deep.equal([0])
  })
})

describe('Arrow of a connection', () => {
  let odoo: Connection
  before(async () => {
    odoo = await connect({ demo: true })
  })
  after(() => odoo.close())

  it('has the table that the rows have', async () => {
    const result = await odoo.query(
      'SELECT id, name, active, create_date, smtp_encryption, _partition FROM ir.mail_server ORDER BY id',
    )
    const table = tableFromIPC(tableToIPC(await result.toArrow()))
    expect(table.schema.fields.map(String)).to.deep.equal([
      'id: Int32',
      'name: Utf8',
      'active: Bool',
      'create_date: Timestamp<MICROSECOND>',
      'smtp_encryption: Dictionary<Int32, Utf8>',
      '_partition: Utf8',
    ])
    const records = table.toArray() as { create_date: number }[]
    const read = records.map((row) => ({ ...row, create_date: new Date(row.create_date) }))
    expect(read).to.deep.equal(result.rows)
    expect(table.schema.fields[0]!.metadata.get('odoo.model')).to.equal('ir.mail_server')
  })

  it('comes in batches, of the short way and of the engine', async () => {
    for (const sql of [
      'SELECT id, name FROM ir.mail_server ORDER BY id',
      'SELECT max(id) AS id, name FROM ir.mail_server GROUP BY name ORDER BY 1',
    ]) {
      const ids: unknown[] = []
      for await (const batch of odoo.batches(sql)) ids.push(...batch.getChild('id')!)
      const { rows } = await odoo.query<{ id: number }>(sql)
      expect(ids).to.deep.equal(rows.map(({ id }) => id))
    }
  })

  it('knows a column behind a join, a group, a CTE and an alias', async () => {
    const { columns } = await odoo.query(`
      WITH open AS (SELECT s.smtp_encryption AS how, p.name FROM ir.mail_server s JOIN res.partner p ON p.id = s.id)
      SELECT how AS encryption, max(name) AS name, count(*) FROM open GROUP BY how`)
    expect(columns.map(({ name, source }) => [name, source?.table, source?.column])).to.deep.equal([
      ['encryption', 'ir.mail_server', 'smtp_encryption'],
      ['name', undefined, undefined],
      ['count', undefined, undefined],
    ])
    expect(columns[0]!.source).to.include({ model: 'ir.mail_server', field: 'smtp_encryption' })
    expect(Object.keys(columns[0]!.source?.values ?? {})).to.include('starttls')
  })

  it('keeps dates and JSON of rows, and refuses two columns of one name', async () => {
    const result = await odoo.query(`
      SELECT DATE '2022-06-01' AS day, TIMESTAMP '2022-06-01 10:00:00.25' AS time, '{"a": [1]}'::jsonb AS json`)
    const table = await result.toArrow()
    expect(datumAt(table, 0, 0, 'date')).to.equal('2022-06-01')
    expect(datumAt(table, 1, 0, 'timestamp')).to.equal('2022-06-01 10:00:00.25')
    expect(table.getChild('json')!.get(0)).to.equal('{"a":[1]}')
    const twice = await odoo.query('SELECT id, id FROM ir.mail_server')
    expect(await sqlErrorOf(twice.toArrow())).to.include({ code: '42701' })
    const never = await odoo.query("SELECT 'infinity'::timestamp AS a")
    expect(await sqlErrorOf(never.toArrow())).to.include({ code: '22008' })
  })
})
