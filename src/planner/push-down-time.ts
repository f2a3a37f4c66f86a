import { and, leaf, NONE, or, type Domain } from '../odoo/domain.ts'
import type { Comparison } from '../sql/predicate.ts'
import { isSet, isUnset, type Rule } from './rule.ts'
import { exact, unsupported } from './verdict.ts'

/** date: compared as it reads. */
export const pushDownDate: Rule = (question, { field }) => {
  switch (question.kind) {
    case 'compare': {
      const value = String(question.value)
      return question.operator === '<>'
        ? exact(and(leaf(field, '!=', value), isSet(field)))
        : exact(leaf(field, question.operator, value))
    }
    case 'in':
      return exact(leaf(field, 'in', question.values.map(String)))
    case 'notIn':
      return exact(and(leaf(field, 'not in', question.values.map(String)), isSet(field)))
    case 'isNull':
      return exact(isUnset(field))
    case 'isNotNull':
      return exact(isSet(field))
    default:
      return unsupported('a date has no such operator')
  }
}

/** datetime: it reads in whole seconds, while the column behind it keeps microseconds. */
export const pushDownDatetime: Rule = (question, { field }) => {
  switch (question.kind) {
    case 'compare':
      return exact(compare(field, question.operator, String(question.value)))
    case 'in':
      return exact(or(...question.values.map((value) => compare(field, '=', String(value)))))
    case 'notIn':
      return exact(and(isSet(field), ...question.values.map((value) => compare(field, '<>', String(value)))))
    case 'isNull':
      return exact(isUnset(field))
    case 'isNotNull':
      return exact(isSet(field))
    default:
      return unsupported('a timestamp has no such operator')
  }
}

function compare(field: string, operator: Comparison, literal: string): Domain {
  const [second = literal, fraction] = literal.split('.')
  const endOfSecond = `${second}.999999`
  if (fraction !== undefined) return compareBetweenSeconds(field, operator, second)
  switch (operator) {
    case '<':
    case '>=':
      return leaf(field, operator, second)
    case '<=':
    case '>':
      return leaf(field, operator, endOfSecond)
    case '=':
      return and(leaf(field, '>=', second), leaf(field, '<=', endOfSecond))
    case '<>':
      return or(leaf(field, '<', second), leaf(field, '>', endOfSecond))
    default:
      return operator satisfies never
  }
}

/** A literal between `second` and the next one: no whole second equals it. */
function compareBetweenSeconds(field: string, operator: Comparison, second: string): Domain {
  switch (operator) {
    case '<':
    case '<=':
      return compare(field, '<=', second)
    case '>':
    case '>=':
      return compare(field, '>', second)
    case '=':
      return NONE
    case '<>':
      return isSet(field)
    default:
      return operator satisfies never
  }
}
