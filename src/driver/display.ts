import { inspect } from 'node:util'
import { SQL_TYPES, type Datum } from '../catalog/types.ts'
import type { ResultColumn, RowBatch } from './cursor.ts'

/** What is shown of a result: its first rows as they came, and how many there are. */
export interface Shown {
  readonly columns: readonly ResultColumn[]
  readonly rows: RowBatch
  readonly rowCount: number
}

/** Rows of a result that are shown; the rest is counted. */
export const SHOWN_ROWS_MAX = 20
/** Characters of a cell; a longer one is cut and ends in an ellipsis. */
const CELL_CHARACTERS_MAX = 60

/** Where Deno's Jupyter kernel asks a value how it looks. */
export const JUPYTER_DISPLAY = Symbol.for('Jupyter.display')
export const NODE_INSPECT = inspect.custom

/** An HTML table. Everything that came from outside is escaped. */
export function htmlOf({ columns, rows, rowCount }: Shown): string {
  const heads = columns.map((column) => {
    const about = column.source === undefined ? '' : ` title="${escaped(column.source.description)}"`
    return `<th${about}>${escaped(column.name)}<br><small>${escaped(typeNameOf(column))}</small></th>`
  })
  const lines = rows.map((row) => `<tr>${row.map((datum, at) => htmlCell(datum, columns[at])).join('')}</tr>`)
  const table = `<thead><tr>${heads.join('')}</tr></thead><tbody>${lines.join('')}</tbody>`
  return `<table><caption>${countText(rows.length, rowCount)}</caption>${table}</table>`
}

function htmlCell(datum: Datum, column: ResultColumn | undefined): string {
  if (datum === null) return '<td><em>NULL</em></td>'
  const style = isNumeric(column) ? ' style="text-align: right"' : ''
  return `<td${style}>${escaped(cellText(datum, column))}</td>`
}

/** A table of plain text. */
export function textOf({ columns, rows, rowCount }: Shown): string {
  const count = countText(rows.length, rowCount)
  if (columns.length === 0) return count
  const cells = rows.map((row) =>
    row.map((datum, at) => (datum === null ? 'NULL' : cellText(datum, columns[at]))),
  )
  const heads = [columns.map(({ name }) => name), columns.map(typeNameOf)]
  const widths = columns.map((_, at) =>
    Math.max(...[...heads, ...cells].map((line) => [...(line[at] ?? '')].length)),
  )
  const lineOf = (line: readonly string[]): string =>
    line
      .map((cell, at) => {
        const padding = ' '.repeat((widths[at] ?? 0) - [...cell].length)
        return isNumeric(columns[at]) ? padding + cell : cell + padding
      })
      .join('  ')
      .trimEnd()
  const rule = widths.map((width) => '-'.repeat(width)).join('  ')
  return [...heads.map(lineOf), rule, ...cells.map(lineOf), count].join('\n')
}

const isNumeric = (column: ResultColumn | undefined): boolean =>
  column !== undefined && SQL_TYPES[column.type].isNumeric

const typeNameOf = ({ type, typeName }: ResultColumn): string => typeName ?? SQL_TYPES[type].title

/** On one line, and without what a terminal would obey. */
function cellText(datum: NonNullable<Datum>, column: ResultColumn | undefined): string {
  const text = SQL_TYPES[column?.type ?? 'text'].toText(datum).replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
  const characters = [...text.slice(0, 2 * (CELL_CHARACTERS_MAX + 1))]
  if (characters.length <= CELL_CHARACTERS_MAX) return text
  return `${characters.slice(0, CELL_CHARACTERS_MAX - 1).join('')}…`
}

function countText(shown: number, rowCount: number): string {
  const rows = `${rowCount} ${rowCount === 1 ? 'row' : 'rows'}`
  return shown < rowCount ? `first ${shown} of ${rows}` : rows
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '')
