import { table } from 'table'
import type { TableUserConfig } from 'table'
import { SQL_TYPES } from '../catalog/types.ts'
import type { SqlTypeName } from '../catalog/spec.ts'
import type { ResultColumn, RowBatch } from '../driver/cursor.ts'
import type { Formatter, FormatOptions } from './format.ts'
import { visibleLine, visibleText } from './visible.ts'

/** Rows that are held back to find the widths of the columns; those that follow are fitted into these widths. */
export const TABLE_ROWS_MAX = 10_000

/** Lines that are drawn in one go, so that an interrupt is heard in between. */
const LINES_DRAWN = 500

/** A line of a value that is longer goes on in the next one: what is not there is filled with spaces, in every row. */
const COLUMN_WIDTH_MAX = 1_000

/** As psql draws a result: names, a rule, rows, the number of rows, and an empty line. */
export function tableFormatter(columns: readonly ResultColumn[], options: FormatOptions): Formatter {
  const held: string[][] = []
  let widths: readonly number[] | undefined
  let rowCount = 0

  const names = columns.map((column) => visibleLine(column.name))
  const fixWidths = (isComplete: boolean): readonly number[] => {
    const fitted = measuredWidths([names, ...held], columns.length)
    return isComplete
      ? fitted
      : fitted.map((width, index) => Math.max(width, ROOM[columns[index]?.type ?? 'text']))
  }
  const cellsOf = (batch: RowBatch): string[][] =>
    batch.map((row) =>
      columns.map((column, index) => {
        const datum = row[index] ?? null
        if (datum === null) return options.isTerminal ? DIM_NULL : 'NULL'
        return visibleText(SQL_TYPES[column.type].toText(datum))
      }),
    )
  function* flush(isComplete: boolean): Iterable<string> {
    if (widths === undefined) {
      widths = fixWidths(isComplete)
      yield headerText(names, widths)
    }
    let lines: string[][] = []
    for (const row of held) {
      lines.push(...linesOfRow(row))
      if (lines.length < LINES_DRAWN) continue
      yield drawnLines(lines, columns, widths)
      lines = []
    }
    if (lines.length > 0) yield drawnLines(lines, columns, widths)
    held.length = 0
  }
  return {
    begin: () => '',
    *rows(batch) {
      rowCount += batch.length
      for (const cells of cellsOf(batch)) held.push(cells)
      if (widths !== undefined || held.length > TABLE_ROWS_MAX) yield* flush(false)
    },
    *end() {
      yield* flush(true)
      yield `${rowCountText(rowCount)}\n\n`
    },
  }
}

/** `(1 row)`, `(3 rows)`. */
export const rowCountText = (rowCount: number): string => `(${rowCount} row${rowCount === 1 ? '' : 's'})`

/** Columns that a text takes on a terminal. */
export const displayWidth = (text: string): number =>
  isAscii(text) ? text.length : (measuredWidths([[text]], 1)[0] ?? 0)

/** The texts, each filled with spaces to the width of the widest. */
export function padded(texts: readonly string[]): string[] {
  const widest = Math.max(0, ...texts.map(displayWidth))
  return texts.map((text) => text + ' '.repeat(widest - displayWidth(text)))
}

/** Ends a line of a value that goes on in the next one, so that it is not taken for a row of its own. */
export const CONTINUES = '↵'

/** The lines of a cell, as they are drawn. */
export function cellLines(cell: string): string[] {
  if (!cell.includes('\n')) return [cell]
  const lines = cell.split('\n')
  return lines.map((line, index) => (index === lines.length - 1 ? line : line + CONTINUES))
}

const DIM_NULL = '\u001b[2mNULL\u001b[22m'

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

/** Nothing around, a bar between columns, and one space on either side of a value. */
const LAYOUT = {
  border: {
    bodyLeft: '',
    bodyRight: '',
    bodyJoin: '|',
    topLeft: '',
    topRight: '',
    topBody: '-',
    topJoin: '+',
  },
  drawHorizontalLine: () => false,
} satisfies TableUserConfig

function headerText(names: readonly string[], widths: readonly number[]): string {
  const columns = widths.map((width) => ({ width, alignment: 'center' as const }))
  const rule = widths.map((width) => '-'.repeat(width + 2)).join('+')
  return `${withoutTrailingSpace(table([names], { ...LAYOUT, columns }))}${rule}\n`
}

function drawnLines(lines: string[][], columns: readonly ResultColumn[], widths: readonly number[]): string {
  const layout = columns.map((column, index) => ({
    width: widths[index] ?? 1,
    alignment: SQL_TYPES[column.type].isNumeric ? ('right' as const) : ('left' as const),
  }))
  return withoutTrailingSpace(table(lines, { ...LAYOUT, columns: layout }))
}

const withoutTrailingSpace = (text: string): string => text.split('\n').map(trimSpaces).join('\n')

/** By hand, since the regular expression takes quadratic time for a value of many spaces. */
function trimSpaces(line: string): string {
  let end = line.length
  while (line[end - 1] === ' ') end--
  return line.slice(0, end)
}

/** A row as the lines it takes. The `table` package could cut cells into lines too, in time quadratic in their number. */
function linesOfRow(row: readonly string[]): string[][] {
  const cells = row.map(tableLines)
  const height = Math.max(...cells.map((lines) => lines.length))
  return Array.from({ length: height }, (_, line) => cells.map((lines) => lines[line] ?? ''))
}

/** The lines of a cell, cut to at most the greatest width; no character takes more than two columns. */
const tableLines = (cell: string): string[] =>
  cellLines(cell).flatMap((line) => {
    if (line.length <= COLUMN_WIDTH_MAX / 2) return [line]
    const pieces = line.match(isAscii(line) ? ASCII_PIECES : PIECES) ?? []
    return pieces.map((piece, index) => (index === pieces.length - 1 ? piece : piece + CUT))
  })
const ASCII_PIECES = new RegExp(`[^]{1,${COLUMN_WIDTH_MAX - 1}}`, 'g')
const PIECES = new RegExp(`[^]{1,${(COLUMN_WIDTH_MAX - 1) >> 1}}`, 'gu')
/** Ends a piece of a line that was cut. */
const CUT = '…'

const isAscii = (text: string): boolean => /^[ -~]*$/.test(text)

/**
 * Width of each column. The `table` package knows how wide characters are, and tells by the rule that it draws; it is
 * shown only what could be the widest, since it takes its time.
 */
function measuredWidths(rows: readonly (readonly string[])[], columnCount: number): number[] {
  const candidates = Array.from({ length: columnCount }, (_, column) => widestCandidates(rows, column))
  const height = Math.max(...candidates.map((lines) => lines.length))
  const cells = Array.from({ length: height }, (_, line) => candidates.map((lines) => lines[line] ?? ''))
  const drawing = table(cells, { ...LAYOUT, drawHorizontalLine: (line) => line === 0 })
  const rule = drawing.slice(0, drawing.indexOf('\n'))
  return rule.split('+').map((segment) => Math.max(1, segment.length - 2))
}

/** The longest line of plain ASCII, and every other line that may be wider: no character takes more than two columns. */
function widestCandidates(rows: readonly (readonly string[])[], column: number): string[] {
  let longest = ''
  const others = new Set<string>()
  for (const row of rows)
    for (const line of tableLines(row[column] ?? '')) {
      if (line === DIM_NULL) {
        if (longest.length < 4) longest = 'NULL'
      } else if (!isAscii(line)) others.add(line)
      else if (line.length > longest.length) longest = line
    }
  return [longest, ...[...others].filter((line) => line.length * 2 > longest.length)]
}
