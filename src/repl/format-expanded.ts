import { SQL_TYPES } from '../catalog/types.ts'
import type { Datum } from '../catalog/types.ts'
import type { ResultColumn } from '../driver/cursor.ts'
import type { Formatter, FormatOptions } from './format.ts'
import { cellLines } from './format-table.ts'
import { CUT, padded } from './format-width.ts'
import { visibleLine, visibleText } from './visible.ts'

/** The rule above a record is drawn no longer than its values need, and not longer than this. */
const RULE_COLUMNS_MAX = 60

/** Characters of one value that a terminal shows: a picture would fill hundreds of screens. */
const VALUE_CHARACTERS_MAX = 4_000

/** As psql's `\x`: one line a column, a rule above each record. */
export function expandedFormatter(columns: readonly ResultColumn[], options: FormatOptions): Formatter {
  const names = padded(columns.map((column) => visibleLine(column.name)))
  const nameWidth = names[0]?.length ?? 0
  const nullText = options.paint('null', 'NULL')
  const isOnTerminal = options.width !== undefined
  const ruleMax = Math.min(RULE_COLUMNS_MAX, Math.max(1, (options.width ?? Infinity) - nameWidth - 3))
  let rowCount = 0

  const linesOf = (row: readonly Datum[]): string[][] =>
    columns.map((column, index) => {
      const datum = row[index] ?? null
      if (datum === null) return [nullText]
      const text = SQL_TYPES[column.type].toText(datum)
      return cellLines(visibleText(isOnTerminal ? shortened(text) : text))
    })
  const record = (lines: readonly string[][]): string => {
    const widest = Math.max(...lines.flat().map((line) => (line === nullText ? 4 : line.length)))
    const values = lines.map((parts, index) =>
      parts
        .map((part, line) => `${line === 0 ? (names[index] ?? '') : ' '.repeat(nameWidth)} | ${part}\n`)
        .join(''),
    )
    rowCount++
    return `${recordRule(rowCount, nameWidth, Math.min(widest, ruleMax))}\n${values.join('')}`
  }
  return {
    begin: () => '',
    rows: (batch) => [batch.map((row) => record(linesOf(row))).join('')],
    end: () => [rowCount === 0 ? '(0 rows)\n\n' : '\n'],
  }
}

const shortened = (text: string): string =>
  text.length <= VALUE_CHARACTERS_MAX
    ? text
    : `${text.slice(0, VALUE_CHARACTERS_MAX)}${CUT} (${text.length.toLocaleString('en-US')} characters)`

/** `-[ RECORD 1 ]-+-----`: the plus stands above the bars where the label leaves room for it. */
function recordRule(nth: number, nameWidth: number, valueWidth: number): string {
  const label = `-[ RECORD ${nth} ]`
  const right = '-'.repeat(valueWidth + 1)
  return label.length <= nameWidth + 1
    ? `${label.padEnd(nameWidth + 1, '-')}+${right}`
    : label.padEnd(nameWidth + 2 + right.length, '-')
}
