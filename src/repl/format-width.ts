import type { TableUserConfig } from 'table'
import { isPrintableAscii, tableWidth } from './width.ts'

/** Nothing around, a bar between columns, and one space on either side of a value. */
export const LAYOUT = {
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

/** The texts, each filled with spaces to the width of the widest. */
export function padded(texts: readonly string[]): string[] {
  const widest = Math.max(0, ...texts.map(tableWidth))
  return texts.map((text) => text + ' '.repeat(widest - tableWidth(text)))
}

/** Ends a text that was cut. */
export const CUT = '…'

/** The text, cut to a width in columns, with a mark where something is missing. */
export function cutToWidth(text: string, width: number): string {
  if (text.length <= width && isPrintableAscii(text)) return text
  // No character takes less than a fiftieth of a column on average: only marks that combine without end would.
  const start = text.slice(0, 50 * (width + 1))
  if (isPrintableAscii(start)) return `${start.slice(0, width - 1)}${CUT}`
  if (start === text && tableWidth(text) <= width) return text
  let [kept, taken] = ['', 0]
  for (const { segment } of SEGMENTER.segment(start)) {
    taken += tableWidth(segment)
    if (taken > width - 1) break
    kept += segment
  }
  return kept + CUT
}

const SEGMENTER = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** Width of each column, at least 1. */
export const widthsOf = (rows: readonly (readonly string[])[]): number[] =>
  (rows[0] ?? []).map((_, column) => Math.max(1, ...rows.map((row) => tableWidth(row[column] ?? ''))))
