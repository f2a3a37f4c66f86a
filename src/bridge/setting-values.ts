import { invalidParameterValue } from '../errors.ts'

/**
 * Reads a setting's value as a client wrote it, and gives it as SHOW shows it. Throws 22023, as PostgreSQL does.
 * Undefined: a form that only PostgreSQL can judge.
 */
export type ReadValue = (text: string, name: string) => string | undefined

export const anyText: ReadValue = (text) => text

const invalid = (name: string, text: string, hint?: string) =>
  invalidParameterValue(`invalid value for parameter "${name}": "${text}"`, { hint })

export const flag: ReadValue = (text, name) => {
  const word = text.trim().toLowerCase()
  if (word !== '' && (word === '1' || word === 'on' || 'true'.startsWith(word) || 'yes'.startsWith(word)))
    return 'on'
  const isOff = word === '0' || word === 'of' || word === 'off'
  if (isOff || (word !== '' && ('false'.startsWith(word) || 'no'.startsWith(word)))) return 'off'
  throw invalidParameterValue(`parameter "${name}" requires a Boolean value`)
}

export const oneOf =
  (...values: readonly string[]): ReadValue =>
  (text, name) => {
    const value = text.trim().toLowerCase()
    if (values.includes(value)) return value
    throw invalid(name, text, `Available values: ${values.join(', ')}.`)
  }

export const integer =
  (min: number, max: number): ReadValue =>
  (text, name) => {
    if (!/^\s*[+-]?\d{1,10}\s*$/.test(text)) throw invalid(name, text)
    const value = Number(text)
    if (value >= min && value <= max) return String(value)
    throw invalidParameterValue(
      `${value} is outside the valid range for parameter "${name}" (${min} .. ${max})`,
    )
  }

/** Units of time, longest first, in milliseconds. */
const UNITS: readonly (readonly [string, number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
  ['ms', 1],
]
const MILLISECONDS_MAX = 2 ** 31 - 1

/** A time limit: `5s`, `1.5min`, `0`; milliseconds where no unit is named. Shown in the longest unit that is whole. */
export const timeLimit: ReadValue = (text, name) => {
  const [, digits, unit = ''] = /^\s*(-?\d+(?:\.\d+)?)\s*([a-z]*)\s*$/.exec(text) ?? []
  const unitMs = unit === '' ? 1 : unit === 'us' ? 0.001 : new Map(UNITS).get(unit)
  if (digits === undefined) throw invalid(name, text)
  if (unitMs === undefined)
    throw invalid(name, text, 'Valid units for this parameter are "us", "ms", "s", "min", "h", and "d".')
  const milliseconds = Math.round(Number(digits) * unitMs)
  if (milliseconds < 0 || milliseconds > MILLISECONDS_MAX)
    throw invalidParameterValue(
      `${milliseconds} ms is outside the valid range for parameter "${name}" (0 ms .. ${MILLISECONDS_MAX} ms)`,
    )
  return timeLimitText(milliseconds)
}

export function timeLimitText(milliseconds: number): string {
  const [unit, unitMs] = UNITS.find(([, length]) => milliseconds % length === 0) ?? ['ms', 1]
  return milliseconds === 0 ? '0' : `${milliseconds / unitMs}${unit}`
}

/** Milliseconds of a time limit as it is shown. */
export function millisecondsOf(shown: string): number {
  const [, digits = '0', unit = 'ms'] = /^(\d+)([a-z]*)$/.exec(shown) ?? []
  return Number(digits) * (new Map(UNITS).get(unit) ?? 1)
}

/** Text is UTF-8 on this wire. SQL_ASCII asks for no conversion, which is what it gets. */
export const encoding: ReadValue = (text, name) => {
  const spelled = text.toLowerCase().replace(/[^a-z0-9]/g, '')
  if (spelled === 'utf8' || spelled === 'unicode') return 'UTF8'
  if (spelled === 'sqlascii') return 'SQL_ASCII'
  throw invalid(name, text, 'Text is sent as UTF8 only: SET client_encoding TO UTF8.')
}

const DATE_STYLES: Readonly<Record<string, string>> = {
  iso: 'ISO',
  sql: 'SQL',
  postgres: 'Postgres',
  german: 'German',
}
const DATE_ORDERS: Readonly<Record<string, string>> = {
  dmy: 'DMY',
  euro: 'DMY',
  european: 'DMY',
  mdy: 'MDY',
  us: 'MDY',
  noneuro: 'MDY',
  noneuropean: 'MDY',
  ymd: 'YMD',
}

/** A style, an order of day, month and year, or both; what is not named is asked of PostgreSQL. */
export const dateStyle: ReadValue = (text) => {
  const words = text.toLowerCase().split(',')
  const style = words.map((word) => DATE_STYLES[word.trim()]).find((found) => found !== undefined)
  const order = words.map((word) => DATE_ORDERS[word.trim()]).find((found) => found !== undefined)
  if (words.length !== 2 || style === undefined || order === undefined) return undefined
  return `${style}, ${order}`
}

/** Names of the zones that tools send; other forms, such as `<+03>-03`, PostgreSQL judges. */
export const timeZone: ReadValue = (text) => {
  if (/^(utc|gmt)$/i.test(text)) return text.toUpperCase()
  return Intl.supportedValuesOf('timeZone').includes(text) ? text : undefined
}
