import { SQL_TYPES } from '../catalog/types.ts'
import type { ResultColumn } from '../driver/cursor.ts'
import type { Formatter } from './format.ts'
import { visibleText } from './visible.ts'

/** A table of GitHub-flavoured Markdown. Columns are not padded, so that rows can be written as they come. */
export function markdownFormatter(columns: readonly ResultColumn[]): Formatter {
  const types = columns.map((column) => SQL_TYPES[column.type])
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`
  return {
    begin: () =>
      line(columns.map((column) => markdownCell(column.name))) +
      line(types.map((type) => (type.isNumeric ? '---:' : '---'))),
    rows: (batch) => [
      batch
        .map((row) =>
          line(
            types.map((type, index) => {
              const datum = row[index] ?? null
              return datum === null ? 'NULL' : markdownCell(type.toText(datum))
            }),
          ),
        )
        .join(''),
    ],
    end: () => [],
  }
}

/** Pipes would end the cell, line feeds the row; `<` and `&` would be read as HTML. */
function markdownCell(text: string): string {
  return visibleText(
    text.replace(/[\\|]/g, '\\$&').replaceAll('&', '&amp;').replaceAll('<', '&lt;').replace(/\r?\n/g, '\n'),
  ).replaceAll('\n', '<br>')
}
