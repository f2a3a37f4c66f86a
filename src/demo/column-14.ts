import { FALSE, TRUE, and, isNull, not, notNull, or, test } from './condition.ts'
import type { Condition } from './condition.ts'
import { sqlFault, typeError, valueError } from './faults.ts'
import type { DemoField } from './fields.ts'
import type { Leaf } from './prefix.ts'
import {
  floatFrom,
  integerFrom,
  isTruthy,
  patternFromLike,
  reprOf,
  textOf,
  timestampFromPostgres,
  uniqueValues,
} from './values.ts'
import type { Json } from './values.ts'

/** SQL's three values of one leaf: where it is true, where it is unknown. 14.0 leaves some NOTs to SQL. */
export interface Truth {
  readonly yes: Condition
  readonly unknown: Condition
}

export const sure = (yes: Condition): Truth => ({ yes, unknown: FALSE })

/** Operators that also keep what is NULL. */
export const NEGATIVE = new Set(['!=', 'not like', 'not ilike', 'not in'])

/** What 14.0 writes into SQL for a stored column. */
export function columnTruth(field: DemoField, leaf: Leaf): Truth {
  const { operator, value } = leaf
  const column = field.name
  const known = (yes: Condition): Truth => ({ yes, unknown: isNull(column) })
  if (operator === 'in' || operator === 'not in') return listedTruth(field, leaf)
  if (
    field.type === 'boolean' &&
    ((operator === '=' && value === false) || (operator === '!=' && value === true))
  )
    return sure(not(test(column, 'equals', true)))
  if (field.type === 'boolean' && operator === '!=' && value === false)
    return sure(test(column, 'equals', true))
  if ((value === false || value === null) && (operator === '=' || operator === '!='))
    return sure(operator === '=' ? isNull(column) : notNull(column))
  if (operator === '=?')
    return value === false || value === null ? sure(TRUE) : columnTruth(field, { ...leaf, operator: '=' })

  const isWild = operator.endsWith('like') && !operator.startsWith('=')
  const keepsNull = (isWild && !isTruthy(value)) || (isTruthy(value) && NEGATIVE.has(operator))
  const orNull = (yes: Condition): Truth => (keepsNull ? sure(or(yes, isNull(column))) : known(yes))
  if (isWild)
    return orNull(likeCondition(column, operator, value === null || value === false ? '' : textOf(value)))
  const literal = field.name === 'id' ? ownIdLiteral(value) : literalOf(field, value)
  if (literal === null) return keepsNull ? sure(isNull(column)) : { yes: FALSE, unknown: TRUE }
  if (operator.endsWith('like')) {
    if (typeof literal !== 'string')
      throw sqlFault('UndefinedFunction', 'operator does not exist: text ~~ integer')
    return orNull(likeCondition(column, operator, literal))
  }
  return orNull(comparison(column, operator, literal))
}

function listedTruth(field: DemoField, { path, operator, value }: Leaf): Truth {
  const column = field.name
  if (!Array.isArray(value)) throw valueError(`Invalid domain term ${reprOf([path, operator, value])}`)
  const items = value as readonly Json[]
  const isBoolean = field.type === 'boolean'
  // Python holds 0 and False equal: a 0 in the list asks for NULL.
  const isFalse = (item: Json): boolean => item === false || item === 0
  const hasNull = items.some(isFalse)
  const kept = isBoolean
    ? items.filter((item) => item === true || item === 1 || isFalse(item))
    : items.filter((item) => !isFalse(item))
  const literals = uniqueValues(kept.map((item) => literalOf(field, item)))
  const isUnknown = literals.includes(null)
  const within = test(column, 'in', new Set(literals))
  const isEmpty = literals.length === 0
  if (operator === 'in') {
    const yes = isEmpty ? FALSE : within
    return hasNull
      ? sure(or(yes, isNull(column)))
      : { yes, unknown: isEmpty ? FALSE : isUnknown ? not(within) : isNull(column) }
  }
  if (isUnknown) return sure(hasNull ? FALSE : isNull(column))
  const without = isEmpty ? TRUE : and(notNull(column), not(within))
  return sure(hasNull ? and(without, notNull(column)) : or(without, isNull(column)))
}

/** A translated field is compared as it is: no care for NULL, and some operators are no SQL. */
export function translatedTruth(field: DemoField, { operator, value }: Leaf): Truth {
  const column = field.name
  const known = (yes: Condition): Truth => ({ yes, unknown: isNull(column) })
  if (operator === 'not in') throw sqlFault('SyntaxError', 'syntax error at or near "ARRAY"')
  if (operator === 'in') {
    const values = value as readonly Json[]
    if (!values.every((item) => typeof item === 'string'))
      throw sqlFault('UndefinedFunction', 'operator does not exist')
    return known(test(column, 'in', new Set(values)))
  }
  if (operator.endsWith('like')) return known(likeCondition(column, operator, textOf(value)))
  if (typeof value !== 'string' || operator === '=?')
    throw sqlFault('UndefinedFunction', 'operator does not exist')
  return known(comparison(column, operator, value))
}

const likeCondition = (column: string, operator: string, text: string): Condition => {
  const pattern = patternFromLike(operator.startsWith('=') ? text : `%${text}%`, operator.endsWith('ilike'))
  const matches = test(column, 'matches', pattern)
  return operator.startsWith('not') ? and(notNull(column), not(matches)) : matches
}

/** `column operator literal` where the column is not NULL. */
function comparison(column: string, operator: string, literal: string | number | boolean): Condition {
  const isText = typeof literal === 'string'
  const [below, above, equal] = [
    test(column, isText ? 'before' : 'less', literal),
    test(column, isText ? 'after' : 'greater', literal),
    test(column, 'equals', literal),
  ]
  const conditions: Readonly<Record<string, Condition>> = {
    '=': equal,
    '!=': and(notNull(column), not(equal)),
    '<': below,
    '>': above,
    '<=': and(notNull(column), not(above)),
    '>=': and(notNull(column), not(below)),
  }
  return conditions[operator] ?? FALSE
}

/** The literal as the column's type has it; null is SQL's NULL. */
function literalOf(field: DemoField, value: Json): string | number | boolean | null {
  switch (field.type) {
    case 'boolean':
      return isTruthy(value)
    case 'integer':
      return field.name === 'id' ? idLiteral(value) : integerFrom(value)
    case 'float':
    case 'monetary':
      return floatFrom(value, field.scale)
    case 'many2one':
      return isTruthy(value) ? idLiteral(value) : null
    case 'date':
      return value === null || value === false ? null : timestampFromPostgres(textOf(value)).slice(0, 10)
    case 'datetime':
      return value === null || value === false ? null : timestampFromPostgres(textOf(value))
    case 'char':
      return value === null || value === false ? null : [...textOf(value)].slice(0, field.size).join('')
    default:
      return value === null || value === false ? null : textOf(value)
  }
}

const INT4_MAX = 2 ** 31 - 1

/** In a list, and for a many2one, ids go into SQL as they come. */
function idLiteral(value: Json): number | null {
  if (value === null) return null
  if (typeof value === 'boolean')
    throw sqlFault('UndefinedFunction', 'operator does not exist: integer = boolean')
  if (typeof value === 'string') return idFromText(value)
  if (typeof value !== 'number') throw typeError('unhashable type')
  return value
}

/** Compared with one value, `id` takes it as text. */
const ownIdLiteral = (value: Json): number | null =>
  value === null || value === false ? null : idFromText(textOf(value))

function idFromText(text: string): number {
  if (!/^\s*[+-]?\d+\s*$/.test(text))
    throw sqlFault('InvalidTextRepresentation', `invalid input syntax for type integer: "${text}"`)
  if (Math.abs(Number(text)) > INT4_MAX) throw sqlFault('NumericValueOutOfRange', 'integer out of range')
  return Number(text)
}
