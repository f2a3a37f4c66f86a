import { SQL_TYPES } from '../catalog/types.ts'
import type { Datum } from '../catalog/types.ts'
import type { ResultColumn } from '../driver/cursor.ts'
import type { Formatter } from './format.ts'

/**
 * RFC 4180 with the names first, and as `psql --csv` writes it: lines end in a line feed, NULL is nothing at all and
 * an empty string is `""`. Values are left as they are: text that begins with `=` is a formula to a spreadsheet.
 */
export function csvFormatter(columns: readonly ResultColumn[]): Formatter {
  return linesFormatter(columns, ',', csvField, '')
}

/** PostgreSQL's COPY text format, with the names first: tabs between values, `\N` for NULL, `\t`, `\n` and `\\` escaped. */
export function tsvFormatter(columns: readonly ResultColumn[]): Formatter {
  return linesFormatter(columns, '\t', tsvField, '\\N')
}

function linesFormatter(
  columns: readonly ResultColumn[],
  separator: string,
  field: (text: string) => string,
  nullText: string,
): Formatter {
  const types = columns.map((column) => SQL_TYPES[column.type])
  const line = (row: readonly Datum[]): string =>
    types
      .map((type, index) => {
        const datum = row[index] ?? null
        return datum === null ? nullText : field(type.toText(datum))
      })
      .join(separator)
  return {
    begin: () => `${columns.map((column) => field(column.name)).join(separator)}\n`,
    rows: (batch) => [batch.map((row) => `${line(row)}\n`).join('')],
    end: () => [],
  }
}

function csvField(text: string): string {
  // A lone \. would end the data for PostgreSQL's COPY.
  const isPlain = text !== '' && text !== '\\.' && !/[",\r\n]/.test(text)
  return isPlain ? text : `"${text.replaceAll('"', '""')}"`
}

const TSV_ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
}
const tsvField = (text: string): string =>
  text.replace(/[\\\b\f\n\r\t\v]/g, (character) => TSV_ESCAPES[character] ?? character)
