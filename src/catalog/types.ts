import { dataException, invalidDatetime, datetimeOverflow, invalidText, outOfRange } from '../errors.ts'
import type { ColumnSpec, FieldType, SqlTypeName } from './spec.ts'

/**
 * A value inside the driver. Text forms are PostgreSQL's own, so that they can be compared, printed and loaded
 * as they are: int8 and numeric as decimal text, date as `YYYY-MM-DD`, timestamp as `YYYY-MM-DD HH:MM:SS[.ffffff]`
 * (UTC), jsonb as JSON text. int4 and float8 are numbers, int4[] an array of numbers, bytea bytes.
 */
export type Datum = null | string | number | boolean | Uint8Array | readonly number[]

/** A value as the library hands it to JavaScript: timestamps and dates become Date (UTC), jsonb is parsed. */
export type JsValue = null | string | number | boolean | Uint8Array | Date | readonly number[] | object

/** Everything about one SQL type. */
export interface SqlType {
  readonly name: SqlTypeName
  /** As PostgreSQL spells it in messages. */
  readonly title: string
  /** PostgreSQL's object id, for clients that ask. */
  readonly oid: number
  /** Shown right-aligned, as psql does with numbers. */
  readonly isNumeric: boolean
  /** Reads the text of a literal or parameter; throws 22P02, 22003 or 22007 as PostgreSQL does. */
  readonly parse: (text: string) => Datum
  /** PostgreSQL's text output, as psql prints it and COPY loads it. Never called with NULL. */
  readonly toText: (datum: NonNullable<Datum>) => string
  /** What the library's rows hold. Never called with NULL. */
  readonly toJs: (datum: NonNullable<Datum>) => JsValue
}

const asIs = (datum: NonNullable<Datum>): JsValue => datum
const plainText = (datum: NonNullable<Datum>): string => String(datum)

export const SQL_TYPES: Record<SqlTypeName, SqlType> = {
  text: {
    name: 'text',
    title: 'text',
    oid: 25,
    isNumeric: false,
    parse: (text) => text,
    toText: plainText,
    toJs: asIs,
  },
  int4: {
    name: 'int4',
    title: 'integer',
    oid: 23,
    isNumeric: true,
    parse: (text) => Number(parseInteger(text, 'integer', INT4_MIN, INT4_MAX)),
    toText: plainText,
    toJs: asIs,
  },
  int8: {
    name: 'int8',
    title: 'bigint',
    oid: 20,
    isNumeric: true,
    parse: (text) => parseInteger(text, 'bigint', -(2n ** 63n), 2n ** 63n - 1n).toString(),
    toText: plainText,
    toJs: asIs,
  },
  bool: {
    name: 'bool',
    title: 'boolean',
    oid: 16,
    isNumeric: false,
    parse: parseBoolean,
    toText: (datum) => (datum === true ? 't' : 'f'),
    toJs: asIs,
  },
  float8: {
    name: 'float8',
    title: 'double precision',
    oid: 701,
    isNumeric: true,
    parse: parseFloat8,
    toText: float8Text,
    toJs: asIs,
  },
  numeric: {
    name: 'numeric',
    title: 'numeric',
    oid: 1700,
    isNumeric: true,
    parse: parseNumeric,
    toText: plainText,
    toJs: asIs,
  },
  date: {
    name: 'date',
    title: 'date',
    oid: 1082,
    isNumeric: false,
    parse: (text) => parseTimestamp(text, 'date').slice(0, 10),
    toText: plainText,
    toJs: (datum) => new Date(`${String(datum)}T00:00:00Z`),
  },
  timestamp: {
    name: 'timestamp',
    title: 'timestamp without time zone',
    oid: 1114,
    isNumeric: false,
    parse: (text) => parseTimestamp(text, 'timestamp'),
    toText: plainText,
    toJs: (datum) => new Date(`${String(datum).replace(' ', 'T')}Z`),
  },
  bytea: {
    name: 'bytea',
    title: 'bytea',
    oid: 17,
    isNumeric: false,
    parse: parseBytea,
    toText: (datum) => `\\x${Buffer.from(datum as Uint8Array).toString('hex')}`,
    toJs: asIs,
  },
  jsonb: {
    name: 'jsonb',
    title: 'jsonb',
    oid: 3802,
    isNumeric: false,
    parse: (text) => text,
    toText: plainText,
    toJs: (datum) => JSON.parse(String(datum)) as JsValue,
  },
  'int4[]': {
    name: 'int4[]',
    title: 'integer[]',
    oid: 1007,
    isNumeric: false,
    parse: (text) => parseIntegerArray(text),
    // PostgreSQL's own arrays may hold NULL or be nested: they stay its text.
    toText: (datum) => (typeof datum === 'string' ? datum : `{${(datum as readonly number[]).join(',')}}`),
    toJs: asIs,
  },
}

export const INT4_MIN = -(2n ** 31n)
export const INT4_MAX = 2n ** 31n - 1n

/** PostgreSQL trims these around the text of numbers, booleans and dates. */
const trim = (text: string): string => text.replace(/^[ \t\n\r\v\f]+|[ \t\n\r\v\f]+$/g, '')

const badInput = (type: string, text: string) =>
  invalidText(`invalid input syntax for type ${type}: "${shorten(text)}"`)
const shorten = (text: string): string => (text.length > 60 ? `${text.slice(0, 60)}…` : text)

function parseInteger(text: string, type: string, min: bigint, max: bigint): bigint {
  const trimmed = trim(text)
  if (!/^[+-]?\d+$/.test(trimmed)) throw badInput(type, text)
  const value = BigInt(trimmed.replace(/^\+/, ''))
  if (value < min || value > max)
    throw outOfRange(`value "${shorten(text)}" is out of range for type ${type}`)
  return value
}

function parseBoolean(text: string): boolean {
  const word = trim(text).toLowerCase()
  if (word === '1' || word === 'on') return true
  if (word === '0' || word === 'off' || word === 'of') return false
  if (word !== '' && 'true'.startsWith(word)) return true
  if (word !== '' && 'false'.startsWith(word)) return false
  if (word !== '' && 'yes'.startsWith(word)) return true
  if (word !== '' && 'no'.startsWith(word)) return false
  throw badInput('boolean', text)
}

function parseFloat8(text: string): number {
  const trimmed = trim(text)
  const special: Record<string, number> = {
    nan: NaN,
    infinity: Infinity,
    inf: Infinity,
    '-infinity': -Infinity,
    '-inf': -Infinity,
  }
  const named = special[trimmed.toLowerCase()]
  if (named !== undefined) return named
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(trimmed)) throw badInput('double precision', text)
  const value = Number(trimmed)
  if (!Number.isFinite(value))
    throw outOfRange(`"${shorten(text)}" is out of range for type double precision`)
  return value
}

/** As PostgreSQL prints a float8: shortest digits that read back the same, `e` from 15 digits on. */
function float8Text(datum: NonNullable<Datum>): string {
  const value = Number(datum)
  if (Object.is(value, -0)) return '-0'
  const magnitude = Math.abs(value)
  if (!Number.isFinite(value) || magnitude === 0 || (magnitude >= 1e-4 && magnitude < 1e15))
    return String(value)
  const [digits = '', exponent = '0'] = value.toExponential().split('e')
  const sign = exponent.startsWith('-') ? '-' : '+'
  return `${digits}e${sign}${exponent.replace(/^[+-]/, '').padStart(2, '0')}`
}

function parseNumeric(text: string): string {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,5}))?$/i.exec(trim(text))
  if (match === null || (match[2] === '' && (match[3] ?? '') === '')) throw badInput('numeric', text)
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match
  return shiftPoint(sign === '-', whole, fraction, Number(exponent))
}

/** Decimal text without an exponent. */
function shiftPoint(isNegative: boolean, whole: string, fraction: string, exponent: number): string {
  let [left, right] = [whole, fraction]
  if (exponent > 0) {
    left += right.slice(0, exponent).padEnd(exponent, '0')
    right = right.slice(exponent)
  } else if (exponent < 0) {
    right =
      left.slice(exponent).padStart(Math.min(-exponent, left.length), '0').padStart(-exponent, '0') + right
    left = left.slice(0, exponent)
  }
  left = left.replace(/^0+(?=\d)/, '') || '0'
  const magnitude = right === '' ? left : `${left}.${right}`
  return isNegative && /[1-9]/.test(magnitude) ? `-${magnitude}` : magnitude
}

/** Decimal text of a JavaScript number, exactly as its shortest form reads. */
export function numericFromNumber(value: number): string {
  return parseNumeric(String(value))
}

const TIMESTAMP =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(?: ?(Z|UTC|GMT|[+-]00(?::?00)?))?)?$/i

/**
 * Reads the ISO forms of a date or timestamp, as PostgreSQL does for a type without time zone (a zone is read and
 * dropped). Other forms that PostgreSQL takes (`June 1 2022`, `yesterday`) are refused, with a hint.
 */
function parseTimestamp(text: string, type: 'date' | 'timestamp'): string {
  const match = TIMESTAMP.exec(trim(text))
  if (match === null)
    throw invalidDatetime(`invalid input syntax for type ${type}: "${shorten(text)}"`, {
      hint: 'Write dates as 2026-12-31 and times as 2026-12-31 23:59:59 (UTC).',
    })
  const [, year = '', month = '', day = '', hour = '0', minute = '0', second = '0', fraction = ''] = match
  const parts = [month, day, hour, minute, second].map(Number) as [number, number, number, number, number]
  const time = new Date(0)
  time.setUTCFullYear(Number(year), parts[0] - 1, parts[1])
  const isReal =
    Number(year) > 0 &&
    time.getUTCMonth() === parts[0] - 1 &&
    time.getUTCDate() === parts[1] &&
    parts[0] >= 1 &&
    parts[2] < 24 &&
    parts[3] < 60 &&
    parts[4] < 60
  if (!isReal) throw datetimeOverflow(`date/time field value out of range: "${shorten(text)}"`)
  const [mm, dd, h, m, s] = parts.map((part) => String(part).padStart(2, '0')) as [
    string,
    string,
    string,
    string,
    string,
  ]
  const micros = fraction.slice(0, 6).replace(/0+$/, '')
  return `${year}-${mm}-${dd} ${h}:${m}:${s}${micros === '' ? '' : `.${micros}`}`
}

function parseBytea(text: string): Uint8Array {
  if (/^\\x([0-9a-f]{2}|\s)*$/i.test(text))
    return new Uint8Array(Buffer.from(text.slice(2).replace(/\s/g, ''), 'hex'))
  const bytes: number[] = []
  for (let at = 0; at < text.length;) {
    const octal = /^\\([0-3][0-7]{2})/.exec(text.slice(at, at + 4))
    if (octal?.[1] !== undefined) {
      bytes.push(Number.parseInt(octal[1], 8))
      at += 4
    } else if (text.startsWith('\\\\', at)) {
      bytes.push(0x5c)
      at += 2
    } else {
      const character = String.fromCodePoint(text.codePointAt(at) ?? 0)
      if (character === '\\') throw badInput('bytea', text)
      bytes.push(...Buffer.from(character))
      at += character.length
    }
  }
  return Uint8Array.from(bytes)
}

function parseIntegerArray(text: string): readonly number[] {
  const match = /^\{(.*)\}$/s.exec(trim(text))
  if (match === null) throw invalidText(`malformed array literal: "${shorten(text)}"`)
  const body = match[1] ?? ''
  return trim(body) === ''
    ? []
    : body.split(',').map((item) => Number(parseInteger(item, 'integer', INT4_MIN, INT4_MAX)))
}

/** Reads one field of a record as the value of one column. */
export type Decode = (value: unknown) => Datum

/**
 * The one place where a value crosses from Odoo to SQL.
 * Odoo says `false` for an absent value of every type but numbers (0) and lists ([]); SEMANTICS: section 2.
 * A few of its computed fields give values that are not of their type; what becomes of such a value, `onMismatch`
 * says. Without it: 22000.
 */
export function decoderOf(
  column: Pick<ColumnSpec, 'name' | 'type' | 'fieldType' | 'part'>,
  onMismatch: Decode = (value) => {
    throw dataException(`Odoo's value for column "${column.name}" is not a ${column.fieldType} value`, {
      detail: `It is of JavaScript type ${Array.isArray(value) ? 'array' : typeof value}.`,
    })
  },
): Decode {
  if (column.part === 'label') return (value) => decodeLabel(value)
  const decode = DECODERS[column.fieldType]
  return (value) => {
    const datum = decode(value, column.type)
    return datum === undefined ? onMismatch(value) : datum
  }
}

/** Undefined means: not a value of this field type. */
type FieldDecoder = (value: unknown, type: SqlTypeName) => Datum | undefined

const text: FieldDecoder = (value) =>
  typeof value === 'string' ? value : value === false || value === null ? null : undefined
const json: FieldDecoder = (value) =>
  value === false || value === null || value === undefined ? null : JSON.stringify(value)
const integer: FieldDecoder = (value) =>
  Number.isSafeInteger(value) ? (value as number) : value === false ? 0 : undefined
const real: FieldDecoder = (value, type) => {
  const number = value === false ? 0 : value
  if (typeof number !== 'number') return undefined
  return type === 'numeric' ? numericFromNumber(number) : number
}
const idList: FieldDecoder = (value, type) => {
  if (value === false) return type === 'text' ? '[]' : []
  if (!Array.isArray(value) || !value.every((id) => Number.isSafeInteger(id))) return undefined
  return type === 'text' ? JSON.stringify(value) : (value as number[])
}

const DECODERS: Record<FieldType, FieldDecoder> = {
  char: text,
  text,
  html: text,
  selection: text,
  reference: text,
  integer,
  many2one_reference: integer,
  float: real,
  monetary: real,
  boolean: (value) => (typeof value === 'boolean' ? value : undefined),
  // Odoo does not pad the year: 999-12-31.
  date: (value) => padYear(text(value, 'text')),
  datetime: (value) => padYear(text(value, 'text')),
  many2one: (value, type) => {
    const id: unknown = Array.isArray(value) ? value[0] : value
    if (id === false || id === null) return null
    if (typeof id !== 'number' || !Number.isSafeInteger(id)) return undefined
    return type === 'text' ? String(id) : id
  },
  one2many: idList,
  many2many: idList,
  binary: (value) => {
    const base64 = text(value, 'text')
    return typeof base64 === 'string' ? new Uint8Array(Buffer.from(base64, 'base64')) : base64
  },
  json,
  properties: json,
  properties_definition: json,
}

const padYear = (value: Datum | undefined): Datum | undefined =>
  typeof value === 'string' ? value.padStart(value.length + 4 - value.indexOf('-'), '0') : value

function decodeLabel(value: unknown): Datum {
  const label: unknown = Array.isArray(value) ? value[1] : null
  return typeof label === 'string' ? label : null
}
