import type { ColumnSpec, TableSpec } from '../catalog/spec.ts'
import { INT4_MAX, INT4_MIN, SQL_TYPES } from '../catalog/types.ts'
import { badCharacter, notSupported, protocolViolation, SqlError, undefinedFunction } from '../errors.ts'
import type { Comparison, Operand, TableName } from '../sql/predicate.ts'
import type { Test, Value } from './bound.ts'
import { compareWith } from './evaluate.ts'

/** What binding knows beside the statement. */
export interface BindingScope {
  readonly table: TableSpec
  readonly from: TableName
  /** Texts of `$1`, `$2`, …; null is NULL. */
  readonly parameters: readonly (string | null)[]
  /** The types that a client declared for them, as PostgreSQL spells them; undefined: inferred, as of a literal. */
  readonly parameterTypes?: readonly (string | undefined)[] | undefined
  /** True: secret columns may be compared and ordered by. */
  readonly revealSecrets: boolean
  /** 1-based position in the statement of a column or of a literal, for errors. */
  readonly positionOf: (kind: 'column' | 'literal', text: string) => number | undefined
}

/** The test for `column operator operand`; null where the operand is NULL. */
export function bindLiteral(
  operator: Comparison,
  operand: Operand,
  column: ColumnSpec,
  scope: BindingScope,
): Test | null {
  if (operand.kind === 'number') return bindNumber(operator, operand.text, column, scope)
  if (operand.kind === 'boolean') {
    if (column.type !== 'bool') throw noOperator(operator, column, 'boolean', String(operand.value), scope)
    return { kind: 'compare', operator, value: operand.value }
  }
  const literal = operand.kind === 'parameter' ? literalOf(operand, scope) : operand
  if (literal.kind === 'typed') return bindTyped(operator, literal, column, scope)
  const text = textOf(literal, scope)
  return text === null ? null : { kind: 'compare', operator, value: parseValue(column.type, text, scope) }
}

/** A literal with a cast: its own type may differ from the column's, where PostgreSQL compares the two. */
function bindTyped(
  operator: Comparison,
  { value, type: spelling }: Operand & { kind: 'typed' },
  column: ColumnSpec,
  scope: BindingScope,
): Test {
  const type = TYPE_OF_SPELLING[spelling]
  if (type === undefined) throw notSupported(`a literal of type ${spelling} is not supported here`)
  if (type === column.type) return { kind: 'compare', operator, value: parseValue(type, value, scope) }
  const isExact = type === 'int4' || type === 'int8' || type === 'numeric'
  if (isExact && (column.type === 'int4' || column.type === 'numeric' || column.type === 'float8'))
    return bindNumber(operator, String(parseValue(type, value, scope)), column, scope)
  if (type === 'date' && column.type === 'timestamp')
    return { kind: 'compare', operator, value: `${String(parseValue('date', value, scope))} 00:00:00` }
  throw notSupported(`comparing ${SQL_TYPES[column.type].title} with ${spelling} is not supported here`)
}

export const TYPE_OF_SPELLING: Readonly<Record<string, ColumnSpec['type']>> = {
  'timestamp without time zone': 'timestamp',
  timestamp: 'timestamp',
  'double precision': 'float8',
  float8: 'float8',
  integer: 'int4',
  int: 'int4',
  int4: 'int4',
  bigint: 'int8',
  int8: 'int8',
  numeric: 'numeric',
  text: 'text',
  boolean: 'bool',
  bool: 'bool',
  date: 'date',
  bytea: 'bytea',
}

/** A number against a column of any numeric type, whatever the number's own size. */
function bindNumber(operator: Comparison, text: string, column: ColumnSpec, scope: BindingScope): Test {
  const decimal = withoutZeros(String(SQL_TYPES.numeric.parse(text)))
  const compare = (value: Value, as: Comparison = operator): Test => ({
    kind: 'compare',
    operator: as,
    value,
  })
  switch (column.type) {
    case 'float8':
      return compare(Number(text))
    case 'numeric':
    case 'int8':
      return compare(decimal)
    case 'int4': {
      const [whole = '0', fraction] = decimal.split('.')
      // No whole number equals a fraction, and as a bound the fraction is as good as the next whole number inward.
      if (fraction !== undefined && (operator === '=' || operator === '<>'))
        return { kind: 'decided', value: operator === '<>' }
      const bound =
        fraction === undefined ? BigInt(whole) : BigInt(whole) - (decimal.startsWith('-') ? 1n : 0n)
      const inward: Comparison =
        fraction === undefined ? operator : operator === '<' || operator === '<=' ? '<=' : '>'
      if (bound >= INT4_MIN && bound <= INT4_MAX) return compare(Number(bound), inward)
      return { kind: 'decided', value: compareWith('numeric', inward, '0', bound.toString()) }
    }
    default:
      throw noOperator(operator, column, typeOfNumber(decimal), text, scope)
  }
}

const withoutZeros = (decimal: string): string =>
  decimal.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal

function typeOfNumber(decimal: string): string {
  if (decimal.includes('.')) return 'numeric'
  const value = BigInt(decimal)
  if (value >= INT4_MIN && value <= INT4_MAX) return 'integer'
  return value >= -(2n ** 63n) && value < 2n ** 63n ? 'bigint' : 'numeric'
}

export const noOperator = (
  operator: string,
  column: ColumnSpec,
  type: string,
  literal: string,
  scope: BindingScope,
): SqlError =>
  undefinedFunction(`operator does not exist: ${SQL_TYPES[column.type].title} ${operator} ${type}`, {
    detail: `Column "${column.name}" is of type ${SQL_TYPES[column.type].title}.`,
    hint: column.type === 'text' ? `Put the value in quotes: '${literal}'` : undefined,
    position: scope.positionOf('column', column.name),
  })

/** Elements of PostgreSQL's text form of an array of one dimension; null is NULL. */
export function elementsOfArray(text: string): (string | null)[] {
  const body = /^\{(.*)\}$/s.exec(text)?.[1]
  if (body === undefined) throw notSupported('an array of this form is not supported here')
  const elements: (string | null)[] = []
  const element = /\s*(?:"((?:[^"\\]|\\.)*)"|([^,"{}]*))\s*(,|$)/gsy
  while (body !== '') {
    const match = element.exec(body)
    if (match === null) throw notSupported('an array of this form is not supported here')
    const [, quoted, plain = ''] = match
    elements.push(
      quoted !== undefined
        ? quoted.replace(/\\(.)/gs, '$1')
        : /^null$/i.test(plain.trim())
          ? null
          : plain.trim(),
    )
    if (match[3] !== ',') break
  }
  return elements
}

/** The literal that a parameter stands for. NULL of a declared type is left to PostgreSQL, which may refuse its type. */
export function literalOf({ index }: Operand & { kind: 'parameter' }, scope: BindingScope): Operand {
  const value = parameterAt(index, scope.parameters)
  const type = scope.parameterTypes?.[index - 1]
  if (type === undefined) return value === null ? { kind: 'null' } : { kind: 'string', value }
  if (value === null) throw notSupported('NULL of a declared type is not supported here')
  return { kind: 'typed', value, type }
}

/** Text of a string literal or parameter, null for NULL. */
export function textOf(operand: Operand, scope: BindingScope): string | null {
  switch (operand.kind) {
    case 'string':
      return operand.value
    case 'parameter':
      return textOf(literalOf(operand, scope), scope)
    case 'typed':
      if (TYPE_OF_SPELLING[operand.type] === 'text') return operand.value
      throw notSupported(`a literal of type ${operand.type} is not supported here`)
    case 'null':
      return null
    default:
      throw notSupported('this kind of literal is not supported here yet')
  }
}

export function parameterAt(index: number, parameters: readonly (string | null)[]): string | null {
  const text = parameters[index - 1]
  if (text === undefined)
    throw protocolViolation(`there is no value for parameter $${index}`, {
      detail: `${parameters.length} were given.`,
    })
  return text
}

/** Reads a literal as a value of `type`; PostgreSQL's own error, with the position, where it is none. */
export function parseValue(type: ColumnSpec['type'], text: string, scope: BindingScope): Value {
  if (text.includes('\0') || !text.isWellFormed())
    throw badCharacter('a text value holds a NUL character or half of a surrogate pair')
  try {
    return SQL_TYPES[type].parse(text) as Value
  } catch (thrown) {
    throw thrown instanceof SqlError ? thrown.with({ position: scope.positionOf('literal', text) }) : thrown
  }
}
