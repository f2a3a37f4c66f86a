import type { ColumnSpec } from '../catalog/spec.ts'
import { SQL_TYPES } from '../catalog/types.ts'
import {
  datatypeMismatch,
  insufficientPrivilege,
  invalidEscape,
  notSupported,
  undefinedColumn,
  SqlError,
} from '../errors.ts'
import type { Comparison, Operand, Predicate } from '../sql/predicate.ts'
import {
  bindLiteral,
  elementsOfArray,
  noOperator,
  parseValue,
  literalOf,
  textOf,
  TYPE_OF_SPELLING,
  type BindingScope,
} from './bind-literal.ts'
import { bindCall, readOverCall } from './bind-call.ts'
import { columnsOf, type BoundPredicate, type Test, type Value } from './bound.ts'
import { compareWith } from './evaluate.ts'

/** Finds a column by name; throws 42703 with the nearest name, 42P01 for a table that is not in FROM. */
export function bindColumn(
  column: { table?: string | undefined; name: string },
  scope: BindingScope,
): ColumnSpec {
  if (column.table !== undefined && column.table !== (scope.from.alias ?? scope.from.name))
    throw new SqlError('undefined_table', `missing FROM-clause entry for table "${column.table}"`, {
      position: scope.positionOf('column', column.name),
    })
  const columns = columnsOf(scope.table)
  const found = columns.find((candidate) => candidate.name === column.name)
  if (found !== undefined) return found
  const shown = column.table === undefined ? column.name : `${column.table}.${column.name}`
  throw undefinedColumn(
    shown,
    columns.map((candidate) => candidate.name),
    scope.positionOf('column', column.name),
  )
}

/** A secret column may be shown (masked), but a filter or an order on it would give it away bit by bit. */
export function refuseProbing(column: ColumnSpec, scope: BindingScope): ColumnSpec {
  if (!column.secret || scope.revealSecrets) return column
  throw insufficientPrivilege(`column "${column.name}" is secret and cannot be compared or ordered by`, {
    hint: 'Open the session with --reveal-secrets (library: revealSecrets: true) to use it.',
    position: scope.positionOf('column', column.name),
  })
}

/** Gives every column and literal of a predicate its type. Throws what PostgreSQL would throw. */
export function bindPredicate(predicate: Predicate, scope: BindingScope, where = 'WHERE'): BoundPredicate {
  const over = readOverCall(predicate)
  if (over !== undefined) {
    const ofColumn = bindPredicate(over.ofColumn, scope, where)
    return bindCall(over.call, bindColumn(over.column, scope), ofColumn, scope)
  }
  switch (predicate.kind) {
    case 'and':
    case 'or': {
      const name = predicate.kind.toUpperCase()
      return {
        kind: predicate.kind,
        operands: predicate.operands.map((operand) => bindPredicate(operand, scope, name)),
      }
    }
    case 'not':
      return negate(bindPredicate(predicate.operand, scope, 'NOT'))
    case 'isTruth':
      return { ...predicate, operand: bindPredicate(predicate.operand, scope, 'IS TRUE') }
    case 'operand':
      return bindAlone(predicate.operand, scope, where)
    case 'compare':
      return bindComparison(predicate.operator, predicate.left, predicate.right, scope)
    case 'between': {
      const range: BoundPredicate = {
        kind: 'and',
        operands: [
          bindComparison('>=', predicate.operand, predicate.low, scope),
          bindComparison('<=', predicate.operand, predicate.high, scope),
        ],
      }
      return predicate.isNegated ? negate(range) : range
    }
    case 'in':
      return bindList(predicate, scope)
    case 'anyOf':
      return bindAnyOf(predicate, scope)
    case 'like':
      return bindLike(predicate, scope)
    case 'members':
      return bindMembers(predicate.operand, predicate.list, predicate.operator === '@>', scope)
    case 'isNull': {
      const test = bindNullTest(predicate.operand, scope)
      return predicate.isNegated ? negate(test) : test
    }
    default:
      return predicate satisfies never
  }
}

const negate = (operand: BoundPredicate): BoundPredicate => ({ kind: 'not', operand })
const test = (column: ColumnSpec, what: Test): BoundPredicate => ({ kind: 'test', column, test: what })
const UNKNOWN: BoundPredicate = { kind: 'constant', value: null }

function bindAlone(given: Operand, scope: BindingScope, where: string): BoundPredicate {
  const operand = given.kind === 'parameter' ? literalOf(given, scope) : given
  if (operand.kind === 'null') return UNKNOWN
  if (operand.kind === 'boolean') return { kind: 'constant', value: operand.value }
  if (operand.kind === 'column') {
    const column = refuseProbing(bindColumn(operand, scope), scope)
    if (column.type === 'bool') return test(column, { kind: 'compare', operator: '=', value: true })
    throw notBoolean(where, SQL_TYPES[column.type].title, scope.positionOf('column', operand.name))
  }
  if (operand.kind === 'typed' && TYPE_OF_SPELLING[operand.type] === 'bool')
    return { kind: 'constant', value: parseValue('bool', operand.value, scope) as boolean }
  if (operand.kind === 'typed') throw notSupported(`a literal of type ${operand.type} is no condition`)
  if (operand.kind === 'number') throw notBoolean(where, 'integer', scope.positionOf('literal', operand.text))
  const text = textOf(operand, scope)
  return { kind: 'constant', value: text === null ? null : (parseValue('bool', text, scope) as boolean) }
}

const notBoolean = (where: string, type: string, position: number | undefined): SqlError =>
  datatypeMismatch(`argument of ${where} must be type boolean, not type ${type}`, { position })

const MIRRORED: Record<Comparison, Comparison> = {
  '=': '=',
  '<>': '<>',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
}

function bindComparison(
  operator: Comparison,
  left: Operand,
  right: Operand,
  scope: BindingScope,
): BoundPredicate {
  if (left.kind !== 'column' && right.kind === 'column')
    return bindComparison(MIRRORED[operator], right, left, scope)
  if (left.kind !== 'column') return bindConstants(operator, left, right, scope)
  if (right.kind === 'column') throw notSupported('a comparison of two columns is not supported yet')
  const column = comparableColumn(left, scope)
  const bound = bindLiteral(operator, right, column, scope)
  return bound === null ? UNKNOWN : test(column, bound)
}

/** `1 = 1`, as tools write it. */
function bindConstants(
  operator: Comparison,
  left: Operand,
  right: Operand,
  scope: BindingScope,
): BoundPredicate {
  if (left.kind === 'null' || right.kind === 'null') return UNKNOWN
  if (left.kind === 'number' && right.kind === 'number') {
    const [a, b] = [left, right].map((operand) => SQL_TYPES.numeric.parse(operand.text) as Value) as [
      Value,
      Value,
    ]
    return { kind: 'constant', value: compareWith('numeric', operator, a, b) }
  }
  if (left.kind === 'string' && right.kind === 'string')
    return { kind: 'constant', value: compareWith('text', operator, left.value, right.value) }
  throw notSupported('a comparison without a column is not supported yet', {
    position: scope.positionOf(
      'literal',
      left.kind === 'string' ? left.value : left.kind === 'number' ? left.text : '',
    ),
  })
}

/** Types that have an order of their own here; the rest can only be asked whether they are NULL. */
function comparableColumn(operand: Operand & { kind: 'column' }, scope: BindingScope): ColumnSpec {
  const column = refuseProbing(bindColumn(operand, scope), scope)
  if (column.type !== 'jsonb' && column.type !== 'int4[]') return column
  throw notSupported(`comparing a value of type ${SQL_TYPES[column.type].title} is not supported yet`, {
    position: scope.positionOf('column', column.name),
  })
}

function bindList(predicate: Predicate & { kind: 'in' }, scope: BindingScope): BoundPredicate {
  if (predicate.operand.kind !== 'column') throw notSupported('IN over a literal is not supported yet')
  const column = comparableColumn(predicate.operand, scope)
  const values: Value[] = []
  let hasNull = false
  for (const operand of predicate.values) {
    if (operand.kind === 'column') throw notSupported('a column in an IN list is not supported yet')
    const bound = bindLiteral('=', operand, column, scope)
    if (bound === null) hasNull = true
    // `decided` here means: equal to none, so it adds nothing to the list.
    else if (bound.kind === 'compare') values.push(bound.value)
  }
  const list = test(column, { kind: 'in', values, hasNull })
  return predicate.isNegated ? negate(list) : list
}

/** `= ANY` over an array literal or parameter: IN over its elements. */
function bindAnyOf(predicate: Predicate & { kind: 'anyOf' }, scope: BindingScope): BoundPredicate {
  const { operand, isNegated } = predicate
  if (predicate.list.kind === 'column') {
    const member = bindMembers(predicate.list, operand, false, scope)
    // `<> ALL` is not what NOT makes of `= ANY` where the value is NULL, but no id is.
    return isNegated ? negate(member) : member
  }
  const list = predicate.list.kind === 'parameter' ? literalOf(predicate.list, scope) : predicate.list
  const isTyped = list.kind === 'typed' && list.type.endsWith('[]')
  if (!isTyped && predicate.list.kind !== 'parameter') throw notSupported('ANY takes an array here')
  const text = isTyped ? list.value : textOf(list, scope)
  if (text === null) return UNKNOWN
  const elements = elementsOfArray(text)
  // Nothing is equal to one of none, NULL included: this is false, where an IN list would be unknown.
  if (elements.length === 0) return { kind: 'constant', value: isNegated }
  const values = elements.map((element): Operand => {
    if (element === null) return { kind: 'null' }
    return isTyped
      ? { kind: 'typed', value: element, type: list.type.slice(0, -2) }
      : { kind: 'string', value: element }
  })
  return bindList({ kind: 'in', operand, values, isNegated }, scope)
}

/** A list of ids against other ids: an array, or one of them alone. */
function bindMembers(list: Operand, given: Operand, areAll: boolean, scope: BindingScope): BoundPredicate {
  if (list.kind !== 'column') throw notSupported('a list that is no column is not supported here')
  const column = refuseProbing(bindColumn(list, scope), scope)
  const operand = given.kind === 'parameter' ? literalOf(given, scope) : given
  const texts =
    operand.kind === 'number'
      ? [operand.text]
      : operand.kind === 'string' || operand.kind === 'typed'
        ? elementsOfArray(operand.value)
        : []
  if (
    column.type !== 'int4[]' ||
    texts.length === 0 ||
    !texts.every((text) => text !== null && ID.test(text))
  )
    throw notSupported('only lists of ids are searched for ids')
  return test(column, { kind: 'members', ids: texts.map(Number), areAll })
}

/** Few enough digits to fit an int4. */
const ID = /^[1-9]\d{0,8}$/

function bindLike(predicate: Predicate & { kind: 'like' }, scope: BindingScope): BoundPredicate {
  const { operand, pattern, escape } = predicate
  if (operand.kind !== 'column') throw notSupported('LIKE over a literal is not supported yet')
  const column = refuseProbing(bindColumn(operand, scope), scope)
  const operator = `${predicate.isNegated ? '!' : ''}~~${predicate.isCaseInsensitive ? '*' : ''}`
  if (column.type !== 'text') throw noOperator(operator, column, 'unknown', '', scope)
  if (pattern.kind === 'column' || pattern.kind === 'boolean' || pattern.kind === 'number')
    throw notSupported(`LIKE takes a text as its pattern here`)
  const text = textOf(pattern, scope)
  const escapeText = escape === undefined ? '\\' : textOf(escape, scope)
  if (text === null || escapeText === null) return UNKNOWN
  const like = test(column, {
    kind: 'like',
    pattern: withBackslashEscapes(text, escapeText),
    isCaseInsensitive: predicate.isCaseInsensitive,
  })
  return predicate.isNegated ? negate(like) : like
}

/** The same pattern with the backslash as its escape character. */
function withBackslashEscapes(pattern: string, escape: string): string {
  if (escape === '\\') return pattern
  const escapes = [...escape]
  if (escapes.length > 1)
    throw invalidEscape('invalid escape string', { hint: 'Escape string must be empty or one character.' })
  let text = ''
  const characters = [...pattern]
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? ''
    if (character === escapes[0]) text += `\\${characters[++at] ?? ''}`
    else text += character === '\\' ? '\\\\' : character
  }
  return text
}

function bindNullTest(operand: Operand, scope: BindingScope): BoundPredicate {
  if (operand.kind === 'column')
    return test(refuseProbing(bindColumn(operand, scope), scope), { kind: 'isNull' })
  return {
    kind: 'constant',
    value: (operand.kind === 'parameter' ? literalOf(operand, scope) : operand).kind === 'null',
  }
}
