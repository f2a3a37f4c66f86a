import { SQL_TYPES } from '../catalog/types.ts'
import type { ResultColumn } from '../driver/cursor.ts'
import type { Formatter } from './format.ts'
import { visibleText } from './visible.ts'

/** A table of HTML, to paste into a page or a mail. Numbers are to the right, NULL is an empty cell of class `null`. */
export function htmlFormatter(columns: readonly ResultColumn[]): Formatter {
  const cells = columns.map(({ type }) => {
    const { isNumeric, toText } = SQL_TYPES[type]
    return { open: isNumeric ? '<td align="right">' : '<td>', toText }
  })
  const names = columns.map(({ name }) => `<th>${escaped(name)}</th>`)
  return {
    begin: () => `<table>\n<thead>\n<tr>${names.join('')}</tr>\n</thead>\n<tbody>\n`,
    rows: (batch) => [
      batch
        .map((row) => {
          const drawn = cells.map(({ open, toText }, index) => {
            const datum = row[index] ?? null
            return datum === null ? '<td class="null"></td>' : `${open}${escaped(toText(datum))}</td>`
          })
          return `<tr>${drawn.join('')}</tr>\n`
        })
        .join(''),
    ],
    end: () => ['</tbody>\n</table>\n'],
  }
}

const escaped = (text: string): string =>
  visibleText(text.replace(/\r?\n/g, '\n'))
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\n', '<br>')
