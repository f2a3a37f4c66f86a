/**
 * What a domain comes to before it is SQL: a condition that is true or false of a record, never unknown. Absent values
 * are spelt out (`isNull`), because alasql's three-valued logic is not PostgreSQL's (`NOT (a = 1)` keeps NULLs there).
 */
export type Condition =
  | { readonly kind: 'constant'; readonly value: boolean }
  | { readonly kind: 'null'; readonly column: string }
  | { readonly kind: 'test'; readonly test: Test; readonly column: string; readonly value: unknown }
  | { readonly kind: 'not'; readonly operand: Condition }
  | { readonly kind: 'and' | 'or'; readonly operands: readonly Condition[] }

/** Each is false where the column is NULL. The value is a parameter of the SQL, never part of its text. */
export type Test =
  | 'equals'
  | 'less'
  | 'greater'
  /** Text by code point, as the C collation orders it. */
  | 'before'
  | 'after'
  /** The value is a Set. */
  | 'in'
  /** The value is a TextPattern. */
  | 'matches'
  /** The column is a list of ids, the value a Set. */
  | 'overlaps'

export const TRUE: Condition = { kind: 'constant', value: true }
export const FALSE: Condition = { kind: 'constant', value: false }

export const constant = (value: boolean): Condition => (value ? TRUE : FALSE)
export const isNull = (column: string): Condition => ({ kind: 'null', column })
export const notNull = (column: string): Condition => not(isNull(column))
export const test = (column: string, name: Test, value: unknown): Condition => ({
  kind: 'test',
  test: name,
  column,
  value,
})

export function not(operand: Condition): Condition {
  if (operand.kind === 'constant') return constant(!operand.value)
  return operand.kind === 'not' ? operand.operand : { kind: 'not', operand }
}

export const and = (...operands: readonly Condition[]): Condition => combine('and', operands, false)
export const or = (...operands: readonly Condition[]): Condition => combine('or', operands, true)

function combine(kind: 'and' | 'or', operands: readonly Condition[], absorbing: boolean): Condition {
  const parts: Condition[] = []
  for (const operand of operands) {
    if (operand.kind === 'constant') {
      if (operand.value === absorbing) return operand
    } else if (operand.kind === kind) parts.push(...operand.operands)
    else parts.push(operand)
  }
  const [first] = parts
  if (first === undefined) return constant(!absorbing)
  return parts.length === 1 ? first : { kind, operands: parts }
}

export interface SqlText {
  readonly text: string
  readonly parameters: readonly unknown[]
}

/** alasql's spelling of a condition. Column names come from the field data, never from a caller. */
export function sqlFromCondition(condition: Condition): SqlText {
  const parameters: unknown[] = []
  const print = (node: Condition): string => {
    switch (node.kind) {
      case 'constant':
        return node.value ? 'TRUE' : 'FALSE'
      case 'null':
        return `[${node.column}] IS NULL`
      case 'test':
        parameters.push(node.value)
        return SQL_OF_TEST[node.test](`[${node.column}]`)
      case 'not':
        return `NOT (${print(node.operand)})`
      case 'and':
        return `(${node.operands.map(print).join(' AND ')})`
      case 'or':
        return `(${node.operands.map(print).join(' OR ')})`
    }
  }
  return { text: print(condition), parameters }
}

const SQL_OF_TEST: Record<Test, (column: string) => string> = {
  equals: (column) => `(${column} IS NOT NULL AND ${column} = ?)`,
  less: (column) => `(${column} IS NOT NULL AND ${column} < ?)`,
  greater: (column) => `(${column} IS NOT NULL AND ${column} > ?)`,
  before: (column) => `odoo_before(${column}, ?)`,
  after: (column) => `odoo_after(${column}, ?)`,
  in: (column) => `odoo_in(${column}, ?)`,
  matches: (column) => `odoo_matches(${column}, ?)`,
  overlaps: (column) => `odoo_overlaps(${column}, ?)`,
}

/** Levels of nesting: alasql's parser is recursive, so a deep condition is evaluated in pieces. */
export function depthOf(condition: Condition): number {
  switch (condition.kind) {
    case 'not':
      return 1 + depthOf(condition.operand)
    case 'and':
    case 'or':
      return 1 + condition.operands.reduce((deepest, operand) => Math.max(deepest, depthOf(operand)), 0)
    default:
      return 0
  }
}
