import sqlParser from 'node-sql-parser/build/postgresql.js'
import { isSameParse, scan, type ParseNode } from './gate.ts'
import { parseStatement } from './statement.ts'
import { openMemo } from './memo.ts'
import { makeReadable } from './readable.ts'
import type {
  CalledFunction,
  Comparison,
  Operand,
  OrderKey,
  Predicate,
  SelectItem,
  SelectStatement,
  TableName,
} from './predicate.ts'
import { printSelect } from './print.ts'

const readings = openMemo<SelectStatement | undefined>()

/**
 * Reads a SELECT of the short way's shape, or undefined: either it is no such SELECT, or node-sql-parser could not
 * read it, or what it read is not what PostgreSQL's own parse (`node`) says. So a reading is right or absent.
 */
export const readSelect = (text: string, node: ParseNode): SelectStatement | undefined =>
  readings.get(text, () => readAnew(text, node))

function readAnew(text: string, node: ParseNode): SelectStatement | undefined {
  try {
    const { text: readable, literals } = makeReadable(scan(text))
    const ast: unknown = new sqlParser.Parser().astify(readable, { database: 'Postgresql' })
    const statement = new Reading(literals).select(
      Array.isArray(ast) ? (ast.length === 1 ? ast[0] : undefined) : ast,
    )
    return isSameParse(printSelect(statement), node) ? statement : undefined
  } catch {
    // NotRead, the parser's own syntax errors, and its stack overflow on deep nesting all mean: absent.
    return undefined
  }
}

/**
 * Reads a predicate that stands alone, such as the filter of a scan in a plan of PostgreSQL's; undefined where it
 * cannot be read for certain.
 */
export function readPredicate(text: string): Predicate | undefined {
  const select = `SELECT * FROM t WHERE ${text}`
  try {
    const statement = parseStatement(select)
    return statement.kind === 'select' ? readSelect(select, statement.node)?.where : undefined
  } catch {
    return undefined
  }
}

/** Thrown for every construct outside of the shape; never leaves this file. */
class NotRead extends Error {}

/** A node of node-sql-parser's tree: untyped, so every access says what it expects. */
type Ast = Readonly<Record<string, unknown>>

const COMPARISONS: Readonly<Record<string, Comparison>> = {
  '=': '=',
  '<>': '<>',
  '!=': '<>',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
}

class Reading {
  readonly #literals: readonly Operand[]

  constructor(literals: readonly Operand[]) {
    this.#literals = literals
  }

  select(value: unknown): SelectStatement {
    const ast = record(value)
    if (ast['type'] !== 'select') throw new NotRead()
    const from = list(ast['from'])
    if (from.length !== 1) throw new NotRead()
    const limit = ast['limit'] === null ? undefined : record(ast['limit'])
    const limits = limit === undefined ? [] : list(limit['value']).map((item) => this.operand(item))
    // `OFFSET 3` alone comes as one value with the separator "offset".
    const isOffsetAlone = limit?.['seperator'] === 'offset' && limits.length === 1
    return {
      items: list(ast['columns']).map((item) => this.item(record(item))),
      from: tableName(record(from[0])),
      where: ast['where'] === null ? undefined : this.predicate(ast['where']),
      orderBy: ast['orderby'] === null ? [] : list(ast['orderby']).map((key) => this.orderKey(record(key))),
      limit: isOffsetAlone ? undefined : limits[0],
      offset: isOffsetAlone ? limits[0] : limits[1],
    }
  }

  item(item: Ast): SelectItem {
    const expression = record(item['expr'])
    const alias = optionalText(item['as'])
    if (expression['type'] === 'aggr_func') {
      const star = record(record(expression['args'])['expr'])
      if (expression['name'] !== 'COUNT' || star['type'] !== 'star') throw new NotRead()
      return { kind: 'countAll', alias }
    }
    if (expression['type'] === 'column_ref' && expression['column'] === '*')
      return { kind: 'star', table: tableOf(expression) }
    const column = this.operand(expression)
    if (column.kind !== 'column') throw new NotRead()
    return { kind: 'column', table: column.table, name: column.name, alias }
  }

  orderKey(key: Ast): OrderKey {
    const nulls = optionalText(key['nulls'])?.toUpperCase()
    return {
      operand: this.operand(key['expr']),
      isDescending: key['type'] === 'DESC',
      nulls: nulls === undefined || nulls === '' ? undefined : nulls === 'NULLS FIRST' ? 'first' : 'last',
    }
  }

  predicate(value: unknown): Predicate {
    const ast = record(value)
    if (ast['type'] === 'unary_expr' && ast['operator'] === 'NOT')
      return { kind: 'not', operand: this.predicate(ast['expr']) }
    if (ast['type'] === 'function') return { kind: 'not', operand: this.predicate(argumentOfNot(ast)) }
    if (ast['type'] !== 'binary_expr') return { kind: 'operand', operand: this.operand(ast) }
    const operator = plainText(ast['operator']).toUpperCase()
    if (operator === 'AND' || operator === 'OR') return this.connective(ast, operator)
    const comparison = COMPARISONS[operator]
    const list = listOfAny(ast['right'])
    if (list !== undefined) {
      if (operator !== (list.isAll ? '<>' : '=')) throw new NotRead()
      return {
        kind: 'anyOf',
        operand: this.operand(ast['left']),
        list: this.operand(list.value),
        isNegated: list.isAll,
      }
    }
    if (comparison !== undefined)
      return {
        kind: 'compare',
        operator: comparison,
        left: this.operand(ast['left']),
        right: this.operand(ast['right']),
      }
    return this.test(ast, operator.replace(/^NOT /, ''), operator.startsWith('NOT '))
  }

  /** PostgreSQL flattens `a AND b AND c`, which comes nested to the left, however deep. */
  connective(ast: Ast, operator: 'AND' | 'OR'): Predicate {
    const operands: Predicate[] = []
    let left: Ast = ast
    while (left['type'] === 'binary_expr' && left['operator'] === operator) {
      operands.push(this.predicate(left['right']))
      left = record(left['left'])
    }
    operands.push(this.predicate(left))
    return { kind: operator === 'AND' ? 'and' : 'or', operands: operands.reverse() }
  }

  test(ast: Ast, operator: string, isNegated: boolean): Predicate {
    switch (operator) {
      case 'IN':
        return {
          kind: 'in',
          operand: this.operand(ast['left']),
          values: this.operands(ast['right']),
          isNegated,
        }
      case 'BETWEEN': {
        const [low, high, ...more] = this.operands(ast['right'])
        if (low === undefined || high === undefined || more.length > 0) throw new NotRead()
        return { kind: 'between', operand: this.operand(ast['left']), low, high, isNegated }
      }
      case 'LIKE':
      case 'ILIKE': {
        const right = record(ast['right'])
        return {
          kind: 'like',
          operand: this.operand(ast['left']),
          pattern: this.operand(right),
          escape: right['escape'] === undefined ? undefined : this.operand(record(right['escape'])['value']),
          isCaseInsensitive: operator === 'ILIKE',
          isNegated,
        }
      }
      case '&&':
      case '@>':
        return {
          kind: 'members',
          operator,
          operand: this.operand(ast['left']),
          list: this.operand(ast['right']),
        }
      case 'IS':
        return this.isTest(ast, false)
      case 'IS NOT':
        return this.isTest(ast, true)
      default:
        throw new NotRead()
    }
  }

  isTest(ast: Ast, isNegated: boolean): Predicate {
    const right = record(ast['right'])
    if (right['type'] === 'null') return { kind: 'isNull', operand: this.operand(ast['left']), isNegated }
    const operand = this.predicate(ast['left'])
    if (right['type'] === 'bool')
      return { kind: 'isTruth', operand, truth: right['value'] === true, isNegated }
    const word = this.operand(right)
    if (word.kind !== 'column' || word.name.toUpperCase() !== 'UNKNOWN') throw new NotRead()
    return { kind: 'isTruth', operand, truth: null, isNegated }
  }

  operands(value: unknown): Operand[] {
    const ast = record(value)
    if (ast['type'] !== 'expr_list') throw new NotRead()
    return list(ast['value']).map((item) => this.operand(item))
  }

  operand(value: unknown): Operand {
    const ast = record(value)
    switch (ast['type']) {
      case 'column_ref':
        return { kind: 'column', table: tableOf(ast), name: columnName(ast['column']) }
      case 'single_quote_string':
        return this.literal(plainText(ast['value']))
      case 'number':
        return { kind: 'number', text: String(ast['value']) }
      case 'bool':
        return { kind: 'boolean', value: ast['value'] === true }
      case 'null':
        return { kind: 'null' }
      case 'var':
        return { kind: 'parameter', index: Number(ast['name']) }
      case 'unary_expr':
        return this.negative(ast)
      case 'function':
        return this.call(ast)
      default:
        throw new NotRead()
    }
  }

  call(ast: Ast): Operand {
    const { name, values } = callOf(ast)
    const called = CALLED[name]
    if (called === undefined) throw new NotRead()
    return { kind: 'call', name: called, operands: values.map((value) => this.operand(value)) }
  }

  literal(text: string): Operand {
    const literal = this.#literals[Number(text.slice(1))]
    if (!/^#\d+$/.test(text) || literal === undefined) throw new NotRead()
    return literal
  }

  negative(ast: Ast): Operand {
    const operand = this.operand(ast['expr'])
    if (ast['operator'] !== '-' || operand.kind !== 'number') throw new NotRead()
    return { kind: 'number', text: `-${operand.text}` }
  }
}

const CALLED: Readonly<Record<string, CalledFunction>> = {
  COALESCE: 'coalesce',
  LOWER: 'lower',
  UPPER: 'upper',
}

/** A call, its name in upper case; a name with a schema is not read. */
function callOf(ast: Ast): { name: string; values: readonly unknown[] } {
  const [name, ...more] = list(record(ast['name'])['name']).map((part) => plainText(record(part)['value']))
  if (name === undefined || more.length > 0) throw new NotRead()
  return { name: name.toUpperCase(), values: list(record(ast['args'])['value']) }
}

/** `NOT (…)` is read as a call of a function NOT. */
function argumentOfNot(ast: Ast): unknown {
  const { name, values } = callOf(ast)
  if (name !== 'NOT' || values.length !== 1) throw new NotRead()
  return values[0]
}

/** `ANY (x)` and `ALL (x)` are read as calls of a function. */
function listOfAny(value: unknown): { isAll: boolean; value: unknown } | undefined {
  const ast = record(value)
  if (ast['type'] !== 'function') return undefined
  const { name, values } = callOf(ast)
  if ((name !== 'ANY' && name !== 'ALL') || values.length !== 1) throw new NotRead()
  return { isAll: name === 'ALL', value: values[0] }
}

function tableName(ast: Ast): TableName {
  const [db, schema] = [optionalText(ast['db']), optionalText(ast['schema'])]
  // `a.b` comes with a as db; `c.a.b` with c as db and a as schema.
  return {
    catalog: schema === undefined ? undefined : db,
    schema: schema ?? db,
    name: plainText(ast['table']),
    alias: optionalText(ast['as']),
  }
}

function tableOf(ast: Ast): string | undefined {
  const { table } = ast
  if (table === null || table === undefined) return undefined
  return typeof table === 'string' ? table : plainText(record(table)['value'])
}

const columnName = (column: unknown): string =>
  typeof column === 'string' ? column : plainText(record(record(column)['expr'])['value'])

function record(value: unknown): Ast {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new NotRead()
  return value as Ast
}

function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new NotRead()
  return value
}

function plainText(value: unknown): string {
  if (typeof value !== 'string') throw new NotRead()
  return value
}

const optionalText = (value: unknown): string | undefined =>
  value === null || value === undefined || value === '' ? undefined : plainText(value)
