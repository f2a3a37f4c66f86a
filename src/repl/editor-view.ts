import type { ColorName, Paint } from './colors.ts'
import { layoutOf, shown, type Layout, type Row } from './editor-layout.ts'
import { displayWidth } from './width.ts'

/** A piece of the text in a colour. */
export interface Span {
  readonly start: number
  readonly end: number
  readonly color: ColorName
}

/** All that is to be seen while a text is edited. */
export interface Frame {
  readonly text: string
  readonly cursor: number
  /** Before the first line, and before each of the others; all of one width. */
  readonly prompts: readonly string[]
  /** In order, none within another. */
  readonly spans: readonly Span[]
  /** Lines below the text, painted already and short enough for the terminal. */
  readonly below: readonly string[]
}

export interface View {
  readonly columns: number
  readonly rows: number
  draw(frame: Frame): void
  /** Draws for the last time, leaves it on the screen and goes to a new line. */
  finish(frame: Frame, mark?: string): void
  /** Empties the screen; the next drawing starts at its top. */
  clearScreen(): void
}

export type ViewScreen = Pick<NodeJS.WritableStream, 'write'> & {
  readonly columns?: number
  readonly rows?: number
}

/** Rows of a finished text that are drawn; of a longer one the last, so that a long paste does not fill the screen twice. */
const FINISHED_ROWS_MAX = 500
/** Narrower terminals are taken for this wide: a wide character and a prompt have to fit. */
const COLUMNS_MIN = 4

/** Draws on the rows below the cursor's; each drawing takes the place of the one before, and is one write. */
export function openView(screen: ViewScreen, paint: Paint): View {
  let drawn: { frame: Frame; rowsMax: number } | undefined

  const columns = (): number => Math.max(COLUMNS_MIN, screen.columns ?? 80)
  const rows = (): number => Math.max(1, screen.rows ?? 24)
  const windowOf = (frame: Frame, rowsMax: number): Window => {
    const width = displayWidth(frame.prompts[0] ?? '')
    return windowAround(layoutOf(frame.text, frame.cursor, width, columns()), rowsMax)
  }
  /** Back to where the last drawing began; where it is now, after a change of the size, follows from its text. */
  const erase = (): string => {
    if (drawn === undefined) return ''
    const { cursorRow } = windowOf(drawn.frame, drawn.rowsMax)
    return `${up(cursorRow)}\r${ERASE_BELOW}`
  }
  const drawing = (frame: Frame, rowsMax: number): { text: string; window: Window } => {
    const window = windowOf(frame, rowsMax)
    return { text: window.rows.map((row, index) => rowText(frame, row, index, paint)).join(''), window }
  }
  return {
    get columns() {
      return columns()
    },
    get rows() {
      return rows()
    },
    draw(frame) {
      const rowsMax = Math.max(1, rows() - frame.below.length)
      const { text, window } = drawing(frame, rowsMax)
      const below = frame.below.map((line) => `\r\n${line}`).join('')
      const back = window.rows.length - 1 + frame.below.length - window.cursorRow
      screen.write(`${erase()}${text}${below}${up(back)}\r${right(window.cursorColumn)}`)
      drawn = { frame, rowsMax }
    },
    finish(frame, mark = '') {
      const { text } = drawing({ ...frame, cursor: frame.text.length }, FINISHED_ROWS_MAX)
      screen.write(`${erase()}${text}${mark}\r\n`)
      drawn = undefined
    },
    clearScreen() {
      screen.write(CLEAR_SCREEN)
      drawn = undefined
    },
  }
}

type Window = Layout

/** As many rows around the cursor's as there is room for. */
function windowAround({ rows, cursorRow, cursorColumn }: Layout, rowsMax: number): Window {
  const top = Math.max(0, Math.min(cursorRow - Math.floor(rowsMax / 2), rows.length - rowsMax))
  return { rows: rows.slice(top, top + rowsMax), cursorRow: cursorRow - top, cursorColumn }
}

/** A row and how the one before it ends: a line that is too long goes on by the terminal's own wrapping. */
function rowText(frame: Frame, row: Row, index: number, paint: Paint): string {
  const isEmptyRest = !row.isLineStart && row.start === row.end
  const lineFeed = index > 0 && (row.isLineStart || isEmptyRest) ? '\r\n' : ''
  const prompt = row.isLineStart ? (frame.prompts[row.line] ?? frame.prompts.at(-1) ?? '') : ''
  return `${lineFeed}${paint(row.line === 0 ? 'prompt' : 'aside', prompt)}${rowPainted(frame, row, paint)}`
}

function rowPainted({ text, spans }: Frame, row: Row, paint: Paint): string {
  let [painted, at] = ['', row.start]
  for (const { start, end, color } of spans) {
    if (end <= at) continue
    if (start >= row.end) break
    const [from, to] = [Math.max(at, start), Math.min(end, row.end)]
    painted += shown(text.slice(at, from)) + paint(color, shown(text.slice(from, to)))
    at = to
  }
  return painted + shown(text.slice(at, row.end))
}

const ERASE_BELOW = '\u001b[J'
const CLEAR_SCREEN = '\u001b[H\u001b[2J'
const up = (rows: number): string => (rows > 0 ? `\u001b[${rows}A` : '')
const right = (columns: number): string => (columns > 0 ? `\u001b[${columns}C` : '')
