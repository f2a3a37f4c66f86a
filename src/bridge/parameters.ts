import { isUtf8 } from 'node:buffer'
import { SQL_TYPES } from '../catalog/types.ts'
import { badCharacter, invalidBinary } from '../errors.ts'
import { numericFromBytes } from './numeric.ts'
import { dateFromDays, timestampFromMicroseconds } from './times.ts'

/**
 * PostgreSQL's text of a value that came in binary format, or undefined for a type that is not known here: such a value is
 * left to PostgreSQL as it is. Throws 22P03 where the bytes are no value of the type, 22021 where text is no UTF-8.
 */
export function textFromBinary(oid: number, bytes: Uint8Array): string | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const element = ELEMENT_OF_ARRAY.get(oid)
  if (element !== undefined) return textFromArray(buffer, element)
  const reader = READERS.get(oid)
  if (reader === undefined) return undefined
  if (reader.bytes !== undefined && reader.bytes !== buffer.length)
    throw invalidBinary(`incorrect binary data format: ${buffer.length} bytes for ${reader.bytes}`)
  return reader.read(buffer)
}

interface BinaryType {
  readonly oid: number
  /** Of the array type over it. */
  readonly arrayOid: number
  /** Undefined: of any length. */
  readonly bytes?: number
  readonly read: (buffer: Buffer) => string
}

const text = (buffer: Buffer): string => {
  if (!isUtf8(buffer)) throw badCharacter('invalid byte sequence for encoding "UTF8"')
  return buffer.toString('utf8')
}

const JSONB_VERSION = 1

const TYPES: readonly BinaryType[] = [
  { oid: 16, arrayOid: 1000, bytes: 1, read: (buffer) => (buffer.readUInt8(0) === 0 ? 'f' : 't') },
  { oid: 17, arrayOid: 1001, read: (buffer) => `\\x${buffer.toString('hex')}` },
  { oid: 19, arrayOid: 1003, read: text },
  { oid: 20, arrayOid: 1016, bytes: 8, read: (buffer) => buffer.readBigInt64BE(0).toString() },
  { oid: 21, arrayOid: 1005, bytes: 2, read: (buffer) => String(buffer.readInt16BE(0)) },
  { oid: 23, arrayOid: 1007, bytes: 4, read: (buffer) => String(buffer.readInt32BE(0)) },
  { oid: 25, arrayOid: 1009, read: text },
  { oid: 114, arrayOid: 199, read: text },
  { oid: 700, arrayOid: 1021, bytes: 4, read: (buffer) => float4Text(buffer.readFloatBE(0)) },
  {
    oid: 701,
    arrayOid: 1022,
    bytes: 8,
    read: (buffer) => SQL_TYPES.float8.toText(buffer.readDoubleBE(0)),
  },
  { oid: 1042, arrayOid: 1014, read: text },
  { oid: 1043, arrayOid: 1015, read: text },
  { oid: 1082, arrayOid: 1182, bytes: 4, read: (buffer) => dateFromDays(buffer.readInt32BE(0)) },
  {
    oid: 1114,
    arrayOid: 1115,
    bytes: 8,
    read: (buffer) => timestampFromMicroseconds(buffer.readBigInt64BE(0)),
  },
  { oid: 1700, arrayOid: 1231, read: numericFromBytes },
  {
    oid: 2950,
    arrayOid: 2951,
    bytes: 16,
    read: (buffer) => buffer.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
  },
  {
    oid: 3802,
    arrayOid: 3807,
    read: (buffer) => {
      if (buffer[0] !== JSONB_VERSION)
        throw invalidBinary(`unsupported jsonb version number ${buffer[0] ?? 0}`)
      return text(buffer.subarray(1))
    },
  },
]

const READERS: ReadonlyMap<number, BinaryType> = new Map(TYPES.map((type) => [type.oid, type]))
const ELEMENT_OF_ARRAY: ReadonlyMap<number, number> = new Map(
  TYPES.map(({ oid, arrayOid }) => [arrayOid, oid]),
)

/** The fewest digits that read back as the same single-precision number. */
function float4Text(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return SQL_TYPES.float8.toText(value)
  let digits = 6
  while (digits < 9 && Math.fround(Number(value.toPrecision(digits))) !== value) digits++
  return SQL_TYPES.float8.toText(Number(value.toPrecision(digits)))
}

const ARRAY_HEADER_BYTES = 12
const DIMENSION_BYTES = 8

/** Undefined for an array of several dimensions, or one that does not start at 1. */
function textFromArray(buffer: Buffer, elementOid: number): string | undefined {
  const wrong = (): never => {
    throw invalidBinary('incorrect binary data format of an array')
  }
  if (buffer.length < ARRAY_HEADER_BYTES || buffer.readUInt32BE(8) !== elementOid) wrong()
  const dimensions = buffer.readInt32BE(0)
  if (dimensions === 0) return '{}'
  if (dimensions !== 1) return undefined
  let at = ARRAY_HEADER_BYTES + DIMENSION_BYTES
  if (buffer.length < at) wrong()
  const count = buffer.readInt32BE(ARRAY_HEADER_BYTES)
  if (buffer.readInt32BE(ARRAY_HEADER_BYTES + 4) !== 1) return undefined
  const items: string[] = []
  while (items.length < count) {
    if (at + 4 > buffer.length) wrong()
    const length = buffer.readInt32BE(at)
    at += 4
    if (length === -1) items.push('NULL')
    else {
      if (length < 0 || at + length > buffer.length) wrong()
      items.push(quoted(textFromBinary(elementOid, buffer.subarray(at, at + length)) ?? wrong()))
      at += length
    }
  }
  if (at !== buffer.length) wrong()
  return `{${items.join(',')}}`
}

const quoted = (item: string): string => `"${item.replace(/["\\]/g, '\\$&')}"`
