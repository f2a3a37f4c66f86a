import { sqlFault, typeError } from './faults.ts'
import type { Version } from './fields.ts'
import { isTruthy } from './values.ts'
import type { Json } from './values.ts'

const BIGINT_MAX = 2 ** 63

/** Python and PostgreSQL read a limit each in their way; undefined is no limit, which 0 is too. */
export function limitOf(
  version: Version,
  value: Json | undefined,
  what: 'limit' | 'offset',
): number | undefined {
  if (value === undefined || !isTruthy(value)) return undefined
  if (version === 14 && typeof value === 'string') throw typeError('%d format: a number is required, not str')
  if (version === 19 && (value === true || Array.isArray(value)))
    throw sqlFault('DatatypeMismatch', `argument of ${what.toUpperCase()} must be type bigint`)
  if (Array.isArray(value) || typeof value === 'object') throw typeError('a number is required')
  const number = Number(value)
  if (Number.isNaN(number))
    throw sqlFault('InvalidTextRepresentation', `invalid input syntax for type bigint: "${String(value)}"`)
  return bounded(version === 14 ? Math.trunc(number) : Math.round(number), what)
}

/** A whole number as PostgreSQL takes it for LIMIT and OFFSET. */
export function bounded(whole: number, what: 'limit' | 'offset'): number {
  if (Math.abs(whole) >= BIGINT_MAX) throw sqlFault('NumericValueOutOfRange', 'bigint out of range')
  if (whole < 0)
    throw sqlFault(
      `InvalidRowCountIn${what === 'limit' ? 'Limit' : 'ResultOffset'}Clause`,
      `${what.toUpperCase()} must not be negative`,
    )
  return whole
}
