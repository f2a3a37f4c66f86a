import { expect } from 'chai'
import { paramFromJs } from '../../src/engine/params.ts'
import { ORDER, PARTNER, errorOf, orders, partners, startTestEngine } from './support.ts'
import type { TestEngine } from './support.ts'

describe('the engine', function () {
  this.timeout(60_000)
  let engine: TestEngine
  before(async () => {
    engine = startTestEngine()
    await engine.ready
  })
  after(() => engine.close())

  describe('explain', () => {
    it('tells the scan, its columns and its filter, with parameters folded in', async () => {
      const { plan, parameterOids, columns } = await engine.explain({
        sql: 'SELECT name FROM partner WHERE active AND id = $1',
        params: [paramFromJs(42)],
      })
      const [{ Plan: scan }] = plan as [{ Plan: Record<string, unknown> }]
      expect(scan['Relation Name']).to.equal('partner')
      expect(scan['Output']).to.deep.equal(['name'])
      expect(scan['Filter']).to.equal('(partner.active AND (partner.id = 42))')
      expect(parameterOids).to.deep.equal([23])
      expect(columns.map(({ name, type }) => [name, type])).to.deep.equal([['name', 'text']])
    })

    it('names needed columns only, under an aggregate and a join too', async () => {
      const { plan } = await engine.explain({
        sql: 'SELECT p.name, sum(o.amount) FROM sale.order o JOIN partner p ON p.id = o.partner_id GROUP BY p.name',
      })
      const text = JSON.stringify(plan)
      expect(text)
        .to.contain('"Output":["o.amount","o.partner_id"]')
        .and.to.contain('"Output":["p.name","p.id"]')
      expect(text).to.contain('Hash Join').and.not.to.contain('Index')
    })

    it('drops an unused join, by the primary key', async () => {
      const sql = 'SELECT o.id FROM sale.order o LEFT JOIN partner p ON p.id = o.partner_id'
      expect(JSON.stringify((await engine.explain({ sql })).plan)).not.to.contain('partner"')
    })

    const faults: [sql: string, code: string, position: number | undefined][] = [
      ['SELECT nmae FROM partner', '42703', 8],
      ['SELECT 1 FROM nowhere', '42P01', 15],
      ['SELEC 1', '42601', 1],
      ['SELECT id, count(*) FROM sale.order', '42803', 8],
      ["SELECT 'x'::int4", '22P02', 8],
      ['SELECT 1/0', '22012', undefined],
      ['', '42601', 1],
      ['SELECT 1 /*', '42601', 10],
      ['SELECT a\0b', '22021', undefined],
    ]
    for (const [sql, code, position] of faults)
      it(`ends in ${code} for ${JSON.stringify(sql)}`, async () => {
        const { code: found, position: at } = await errorOf(engine.explain({ sql }))
        expect([found, at]).to.deep.equal([code, position])
        const ran = await errorOf(engine.all(sql))
        expect(ran.code).to.equal(code)
        if (sql !== '') expect(ran.position).to.equal(position)
      })
  })

  describe('the time', () => {
    const now = new Date('2020-02-03T04:05:06.789Z')

    it('is the one that was given, in every call of a statement', async () => {
      const [value, day] = await engine.evaluate(["now() - '7 days'::interval", 'CURRENT_DATE'], { now })
      expect(value).to.include({ value: '2020-01-27 04:05:06.789+00' })
      expect(day).to.include({ type: 'date', value: '2020-02-03' })
      const sql = 'SELECT localtimestamp, statement_timestamp() = now()'
      expect(await engine.all(sql, { now })).to.deep.equal([['2020-02-03 04:05:06.789', true]])
    })

    it('goes on for the next statement', async () => {
      const [[seconds]] = (await engine.all('SELECT extract(epoch FROM now())::int8')) as [[string]]
      expect(Math.abs(Number(seconds) - Date.now() / 1000)).to.be.below(3600)
    })
  })

  it('evaluates each expression by itself where one has no value', async () => {
    const [one, failed, two] = await engine.evaluate(['1 -- one', '1/0', "'a' || 'b'"])
    expect(one).to.deep.equal({ oid: 23, type: 'int4', value: 1 })
    expect(failed).to.include({ code: '22012' })
    expect(two).to.include({ value: 'ab' })
  })

  describe('run', () => {
    it('gives back every type as it was loaded', async () => {
      const image = Uint8Array.of(0, 255, 10, 9, 92)
      const row = [
        7,
        'tab\t back\\slash\r\n "q" \u{1F600} \\N',
        true,
        '\\.',
        1e-7,
        [3, -4],
        image,
        '{"a": [1, "x\\n"]}',
        'north',
      ]
      const load = {
        table: PARTNER,
        columns: [...PARTNER.columns.map((column) => column.name), '_partition'],
        batches: [[row, [8, ...Array<null>(8).fill(null)]]],
      }
      const { columns, rows } = await engine.result('SELECT * FROM partner ORDER BY id', { loads: [load] })
      expect(rows).to.deep.equal([row, [8, ...Array<null>(8).fill(null)]])
      expect(columns.map((column) => column.type)).to.deep.equal([
        ...PARTNER.columns.map((column) => column.type),
        'text',
      ])
      const order = [1, null, '12.30', '2022-02-28', '2022-02-28 10:11:12.123456', null]
      const load2 = {
        table: ORDER,
        columns: ['id', 'partner_id', 'amount', 'day', 'create_date'],
        batches: [[order.slice(0, 5)]],
      }
      expect(await engine.all('TABLE sale.order', { loads: [load2] })).to.deep.equal([order])
    })

    it('keeps PostgreSQL’s text for types that the driver does not have', async () => {
      const sql =
        "SELECT '1 day'::interval, ARRAY[1, NULL], ARRAY['x'], -5::int2, 'infinity'::timestamp, 1e20::float8"
      const { columns, rows } = await engine.result(sql)
      expect(rows).to.deep.equal([['1 day', '{1,NULL}', '{x}', '-5', 'infinity', 1e20]])
      expect(columns.map((column) => column.typeName).slice(0, 4)).to.deep.equal([
        'interval',
        'integer[]',
        'text[]',
        'smallint',
      ])
    })

    it('joins what was loaded, and forgets it', async () => {
      const sql =
        'SELECT p.name, sum(o.amount) FROM sale.order o JOIN partner p ON p.id = o.partner_id GROUP BY p.id ORDER BY p.id'
      const rows = await engine.all(sql, { loads: [partners(10), orders(100)] })
      expect(rows).to.have.length(10)
      expect(rows[0]).to.deep.equal(['Partner 1', '555.00'])
      expect(await engine.all('SELECT count(*) FROM partner')).to.deep.equal([['0']])
    })

    it('streams more rows than fit into one reply', async () => {
      const rows = await engine.all('SELECT * FROM partner ORDER BY id DESC', { loads: [partners(30_000)] })
      expect(rows.map(([id]) => id)).to.deep.equal(
        Array.from({ length: 30_000 }, (_, index) => 30_000 - index),
      )
    })

    it('takes parameters of every kind', async () => {
      const params = [
        'x',
        5,
        2.5,
        true,
        null,
        [1, 2],
        new Date(0),
        Uint8Array.of(1, 2),
        ['a"b', null, 'c\\'],
      ].map(paramFromJs)
      const sql = `SELECT $1::text, $2::int4, $3::numeric, $4::bool, $5::text, 2 = ANY($6::int4[]), $7::timestamp,
        $8::bytea, $9::text[]`
      expect(await engine.all(sql, { params })).to.deep.equal([
        [
          'x',
          5,
          '2.5',
          true,
          null,
          true,
          '1970-01-01 00:00:00',
          Uint8Array.of(1, 2),
          '{"a\\"b",NULL,"c\\\\"}',
        ],
      ])
      const binary = { oid: 23, value: Uint8Array.of(0, 0, 1, 0) }
      expect(await engine.all('SELECT $1 + 1', { params: [binary] })).to.deep.equal([[257]])
    })

    it('holds the client’s settings for one statement, and no others', async () => {
      const settings = { TimeZone: "x'; DROP TABLE partner; --" }
      const sql = "SELECT timestamptz '2022-07-01 00:00:00Z'::text, current_setting('search_path')"
      expect(await engine.all(sql, { settings: { TimeZone: 'Europe/Berlin' } })).to.deep.equal([
        ['2022-07-01 02:00:00+02', 'ir, res, public'],
      ])
      expect((await errorOf(engine.all(sql, { settings }))).code).to.equal('22023')
      expect((await errorOf(engine.all(sql, { settings: { role: 'postgres' } }))).code).to.equal('22023')
      expect((await engine.all(sql))[0]?.[0]).to.equal('2022-07-01 00:00:00+00')
    })

    it('passes on the error of a source, and goes on', async () => {
      const failing = { ...partners(1), batches: failAfter(partners(1).batches as Iterable<never>) }
      expect((await errorOf(engine.all('TABLE partner', { loads: [failing] }))).code).to.equal('XX000')
      const twice = { ...partners(1), batches: [[[1, 'a', true, 'n']], [[1, 'b', true, 'n']]] }
      expect((await errorOf(engine.all('TABLE partner', { loads: [twice] }))).code).to.equal('23505')
      expect(await engine.all('SELECT 1')).to.deep.equal([[1]])
    })
  })

  describe('text', () => {
    it('is ordered bytewise, and folds case by Unicode', async () => {
      const sql = `SELECT lower('ÀÉÇ Ж'), upper('ß'), 'É' ILIKE 'é', 'É' ~* 'é', 'B' < 'a', 'z' < 'é'`
      expect(await engine.all(sql)).to.deep.equal([['àéç ж', 'ß', true, true, true, true]])
    })

    it('can be searched, with PostgreSQL’s own stemmers', async () => {
      expect(
        await engine.all("SELECT to_tsvector('english', 'the running dogs') @@ 'dog'::tsquery"),
      ).to.deep.equal([[true]])
    })
  })

  describe('the catalog', () => {
    it('shows tables, columns, descriptions and keys to tools', async () => {
      expect(await engine.all('SELECT current_database(), current_user, session_user')).to.deep.equal([
        ['odoo', 'odoo', 'odoo'],
      ])
      const columns = `SELECT column_name, data_type FROM information_schema.columns
        WHERE table_schema = 'sale' AND table_name = 'order' ORDER BY ordinal_position`
      expect((await engine.all(columns)).map(([name]) => name)).to.deep.equal([
        ...ORDER.columns.map((column) => column.name),
        '_partition',
      ])
      const comments = `SELECT obj_description('res.partner'::regclass), col_description('res.partner'::regclass, 4)`
      expect(await engine.all(comments)).to.deep.equal([
        ['Label. A description.', 'A description. Values: a = First; b = It’s second.'],
      ])
      const keys = `SELECT constraint_type FROM information_schema.table_constraints
        WHERE table_name = 'order' AND constraint_type LIKE '% KEY' ORDER BY 1`
      expect(await engine.all(keys)).to.deep.equal([['FOREIGN KEY'], ['PRIMARY KEY']])
    })

    it('takes further tables, changed ones, and foreign keys to them', async () => {
      const category = { ...PARTNER, name: 'category', model: 'res.partner.category' }
      await engine.evaluate([], { tables: [category] })
      expect(await engine.all('SELECT * FROM res.category')).to.deep.equal([])
      await engine.evaluate([], { tables: [{ ...category, columns: category.columns.slice(0, 1) }] })
      expect(
        (await engine.result('SELECT * FROM res.category')).columns.map((column) => column.name),
      ).to.deep.equal(['id', '_partition'])
    })
  })
})

describe('an engine of several partitions', function () {
  this.timeout(60_000)
  it('holds rows of the same id side by side', async () => {
    const engine = startTestEngine({ isPartitioned: true })
    const load = {
      table: PARTNER,
      columns: ['id', '_partition'],
      batches: [
        [
          [1, 'north'],
          [1, 'south'],
        ],
      ],
    }
    expect(
      await engine.all('SELECT id, _partition FROM partner ORDER BY 2', { loads: [load] }),
    ).to.deep.equal([
      [1, 'north'],
      [1, 'south'],
    ])
    await engine.close()
    expect((await errorOf(engine.all('SELECT 1'))).code).to.equal('55000')
  })
})

function* failAfter(batches: Iterable<never>) {
  yield* batches
  // eslint-disable-next-line @typescript-eslint/only-throw-error -- what a source with a defect might throw
  throw 'a defect'
}
