import type { SqlTypeName } from '../catalog/spec.ts'
import { SQL_TYPES } from '../catalog/types.ts'
import type { Datum } from '../catalog/types.ts'
import { notSupported } from '../errors.ts'
import { ByteWriter } from './byte-writer.ts'
import { formatOf } from './encode.ts'
import type { Format, WireColumn } from './messages.ts'
import { writeNumeric } from './numeric.ts'
import { daysFromDate, microsecondsFromTimestamp } from './times.ts'

/** A column whose values are to be sent. */
export interface ValueColumn extends WireColumn {
  readonly type: SqlTypeName
}

const DATA_ROW = 0x44
const NULL_LENGTH = -1
/** The first batch is as long as it gets; the next are taken to be alike. */
const FIRST_BATCH_BYTES = 65_536
/** A batch that is longer than the last needs no second growth. */
const SLACK = 1.25

/**
 * Makes whole DataRow messages of rows, each batch in bytes of its own. `formats` are as in Bind: none is all text, one is
 * for all columns. Throws 0A000 for a column that has no binary form here.
 */
export function dataRowEncoder(
  columns: readonly ValueColumn[],
  formats: readonly Format[],
): (rows: readonly (readonly Datum[])[]) => Uint8Array {
  const writers = columns.map((column, index) => writerOf(column, formatOf(formats, index)))
  let capacity = FIRST_BATCH_BYTES
  return (rows) => {
    const writer = new ByteWriter(capacity)
    for (const row of rows) {
      writer.begin(DATA_ROW)
      writer.int16(writers.length)
      for (let column = 0; column < writers.length; column++) {
        const datum = row[column] ?? null
        if (datum === null) writer.int32(NULL_LENGTH)
        else {
          const start = writer.beginValue()
          writers[column]?.(writer, datum)
          writer.endValue(start)
        }
      }
      writer.end()
    }
    const bytes = writer.take()
    capacity = Math.ceil(bytes.length * SLACK)
    return bytes
  }
}

/** Writes a value, without its length. */
type WriteValue = (writer: ByteWriter, datum: NonNullable<Datum>) => void

function writerOf(column: ValueColumn, format: Format): WriteValue {
  const forms = WRITERS[column.type]
  if (format === 0) return forms.text
  if (column.oid === SQL_TYPES[column.type].oid || TEXT_LIKE_OIDS.has(column.oid)) return forms.binary
  throw notSupported(`no binary output for column "${column.name}"`, {
    hint: `Ask for it as text; its type has the object id ${column.oid}.`,
  })
}

/** name, json, unknown, bpchar, varchar: their binary form is their text. */
const TEXT_LIKE_OIDS: ReadonlySet<number> = new Set([19, 114, 705, 1042, 1043])

const asText: WriteValue = (writer, datum) => writer.text(String(datum))
const byType =
  (type: SqlTypeName): WriteValue =>
  (writer, datum) =>
    writer.text(SQL_TYPES[type].toText(datum))

/** The version that stands before the text of a jsonb. */
const JSONB_VERSION = 1

const WRITERS: Readonly<Record<SqlTypeName, { readonly text: WriteValue; readonly binary: WriteValue }>> = {
  text: { text: asText, binary: asText },
  int4: {
    text: (writer, datum) => writer.digits(datum as number),
    binary: (writer, datum) => writer.int32(datum as number),
  },
  int8: { text: asText, binary: (writer, datum) => writer.int64(BigInt(datum as string)) },
  bool: {
    text: (writer, datum) => writer.uint8(datum === true ? 0x74 : 0x66),
    binary: (writer, datum) => writer.uint8(datum === true ? 1 : 0),
  },
  float8: { text: byType('float8'), binary: (writer, datum) => writer.float64(datum as number) },
  numeric: {
    text: asText,
    binary: (writer, datum) => {
      writeNumeric(writer, datum as string)
    },
  },
  date: { text: asText, binary: (writer, datum) => writer.int32(daysFromDate(datum as string)) },
  timestamp: {
    text: asText,
    binary: (writer, datum) => writer.int64(microsecondsFromTimestamp(datum as string)),
  },
  bytea: {
    text: (writer, datum) => writer.text('\\x').hex(datum as Uint8Array),
    binary: (writer, datum) => writer.raw(datum as Uint8Array),
  },
  jsonb: { text: asText, binary: (writer, datum) => writer.uint8(JSONB_VERSION).text(String(datum)) },
  'int4[]': { text: byType('int4[]'), binary: writeIntegers },
}

function writeIntegers(writer: ByteWriter, datum: NonNullable<Datum>): void {
  // Only PostgreSQL makes arrays with NULL or with several dimensions, and it writes them itself.
  if (typeof datum === 'string')
    throw notSupported('no binary output for an array with NULL or of several dimensions')
  const integers = datum as readonly number[]
  const dimensions = integers.length === 0 ? 0 : 1
  const hasNull = 0
  writer.int32(dimensions).int32(hasNull).int32(SQL_TYPES.int4.oid)
  if (dimensions === 0) return
  const lowerBound = 1
  writer.int32(integers.length).int32(lowerBound)
  for (const integer of integers) writer.int32(4).int32(integer)
}
