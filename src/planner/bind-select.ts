import type { ColumnSpec, SqlTypeName, TableSpec } from '../catalog/spec.ts'
import { SQL_TYPES } from '../catalog/types.ts'
import { ambiguousColumn, invalidLimit, invalidOffset, notSupported, syntaxError } from '../errors.ts'
import type { Operand, OrderKey, Predicate, SelectItem, SelectStatement } from '../sql/predicate.ts'
import { printPredicate } from '../sql/print.ts'
import { parameterAt, type BindingScope } from './bind-literal.ts'
import { bindColumn, bindPredicate, refuseProbing } from './bind.ts'
import { columnsOf, type BoundPredicate } from './bound.ts'

/** One AND-ed part of WHERE: the unit of pushdown. */
export interface Conjunct {
  /** As SQL, for EXPLAIN. */
  readonly text: string
  readonly predicate: BoundPredicate
}

export interface SortKey {
  readonly column: ColumnSpec
  readonly isDescending: boolean
  readonly nullsFirst: boolean
}

export interface OutputColumn {
  readonly name: string
  readonly type: SqlTypeName
  readonly column: ColumnSpec
}

/** A SELECT of the short way's shape with everything found and typed. */
export interface BoundSelect {
  readonly table: TableSpec
  /** Empty for `count(*)`. */
  readonly output: readonly OutputColumn[]
  /** Names of the `count(*)` columns; undefined where rows are asked for. */
  readonly countNames: readonly string[] | undefined
  readonly conjuncts: readonly Conjunct[]
  readonly orderBy: readonly SortKey[]
  /** Rows at most; undefined is all. */
  readonly limit: number | undefined
  readonly offset: number
}

export function bindSelect(statement: SelectStatement, scope: BindingScope): BoundSelect {
  const counts = statement.items.filter((item) => item.kind === 'countAll')
  if (counts.length > 0 && counts.length < statement.items.length)
    throw notSupported('count(*) beside columns is not supported yet', { hint: 'Ask for count(*) alone.' })
  const output = counts.length > 0 ? [] : statement.items.flatMap((item) => bindItem(item, scope))
  if (counts.length > 0 && statement.orderBy.length > 0)
    throw notSupported('ORDER BY of count(*) is not supported yet')
  return {
    table: scope.table,
    output,
    countNames: counts.length > 0 ? counts.map((item) => item.alias ?? 'count') : undefined,
    conjuncts: conjunctsOf(statement.where).map((predicate) => ({
      text: printPredicate(predicate),
      predicate: bindPredicate(predicate, scope),
    })),
    orderBy: statement.orderBy.map((key) => bindSortKey(key, output, scope)),
    limit: bindRowCount(statement.limit, () => invalidLimit('LIMIT must not be negative'), scope),
    offset: bindRowCount(statement.offset, () => invalidOffset('OFFSET must not be negative'), scope) ?? 0,
  }
}

const conjunctsOf = (where: Predicate | undefined): readonly Predicate[] =>
  where === undefined ? [] : where.kind === 'and' ? where.operands.flatMap(conjunctsOf) : [where]

function bindItem(item: SelectItem, scope: BindingScope): OutputColumn[] {
  const named = (column: ColumnSpec, name = column.name): OutputColumn => ({
    name,
    type: column.type,
    column,
  })
  switch (item.kind) {
    case 'star':
      if (item.table !== undefined) bindColumn({ table: item.table, name: 'id' }, scope)
      return columnsOf(scope.table).map((column) => named(column))
    case 'column':
      return [named(bindColumn(item, scope), item.alias)]
    case 'countAll':
      return []
    default:
      return item satisfies never
  }
}

/** As PostgreSQL finds it: a number is a position; a bare name is an output column first, then one of the table. */
function bindSortKey(key: OrderKey, output: readonly OutputColumn[], scope: BindingScope): SortKey {
  const { operand } = key
  const column = refuseProbing(sortColumn(operand, output, scope), scope)
  if (column.type === 'jsonb') throw notSupported(`ordering by ${SQL_TYPES.jsonb.title} is not supported yet`)
  return {
    column,
    isDescending: key.isDescending,
    nullsFirst: key.nulls === undefined ? key.isDescending : key.nulls === 'first',
  }
}

function sortColumn(operand: Operand, output: readonly OutputColumn[], scope: BindingScope): ColumnSpec {
  if (operand.kind === 'number') {
    const item = /^\d+$/.test(operand.text) ? output[Number(operand.text) - 1] : undefined
    if (item === undefined)
      throw syntaxError(`ORDER BY position ${operand.text} is not in select list`, {
        position: scope.positionOf('literal', operand.text),
      })
    return item.column
  }
  if (operand.kind !== 'column') throw notSupported('ORDER BY takes a column or its position here')
  if (operand.table === undefined) {
    const named = [...new Set(output.filter((item) => item.name === operand.name).map((item) => item.column))]
    if (named.length > 1)
      throw ambiguousColumn(`ORDER BY "${operand.name}" is ambiguous`, {
        position: scope.positionOf('column', operand.name),
      })
    if (named[0] !== undefined) return named[0]
  }
  return bindColumn(operand, scope)
}

function bindRowCount(
  operand: Operand | undefined,
  negative: () => Error,
  scope: BindingScope,
): number | undefined {
  if (operand === undefined || operand.kind === 'null') return undefined
  if (operand.kind !== 'number' && operand.kind !== 'parameter')
    throw notSupported('LIMIT and OFFSET take a number or a parameter here')
  const text = operand.kind === 'number' ? operand.text : parameterAt(operand.index, scope.parameters)
  if (text === null) return undefined
  const rows = Number(SQL_TYPES.int8.parse(text))
  if (rows < 0) throw negative()
  return rows
}
