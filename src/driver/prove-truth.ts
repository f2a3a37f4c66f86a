import type { SqlTypeName } from '../catalog/spec.ts'
import { numericFromNumber, type Datum } from '../catalog/types.ts'
import type { Test, Value } from '../planner/bound.ts'
import { compareWith, truthOfTest } from '../planner/evaluate.ts'
import type { Question } from '../planner/rule.ts'

/** Whether SQL finds the predicate true of a value that was read: the truth that a rule is held against. */
export function isTrueOf(question: Question, type: SqlTypeName, datum: Datum): boolean {
  if (datum === null) return question.kind === 'isNull'
  switch (question.kind) {
    case 'isNull':
    case 'isNotNull':
      return question.kind === 'isNotNull'
    case 'compare':
      return compare(type, question.operator, datum, question.value)
    case 'in':
    case 'notIn':
      return question.values.some((value) => compare(type, '=', datum, value)) === (question.kind === 'in')
    case 'like':
    case 'notLike':
      return isLike(question.pattern, false, datum) === (question.kind === 'like')
    case 'ilike':
    case 'notIlike':
      return isLike(question.pattern, true, datum) === (question.kind === 'ilike')
    default:
      return question satisfies never
  }
}

const isLike = (pattern: string, isCaseInsensitive: boolean, datum: Value): boolean =>
  truthOfTest({ kind: 'like', pattern, isCaseInsensitive } satisfies Test, String(datum)) === true

type Comparison = (Question & { kind: 'compare' })['operator']

/** Dates and times stand in a form whose bytes order as they do. */
function compare(type: SqlTypeName, operator: Comparison, left: Value, right: Value): boolean {
  switch (type) {
    case 'bool':
      return compareWith('bool', operator, left, right)
    case 'int4':
    case 'int8':
    case 'float8':
    case 'numeric':
      return compareWith('numeric', operator, decimalOf(left), decimalOf(right))
    default:
      return compareWith('text', operator, left, right)
  }
}

const decimalOf = (value: Value): string =>
  typeof value === 'number' ? numericFromNumber(value) : String(value)
