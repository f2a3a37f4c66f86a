import { expect } from 'chai'
import fc from 'fast-check'
import { textFromBinary } from '../../src/bridge/parameters.ts'
import type { Format } from '../../src/bridge/messages.ts'
import { dataRowEncoder } from '../../src/bridge/values.ts'
import type { SqlTypeName } from '../../src/catalog/spec.ts'
import { SQL_TYPES } from '../../src/catalog/types.ts'
import type { Datum } from '../../src/catalog/types.ts'
import { openOracle } from '../support/oracle.ts'
import type { Oracle } from '../support/oracle.ts'

const column = (type: SqlTypeName, oid = SQL_TYPES[type].oid) => ({ name: 'c', type, oid, typmod: -1 })

/** The values of DataRow messages, read by hand. */
function valuesOf(bytes: Uint8Array): (Buffer | null)[][] {
  const buffer = Buffer.from(bytes)
  const rows: (Buffer | null)[][] = []
  for (let at = 0; at < buffer.length;) {
    expect(buffer[at]).to.equal(0x44)
    const end = at + 1 + buffer.readInt32BE(at + 1)
    const row: (Buffer | null)[] = []
    let from = at + 7
    for (let left = buffer.readUInt16BE(at + 5); left > 0; left--) {
      const length = buffer.readInt32BE(from)
      from += 4
      row.push(length < 0 ? null : buffer.subarray(from, (from += length)))
    }
    expect(from).to.equal(end)
    rows.push(row)
    at = end
  }
  return rows
}

const encoded = (type: SqlTypeName, format: Format, datums: readonly Datum[]): (Buffer | null)[] =>
  valuesOf(dataRowEncoder([column(type)], [format])(datums.map((datum) => [datum]))).map(
    ([value]) => value ?? null,
  )

/** Literals, and what the driver holds for them where it is not the text itself. */
const CASES: Readonly<Record<SqlTypeName, readonly (string | readonly [string, Datum])[]>> = {
  text: ['', 'a', 'Zoë 漢字 𝒳', "it's", `${'x'.repeat(31)}é`, 'é'.repeat(40), 'x'.repeat(100_000), '\t\n\\'],
  int4: ['0', '-1', '9', '10', '99', '100', '2147483647', '-2147483648', '1000000000'].map((text) => [text, Number(text)] as const),
  int8: ['0', '-1', '9007199254740993', '9223372036854775807', '-9223372036854775808'],
  bool: [['true', true], ['false', false]],
  float8: ['0', '-0', '1.5', '-1e-7', '1e15', '123456789012345680', '1e300', '5e-324', 'NaN', 'Infinity', '-Infinity', '0.1', '100000', '0.0001'].map(
    (text) => [text, Number(text)] as const,
  ),
  numeric: [
    '0', '0.00', '1', '-1', '10', '9999', '10000', '10001', '100000000', '0.1', '0.0001', '0.00001', '0.000010', '-0.5', '1234.50', '12345678.87654321',
    'NaN', 'Infinity', '-Infinity', '1'.repeat(60), `-${'9'.repeat(131)}.${'8'.repeat(50)}`, '1200', '120000000', '10000.0001',
  ],
  date: ['2000-01-01', '1999-12-31', '2000-02-29', '1900-02-28', '1970-01-01', '2026-11-22', '0001-01-01', '0099-12-31', '9999-12-31', '10000-01-01', '0001-12-31 BC', '4713-12-31 BC', '5874897-12-31', 'infinity', '-infinity'],
  timestamp: [
    '2000-01-01 00:00:00', '1999-12-31 23:59:59.999999', '2026-03-04 12:13:14', '2026-03-04 12:13:14.5', '2026-03-04 12:13:14.000001', '1969-12-31 23:59:59',
    '0001-01-01 00:00:00', '9999-12-31 23:59:59.999999', '294276-12-31 23:59:59.999999', '0044-03-15 12:00:00 BC', '2285-06-05 23:47:34.740991', '2285-06-05 23:47:34.740993', 'infinity', '-infinity',
  ],
  bytea: [['\\x', Buffer.alloc(0)], ['\\x00ff10', Buffer.of(0, 255, 16)], [`\\x${'ab'.repeat(5000)}`, Buffer.alloc(5000, 0xab)]],
  jsonb: ['{}', '{"a": 1, "b": [true, null, "é"]}', '"x"', 'null'],
  'int4[]': [['{}', []], ['{1}', [1]], ['{1,-2,2147483647}', [1, -2, 2_147_483_647]]],
} // prettier-ignore

/** PostgreSQL's function that gives a value's binary form, and the types that only parameters have. */
const SENDS: Readonly<Record<SqlTypeName, string>> = {
  text: 'textsend', int4: 'int4send', int8: 'int8send', bool: 'boolsend', float8: 'float8send', numeric: 'numeric_send', date: 'date_send',
  timestamp: 'timestamp_send', bytea: 'byteasend', jsonb: 'jsonb_send', 'int4[]': 'array_send',
} // prettier-ignore

describe('values on the wire', function () {
  this.timeout(60_000)
  let oracle: Oracle
  before(async () => {
    oracle = await openOracle()
  })
  after(() => oracle.close())

  /** PostgreSQL's text and binary form of a literal. */
  async function forms(
    literal: string,
    type: string,
    send: string,
  ): Promise<{ text: string; binary: string }> {
    const cast = type === 'bool' ? 'CASE WHEN v THEN $$t$$ ELSE $$f$$ END' : 'v::text'
    const [row] = await oracle.query(
      `SELECT ${cast}, ${send}(v)::text FROM (SELECT $1::text::${type} AS v)`,
      [literal],
    )
    return { text: row?.[0] ?? '', binary: (row?.[1] ?? '').slice(2) }
  }

  for (const [type, cases] of Object.entries(CASES) as [SqlTypeName, (typeof CASES)[SqlTypeName]][])
    it(`are PostgreSQL's own for ${type}, and read back`, async () => {
      for (const given of cases) {
        const [literal, datum] = typeof given === 'string' ? [given, given] : given
        const right = await forms(literal, type, SENDS[type])
        const [text] = encoded(type, 0, [datum])
        const [binary] = encoded(type, 1, [datum])
        expect(text?.toString(), literal).to.equal(right.text)
        expect(binary?.toString('hex'), literal).to.equal(right.binary)
        const back = textFromBinary(SQL_TYPES[type].oid, binary ?? Buffer.alloc(0)) ?? ''
        expect(type === 'int4[]' ? back.replaceAll('"', '') : back, literal).to.equal(right.text)
      }
    })

  it('come back from binary parameters of further types', async () => {
    const cases: [oid: number, type: string, send: string, literals: string[]][] = [
      [21, 'int2', 'int2send', ['0', '-32768', '32767']],
      [700, 'float4', 'float4send', ['0', '-0', '1.5', '0.1', '3.4028235e+38', '1e-45', 'NaN', '-Infinity', '16777216', '1.1754944e-38', '0.33333334']],
      [1043, 'varchar', 'varcharsend', ['', 'é']],
      [1042, 'bpchar', 'bpcharsend', ['ab  ']],
      [19, 'name', 'namesend', ['res_partner']],
      [114, 'json', 'json_send', ['{"a" : 1}']],
      [2950, 'uuid', 'uuid_send', ['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11']],
      [1009, 'text[]', 'array_send', ['{}', '{a,NULL,"b c","",NULL,"NULL","x\\"y\\\\z","{1,2}"}']],
      [1231, 'numeric[]', 'array_send', ['{1.50,NaN}']],
      [1115, 'timestamp[]', 'array_send', ['{"2026-03-04 12:13:14.5",infinity}']],
      [1182, 'date[]', 'array_send', ['{2026-03-04}']],
      [1016, 'int8[]', 'array_send', ['{9223372036854775807,NULL}']],
      [1000, 'bool[]', 'array_send', ['{t,f}']],
      [1022, 'float8[]', 'array_send', ['{0.1,-Infinity}']],
      [1001, 'bytea[]', 'array_send', ['{"\\\\x00ff"}']],
      [3807, 'jsonb[]', 'array_send', ['{"{\\"a\\": 1}"}']],
    ] // prettier-ignore
    for (const [oid, type, send, literals] of cases)
      for (const literal of literals) {
        const { binary } = await forms(literal, type, send)
        const text = textFromBinary(oid, Buffer.from(binary, 'hex'))
        // The same value, whatever its spelling: PostgreSQL sends the same bytes for it.
        expect((await forms(text ?? 'undefined', type, send)).binary, `${type} ${literal}`).to.equal(binary)
      }
  })

  it('leave to PostgreSQL what they do not know', async () => {
    const nested = await forms('{{1,2},{3,4}}', 'int4[]', 'array_send')
    const shifted = await forms('[0:1]={1,2}', 'int4[]', 'array_send')
    const interval = await forms('1 day', 'interval', 'interval_send')
    expect(textFromBinary(1007, Buffer.from(nested.binary, 'hex'))).to.equal(undefined)
    expect(textFromBinary(1007, Buffer.from(shifted.binary, 'hex'))).to.equal(undefined)
    expect(textFromBinary(1186, Buffer.from(interval.binary, 'hex'))).to.equal(undefined)
  })

  it('are numerics of any digits', async () => {
    const decimal = fc
      .tuple(fc.constantFrom('', '-'), fc.stringMatching(/^(0|[1-9][0-9]{0,20})$/), fc.stringMatching(/^[0-9]{0,20}$/))
      .map(([sign, whole, fraction]) => `${sign}${whole}${fraction === '' ? '' : `.${fraction}`}`)
    const texts = fc.sample(decimal, 500)
    const literals = texts.map((_, index) => `$${index + 1}::numeric`).join(', ')
    const rows = await oracle.query(
      `SELECT v::text, numeric_send(v)::text FROM unnest(ARRAY[${literals}]) AS given(v)`,
      texts,
    )
    const binary = encoded('numeric', 1, rows.map(([text]) => text ?? null))
    expect(binary.map((bytes) => `\\x${bytes?.toString('hex') ?? ''}`)).to.deep.equal(rows.map((row) => row[1]))
    expect(binary.map((bytes) => textFromBinary(1700, bytes ?? Buffer.alloc(0)))).to.deep.equal(rows.map(([text]) => text))
  }) // prettier-ignore
})

describe('rows on the wire', () => {
  it('hold each column in its own format, and NULL', () => {
    const encode = dataRowEncoder([column('int4'), column('text'), column('int4')], [0, 0, 1])
    expect(valuesOf(encode([[12, null, 12], [-3, 'x', null]]))).to.deep.equal([
      [Buffer.from('12'), null, Buffer.of(0, 0, 0, 12)],
      [Buffer.from('-3'), Buffer.from('x'), null],
    ])
  }) // prettier-ignore

  it('stay as they were when the next batch is made', () => {
    const encode = dataRowEncoder([column('text')], [])
    const first = encode([['first']])
    encode([['x'.repeat(200_000)]])
    expect(valuesOf(first)).to.deep.equal([[Buffer.from('first')]])
    expect(encode([])).to.have.length(0)
  })

  it('refuse a binary form that is not known, by the column', () => {
    const interval = { ...column('text', 1186), name: 'age' }
    expect(valuesOf(dataRowEncoder([interval], [0])([['1 day']]))).to.deep.equal([[Buffer.from('1 day')]])
    expect(() => dataRowEncoder([interval], [1])).to.throw('no binary output for column "age"')
    expect(() => dataRowEncoder([column('int4[]')], [1])([['{1,NULL}']])).to.throw('no binary output')
  })
})

describe('binary parameters that are wrong', () => {
  it('are 22P03, or 22021 for text', () => {
    const wrong: [number, string, string][] = [
      [23, '000001', '22P03'], [16, '', '22P03'], [2950, '00', '22P03'], [1700, '0001', '22P03'], [1700, '0001000000000000', '22P03'],
      [1700, '0000000010000000', '22P03'], [1700, '00010000000000002710', '22P03'], [3802, '027b7d', '22P03'], [25, 'ff', '22021'],
      [1007, '0000', '22P03'], [1007, '000000010000000000000019', '22P03'], [1007, '00000001000000000000001700000001000000010000', '22P03'],
      [1007, '0000000100000000000000177fffffff00000001', '22P03'],
    ] // prettier-ignore
    for (const [oid, hex, code] of wrong)
      expect(() => textFromBinary(oid, Buffer.from(hex, 'hex')), `${oid} ${hex}`)
        .to.throw()
        .with.property('code', code)
  })

  it('never throw anything else', () => {
    const oids = fc.constantFrom(
      16,
      17,
      20,
      21,
      23,
      25,
      700,
      701,
      1082,
      1114,
      1700,
      2950,
      3802,
      1007,
      1231,
      1009,
    )
    fc.assert(
      fc.property(oids, fc.uint8Array({ maxLength: 40 }), (oid, bytes) => {
        try {
          textFromBinary(oid, bytes)
        } catch (thrown) {
          expect(thrown).to.have.property('code').that.is.oneOf(['22P03', '22021'])
        }
      }),
      { numRuns: 3_000 },
    )
  })
})
