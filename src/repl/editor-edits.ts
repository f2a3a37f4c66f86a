/** A text that is being edited. Offsets count UTF-16 units and never stand within a character as people see it. */
export interface EditState {
  readonly text: string
  readonly cursor: number
  /** What Ctrl-Y brings back. */
  readonly killed: string
  /** The last edit took text away that Ctrl-Y brings back; another one right behind adds to it. */
  readonly wasKill: boolean
}

export const EMPTY: EditState = { text: '', cursor: 0, killed: '', wasKill: false }

/** What a key does to the text, by the names that Emacs and the shells have made common. */
export const EDITS = {
  'beginning-of-line': (state) => at(state, lineStart(state)),
  'end-of-line': (state) => at(state, lineEnd(state)),
  'beginning-of-text': (state) => at(state, 0),
  'end-of-text': (state) => at(state, state.text.length),
  'backward-char': (state) => at(state, before(state)),
  'forward-char': (state) => at(state, after(state)),
  'backward-word': (state) => at(state, wordBefore(state)),
  'forward-word': (state) => at(state, wordAfter(state)),
  'previous-line': (state) => at(state, above(state) ?? 0),
  'next-line': (state) => at(state, below(state) ?? state.text.length),
  'delete-char': (state) => without(state, state.cursor, after(state)),
  'backward-delete-char': (state) => without(state, before(state), state.cursor),
  'kill-line': (state) => {
    const end = lineEnd(state)
    // At the end of a line its line feed goes.
    return kill(state, state.cursor, end === state.cursor ? after(state) : end)
  },
  'kill-to-start': (state) => {
    const start = lineStart(state)
    return kill(state, start === state.cursor ? before(state) : start, state.cursor)
  },
  'kill-word': (state) => kill(state, state.cursor, wordAfter(state)),
  'backward-kill-word': (state) => kill(state, wordBefore(state), state.cursor),
  'kill-blank-word': (state) => kill(state, blankWordBefore(state), state.cursor),
  yank: (state) => inserted(state, state.killed),
  'transpose-chars': transposed,
  newline: (state) => inserted(state, '\n'),
} satisfies Record<string, (state: EditState) => EditState>

export type EditName = keyof typeof EDITS

/** With `text` at the cursor. */
export function inserted(state: EditState, text: string): EditState {
  return replaced(state, state.cursor, state.cursor, text)
}

/** With `text` instead of what stands from `start` to `end`, and the cursor behind it. */
export function replaced(state: EditState, start: number, end: number, text: string): EditState {
  return {
    ...state,
    text: state.text.slice(0, start) + text + state.text.slice(end),
    cursor: start + text.length,
    wasKill: false,
  }
}

export const isOnFirstLine = ({ text, cursor }: EditState): boolean =>
  text.lastIndexOf('\n', cursor - 1) < 0 || cursor === 0
export const isOnLastLine = ({ text, cursor }: EditState): boolean => !text.includes('\n', cursor)

const at = (state: EditState, cursor: number): EditState => ({ ...state, cursor, wasKill: false })

const without = (state: EditState, start: number, end: number): EditState => replaced(state, start, end, '')

function kill(state: EditState, start: number, end: number): EditState {
  const cut = state.text.slice(start, end)
  if (cut === '') return at(state, state.cursor)
  const isForward = start === state.cursor
  const earlier = state.wasKill ? state.killed : ''
  return {
    ...without(state, start, end),
    killed: isForward ? earlier + cut : cut + earlier,
    wasKill: true,
  }
}

/** The two characters around the cursor change places; at the end of a line, the two before it. */
function transposed(state: EditState): EditState {
  const right = state.cursor === lineEnd(state) ? before(state) : state.cursor
  const middle = at(state, right)
  const [start, end] = [before(middle), after(middle)]
  if (start < lineStart(state) || start === right || end === right) return at(state, state.cursor)
  const { text } = state
  return replaced(state, start, end, text.slice(right, end) + text.slice(start, right))
}

const lineStart = ({ text, cursor }: EditState): number =>
  cursor === 0 ? 0 : text.lastIndexOf('\n', cursor - 1) + 1

function lineEnd({ text, cursor }: EditState): number {
  const end = text.indexOf('\n', cursor)
  return end < 0 ? text.length : end
}

/** The place in the line above that has as many characters before it; undefined on the first line. */
function above(state: EditState): number | undefined {
  const start = lineStart(state)
  if (start === 0) return undefined
  const previous = lineStart({ ...state, cursor: start - 1 })
  return alongLine(state, previous, state.text.slice(start, state.cursor))
}

function below(state: EditState): number | undefined {
  const end = lineEnd(state)
  if (end === state.text.length) return undefined
  return alongLine(state, end + 1, state.text.slice(lineStart(state), state.cursor))
}

function alongLine(state: EditState, start: number, text: string): number {
  const line = state.text.slice(start, lineEnd({ ...state, cursor: start }))
  return start + charactersOf(line).slice(0, charactersOf(text).length).join('').length
}

const SEGMENTER = new Intl.Segmenter('en', { granularity: 'grapheme' })
/** A character as people see it has this many UTF-16 units at most; what is longer is crossed in several steps. */
const CHARACTER_UNITS_MAX = 64
/** The segmenter takes quadratic time, so that it is given this many UTF-16 units at once. */
const SEGMENTED_UNITS = 512

/** Characters as people see them: a letter with its marks is one, and so is an emoji of several parts. */
export function charactersOf(text: string): string[] {
  const characters: string[] = []
  for (let at = 0; at < text.length;) {
    const piece = text.slice(at, at + SEGMENTED_UNITS)
    const found = Array.from(SEGMENTER.segment(piece), ({ segment }) => segment)
    // The last one may go on behind the piece.
    if (at + piece.length < text.length && found.length > 1) found.pop()
    for (const character of found) at += character.length
    characters.push(...found)
  }
  return characters
}

function before({ text, cursor }: EditState): number {
  const near = text.slice(Math.max(0, cursor - CHARACTER_UNITS_MAX), cursor)
  return cursor - (charactersOf(near).at(-1)?.length ?? 0)
}

function after({ text, cursor }: EditState): number {
  const near = text.slice(cursor, cursor + CHARACTER_UNITS_MAX)
  return cursor + (charactersOf(near)[0]?.length ?? 0)
}

const isWord = (character: string | undefined): boolean => /[\p{L}\p{N}\p{M}_]/u.test(character ?? '')
const isBlank = (character: string | undefined): boolean => /\s/.test(character ?? '')

function wordBefore({ text, cursor }: EditState): number {
  let start = cursor
  while (start > 0 && !isWord(text[start - 1])) start--
  while (start > 0 && isWord(text[start - 1])) start--
  return start
}

function wordAfter({ text, cursor }: EditState): number {
  let end = cursor
  while (end < text.length && !isWord(text[end])) end++
  while (end < text.length && isWord(text[end])) end++
  return end
}

function blankWordBefore({ text, cursor }: EditState): number {
  let start = cursor
  while (start > 0 && isBlank(text[start - 1])) start--
  while (start > 0 && !isBlank(text[start - 1])) start--
  return start
}
