import type { SqlTypeName } from '../catalog/spec.ts'
import type { ResultColumn } from '../driver/cursor.ts'

/** Columns of a text that are enough to tell one value from another. */
const LEGIBLE_WIDTH = 12

/** Types whose values must not be cut: half a number is another number. */
const UNCUT: ReadonlySet<SqlTypeName> = new Set([
  'int4',
  'int8',
  'float8',
  'numeric',
  'bool',
  'date',
  'timestamp',
])

/** Columns of the terminal that a row takes: a space on either side of a value, and a bar between two. */
export const rowWidth = (widths: readonly number[]): number =>
  widths.reduce((sum, width) => sum + width + 3, -1)

/** Whether a table fits into the terminal with every number whole and every text legible. */
export const isLegible = (
  natural: readonly number[],
  columns: readonly ResultColumn[],
  terminal: number,
): boolean => shrunk(natural, columns, terminal, LEGIBLE_WIDTH) !== undefined

/** The widths of the columns in a terminal: texts shrink, the widest first; numbers and dates only where that is not enough. */
export function fittedWidths(
  natural: readonly number[],
  columns: readonly ResultColumn[],
  terminal: number,
): readonly number[] {
  const room = terminal - rowWidth(natural.map(() => 0))
  return shrunk(natural, columns, terminal, 2) ?? capped(natural, Math.max(2, capFor(natural, room)))
}

/** Undefined where some text would be narrower than `least`. */
function shrunk(
  natural: readonly number[],
  columns: readonly ResultColumn[],
  terminal: number,
  least: number,
): readonly number[] | undefined {
  if (rowWidth(natural) <= terminal) return natural
  const mayShrink = (index: number): boolean => !UNCUT.has(columns[index]?.type ?? 'text')
  const texts = natural.filter((_, index) => mayShrink(index))
  const rest = natural.map((width, index) => (mayShrink(index) ? 0 : width))
  const cap = capFor(texts, terminal - rowWidth(rest))
  if (texts.length === 0 || cap < least) return undefined
  return natural.map((width, index) => (mayShrink(index) ? Math.min(width, cap) : width))
}

const capped = (widths: readonly number[], cap: number): number[] =>
  widths.map((width) => Math.min(width, cap))

/** The greatest width to which all may be cut so that together they take no more than `room`; below 1 there is none. */
function capFor(widths: readonly number[], room: number): number {
  const ordered = [...widths].sort((a, b) => a - b)
  let left = room
  for (const [index, width] of ordered.entries()) {
    const share = Math.floor(left / (ordered.length - index))
    if (share < width) return share
    left -= width
  }
  return ordered.at(-1) ?? 0
}
