import { SQL_TYPES } from '../catalog/types.ts'
import type { Datum } from '../catalog/types.ts'
import type { SqlTypeName } from '../catalog/spec.ts'
import type { ResultColumn } from '../driver/cursor.ts'
import type { Formatter } from './format.ts'

/** One JSON array of objects a result. A result that broke off has no closing bracket. */
export function jsonFormatter(columns: readonly ResultColumn[]): Formatter {
  const write = objectWriter(columns)
  let isFirst = true
  return {
    begin: () => '[',
    rows: (batch) => [
      batch
        .map((row) => {
          const before = isFirst ? '\n' : ',\n'
          isFirst = false
          return `${before}${write(row)}`
        })
        .join(''),
    ],
    end: () => [isFirst ? ']\n' : '\n]\n'],
  }
}

/** One JSON object a line. */
export function ndjsonFormatter(columns: readonly ResultColumn[]): Formatter {
  const write = objectWriter(columns)
  return {
    begin: () => '',
    rows: (batch) => [batch.map((row) => `${write(row)}\n`).join('')],
    end: () => [],
  }
}

function objectWriter(columns: readonly ResultColumn[]): (row: readonly Datum[]) => string {
  const fields = keysOf(columns).map((key, index) => ({
    key: `${JSON.stringify(key)}:`,
    write: JSON_TEXT[columns[index]?.type ?? 'text'],
  }))
  return (row) => {
    const members = fields.map(({ key, write }, index) => {
      const datum = row[index] ?? null
      return `${key}${datum === null ? 'null' : write(datum)}`
    })
    return `{${members.join(',')}}`
  }
}

/** Keys of the objects: a name that stands twice becomes `name`, `name_2`, since readers keep only the last of equal keys. */
export function keysOf(columns: readonly ResultColumn[]): string[] {
  const taken = new Set(columns.map((column) => column.name))
  const seen = new Set<string>()
  return columns.map(({ name }) => {
    let key = name
    for (let nth = 2; seen.has(key) || (key !== name && taken.has(key)); nth++) key = `${name}_${nth}`
    seen.add(key)
    return key
  })
}

type JsonText = (datum: NonNullable<Datum>) => string

const asString: JsonText = (datum) => JSON.stringify(String(datum))
const asArray: JsonText = (datum) => JSON.stringify(datum)

/** A number where a reader's double keeps every digit, else a string. */
const asNumber: JsonText = (datum) => {
  const text = String(datum)
  const number = Number(text)
  const isKept = Number.isFinite(number) && sameDecimal(SQL_TYPES.numeric.parse(String(number)), text)
  return isKept ? String(number) : JSON.stringify(text)
}

const sameDecimal = (a: Datum, b: string): boolean => trimDecimal(String(a)) === trimDecimal(b)
const trimDecimal = (text: string): string =>
  text.includes('.') ? text.replace(/0+$/, '').replace(/\.$/, '') : text

const JSON_TEXT: Record<SqlTypeName, JsonText> = {
  text: asString,
  int4: String,
  int8: asNumber,
  bool: String,
  // JSON has no NaN and no infinity.
  float8: (datum) => (Number.isFinite(datum) ? JSON.stringify(datum) : asString(datum)),
  numeric: asNumber,
  date: asString,
  timestamp: (datum) => JSON.stringify(`${String(datum).replace(' ', 'T')}Z`),
  bytea: (datum) => JSON.stringify(Buffer.from(datum as Uint8Array).toString('base64')),
  // It is JSON text already; line feeds can only stand between its tokens, and would break NDJSON.
  jsonb: (datum) => String(datum).replace(/[\r\n]+/g, ' '),
  'int4[]': asArray,
}
