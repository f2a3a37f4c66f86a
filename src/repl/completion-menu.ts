import type { Paint } from './colors.ts'
import type { Candidate } from './completion-candidate.ts'
import { visibleLine } from './visible.ts'
import { displayWidth } from './width.ts'

/** Rows of candidates that are shown at once. */
export const MENU_ROWS_MAX = 10
const GAP = 2

/**
 * The candidates as lines below the text, at most `columns` wide: each with its note where all fit one below the other,
 * else in columns from top to bottom, the page that holds the chosen one.
 */
export function menuLines(
  candidates: readonly Candidate[],
  chosen: number | undefined,
  { columns, rowsMax, paint }: { readonly columns: number; readonly rowsMax: number; readonly paint: Paint },
): string[] {
  // The last column stays free: a full row would wrap.
  const room = columns - 1
  const rows = Math.max(1, Math.min(MENU_ROWS_MAX, rowsMax))
  const labels = candidates.map(({ label }) => cut(visibleLine(label), room))
  const width = Math.max(...labels.map(displayWidth))
  const cellOf = (index: number): string => {
    const label = labels[index] ?? ''
    return (index === chosen ? paint('selected', label) : label) + ' '.repeat(width - displayWidth(label))
  }
  const noteOf = (index: number, space: number): string =>
    paint('aside', cut(visibleLine(candidates[index]?.note ?? ''), Math.max(0, space)))
  const hasNotes = candidates.some(({ note }) => note !== undefined)
  if (candidates.length <= rows && hasNotes)
    return labels.map((_label, index) => `${cellOf(index)}  ${noteOf(index, room - width - GAP)}`.trimEnd())
  const across = Math.max(1, Math.floor((room + GAP) / (width + GAP)))
  const pageSize = Math.max(1, rows - 1) * across
  if (candidates.length <= pageSize && !hasNotes) return grid(0, candidates.length, across, cellOf)
  const page = Math.floor((chosen ?? 0) / pageSize)
  const [first, last] = [page * pageSize, Math.min(candidates.length, (page + 1) * pageSize)]
  const place = last - first < candidates.length ? `${first + 1}–${last} of ${candidates.length}` : ''
  const note = chosen === undefined ? '' : (candidates[chosen]?.note ?? '')
  const foot = [place, note].filter((text) => text !== '').join('  ')
  return [
    ...grid(first, last, across, cellOf),
    ...(foot === '' ? [] : [paint('aside', cut(visibleLine(foot), room))]),
  ]
}

/** From top to bottom, then to the right. */
function grid(first: number, last: number, across: number, cellOf: (index: number) => string): string[] {
  const height = Math.ceil((last - first) / across)
  return Array.from({ length: height }, (_, row) => {
    const indexes = Array.from({ length: across }, (_, column) => first + column * height + row)
    return indexes
      .filter((index) => index < last)
      .map(cellOf)
      .join(' '.repeat(GAP))
      .trimEnd()
  })
}

function cut(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text
  let [kept, width] = ['', 0]
  for (const character of text) {
    width += displayWidth(character)
    if (width > columns - 1) break
    kept += character
  }
  return columns > 0 ? `${kept}…` : ''
}
