import { invalidDatetime } from '../errors.ts'

/** PostgreSQL counts from 2000-01-01. */
const EPOCH_DAYS = 10_957
const DAY_MILLISECONDS = 86_400_000
const DAY_MICROSECONDS = 86_400_000_000

const DAYS_INFINITY = 0x7fff_ffff
const DAYS_MINUS_INFINITY = -0x8000_0000
const MICROSECONDS_INFINITY = 2n ** 63n - 1n
const MICROSECONDS_MINUS_INFINITY = -(2n ** 63n)

const INFINITY = 'infinity'
const MINUS_INFINITY = '-infinity'

/** `YYYY-MM-DD[ BC]`, or infinity: what PostgreSQL prints. */
const DATE = /^(\d{4,})-(\d\d)-(\d\d)( BC)?$/
/** The same with a time; at most six digits of a second. */
const TIMESTAMP = /^(\d{4,}-\d\d-\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?( BC)?$/

/** Days since 2000-01-01 of a date in PostgreSQL's text form. */
export function daysFromDate(text: string): number {
  if (text === INFINITY) return DAYS_INFINITY
  if (text === MINUS_INFINITY) return DAYS_MINUS_INFINITY
  const match = DATE.exec(text)
  if (match === null) throw invalidDatetime(`invalid input syntax for type date: "${text}"`)
  return daysOf(Number(match[1]), Number(match[2]), Number(match[3]), match[4] !== undefined)
}

function daysOf(year: number, month: number, day: number, isBeforeChrist: boolean): number {
  // There is no year 0: 1 BC comes before 1.
  const astronomical = isBeforeChrist ? 1 - year : year
  const cycles = Math.floor(astronomical / CYCLE_YEARS)
  // The calendar repeats itself, and JavaScript is sure of the years from 2000 on.
  const milliseconds = Date.UTC(2000 + astronomical - cycles * CYCLE_YEARS, month - 1, day)
  return milliseconds / DAY_MILLISECONDS + (cycles - 5) * CYCLE_DAYS - EPOCH_DAYS
}

/** After which the Gregorian calendar repeats itself. */
const CYCLE_YEARS = 400
const CYCLE_DAYS = 146_097

/** Microseconds since 2000-01-01 00:00:00 of a timestamp in PostgreSQL's text form; a bigint beyond 2^53. */
export function microsecondsFromTimestamp(text: string): number | bigint {
  if (text === INFINITY) return MICROSECONDS_INFINITY
  if (text === MINUS_INFINITY) return MICROSECONDS_MINUS_INFINITY
  const match = TIMESTAMP.exec(text)
  if (match === null) throw invalidDatetime(`invalid input syntax for type timestamp: "${text}"`)
  const days = daysFromDate(`${match[1] ?? ''}${match[6] ?? ''}`)
  const seconds = Number(match[2]) * 3600 + Number(match[3]) * 60 + Number(match[4])
  const inDay = seconds * 1_000_000 + Number((match[5] ?? '').padEnd(6, '0'))
  const total = days * DAY_MICROSECONDS + inDay
  return Number.isSafeInteger(total) ? total : BigInt(days) * BigInt(DAY_MICROSECONDS) + BigInt(inDay)
}

/** PostgreSQL's text of a date, from its days since 2000-01-01. */
export function dateFromDays(days: number): string {
  if (days === DAYS_INFINITY) return INFINITY
  if (days === DAYS_MINUS_INFINITY) return MINUS_INFINITY
  const cycles = Math.floor(days / CYCLE_DAYS)
  const date = new Date((days - cycles * CYCLE_DAYS + EPOCH_DAYS) * DAY_MILLISECONDS)
  const year = date.getUTCFullYear() + cycles * CYCLE_YEARS
  const shown = String(year > 0 ? year : 1 - year).padStart(4, '0')
  return `${shown}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}${year > 0 ? '' : ' BC'}`
}

/** PostgreSQL's text of a timestamp, from its microseconds since 2000-01-01 00:00:00. */
export function timestampFromMicroseconds(microseconds: bigint): string {
  if (microseconds === MICROSECONDS_INFINITY) return INFINITY
  if (microseconds === MICROSECONDS_MINUS_INFINITY) return MINUS_INFINITY
  const day = BigInt(DAY_MICROSECONDS)
  const inDay = Number(((microseconds % day) + day) % day)
  const [date = '', era] = dateFromDays(Number((microseconds - BigInt(inDay)) / day)).split(/(?= BC)/)
  const seconds = Math.floor(inDay / 1_000_000)
  const fraction = String(inDay % 1_000_000)
    .padStart(6, '0')
    .replace(/0+$/, '')
  const time = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map(two).join(':')
  return `${date} ${time}${fraction === '' ? '' : `.${fraction}`}${era ?? ''}`
}

const two = (value: number): string => String(value).padStart(2, '0')
