import { ByteWriter, ParquetWriter } from 'hyparquet-writer'
import type { ColumnSource, SchemaElement } from 'hyparquet-writer'
import type { Datum } from '../catalog/types.ts'
import type { SqlTypeName } from '../catalog/spec.ts'
import type { Cursor, ResultColumn, RowBatch } from '../driver/cursor.ts'
import { notSupported, outOfRange } from '../errors.ts'
import { keysOf } from './format-json.ts'

/** Rows of a row group, all of which are held in memory until it is written. */
export const ROW_GROUP_ROWS = 20_000

/**
 * A result as an Apache Parquet file, compressed with Snappy, row group by row group. Numerics are decimals of 38 digits
 * with as many after the point as the first row group needs; a later value that needs more is an error (22003), since
 * rounding it would go unseen.
 */
export async function* parquetBytes(cursor: Cursor): AsyncGenerator<Uint8Array> {
  const { columns } = cursor
  const names = keysOf(columns)
  const buffer = new ByteWriter()
  let writer: ParquetWriter | undefined
  let codecs: readonly ParquetColumn[] = []
  const takeBytes = (): Uint8Array => {
    const bytes = buffer.getBytes().slice()
    buffer.index = 0
    return bytes
  }
  const write = (rows: RowBatch): ParquetWriter => {
    if (writer === undefined) {
      codecs = columns.map((column, index) => parquetColumn(column, names[index] ?? '', rows, index))
      const root = { name: 'root', num_children: columns.length }
      writer = new ParquetWriter({
        writer: buffer,
        schema: [root, ...codecs.flatMap(({ schema }) => schema)],
        createdBy: 'odoo-sql',
      })
    }
    const columnData = codecs.map(({ encode }, index): ColumnSource => {
      const data = rows.map((row) => encode(row[index] ?? null))
      return { name: names[index] ?? '', data }
    })
    if (rows.length > 0) void writer.write({ columnData, rowGroupSize: ROW_GROUP_ROWS })
    return writer
  }

  const held: (readonly Datum[])[] = []
  for await (const batch of cursor) {
    held.push(...batch)
    if (held.length < ROW_GROUP_ROWS) continue
    write(held.splice(0, ROW_GROUP_ROWS))
    yield takeBytes()
  }
  void write(held).finish()
  yield takeBytes()
}

interface ParquetColumn {
  readonly schema: readonly SchemaElement[]
  readonly encode: (datum: Datum) => unknown
}

function parquetColumn(
  { type, name }: ResultColumn,
  key: string,
  first: RowBatch,
  index: number,
): ParquetColumn {
  if (type === 'numeric') return decimalColumn(key, name, scaleOf(first, index))
  if (type === 'int4[]') return listColumn(key, name)
  const { element, encode } = SIMPLE[type]
  const schema = [{ name: key, repetition_type: 'OPTIONAL' as const, ...element }]
  return { schema, encode: (datum) => (datum === null ? null : encode(datum, name)) }
}

interface SimpleType {
  readonly element: Partial<SchemaElement>
  readonly encode: (datum: NonNullable<Datum>, column: string) => unknown
}

const asIs = (datum: NonNullable<Datum>): unknown => datum
const TEXT: SimpleType = {
  element: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  // A character that is half a pair has no UTF-8.
  encode: (datum) => String(datum).toWellFormed(),
}

const SIMPLE: Record<Exclude<SqlTypeName, 'numeric' | 'int4[]'>, SimpleType> = {
  text: TEXT,
  jsonb: TEXT,
  int4: { element: { type: 'INT32' }, encode: asIs },
  int8: { element: { type: 'INT64' }, encode: (datum) => BigInt(String(datum)) },
  bool: { element: { type: 'BOOLEAN' }, encode: asIs },
  float8: { element: { type: 'DOUBLE' }, encode: asIs },
  bytea: { element: { type: 'BYTE_ARRAY' }, encode: asIs },
  date: {
    element: { type: 'INT32', converted_type: 'DATE' },
    encode: (datum, column) => Number(microseconds(`${String(datum)} 00:00:00`, column) / MICROS_A_DAY),
  },
  timestamp: {
    element: {
      type: 'INT64',
      logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: false, unit: 'MICROS' },
    },
    encode: (datum, column) => microseconds(String(datum), column),
  },
}

const MICROS_A_DAY = 86_400_000_000n

/** Since 1970. PostgreSQL also has infinite times and years before Christ, for which Parquet has no value. */
function microseconds(text: string, column: string): bigint {
  const [, whole = '', fraction = ''] = /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?:\.(\d{1,6}))?$/.exec(text) ?? []
  const milliseconds = Date.parse(`${whole.replace(' ', 'T')}Z`)
  if (whole === '' || Number.isNaN(milliseconds))
    throw notSupported(`parquet has no value for ${text} of column "${column}"`, {
      hint: 'Write it as text: CAST(column AS text).',
    })
  return BigInt(milliseconds) * 1_000n + BigInt(fraction.padEnd(6, '0'))
}

const DECIMAL_DIGITS = 38

/** Digits after the point. */
const scaleOf = (rows: RowBatch, index: number): number =>
  Math.min(DECIMAL_DIGITS, Math.max(0, ...rows.map((row) => fractionOf(row[index] ?? null).length)))

const fractionOf = (datum: Datum): string => /\.(\d+)$/.exec(String(datum))?.[1] ?? ''

function decimalColumn(key: string, name: string, scale: number): ParquetColumn {
  const encode = (datum: Datum): bigint | null => {
    if (datum === null) return null
    const [, sign = '', whole = '', fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(String(datum)) ?? []
    const digits = whole + fraction.replace(/0+$/, '').padEnd(scale, '0')
    if (whole === '' || digits.length > Math.min(DECIMAL_DIGITS, whole.length + scale))
      throw outOfRange(
        `numeric ${String(datum)} of column "${name}" does not fit into decimal(38,${scale})`,
        {
          detail: `The first ${ROW_GROUP_ROWS} rows of a parquet file decide how many digits stand after the point.`,
          hint: 'Give it a scale, such as CAST(column AS numeric(20,6)), or make it float8.',
        },
      )
    return BigInt(`${sign}${digits}`)
  }
  return {
    schema: [
      {
        name: key,
        repetition_type: 'OPTIONAL',
        type: 'FIXED_LEN_BYTE_ARRAY',
        type_length: 16,
        converted_type: 'DECIMAL',
        precision: DECIMAL_DIGITS,
        scale,
      },
    ],
    encode,
  }
}

function listColumn(key: string, name: string): ParquetColumn {
  return {
    schema: [
      { name: key, repetition_type: 'OPTIONAL', num_children: 1, converted_type: 'LIST' },
      { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
      { name: 'element', repetition_type: 'OPTIONAL', type: 'INT32' },
    ],
    encode: (datum) => {
      if (typeof datum !== 'string') return datum
      // PostgreSQL's own arrays may hold NULL or be nested.
      if (!/^\{[^{}[\]]*\}$/.test(datum))
        throw notSupported(`column "${name}" holds an array of several dimensions`, {
          hint: 'Write it as text: CAST(column AS text).',
        })
      const items = datum.slice(1, -1).split(',')
      return datum === '{}' ? [] : items.map((item) => (item === 'NULL' ? null : Number(item)))
    },
  }
}
