import { charactersOf } from './editor-edits.ts'
import { visibleText } from './visible.ts'
import { displayWidth } from './width.ts'

/** One row of the terminal: what stands from `start` to `end` of the text. */
export interface Row {
  readonly start: number
  readonly end: number
  /** The line that it belongs to, from 0. */
  readonly line: number
  /** The prompt stands before it; other rows go on with a line that was too long. */
  readonly isLineStart: boolean
}

export interface Layout {
  readonly rows: readonly Row[]
  /** Index into `rows`. */
  readonly cursorRow: number
  /** Columns to the left of the cursor, the prompt's included. */
  readonly cursorColumn: number
}

/**
 * How a text of several lines falls into rows, wrapped as terminals wrap them. Every line has a prompt of the same
 * width, which leaves room for at least one character.
 */
export function layoutOf(text: string, cursor: number, promptWidth: number, columns: number): Layout {
  const rows: Row[] = []
  let [cursorRow, start] = [0, 0]
  for (const [line, content] of text.split('\n').entries()) {
    const end = start + content.length
    const starts = rowStarts(content, promptWidth, columns)
    // Behind a full row the cursor stands in one of its own.
    if (cursor !== end && starts.at(-1) === content.length && starts.length > 1) starts.pop()
    for (const [index, offset] of starts.entries()) {
      if (cursor >= start + offset && cursor <= end) cursorRow = rows.length
      const next = starts[index + 1] ?? content.length
      rows.push({ start: start + offset, end: start + next, line, isLineStart: index === 0 })
    }
    start = end + 1
  }
  const row = rows[cursorRow]
  const before = displayWidth(shown(text.slice(row?.start, cursor)))
  return { rows, cursorRow, cursorColumn: before + (row?.isLineStart === true ? promptWidth : 0) }
}

/** Where each row of a line starts; the last one is empty where the row before it is full to its last column. */
function rowStarts(line: string, promptWidth: number, columns: number): number[] {
  const starts = [0]
  if (isPrintableAscii(line)) {
    for (let at = columns - promptWidth; at <= line.length; at += columns) starts.push(at)
    return starts
  }
  let [at, used] = [0, promptWidth]
  for (const character of charactersOf(line)) {
    const width = displayWidth(shown(character))
    if (used + width > columns) {
      starts.push(at)
      used = 0
    }
    at += character.length
    used += width
  }
  if (used === columns) starts.push(at)
  return starts
}

const TAB = '    '

/** The text as the terminal is to show it: what would move the cursor, or be invisible, is written out. */
export const shown = (text: string): string =>
  isPrintableAscii(text) ? text : visibleText(text.replaceAll('\t', TAB))

const isPrintableAscii = (text: string): boolean => /^[ -~]*$/.test(text)
