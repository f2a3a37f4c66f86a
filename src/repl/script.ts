import { limitExceeded } from '../errors.ts'
import { scan, type Token } from '../sql/gate.ts'

/** One thing to do, in the order of the script. */
export type ScriptItem =
  /** `line` is that of the first character, from 1. */
  | { readonly kind: 'statement'; readonly text: string; readonly line: number }
  | {
      readonly kind: 'metacommand'
      readonly text: string
      readonly line: number
      /** The statement that it ends, in place of a semicolon: `SELECT 1 \\gx`. */
      readonly query?: string
    }

/** As `splitStatements` of the statement gate: whole statements, and the unfinished one behind them. */
export type Split = (script: string) => {
  statements: readonly { readonly text: string; readonly offset: number }[]
  rest: string
}

/** Takes a script piece by piece and gives back what is complete. */
export interface ScriptReader {
  /** Takes text; nothing is done before its line ends. Throws 54000 when one statement grows beyond the bound. */
  push(text: string): ScriptItem[]
  /** The script is over: its last statement needs no semicolon. */
  end(): ScriptItem[]
  /** Whether a statement has begun and waits for its semicolon. */
  readonly isPending: boolean
  /** Drops the statement that has begun. */
  clear(): void
}

/** Unfinished statement that is kept in memory, in UTF-16 units; a little more than the statement gate takes. */
export const UNFINISHED_CHARACTERS_MAX = 2 ** 20

/** A longer one is not looked at again with each of its lines, in UTF-16 units: that would take too long. */
const READ_BY_LINES_MAX = 2_000

/** Metacommands that may end a statement. */
export const ENDING_COMMANDS: ReadonlySet<string> = new Set(['g', 'gx', 'watch', 'explain', 'chart'])

/**
 * A statement ends at its semicolon, or at a metacommand that may end one; a line that begins with a backslash between
 * statements is a metacommand.
 */
export function scriptReader(split: Split): ScriptReader {
  let [buffer, line] = ['', 1]

  const drop = (length: number): void => {
    line += lineFeeds(buffer.slice(0, length))
    buffer = buffer.slice(length)
  }
  const takeMetacommand = (query?: string): ScriptItem => {
    const end = buffer.indexOf('\n')
    const text = (end < 0 ? buffer : buffer.slice(0, end)).trim()
    const item = { kind: 'metacommand', text, line, ...(query !== undefined && { query }) } as const
    drop(end < 0 ? buffer.length : end + 1)
    return item
  }
  const takeEnded = (at: number): ScriptItem => {
    const query = buffer.slice(0, at).trimEnd()
    drop(at)
    return takeMetacommand(query)
  }
  const takeComplete = (): ScriptItem[] => {
    const items: ScriptItem[] = []
    for (;;) {
      drop(blankLength(buffer))
      if (buffer.startsWith('\\')) {
        items.push(takeMetacommand())
        continue
      }
      const ending = endingCommandAt(buffer)
      if (ending !== undefined) {
        items.push(takeEnded(ending))
        continue
      }
      if (!buffer.includes(';')) return items
      const { statements, rest } = split(buffer)
      // A later one with a backslash may be, or may be ended by, a metacommand: it is looked at in its turn.
      const next = statements.findIndex(({ text }, at) => at > 0 && text.includes('\\'))
      const taken = next < 0 ? statements : statements.slice(0, next)
      for (const { text, offset } of taken) {
        const start = offset + blankLength(text)
        const whole = buffer.slice(start, offset + text.length).trimEnd()
        items.push({ kind: 'statement', text: whole, line: line + lineFeeds(buffer.slice(0, start)) })
      }
      const end = statements[next]?.offset ?? buffer.length - rest.length
      if (end === 0) return items
      drop(end)
    }
  }
  return {
    push(text) {
      if (buffer.length > UNFINISHED_CHARACTERS_MAX)
        throw limitExceeded('the statement is too long', {
          hint: `At most ${UNFINISHED_CHARACTERS_MAX} characters are read for one statement. Is a quote left open?`,
        })
      const items: ScriptItem[] = []
      const lines = text.split(/(?<=\n)/)
      const last = lines.length - (text.endsWith('\n') ? 1 : 2)
      for (const [at, line] of lines.entries()) {
        buffer += line
        // Line by line, since a quote that is open in a later one would hide the metacommand in this one.
        if (at === last || (at < last && buffer.length <= READ_BY_LINES_MAX)) items.push(...takeComplete())
      }
      return items
    },
    end() {
      const items = takeComplete()
      const last = buffer.trim()
      if (last !== '') items.push({ kind: 'statement', text: last, line })
      buffer = ''
      return items
    },
    get isPending() {
      return buffer !== ''
    },
    clear() {
      drop(buffer.length)
    },
  }
}

/** What stands behind such a metacommand need not read as SQL, so that each is looked for from its own beginning. */
const ENDINGS_TRIED_MAX = 100

/** Where the first statement is ended by a metacommand, in UTF-16 units; undefined where a semicolon ends it, or nothing. */
function endingCommandAt(text: string): number | undefined {
  let tried = 0
  for (const { index, 1: name = '' } of text.matchAll(/\\(\w+)/g)) {
    if (!ENDING_COMMANDS.has(name)) continue
    if (++tried > ENDINGS_TRIED_MAX) return undefined
    const before = text.slice(0, index)
    const tokens = tokensOf(before)
    if (tokens?.some((token) => token.text === ';')) return undefined
    if (tokens !== undefined && !endsInComment(before, tokens)) return index
  }
  return undefined
}

/** Undefined where a quote or a comment is open: what stands in it is no metacommand. */
function tokensOf(text: string): readonly Token[] | undefined {
  try {
    return scan(text)
  } catch {
    return undefined
  }
}

function endsInComment(text: string, tokens: readonly Token[]): boolean {
  const last = tokens.at(-1)
  return last?.text.startsWith('--') === true && last.end === Buffer.byteLength(text)
}

/** Length of the space and the comments at the beginning. */
const blankLength = (text: string): number => BLANK.exec(text)?.[0].length ?? 0
const BLANK = /^(?:\s+|--[^\n]*|\/\*[^]*?\*\/)*/

const lineFeeds = (text: string): number => text.split('\n').length - 1
