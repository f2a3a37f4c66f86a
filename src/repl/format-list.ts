import { table } from 'table'
import type { Paint } from './colors.ts'
import { cutToWidth, LAYOUT, padded, widthsOf } from './format-width.ts'
import { rowWidth } from './format-fit.ts'
import { visibleText } from './visible.ts'

export interface ListColumn {
  readonly name: string
  readonly isNumeric?: boolean
}

/** Where there is no terminal. */
const PAGE_WIDTH = 120
/** The last column is wrapped into what the others leave it, but not into less than this. */
const WRAPPED_WIDTH_MIN = 24

/** A list for people, such as that of a table's columns: nothing is cut but in a narrow terminal; the last column is wrapped. */
export function listText(
  columns: readonly ListColumn[],
  rows: readonly (readonly string[])[],
  terminalWidth: number | undefined,
): string {
  const names = columns.map(({ name }) => name)
  const cells = rows.map((row) => row.map((cell) => visibleText(cell.replaceAll('\n', ' '))))
  const natural = widthsOf([names, ...cells])
  const last = natural.length - 1
  const others = natural.map((width, index) => (index === last ? 0 : width))
  const room = (terminalWidth ?? PAGE_WIDTH) - rowWidth(others)
  const widths = natural.map((width, index) =>
    index === last ? Math.min(width, Math.max(room, WRAPPED_WIDTH_MIN)) : width,
  )
  const layout = columns.map(({ isNumeric = false }, index) => ({
    width: widths[index] ?? 1,
    alignment: isNumeric ? ('right' as const) : ('left' as const),
    wrapWord: true,
  }))
  const header = table([names], {
    ...LAYOUT,
    columns: layout.map(({ width }) => ({ width, alignment: 'center' })),
  })
  const rule = `${widths.map((width) => '-'.repeat(width + 2)).join('+')}\n`
  const body = cells.length === 0 ? '' : table(cells, { ...LAYOUT, columns: layout })
  return (header + rule + body).replace(/ +$/gm, '')
}

/** Names with a text beside each, in two columns; the texts are wrapped. */
export function namedTexts(
  entries: readonly { readonly name: string; readonly text: string }[],
  terminalWidth: number | undefined,
  paint: Paint,
): string {
  const names = padded(entries.map(({ name }) => name))
  const left = (names[0]?.length ?? 0) + 4
  const room = Math.max(WRAPPED_WIDTH_MIN, (terminalWidth ?? PAGE_WIDTH) - left)
  return entries
    .map(({ text }, index) => {
      const [first = '', ...more] = wrapped(text, room)
      const name = paint('metacommand', names[index] ?? '')
      return [`  ${name}  ${first}\n`, ...more.map((line) => `${' '.repeat(left)}${line}\n`)].join('')
    })
    .join('')
}

/** The text in lines of at most so many columns, broken between words. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = ''
    }
    line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, cutToWidth(line, Math.max(width, 1))]
}
