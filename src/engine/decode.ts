import type { SqlTypeName } from '../catalog/spec.ts'
import { SQL_TYPES } from '../catalog/types.ts'
import type { Datum } from '../catalog/types.ts'
import type { EncodedRows } from './protocol.ts'

export type EngineRows = readonly (readonly Datum[])[]

/** The values in rows that came in text format. */
export function decodeRows(
  columns: readonly { readonly oid: number }[],
  { bytes, count }: EncodedRows,
): EngineRows {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const decoders = columns.map((column) => decoderOfOid(column.oid))
  const rows = new Array<readonly Datum[]>(count)
  let at = 0
  for (let index = 0; index < count; index++) {
    rows[index] = readRow(buffer, at + ROW_HEADER_BYTES, decoders)
    at += 1 + buffer.readUInt32BE(at + 1)
  }
  return rows
}

/** Kind and length of the message, and the number of values. */
const ROW_HEADER_BYTES = 7

function readRow(buffer: Buffer, start: number, decoders: readonly DecodeText[]): Datum[] {
  const row = new Array<Datum>(decoders.length)
  let at = start
  for (const [index, decode] of decoders.entries()) {
    const length = buffer.readInt32BE(at)
    at += 4
    if (length < 0) row[index] = null
    else row[index] = decode(buffer, at, (at += length))
  }
  return row
}

/** Reads PostgreSQL's text of one value, which stands in the bytes from `start` up to `end`. */
type DecodeText = (buffer: Buffer, start: number, end: number) => Datum

/** The driver's own type behind an object id, or undefined where PostgreSQL has a type that the driver has not. */
export const typeOfOid = (oid: number): SqlTypeName | undefined => TYPE_OF_OID.get(oid)

/**
 * How a value of that type becomes a Datum. A type that the driver does not have (interval, timestamptz, text[] …)
 * stays PostgreSQL's text; so does an integer array that holds NULL or is nested, since a Datum cannot.
 */
function decoderOfOid(oid: number): DecodeText {
  const type = typeOfOid(oid)
  return (type === undefined ? undefined : DECODERS[type]) ?? asText
}

const asText: DecodeText = (buffer, start, end) => buffer.toString('utf8', start, end)

const DECODERS: Partial<Record<SqlTypeName, DecodeText>> = {
  int4: integer,
  bool: (buffer, start) => buffer[start] === 0x74,
  float8: (buffer, start, end) => Number(buffer.toString('latin1', start, end)),
  bytea: (buffer, start, end) => SQL_TYPES.bytea.parse(buffer.toString('latin1', start, end)),
  'int4[]': (buffer, start, end) => {
    const text = buffer.toString('latin1', start, end)
    return /^\{[-\d,]*\}$/.test(text) ? SQL_TYPES['int4[]'].parse(text) : text
  },
}

/** Digits read where they stand, without a string between. */
function integer(buffer: Buffer, start: number, end: number): number {
  const isNegative = buffer[start] === 0x2d
  let value = 0
  for (let at = isNegative ? start + 1 : start; at < end; at++) value = value * 10 + (buffer[at] ?? 0) - 0x30
  return isNegative ? -value : value
}

const TYPE_OF_OID = new Map(Object.values(SQL_TYPES).map((type) => [type.oid, type.name]))
