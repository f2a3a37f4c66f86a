import { SQL_TYPES } from '../catalog/types.ts'
import type { SqlTypeName } from '../catalog/spec.ts'
import type { Datum } from '../catalog/types.ts'
import type { ResultColumn } from '../driver/cursor.ts'
import { datatypeMismatch, undefinedColumn, wrongState } from '../errors.ts'
import type { LastResult } from './shell.ts'

export type ChartKind = 'bar' | 'line'

/** What to draw: a value for each label, in the order of the result. */
export interface Chart {
  readonly kind: ChartKind
  readonly x: ResultColumn
  readonly y: ResultColumn
  readonly points: readonly ChartPoint[]
  /** Rows of the result that are not among the points. */
  readonly rowsLeftOut: number
}

export interface ChartPoint {
  readonly label: string
  /** Place on the x axis: milliseconds of a time, a number, or how many points stand before it. */
  readonly at: number
  /** Undefined for NULL and NaN. */
  readonly value: number | undefined
}

export interface ChartWish {
  readonly kind: ChartKind | undefined
  readonly x: string | undefined
  readonly y: string | undefined
}

/**
 * Chooses what to draw of a result: numbers over the first text or time, times as a line, texts as bars. `wish` names
 * what the user wants instead. Throws 42703 for a column that there is not, 42804 for values that are no numbers.
 */
export function chartOf(result: LastResult, wish: ChartWish): Chart {
  const { columns, rows, rowCount } = result
  if (columns.length === 0) throw wrongState('the last statement has no result to draw')
  const x = wish.x === undefined ? defaultX(columns, wish.y) : indexOf(columns, wish.x)
  const y = wish.y === undefined ? defaultY(columns, x) : indexOf(columns, wish.y)
  const [xColumn, yColumn] = [columns[x], columns[y]]
  if (xColumn === undefined || yColumn === undefined || !SQL_TYPES[yColumn.type].isNumeric)
    throw datatypeMismatch('there are no numbers to draw', {
      hint: `A chart needs a column of numbers; this result has ${columns.map(({ name, type }) => `${name} (${type})`).join(', ')}.`,
    })
  const points = rows.map((row, index) => pointOf(row[x] ?? null, row[y] ?? null, xColumn.type, index))
  const kind = wish.kind ?? (isTime(xColumn.type) || SQL_TYPES[xColumn.type].isNumeric ? 'line' : 'bar')
  return { kind, x: xColumn, y: yColumn, points, rowsLeftOut: rowCount - rows.length }
}

export const isTime = (type: SqlTypeName): boolean => type === 'date' || type === 'timestamp'

function indexOf(columns: readonly ResultColumn[], name: string): number {
  const index = columns.findIndex((column) => column.name.toLowerCase() === name.toLowerCase())
  if (index >= 0) return index
  throw undefinedColumn(
    name,
    columns.map((column) => column.name),
  )
}

/** The first text or time, else the first column that leaves a number for the y axis. */
function defaultX(columns: readonly ResultColumn[], y: string | undefined): number {
  const isFree = (column: ResultColumn): boolean => column.name.toLowerCase() !== y?.toLowerCase()
  const named = columns.findIndex((column) => isFree(column) && !SQL_TYPES[column.type].isNumeric)
  return named >= 0 ? named : columns.findIndex(isFree)
}

/** The first column of numbers that is no key, else the first column of numbers. */
function defaultY(columns: readonly ResultColumn[], x: number): number {
  const isNumber = ({ type }: ResultColumn, index: number): boolean =>
    index !== x && SQL_TYPES[type].isNumeric
  const amount = columns.findIndex(
    (column, index) => isNumber(column, index) && !/^id$|_id$/.test(column.name),
  )
  if (amount >= 0) return amount
  const number = columns.findIndex(isNumber)
  return number >= 0 || columns.length > 1 ? number : x
}

function pointOf(x: Datum, y: Datum, type: SqlTypeName, index: number): ChartPoint {
  const value = y === null || Number.isNaN(Number(y)) ? undefined : Number(y)
  const label = x === null ? 'NULL' : SQL_TYPES[type].toText(x)
  return { label, at: placeOf(x, type, index), value }
}

function placeOf(x: Datum, type: SqlTypeName, index: number): number {
  if (x === null) return NaN
  if (isTime(type)) return Date.parse(`${String(x).replace(' ', 'T')}${type === 'date' ? '' : 'Z'}`)
  return SQL_TYPES[type].isNumeric ? Number(x) : index
}
