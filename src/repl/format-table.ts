import { table } from 'table'
import { SQL_TYPES } from '../catalog/types.ts'
import type { SqlTypeName } from '../catalog/spec.ts'
import type { ResultColumn, RowBatch } from '../driver/cursor.ts'
import type { Formatter, FormatOptions } from './format.ts'
import { fittedWidths } from './format-fit.ts'
import { CUT, cutToWidth, LAYOUT } from './format-width.ts'
import { visibleLine, visibleText } from './visible.ts'
import { isPrintableAscii, tableWidth } from './width.ts'

/** Rows that are held back to find the widths of the columns; those that follow are fitted into these widths. */
export const TABLE_ROWS_MAX = 10_000

/** Lines that are drawn in one go, so that an interrupt is heard in between. */
const LINES_DRAWN = 500

/** A line of a value that is longer goes on in the next one: what is not there is filled with spaces, in every row. */
const COLUMN_WIDTH_MAX = 1_000

/** As psql draws a result: names, a rule, rows, the number of rows, and an empty line. On a terminal, no wider than it. */
export function tableFormatter(columns: readonly ResultColumn[], options: FormatOptions): Formatter {
  const held: string[][] = []
  let widths: readonly number[] | undefined
  let rowCount = 0
  const isCut = options.width !== undefined

  const names = columns.map((column) => visibleLine(column.name))
  const fixWidths = (isComplete: boolean): readonly number[] => {
    const natural = measuredWidths([names, ...held], columns.length)
    const roomy = isComplete
      ? natural
      : natural.map((width, index) => Math.max(width, ROOM[columns[index]?.type ?? 'text']))
    return options.width === undefined ? roomy : fittedWidths(roomy, columns, options.width)
  }
  function* flush(isComplete: boolean): Iterable<string> {
    if (widths === undefined) {
      widths = fixWidths(isComplete)
      yield headerText(names, widths)
    }
    const { paint } = options
    let lines: string[][] = []
    for (const row of held) {
      lines.push(...linesOfRow(row, isCut ? widths : undefined))
      if (lines.length < LINES_DRAWN) continue
      yield drawnLines(lines, columns, widths, paint)
      lines = []
    }
    if (lines.length > 0) yield drawnLines(lines, columns, widths, paint)
    held.length = 0
  }
  return {
    begin: () => '',
    *rows(batch) {
      rowCount += batch.length
      for (const cells of cellsOf(columns, batch)) held.push(cells)
      if (widths !== undefined || held.length > TABLE_ROWS_MAX) yield* flush(false)
    },
    *end() {
      yield* flush(true)
      yield `${rowCountText(rowCount)}\n\n`
    },
  }
}

/** The width that each column would take, were there no end to the terminal. */
export function naturalWidths(columns: readonly ResultColumn[], rows: RowBatch): number[] {
  const names = columns.map((column) => visibleLine(column.name))
  return measuredWidths([names, ...cellsOf(columns, rows)], columns.length)
}

/** `(1 row)`, `(3 rows)`. */
export const rowCountText = (rowCount: number): string => `(${rowCount} row${rowCount === 1 ? '' : 's'})`

/** Ends a line of a value that goes on in the next one, so that it is not taken for a row of its own. */
export const CONTINUES = '↵'

/** The lines of a cell, as they are drawn. */
export function cellLines(cell: string): string[] {
  if (!cell.includes('\n')) return [cell]
  const lines = cell.split('\n')
  return lines.map((line, index) => (index === lines.length - 1 ? line : line + CONTINUES))
}

/** Stands for NULL until it is drawn: no value that is shown holds a control character. */
const NULL_CELL = '\u0000'

const cellsOf = (columns: readonly ResultColumn[], batch: RowBatch): string[][] =>
  batch.map((row) =>
    columns.map((column, index) => {
      const datum = row[index] ?? null
      return datum === null ? NULL_CELL : visibleText(SQL_TYPES[column.type].toText(datum))
    }),
  )

/** Least widths of columns whose later rows are not known yet: enough for every number, and for most text. */
const ROOM: Record<SqlTypeName, number> = {
  text: 24,
  int4: 11,
  int8: 20,
  bool: 1,
  float8: 24,
  numeric: 24,
  date: 10,
  timestamp: 26,
  bytea: 24,
  jsonb: 24,
  'int4[]': 24,
}

function headerText(names: readonly string[], widths: readonly number[]): string {
  const columns = widths.map((width) => ({ width, alignment: 'center' as const }))
  const cut = names.map((name, index) => cutToWidth(name, widths[index] ?? 1))
  const rule = widths.map((width) => '-'.repeat(width + 2)).join('+')
  return `${withoutTrailingSpace(table([cut], { ...LAYOUT, columns }))}${rule}\n`
}

function drawnLines(
  lines: string[][],
  columns: readonly ResultColumn[],
  widths: readonly number[],
  paint: FormatOptions['paint'],
): string {
  const layout = columns.map((column, index) => ({
    width: widths[index] ?? 1,
    alignment: SQL_TYPES[column.type].isNumeric ? ('right' as const) : ('left' as const),
  }))
  const shown = lines.map((line) =>
    line.map((cell, index) =>
      cell === NULL_CELL ? paint('null', cutToWidth('NULL', widths[index] ?? 1)) : cell,
    ),
  )
  return withoutTrailingSpace(table(shown, { ...LAYOUT, columns: layout }))
}

const withoutTrailingSpace = (text: string): string => text.split('\n').map(trimSpaces).join('\n')

/** By hand, since the regular expression takes quadratic time for a value of many spaces. */
function trimSpaces(line: string): string {
  let end = line.length
  while (line[end - 1] === ' ') end--
  return line.slice(0, end)
}

/** A row as the lines it takes. The `table` package could cut cells into lines too, in time quadratic in their number. */
function linesOfRow(row: readonly string[], widths: readonly number[] | undefined): string[][] {
  const cells = row.map((cell, index) => {
    const width = widths?.[index]
    if (width === undefined || cell === NULL_CELL) return tableLines(cell)
    return cellLines(cell).map((line) => cutToWidth(line, width))
  })
  const height = Math.max(...cells.map((lines) => lines.length))
  return Array.from({ length: height }, (_, line) => cells.map((lines) => lines[line] ?? ''))
}

/** The lines of a cell, cut to at most the greatest width; no character takes more than two columns. */
const tableLines = (cell: string): string[] =>
  cellLines(cell).flatMap((line) => {
    if (line.length <= COLUMN_WIDTH_MAX / 2) return [line]
    const pieces = line.match(isPrintableAscii(line) ? ASCII_PIECES : PIECES) ?? []
    return pieces.map((piece, index) => (index === pieces.length - 1 ? piece : piece + CUT))
  })
const ASCII_PIECES = new RegExp(`[^]{1,${COLUMN_WIDTH_MAX - 1}}`, 'g')
const PIECES = new RegExp(`[^]{1,${(COLUMN_WIDTH_MAX - 1) >> 1}}`, 'gu')

/** Width of each column, at least 1. */
function measuredWidths(rows: readonly (readonly string[])[], columnCount: number): number[] {
  const widths = Array.from({ length: columnCount }, () => 1)
  for (const row of rows)
    for (const [column, cell] of row.entries())
      for (const line of cell === NULL_CELL ? ['NULL'] : tableLines(cell)) {
        const known = widths[column] ?? 1
        // No character takes more than two columns, so most lines need not be measured.
        if (line.length * 2 > known) widths[column] = Math.max(known, tableWidth(line))
      }
  return widths
}
