import type { Datum } from '../catalog/types.ts'
import { internalError, invalidEscape } from '../errors.ts'
import type { Comparison } from '../sql/predicate.ts'
import type { Fold, Test, Value } from './bound.ts'

/**
 * Truth of a test whose column is known before any call: the name of the partition, or NULL for a column that the
 * server lacks. In SQL's three-valued logic: null is unknown.
 */
export function truthOfTest(test: Test, value: string | null): boolean | null {
  if (test.kind === 'isNull') return value === null
  if (value === null) return null
  switch (test.kind) {
    case 'compare':
      return compareWith('text', test.operator, value, test.value)
    case 'in':
      if (test.values.includes(value)) return true
      return test.hasNull ? null : false
    case 'like':
      return isLike(test.fold === undefined ? value : FOLDS[test.fold](value), test)
    case 'members':
      throw internalError('a list is not known before any call')
    case 'decided':
      return test.value
    default:
      return test satisfies never
  }
}

/** Compares two constants as PostgreSQL does: text bytewise (collation C), false before true. */
export function compareWith(
  type: 'text' | 'bool' | 'numeric',
  operator: Comparison,
  left: Value,
  right: Value,
): boolean {
  const order = COMPARATORS[type](left, right)
  return {
    '=': order === 0,
    '<>': order !== 0,
    '<': order < 0,
    '<=': order <= 0,
    '>': order > 0,
    '>=': order >= 0,
  }[operator]
}

const COMPARATORS: Record<'text' | 'bool' | 'numeric', (left: Datum, right: Datum) => number> = {
  text: (left, right) => Buffer.compare(Buffer.from(String(left)), Buffer.from(String(right))),
  bool: (left, right) => Number(left) - Number(right),
  numeric: (left, right) => compareDecimals(String(left), String(right)),
}

function compareDecimals(left: string, right: string): number {
  const [a, b] = [scaled(left), scaled(right)]
  const decimals = Math.max(a.decimals, b.decimals)
  const difference =
    a.units * 10n ** BigInt(decimals - a.decimals) - b.units * 10n ** BigInt(decimals - b.decimals)
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}

function scaled(decimal: string): { units: bigint; decimals: number } {
  const [whole = '0', fraction = ''] = decimal.split('.')
  return { units: BigInt(whole + fraction), decimals: fraction.length }
}

const FOLDS: Record<Fold, (text: string) => string> = {
  lower: (text) => text.toLowerCase(),
  upper: (text) => text.toUpperCase(),
}

function isLike(value: string, { pattern, isCaseInsensitive }: Test & { kind: 'like' }): boolean {
  const fold = isCaseInsensitive ? (text: string) => text.toLowerCase() : (text: string) => text
  return matchLike([...fold(value)], [...fold(pattern)])
}

/** LIKE over code points, as PostgreSQL walks it: on a mismatch, the last `%` takes one character more. */
function matchLike(text: readonly string[], pattern: readonly string[]): boolean {
  let [at, p, retryText, retryPattern] = [0, 0, -1, -1]
  while (at < text.length) {
    const isEscape = pattern[p] === '\\'
    if (isEscape && p + 1 === pattern.length)
      throw invalidEscape('LIKE pattern must not end with escape character')
    const expected = isEscape ? pattern[p + 1] : pattern[p]
    if (!isEscape && expected === '%') {
      ;[retryText, retryPattern] = [at, ++p]
    } else if (expected !== undefined && ((!isEscape && expected === '_') || expected === text[at])) {
      p += isEscape ? 2 : 1
      at++
    } else if (retryPattern >= 0) {
      p = retryPattern
      at = ++retryText
    } else return false
  }
  while (pattern[p] === '%') p++
  return p === pattern.length
}
