import { SQL_TYPES } from '../catalog/types.ts'
import type { Datum } from '../catalog/types.ts'
import type { ResultColumn } from '../driver/cursor.ts'
import type { Formatter, FormatOptions } from './format.ts'
import { cellLines, padded } from './format-table.ts'
import { visibleLine, visibleText } from './visible.ts'

/** The rule above a record is drawn no longer than its values need, and not longer than this. */
const RULE_COLUMNS_MAX = 60

/** As psql's `\x`: one line a column, a rule above each record. */
export function expandedFormatter(columns: readonly ResultColumn[], options: FormatOptions): Formatter {
  const names = padded(columns.map((column) => visibleLine(column.name)))
  const nameWidth = names[0]?.length ?? 0
  const nullText = options.isTerminal ? '\u001b[2mNULL\u001b[22m' : 'NULL'
  let rowCount = 0

  const linesOf = (row: readonly Datum[]): string[][] =>
    columns.map((column, index) => {
      const datum = row[index] ?? null
      return cellLines(datum === null ? nullText : visibleText(SQL_TYPES[column.type].toText(datum)))
    })
  const record = (lines: readonly string[][]): string => {
    const widest = Math.max(...lines.flat().map((line) => (line === nullText ? 4 : line.length)))
    const values = lines.map((parts, index) =>
      parts
        .map((part, line) => `${line === 0 ? (names[index] ?? '') : ' '.repeat(nameWidth)} | ${part}\n`)
        .join(''),
    )
    rowCount++
    return `${recordRule(rowCount, nameWidth, Math.min(widest, RULE_COLUMNS_MAX))}\n${values.join('')}`
  }
  return {
    begin: () => '',
    rows: (batch) => [batch.map((row) => record(linesOf(row))).join('')],
    end: () => [rowCount === 0 ? '(0 rows)\n\n' : '\n'],
  }
}

/** `-[ RECORD 1 ]-+-----`: the plus stands above the bars where the label leaves room for it. */
function recordRule(nth: number, nameWidth: number, valueWidth: number): string {
  const label = `-[ RECORD ${nth} ]`
  const right = '-'.repeat(valueWidth + 1)
  return label.length <= nameWidth + 1
    ? `${label.padEnd(nameWidth + 1, '-')}+${right}`
    : label.padEnd(nameWidth + 2 + right.length, '-')
}
