import { FALSE, and, isNull, not, notNull, or, test } from './condition.ts'
import type { Condition } from './condition.ts'
import type { DemoField } from './fields.ts'
import { collate } from './records.ts'
import { floatFrom, integerFrom, isTruthy, patternFromLike, textOf } from './values.ts'
import type { Json } from './values.ts'
import { sqlFault, valueError } from './faults.ts'

type Literal = string | number | boolean | null

export const isFalse = (value: Json): boolean => value === false || value === null

/** What 19.0 writes into SQL for a leaf on a stored column; `in` and `not in` come with a list. */
export function conditionOfStored(field: DemoField, operator: string, value: Json): Condition {
  if (field.type === 'boolean')
    return operator === 'in' ? test(field.name, 'equals', true) : not(test(field.name, 'equals', true))
  if (operator === 'in' || operator === 'not in')
    return setCondition(field, operator === 'in', value as readonly Json[])
  if (operator.endsWith('like')) return likeCondition(field, operator, textOf(value))
  return inequality(field, operator, value)
}

function setCondition(field: DemoField, isPositive: boolean, values: readonly Json[]): Condition {
  const column = field.name
  const literals = values.filter((item) => !isFalse(item)).map((item) => literalOf(field, item))
  const falsy = falsyLiteral(field)
  let hasNull = literals.length < values.length
  if (falsy !== undefined) {
    if (literals.includes(falsy)) hasNull = true
    else if (hasNull) literals.push(falsy)
  }
  const within = test(column, 'in', new Set(literals.filter((literal) => literal !== null)))
  // A literal that became NULL (a many2one of 0) makes NOT IN true of nothing.
  const without = literals.includes(null) ? FALSE : and(notNull(column), not(within))
  const isEmpty = literals.length === 0
  if (isPositive) return hasNull ? or(isEmpty ? FALSE : within, isNull(column)) : within
  if (!hasNull) return or(without, isNull(column))
  return isEmpty ? notNull(column) : without
}

/** Text of a column as PostgreSQL casts it for LIKE; only text columns are matched as they are. */
function likeCondition(field: DemoField, operator: string, text: string): Condition {
  const pattern = patternFromLike(operator.includes('=') ? text : `%${text}%`, operator.endsWith('ilike'))
  const matches = test(field.name, 'matches', pattern)
  return operator.startsWith('not') ? not(matches) : matches
}

function inequality(field: DemoField, operator: string, value: Json): Condition {
  const column = field.name
  const falsy = falsyLiteral(field)
  const literal = falsy !== undefined && !isTruthy(value) ? falsy : literalOf(field, value)
  if (literal === null) return FALSE
  const isText = typeof literal === 'string'
  const below = test(column, isText ? 'before' : 'less', literal)
  const above = test(column, isText ? 'after' : 'greater', literal)
  const conditions: Readonly<Record<string, Condition>> = {
    '<': below,
    '>': above,
    '<=': and(notNull(column), not(above)),
    '>=': and(notNull(column), not(below)),
  }
  const condition = conditions[operator]
  if (condition === undefined) throw valueError(`Invalid operator ${operator}`)
  return falsy !== undefined && holds(falsy, operator, literal) ? or(condition, isNull(column)) : condition
}

function holds(left: string | number | boolean, operator: string, right: string | number | boolean): boolean {
  const sign = typeof left === 'string' ? collate(left, String(right)) : Number(left) - Number(right)
  return operator === '<' ? sign < 0 : operator === '>' ? sign > 0 : operator === '<=' ? sign <= 0 : sign >= 0
}

/** What NULL counts as; undefined where it counts as nothing. */
function falsyLiteral(field: DemoField): string | number | undefined {
  if (field.name === 'id') return undefined
  switch (field.type) {
    case 'char':
    case 'text':
    case 'html':
      return ''
    case 'integer':
    case 'float':
    case 'monetary':
      return 0
    default:
      return undefined
  }
}

function literalOf(field: DemoField, value: Json): Literal {
  switch (field.type) {
    case 'integer':
      return field.name === 'id' ? idLiteral(value) : integerFrom(value)
    case 'float':
    case 'monetary':
      return floatFrom(value, field.scale)
    case 'many2one':
      return isTruthy(value) ? idLiteral(value) : null
    case 'char':
      return isFalse(value) ? null : [...textOf(value)].slice(0, field.size).join('')
    default:
      return isFalse(value) ? null : textOf(value)
  }
}

/** Ids go into SQL unconverted. */
function idLiteral(value: Json): number {
  if (typeof value === 'number') return value
  if (typeof value === 'boolean')
    throw sqlFault('UndefinedFunction', 'operator does not exist: integer = boolean')
  if (typeof value === 'string' && /^\s*[+-]?\d+\s*$/.test(value)) return Number(value)
  throw sqlFault('InvalidTextRepresentation', `invalid input syntax for type integer: "${textOf(value)}"`)
}
