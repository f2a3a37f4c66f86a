import type { Operand, Predicate, SelectItem, SelectStatement } from './predicate.ts'

/** SQL text of a SELECT that we read, to be held against PostgreSQL's parse of the original. */
export function printSelect(statement: SelectStatement): string {
  const { catalog, schema, name, alias } = statement.from
  const table = [catalog, schema, name].filter((part) => part !== undefined).map(quoteIdentifier)
  const orderBy = statement.orderBy.map(
    (key) =>
      printOperand(key.operand) +
      (key.isDescending ? ' DESC' : '') +
      (key.nulls === undefined ? '' : ` NULLS ${key.nulls.toUpperCase()}`),
  )
  return [
    `SELECT ${statement.items.map(printItem).join(', ')} FROM ${table.join('.')}`,
    alias === undefined ? '' : ` AS ${quoteIdentifier(alias)}`,
    statement.where === undefined ? '' : ` WHERE ${printPredicate(statement.where)}`,
    orderBy.length === 0 ? '' : ` ORDER BY ${orderBy.join(', ')}`,
    statement.limit === undefined ? '' : ` LIMIT ${printOperand(statement.limit)}`,
    statement.offset === undefined ? '' : ` OFFSET ${printOperand(statement.offset)}`,
  ].join('')
}

function printItem(item: SelectItem): string {
  const prefix = 'table' in item && item.table !== undefined ? `${quoteIdentifier(item.table)}.` : ''
  switch (item.kind) {
    case 'star':
      return `${prefix}*`
    case 'column':
      return prefix + quoteIdentifier(item.name) + printAlias(item.alias)
    case 'countAll':
      return `count(*)${printAlias(item.alias)}`
    default:
      return item satisfies never
  }
}

const printAlias = (alias: string | undefined): string =>
  alias === undefined ? '' : ` AS ${quoteIdentifier(alias)}`

/** SQL text of a predicate. Every operand that is itself a predicate stands in parentheses. */
export function printPredicate(predicate: Predicate): string {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      return predicate.operands.map(inParentheses).join(` ${predicate.kind.toUpperCase()} `)
    case 'not':
      return `NOT ${inParentheses(predicate.operand)}`
    case 'compare':
      return `${printOperand(predicate.left)} ${predicate.operator} ${printOperand(predicate.right)}`
    case 'in':
      return `${printOperand(predicate.operand)} ${negated(predicate)}IN (${predicate.values.map(printOperand).join(', ')})`
    case 'anyOf':
      return `${printOperand(predicate.operand)} ${predicate.isNegated ? '<> ALL' : '= ANY'} (${printOperand(predicate.list)})`
    case 'between':
      return `${printOperand(predicate.operand)} ${negated(predicate)}BETWEEN ${printOperand(predicate.low)} AND ${printOperand(predicate.high)}`
    case 'like': {
      const operator = predicate.isCaseInsensitive ? 'ILIKE' : 'LIKE'
      const escape = predicate.escape === undefined ? '' : ` ESCAPE ${printOperand(predicate.escape)}`
      return `${printOperand(predicate.operand)} ${negated(predicate)}${operator} ${printOperand(predicate.pattern)}${escape}`
    }
    case 'isNull':
      return `${printOperand(predicate.operand)} IS ${negated(predicate)}NULL`
    case 'members':
      return `${printOperand(predicate.operand)} ${predicate.operator} ${printOperand(predicate.list)}`
    case 'isTruth':
      return `${inParentheses(predicate.operand)} IS ${negated(predicate)}${TRUTH_NAMES[String(predicate.truth) as 'true']}`
    case 'operand':
      return printOperand(predicate.operand)
    default:
      return predicate satisfies never
  }
}

const TRUTH_NAMES = { true: 'TRUE', false: 'FALSE', null: 'UNKNOWN' } as const
const inParentheses = (predicate: Predicate): string =>
  predicate.kind === 'operand' ? printOperand(predicate.operand) : `(${printPredicate(predicate)})`
const negated = (predicate: { readonly isNegated: boolean }): string => (predicate.isNegated ? 'NOT ' : '')

export function printOperand(operand: Operand): string {
  switch (operand.kind) {
    case 'column':
      return (
        (operand.table === undefined ? '' : `${quoteIdentifier(operand.table)}.`) +
        quoteIdentifier(operand.name)
      )
    case 'string':
      return quoteLiteral(operand.value)
    case 'number':
      return operand.text
    case 'boolean':
      return operand.value ? 'TRUE' : 'FALSE'
    case 'null':
      return 'NULL'
    case 'parameter':
      return `$${operand.index}`
    case 'typed':
      return `${quoteLiteral(operand.value)}::${operand.type}`
    case 'call':
      return `${operand.name}(${operand.operands.map(printOperand).join(', ')})`
    default:
      return operand satisfies never
  }
}

export const quoteIdentifier = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** A string literal; backslashes are plain characters in it (standard_conforming_strings). */
export const quoteLiteral = (value: string): string => `'${value.replaceAll("'", "''")}'`
