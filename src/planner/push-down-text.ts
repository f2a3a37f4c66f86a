import { and, leaf, not, NONE, type Domain } from '../odoo/domain.ts'
import { isSet, isUnset, type PushedColumn, type Question, type Rule } from './rule.ts'
import { exact, inexact, unsupported, type Pushdown } from './verdict.ts'

/** char and text, on the versions that keep '' and NULL apart (to 17) and those that do not (18 and 19). */
export const pushDownText: Rule = (question, column) => {
  const fitted = fitToSize(question, column)
  if ('support' in fitted) return fitted
  return column.family === '14' ? pushDownTextTo17(fitted, column) : pushDownTextFrom18(fitted, column)
}

/**
 * Odoo cuts a literal to the size of the field, as if it wrote it, so a longer one would match what it does not
 * equal. No value is longer than the size, so such a literal decides by itself.
 */
function fitToSize(question: Question, column: PushedColumn): Question | Pushdown {
  const { size } = column.live
  if (size === undefined) return question
  const isLonger = (value: unknown): boolean => [...String(value)].length > size
  switch (question.kind) {
    case 'compare':
      if (!isLonger(question.value)) return question
      if (question.operator === '=') return exact(NONE)
      if (question.operator === '<>') return { kind: 'isNotNull' }
      return unsupported('Odoo would cut the literal to the size of the field')
    case 'in':
    case 'notIn': {
      const values = question.values.filter((value) => !isLonger(value))
      if (values.length > 0) return { kind: question.kind, values }
      return question.kind === 'in' ? exact(NONE) : { kind: 'isNotNull' }
    }
    case 'like':
    case 'notLike':
    case 'ilike':
    case 'notIlike':
      return isLonger(question.pattern)
        ? unsupported('Odoo would cut the pattern to the size of the field')
        : question
    default:
      return question
  }
}

function pushDownTextTo17(question: Question, column: PushedColumn): Pushdown {
  const { field, server } = column
  switch (question.kind) {
    case 'compare': {
      const value = String(question.value)
      if (question.operator === '=') return exact(leaf(field, '=', value))
      if (question.operator === '<>') return exact(and(leaf(field, '!=', value), isSet(field)))
      return server.ordersBytewise
        ? exact(leaf(field, question.operator, value))
        : unsupported(UNKNOWN_COLLATION)
    }
    case 'in':
      return exact(leaf(field, 'in', texts(question.values)))
    case 'notIn':
      return exact(and(noneOf(question.values, column), isSet(field)))
    case 'isNull':
      return exact(isUnset(field))
    case 'isNotNull':
      return exact(isSet(field))
    default:
      return pushDownPattern(question, field, (pattern) => not(leaf(field, '=like', pattern)))
  }
}

/** On 14, `not in` over a translated field is an SQL error inside Odoo. */
const noneOf = (values: readonly unknown[], { field, live, server }: PushedColumn): Domain =>
  live.translate && server.version.major === 14
    ? and(...texts(values).map((value) => leaf(field, '!=', value)))
    : leaf(field, 'not in', texts(values))

function pushDownTextFrom18(question: Question, column: PushedColumn): Pushdown {
  const { field, family, server } = column
  // Odoo 18 and 19 take '' for NULL in most operators; a pattern that matches every text tells them apart.
  const isText = leaf(field, '=like', '%')
  const where = (domain: Domain, isEmptyAsked: boolean): Pushdown =>
    exact(isEmptyAsked ? and(domain, isText) : domain)
  switch (question.kind) {
    case 'compare': {
      const value = String(question.value)
      if (question.operator === '=') return where(leaf(field, '=', value), value === '')
      if (question.operator === '<>') return exact(and(leaf(field, '!=', value), isText))
      if (!server.ordersBytewise) return unsupported(UNKNOWN_COLLATION)
      return where(leaf(field, question.operator, value), family === '19')
    }
    case 'in':
      return where(leaf(field, 'in', texts(question.values)), question.values.includes(''))
    case 'notIn':
      return exact(and(leaf(field, 'not in', texts(question.values)), isText))
    case 'isNull':
      return exact(leaf(field, 'not like', '%'))
    case 'isNotNull':
      return exact(isText)
    case 'like':
      return question.pattern === ''
        ? exact(and(leaf(field, '=like', ''), isText))
        : pushDownPattern(question, field, () => NONE)
    default:
      return pushDownPattern(question, field, (pattern) => and(not(leaf(field, '=like', pattern)), isText))
  }
}

const UNKNOWN_COLLATION = 'the server’s text order is not known to be bytewise'
const texts = (values: readonly unknown[]): string[] => values.map(String)

function pushDownPattern(
  question: Question & { kind: 'like' | 'notLike' | 'ilike' | 'notIlike' },
  field: string,
  negated: (pattern: string) => Domain,
): Pushdown {
  if (endsInEscape(question.pattern)) return unsupported('the pattern ends in its escape character')
  switch (question.kind) {
    case 'like':
      return exact(leaf(field, '=like', question.pattern))
    case 'notLike':
      return exact(negated(question.pattern))
    case 'ilike':
      return inexact(leaf(field, '=ilike', widened(question.pattern)), 'the server folds case in its own way')
    case 'notIlike':
      return unsupported('the server folds case in its own way')
  }
}

const endsInEscape = (pattern: string): boolean => (/\\*$/.exec(pattern)?.[0].length ?? 0) % 2 === 1

/**
 * A pattern for =ilike that finds at least what our own folding finds: the server may fold non-ASCII letters
 * otherwise, or strip accents, by which one letter may become two (ß), and k, s and i have non-ASCII partners (Kelvin
 * sign, long s, dotted I).
 */
const widened = (pattern: string): string =>
  pattern.replace(/\\(.)|[^\\]/gsu, (found, escaped: string | undefined) => {
    const character = escaped ?? found
    if (character > '\x7f' || found === '_') return '%'
    return /[ksi]/i.test(character) ? '_' : found
  })

/** A selection holds codes; no code is empty, and a range of codes means nothing. */
export const pushDownSelection: Rule = (question, column) => {
  const { family } = column
  if (family === '14')
    return isRange(question) ? unsupported('codes have no order') : pushDownText(question, column)
  if (isRange(question)) return unsupported('codes have no order')
  if (question.kind === 'ilike' || question.kind === 'notIlike')
    return unsupported('the server folds case in its own way')
  const verdict = pushDownTextTo17(question, column)
  if (verdict.support !== 'exact') return verdict
  if (mentionsEmpty(question)) return inexact(verdict.domain, "the server takes '' for NULL")
  if (question.kind === 'notLike' && family === '19')
    return inexact(verdict.domain, 'the server’s NOT LIKE keeps NULL')
  return verdict
}

const isRange = (question: Question): boolean =>
  question.kind === 'compare' && /^[<>]=?$/.test(question.operator)

const mentionsEmpty = (question: Question): boolean =>
  (question.kind === 'compare' && question.value === '') ||
  ('values' in question && question.values.includes('')) ||
  ('pattern' in question && question.pattern === '')

/** Odoo rewrites the literal as it would the markup that it stores, so only NULL can be asked for. */
export const pushDownHtml: Rule = (question, { field, family, server }) => {
  const { major } = server.version
  if (question.kind === 'isNull')
    return family === '14' ? exact(isUnset(field)) : inexact(isUnset(field), "the server takes '' for NULL")
  if (question.kind === 'isNotNull' && family === '14' && major >= 16) return exact(isSet(field))
  return unsupported('Odoo rewrites literals for a field of markup')
}
