import { numericFromNumber, SQL_TYPES } from '../catalog/types.ts'
import { ALL, leaf, NONE, or } from '../odoo/domain.ts'
import type { Comparison } from '../sql/predicate.ts'
import type { PushedColumn, Rule } from './rule.ts'
import { both, either, exact, unsupported, type Pushdown } from './verdict.ts'

/** integer, float and monetary. They read 0 where Odoo has NULL; to 17, Odoo itself tells the two apart. */
export const pushDownNumber: Rule = (question, column) => {
  switch (question.kind) {
    case 'compare':
      return compare(question.operator, String(question.value), column)
    case 'in':
      return either([...listParts(question.values.map(String), column, false)])
    case 'notIn':
      return both([...listParts(question.values.map(String), column, true)])
    default:
      return unsupported('a number has no such operator')
  }
}

/** `text` is the literal in decimal digits (or a float's special value). */
function compare(operator: Comparison, text: string, column: PushedColumn): Pushdown {
  const fitted = fitToDigits(operator, text, column)
  if ('support' in fitted) return fitted
  const { field, family } = column
  const { value } = fitted
  if (family !== '14' || fitted.operator === '<>') return exact(leaf(field, ODOO[fitted.operator], value))
  if (value === 0 && fitted.operator === '=') return exact(or(leaf(field, '=', 0), leaf(field, '=', false)))
  const domain = leaf(field, ODOO[fitted.operator], value)
  return exact(isTrueOfZero(fitted.operator, value) ? or(domain, leaf(field, '=', false)) : domain)
}

const ODOO = { '=': '=', '<>': '!=', '<': '<', '<=': '<=', '>': '>', '>=': '>=' } as const

const isTrueOfZero = (operator: Comparison, value: number): boolean =>
  ({
    '=': value === 0,
    '<>': value !== 0,
    '<': 0 < value,
    '<=': 0 <= value,
    '>': 0 > value,
    '>=': 0 >= value,
  })[operator]

/**
 * Odoo rounds a literal to the decimals of the field (`digits`), as if it wrote it. No value has more decimals, so a
 * literal that has more equals none, and as a bound it is as good as the next value inward.
 */
function fitToDigits(
  operator: Comparison,
  text: string,
  { live }: PushedColumn,
): { operator: Comparison; value: number } | Pushdown {
  const decimals = live.digits?.[1]
  const decimal = decimalText(text)
  if (decimal === undefined) return unsupported('Odoo takes no infinity and no NaN')
  if (decimals !== undefined && fractionOf(decimal).length > decimals) {
    if (operator === '=') return exact(NONE)
    if (operator === '<>') return exact(ALL)
    const isUpperBound = operator === '<' || operator === '<='
    return fitToDigits(
      isUpperBound ? '<=' : '>=',
      roundTowards(decimal, decimals, isUpperBound ? 'floor' : 'ceil'),
      {
        live,
      } as PushedColumn,
    )
  }
  const value = Number(decimal)
  if (decimalText(String(value)) !== decimal)
    return unsupported('the literal has more digits than JSON numbers keep')
  return { operator, value: Object.is(value, -0) ? 0 : value }
}

/** Canonical decimal digits, without trailing zeros; undefined for NaN and the infinities. */
function decimalText(text: string): string | undefined {
  if (/nan|inf/i.test(text)) return undefined
  const decimal = /e/i.test(text) ? numericFromNumber(Number(text)) : String(SQL_TYPES.numeric.parse(text))
  return decimal.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal
}

const fractionOf = (decimal: string): string => decimal.split('.')[1] ?? ''

function roundTowards(decimal: string, decimals: number, direction: 'floor' | 'ceil'): string {
  const [whole = '0', fraction = ''] = decimal.replace('-', '').split('.')
  const isNegative = decimal.startsWith('-')
  let units = BigInt(whole + fraction.slice(0, decimals).padEnd(decimals, '0'))
  // Cutting goes towards zero; away from zero is one unit more.
  if (isNegative === (direction === 'floor')) units += 1n
  const digits = units.toString().padStart(decimals + 1, '0')
  const cut = digits.length - decimals
  return `${isNegative ? '-' : ''}${digits.slice(0, cut)}${decimals === 0 ? '' : `.${digits.slice(cut)}`}`
}

/** `in` and `not in` by parts: the values that Odoo keeps as they are, and 0, which needs its own form to 17. */
function* listParts(texts: readonly string[], column: PushedColumn, isNegated: boolean): Generator<Pushdown> {
  const operator = isNegated ? '<>' : '='
  const values: number[] = []
  for (const text of texts) {
    const fitted = fitToDigits(operator, text, column)
    if (!('support' in fitted)) values.push(fitted.value)
    else if (fitted.support === 'unsupported') yield fitted
  }
  const needsZeroForm = column.family === '14' && values.includes(0)
  const listed = needsZeroForm ? values.filter((value) => value !== 0) : values
  if (listed.length > 0) yield exact(leaf(column.field, isNegated ? 'not in' : 'in', listed))
  if (needsZeroForm) yield compare(operator, '0', column)
  if (values.length === 0) yield exact(isNegated ? ALL : NONE)
}
