import { sqlFault, typeError, valueError } from './faults.ts'

/** A value as it comes over the wire. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** Python's truth of a value. */
export const isTruthy = (value: unknown): boolean =>
  Array.isArray(value)
    ? value.length > 0
    : typeof value === 'object' && value !== null
      ? Object.keys(value).length > 0
      : value !== null && value !== undefined && value !== false && value !== 0 && value !== ''

/** Python's `str(value)`. */
export function textOf(value: unknown): string {
  if (value === true) return 'True'
  if (value === false) return 'False'
  if (value === null || value === undefined) return 'None'
  if (Array.isArray(value)) return `[${value.map(reprOf).join(', ')}]`
  if (typeof value === 'string') return value
  return typeof value === 'number' ? String(value) : JSON.stringify(value)
}

/** Python's `repr(value)`, near enough for messages. */
export const reprOf = (value: unknown): string => (typeof value === 'string' ? `'${value}'` : textOf(value))

/** Equal keys for what Python holds equal: `False == 0`, `True == 1`, but not `'0'`. */
export const equalityKey = (value: unknown): string =>
  typeof value === 'string'
    ? `s${value}`
    : typeof value === 'number' || typeof value === 'boolean'
      ? `n${Number(value)}`
      : `j${JSON.stringify(value)}`

/** Python's ordered set of a list: of equal values the first stays. */
export function uniqueValues(values: readonly Json[]): Json[] {
  const seen = new Map<string, Json>()
  for (const value of values) if (!seen.has(equalityKey(value))) seen.set(equalityKey(value), value)
  return [...seen.values()]
}

/** Python's `int(value or 0)`. */
export function integerFrom(value: Json): number {
  if (!isTruthy(value)) return 0
  if (typeof value === 'number') return Math.trunc(value)
  if (typeof value === 'boolean') return 1
  if (typeof value === 'string' && /^\s*[+-]?\d+(_\d+)*\s*$/.test(value))
    return Number(value.replaceAll('_', ''))
  if (typeof value === 'string') throw valueError(`invalid literal for int() with base 10: ${reprOf(value)}`)
  throw typeError(`int() argument must be a string, a bytes-like object or a number, not '${kindOf(value)}'`)
}

/** Python's `float(value or 0.0)`, rounded half up to `scale` decimals where there is one. */
export function floatFrom(value: Json, scale: number | undefined): number {
  if (!isTruthy(value)) return 0
  const isNumber = typeof value === 'number' || typeof value === 'boolean'
  if (!isNumber && typeof value !== 'string')
    throw typeError(`float() argument must be a string or a number, not '${kindOf(value)}'`)
  const number = typeof value === 'string' && value.trim() === '' ? NaN : Number(value)
  if (Number.isNaN(number)) throw valueError(`could not convert string to float: ${reprOf(value)}`)
  return scale === undefined ? number : rounded(number, scale)
}

function rounded(value: number, scale: number): number {
  const shifted = Math.abs(value) * 10 ** scale
  const epsilon = shifted * 2 ** -52
  return (Math.sign(value) * Math.floor(shifted + 0.5 + epsilon)) / 10 ** scale
}

const kindOf = (value: Json): string => (Array.isArray(value) ? 'list' : 'dict')

/** A time as records keep it, `YYYY-MM-DD HH:MM:SS.ffffff`, so that text order is time order. */
export type Timestamp = string

const TIMESTAMP =
  /^(\d{3,4})-(\d{1,2})-(\d{1,2})(?:[T ]\s*(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6})\d*)?)?)?\s*(?:Z|UTC|[+-]\d{2}(?::?\d{2})?)?$/i

/** Reads a literal as PostgreSQL reads text for a `timestamp` column: a time zone is read and dropped. */
export function timestampFromPostgres(text: string): Timestamp {
  const trimmed = text.trim()
  const named = NAMED_DAYS[trimmed.toLowerCase()]
  if (named !== undefined) return named()
  const match = TIMESTAMP.exec(trimmed)
  if (match === null)
    throw sqlFault('InvalidDatetimeFormat', `invalid input syntax for type timestamp: "${text}"`)
  const timestamp = timestampFromParts(match.slice(1, 8))
  if (timestamp === undefined)
    throw sqlFault('DatetimeFieldOverflow', `date/time field value out of range: "${text}"`)
  return timestamp
}

/** Undefined where there is no such day or time. */
export function timestampFromParts(parts: readonly (string | undefined)[]): Timestamp | undefined {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts
    .slice(0, 6)
    .map((part) => Number(part ?? 0))
  const time = new Date(0)
  time.setUTCFullYear(year, month - 1, day)
  if (year < 1 || time.getUTCMonth() !== month - 1 || time.getUTCDate() !== day) return undefined
  if (hour > 23 || minute > 59 || second > 59) return undefined
  time.setUTCHours(hour, minute, second)
  return `${timestampFromDate(time).slice(0, 19)}.${(parts[6] ?? '').slice(0, 6).padEnd(6, '0')}`
}

/** With milliseconds zero. */
export const timestampFromDate = (date: Date): Timestamp =>
  `${String(date.getUTCFullYear()).padStart(4, '0')}-${date.toISOString().slice(-19, -5).replace('T', ' ')}.000000`

/** Milliseconds since 1970 of the whole second. */
export const millisecondsFrom = (timestamp: Timestamp): number =>
  Date.parse(`${timestamp.slice(0, 19).replace(' ', 'T')}Z`)

const DAY_MS = 86_400_000
const midnight = (days: number): Timestamp =>
  timestampFromDate(new Date(Math.floor(Date.now() / DAY_MS + days) * DAY_MS))
const NAMED_DAYS: Record<string, (() => Timestamp) | undefined> = {
  epoch: () => '1970-01-01 00:00:00.000000',
  now: () => timestampFromDate(new Date()),
  today: () => midnight(0),
  tomorrow: () => midnight(1),
  yesterday: () => midnight(-1),
}

/** Tells whether a whole text is of some form. */
export interface TextPattern {
  readonly test: (text: string) => boolean
}

/**
 * PostgreSQL's LIKE: `%` and `_` are wild, `\` takes the next character as it is. `folds` compares without regard to
 * case, character by character, as ILIKE does in a UTF-8 C locale.
 */
export function patternFromLike(like: string, folds: boolean): TextPattern {
  let source = ''
  const characters = [...like]
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? ''
    if (character === '%') source += '.*'
    else if (character === '_') source += '.'
    else if (character !== '\\') source += escaped(folds ? lowerOf(character) : character)
    else {
      at++
      const literal = characters[at]
      if (literal === undefined)
        throw sqlFault('InvalidEscapeSequence', 'LIKE pattern must not end with escape character')
      source += escaped(folds ? lowerOf(literal) : literal)
    }
  }
  const pattern = new RegExp(`^${source}$`, 'su')
  return folds ? { test: (text) => pattern.test([...text].map(lowerOf).join('')) } : pattern
}

const escaped = (character: string): string => character.replace(/[\\^$.*+?()[\]{}|/]/u, '\\$&')

/** One character stays one: what JavaScript would write as two (the Turkish I with its dot) is simplified. */
const lowerOf = (character: string): string => {
  const lower = character.toLowerCase()
  return character === '\u0130' ? 'i' : [...lower].length === 1 ? lower : character
}
