import { combined, constantDomain, inverted, leaf } from './tree-19.ts'
import type { Domain } from './tree-19.ts'
import type { Environment } from './environment.ts'
import { overflowError, valueError } from './faults.ts'
import type { DemoField } from './fields.ts'
import { isTruthy, textOf, millisecondsFrom, timestampFromDate, timestampFromParts } from './values.ts'
import type { Json, Timestamp } from './values.ts'

/** A literal of a date or datetime field: `isDay` where it names a whole day. */
interface Moment {
  readonly timestamp: Timestamp
  readonly isDay: boolean
}

const SECOND_MS = 1_000
const DAY_MS = 86_400_000
const LAST_MS = Date.parse('9999-12-31T23:59:59Z')

/**
 * A leaf on a date or datetime with its literals read: days as `YYYY-MM-DD`, times as records keep them. Times compare
 * by whole seconds, so `=` becomes a range, and `<=` a `<` of what follows.
 */
export function domainOfTime(env: Environment, field: DemoField, operator: string, value: Json): Domain {
  if (operator.endsWith('like')) return leaf(field.name, operator, value)
  const isSet = operator === 'in' || operator === 'not in'
  const given = isSet ? (value as readonly Json[]) : [value]
  const moments = given.map((item) => (item === false ? false : momentFrom(env, item)))
  if (field.type === 'date') {
    const days = moments.map((moment) => moment && moment.timestamp.slice(0, 10))
    if (isSet) return leaf(field.name, operator, days)
    return days[0] === false ? constantDomain(false) : leaf(field.name, operator, days[0] ?? false)
  }
  const times = moments.map((moment) => moment && utcOf(env, moment))
  if (isSet) return setOfTimes(field, operator, times)
  const [first] = times
  const [moment] = moments
  if (first === undefined || first === false || !moment) return constantDomain(false)
  if (operator === '>' || operator === '<=') {
    const next = later(first, moment.isDay ? DAY_MS : SECOND_MS)
    if (next === undefined) return operator === '>' ? constantDomain(false) : leaf(field.name, '!=', false)
    return leaf(field.name, operator === '>' ? '>=' : '<', next)
  }
  return leaf(field.name, operator, first)
}

function setOfTimes(field: DemoField, operator: string, times: readonly (Timestamp | false)[]): Domain {
  if (times.every((time) => time === false)) return leaf(field.name, operator, [false])
  const domain = combined(
    'or',
    times.map((time): Domain => {
      if (time === false) return leaf(field.name, 'in', [false])
      const next = later(time, SECOND_MS)
      if (next === undefined) throw overflowError('date value out of range')
      return combined('and', [leaf(field.name, '>=', time), leaf(field.name, '<', next)])
    }),
  )
  if (operator === 'in') return domain
  return negatedRanges(field, domain)
}

/** NOT of ranges, where NULL is outside of every range. */
function negatedRanges(field: DemoField, domain: Domain): Domain {
  if (domain.kind === 'or')
    return combined(
      'and',
      domain.operands.map((operand) => negatedRanges(field, operand)),
    )
  if (domain.kind === 'and') {
    const [from, to] = domain.operands
    if (from?.kind === 'leaf' && to?.kind === 'leaf')
      return combined('or', [
        leaf(field.name, 'in', [false]),
        leaf(field.name, '<', from.value),
        leaf(field.name, '>=', to.value),
      ])
  }
  return inverted(domain)
}

/** Undefined beyond the year 9999. */
function later(timestamp: Timestamp, by: number): Timestamp | undefined {
  const time = millisecondsFrom(timestamp) + by
  return time > LAST_MS + SECOND_MS - 1 ? undefined : timestampFromDate(new Date(time))
}

/** Whole seconds in UTC; a day begins at midnight where the caller is. */
function utcOf(env: Environment, { timestamp, isDay }: Moment): Timestamp {
  const whole = `${timestamp.slice(0, 19)}.000000`
  const year = Number(timestamp.slice(0, 4))
  if (!isDay || year === 1 || year === 9999) return whole
  const { tz } = env.context
  return midnightIn(typeof tz === 'string' && isTruthy(tz) ? tz : env.account.timeZone, whole)
}

function midnightIn(timeZone: string, day: Timestamp): Timestamp {
  const utc = millisecondsFrom(day)
  try {
    const format = new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', era: 'short', ...PARTS })
    const part = (type: string, at: number): number =>
      Number(format.formatToParts(new Date(at)).find((found) => found.type === type)?.value)
    const offset = (at: number): number => {
      const local = new Date(0)
      local.setUTCFullYear(part('year', at), part('month', at) - 1, part('day', at))
      local.setUTCHours(part('hour', at), part('minute', at), part('second', at))
      return local.getTime() - at
    }
    return timestampFromDate(new Date(utc - offset(utc - offset(utc))))
  } catch {
    // Odoo takes a time zone that it does not know for UTC.
    return day
  }
}

const PARTS: Intl.DateTimeFormatOptions = {
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: 'numeric',
  minute: 'numeric',
  second: 'numeric',
}

const ISO = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):?(\d{2})(?::?(\d{2})(?:[.,](\d+))?)?)?$/

function momentFrom(env: Environment, value: Json): Moment {
  if (typeof value !== 'string') throw valueError(`Failed to cast ${textOf(value)} into a date`)
  const match = ISO.exec(value)
  const timestamp = match === null ? undefined : timestampFromParts(match.slice(1, 8))
  if (timestamp !== undefined) return { timestamp, isDay: match?.[4] === undefined }
  if (/^\d+-/.test(value) || match !== null) throw valueError(`Invalid isoformat string: '${value}'`)
  return relativeMoment(env, value)
}

const UNITS_MS: Readonly<Record<string, number>> = {
  d: DAY_MS,
  w: 7 * DAY_MS,
  H: 3_600_000,
  M: 60_000,
  S: SECOND_MS,
}

/** `today`, `now`, `-3d`, `today +1m`: what 19.0 counts from the present. Weekdays and `=` are not offered here. */
function relativeMoment(_env: Environment, text: string): Moment {
  const terms = text.split(/\s+/).filter((term) => term !== '')
  if (terms.length === 0) throw valueError('Empty date value')
  const isDay = terms[0] === 'today'
  if (isDay || terms[0] === 'now') terms.shift()
  let date = new Date(isDay ? Math.floor(Date.now() / DAY_MS) * DAY_MS : Date.now())
  for (const term of terms) {
    const match = /^([+-])(\d+)([dwmyHMS])$/.exec(term)
    if (match === null) throw valueError(`Invalid term '${term}' in expression date: '${text}'`)
    const amount = Number(`${match[1] ?? ''}${match[2] ?? ''}`)
    const unit = match[3] ?? ''
    date =
      unit === 'm' || unit === 'y'
        ? monthsLater(date, unit === 'm' ? amount : 12 * amount)
        : new Date(date.getTime() + amount * (UNITS_MS[unit] ?? 0))
  }
  return { timestamp: timestampFromDate(date), isDay }
}

function monthsLater(date: Date, months: number): Date {
  const moved = new Date(date)
  moved.setUTCDate(1)
  moved.setUTCMonth(moved.getUTCMonth() + months)
  const last = new Date(Date.UTC(moved.getUTCFullYear(), moved.getUTCMonth() + 1, 0)).getUTCDate()
  moved.setUTCDate(Math.min(date.getUTCDate(), last))
  return moved
}
