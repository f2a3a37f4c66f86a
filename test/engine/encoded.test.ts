import { expect } from 'chai'
import type { EngineParam } from '../../src/engine/protocol.ts'
import { errorOf, orders, partners, startTestEngine, valuesOfRows } from './support.ts'
import type { TestEngine } from './support.ts'

describe('encoded results', function () {
  this.timeout(60_000)
  let engine: TestEngine
  before(async () => {
    engine = startTestEngine()
    await engine.ready
  })
  after(() => engine.close())

  /** Rows as they came, and their counts. */
  async function encoded(sql: string, formats: readonly (0 | 1)[], params: readonly EngineParam[] = []) {
    const cursor = await engine.runEncoded({ sql, params, loads: [], formats })
    const rows: (Buffer | null)[][] = []
    let counted = 0
    for await (const { bytes, count } of cursor) {
      rows.push(...valuesOfRows(bytes))
      counted += count
    }
    expect(counted).to.equal(rows.length)
    return { columns: cursor.columns, rows }
  }

  const int4 = (value: number): Buffer => {
    const bytes = Buffer.alloc(4)
    bytes.writeInt32BE(value)
    return bytes
  }
  const EACH = "SELECT 258 AS a, 'é' AS b, true AS c, NULL::int8 AS d, 1.5::float8 AS e"

  it('are text, binary or both, as is asked', async () => {
    const text = ['258', 'é', 't', null, '1.5'].map((value) => (value === null ? null : Buffer.from(value)))
    expect((await encoded(EACH, [])).rows).to.deep.equal([text])
    expect((await encoded(EACH, [0])).rows).to.deep.equal([text])
    const float8 = Buffer.from('3ff8000000000000', 'hex')
    const binary = [int4(258), Buffer.from('é'), Buffer.of(1), null, float8]
    expect((await encoded(EACH, [1])).rows).to.deep.equal([binary])
    const mixed = [binary[0], text[1], text[2], null, binary[4]]
    const { columns, rows } = await encoded(EACH, [1, 0, 0, 0, 1])
    expect(rows).to.deep.equal([mixed])
    expect(columns.map(({ name, oid, typmod }) => [name, oid, typmod])).to.deep.equal([
      ['a', 23, -1],
      ['b', 25, -1],
      ['c', 16, -1],
      ['d', 20, -1],
      ['e', 701, -1],
    ])
    expect((await errorOf(encoded(EACH, [1, 1]))).code).to.equal('08P01')
  })

  it('come whole and in order, however many there are', async () => {
    const { rows } = await encoded("SELECT i, repeat('x', i % 50) FROM generate_series(1, 50000) i", [1, 0])
    expect(rows).to.have.length(50_000)
    rows.forEach(([number, text], index) => {
      expect(number?.readInt32BE()).to.equal(index + 1)
      expect(text?.length).to.equal((index + 1) % 50)
    })
  })

  it('are those of the decoded run, over loaded rows', async () => {
    const sql = `SELECT p.id, p.name, sum(o.amount), array_agg(o.id) FROM sale.order o JOIN partner p ON p.id = o.partner_id
      GROUP BY p.id, p.name ORDER BY p.id`
    const loads = () => [partners(10), orders(100)]
    const decoded = await engine.all(sql, { loads: loads() })
    const cursor = await engine.runEncoded({ sql, loads: loads(), formats: [0] })
    const texts: string[][] = []
    for await (const { bytes } of cursor)
      texts.push(...valuesOfRows(bytes).map((row) => row.map((value) => String(value))))
    expect(texts).to.deep.equal(
      decoded.map((row) =>
        row.map((value) => (Array.isArray(value) ? `{${value.join(',')}}` : String(value))),
      ),
    )
    expect(decoded).to.have.length(10)
  })

  it('may have no rows, and no columns', async () => {
    expect((await encoded('SELECT 1 AS a WHERE false', [1])).rows).to.deep.equal([])
    const none = await encoded('SELECT FROM generate_series(1, 3)', [1])
    expect([none.columns, none.rows]).to.deep.equal([[], [[], [], []]])
  })

  it('point at the fault, wherever PostgreSQL finds it', async () => {
    const faults: [sql: string, code: string, position: number | undefined][] = [
      ['SELEC 1', '42601', 1],
      ['SELECT 1; SELECT 2', '42601', undefined],
      ['SELECT é, nmae FROM partner', '42703', 8],
      ["SELECT 1 + 'x'", '22P02', 12],
      ['SELECT 1/0', '22012', undefined],
      ['SELECT 1/(i - 200) FROM generate_series(1, 300) i', '22012', undefined],
    ]
    for (const [sql, code, position] of faults) {
      const error = await errorOf(encoded(sql, [1]))
      expect([sql, error.code, error.position]).to.deep.equal([sql, code, position])
    }
  })

  describe('parameters in binary', () => {
    const numeric = Buffer.from('000200000000000200011388', 'hex') // two digits, two places: 1.50
    const values: [sql: string, param: EngineParam, filter: string][] = [
      ['id = $1', { oid: 23, value: int4(42) }, '(partner.id = 42)'],
      ['name = $1', { oid: 25, value: Buffer.from('é') }, "(partner.name = 'é'::text)"],
      ['active = $1', { oid: 16, value: Buffer.of(0) }, '(NOT partner.active)'],
      [
        'score > $1',
        { oid: 701, value: Buffer.from('3ff8000000000000', 'hex') },
        "(partner.score > '1.5'::double precision)",
      ],
      ['$1 > id', { oid: 1700, value: numeric }, '(1.50 > (partner.id)::numeric)'],
      [
        'id = ANY ($1)',
        {
          oid: 1007,
          value: Buffer.concat([
            int4(1),
            int4(0),
            int4(23),
            int4(2),
            int4(1),
            int4(4),
            int4(7),
            int4(4),
            int4(9),
          ]),
        },
        "(partner.id = ANY ('{7,9}'::integer[]))",
      ],
      ['id > 0 AND ($1::text IS NULL OR name = $1)', { oid: 25, value: null }, '(partner.id > 0)'],
    ]
    for (const [where, param, filter] of values)
      it(`are constants of the plan, and of the result: ${where}`, async () => {
        const sql = `SELECT id FROM partner WHERE ${where}`
        const { plan, parameterOids } = await engine.explain({ sql, params: [param] })
        const [{ Plan: scan }] = plan as [{ Plan: Record<string, unknown> }]
        expect([scan['Filter'], parameterOids]).to.deep.equal([filter, [param.oid]])
        // Row 2 meets `id = 2`; those of the other values are asked of PostgreSQL itself.
        const same = await engine.all(`SELECT id FROM partner WHERE ${filter}`, { loads: [partners(60)] })
        expect(await engine.all(sql, { params: [param], loads: [partners(60)] })).to.deep.equal(same)
      })

    it('of a wrong length end in PostgreSQL’s own error', async () => {
      const params = [{ oid: 23, value: Buffer.of(1, 2) }]
      expect((await errorOf(encoded('SELECT $1', [], params))).code).to.equal('08P01')
      expect((await errorOf(engine.explain({ sql: 'SELECT $1', params }))).code).to.equal('08P01')
    })
  })
})

describe('describe', function () {
  this.timeout(60_000)
  let engine: TestEngine
  before(async () => {
    engine = startTestEngine()
    await engine.ready
  })
  after(() => engine.close())

  it('tells the types of parameters and columns, without values', async () => {
    const sql =
      'SELECT id, $2::numeric(8,2) AS price, day - $3 AS since FROM sale.order WHERE partner_id = $1'
    const { parameterOids, columns } = await engine.describe({ sql, parameterOids: [] })
    expect(parameterOids).to.deep.equal([23, 1700, 1082])
    expect(columns).to.deep.equal([
      {
        name: 'id',
        oid: 23,
        typmod: -1,
        type: 'int4',
        typeName: 'integer',
        origin: { schema: 'sale', table: 'order', column: 'id' },
      },
      { name: 'price', oid: 1700, typmod: 8 * 65_536 + 2 + 4, type: 'numeric', typeName: 'numeric' },
      { name: 'since', oid: 23, typmod: -1, type: 'int4', typeName: 'integer' },
    ])
    const told = await engine.describe({ sql: 'SELECT $1, $2', parameterOids: [20, 0] })
    expect(told.parameterOids).to.deep.equal([20, 25])
    expect(told.columns.map((column) => column.typeName)).to.deep.equal(['bigint', 'text'])
  })

  it('takes the client’s settings', async () => {
    const sql = 'SELECT * FROM "order"'
    expect((await errorOf(engine.describe({ sql, parameterOids: [] }))).code).to.equal('42P01')
    const { columns } = await engine.describe(
      { sql, parameterOids: [] },
      { settings: { search_path: 'sale' } },
    )
    expect(columns.map((column) => column.name)).to.include('partner_id')
  })

  it('ends in 42704 for a type of a parameter that there is not', async () => {
    const sql = 'SELECT id FROM partner WHERE id = $1'
    const error = await errorOf(engine.describe({ sql, parameterOids: [4_000_000_000] }))
    expect(error).to.include({ code: '42704', message: 'type with OID 4000000000 does not exist' })
  })

  const faults: [sql: string, code: string, position: number | undefined][] = [
    ['SELECT nmae FROM partner', '42703', 8],
    ['SELECT 1 FROM nowhere', '42P01', 15],
    ['SELECT FROM FROM', '42601', 13],
    ['SELECT $1 IS NULL', '42P18', undefined],
    ['SELECT 1; SELECT 2', '42601', undefined],
  ]
  for (const [sql, code, position] of faults)
    it(`ends in ${code} for ${sql}`, async () => {
      const error = await errorOf(engine.describe({ sql, parameterOids: [] }))
      expect([error.code, error.position]).to.deep.equal([code, position])
    })
})
