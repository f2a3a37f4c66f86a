import type { PartitionInfo } from '../driver/connection.ts'
import { OPEN_MARKS, partsOf, type TextPart, type TextToken } from '../sql/unfinished.ts'
import { HIGHLIGHTED_CHARACTERS_MAX } from './highlight.ts'
import { visibleLine } from './visible.ts'
import { displayWidth } from './width.ts'

/** Partitions that a prompt names at most. */
const PARTITIONS_NAMED_MAX = 3

/**
 * Who asks where: `analyst@demo`, `analyst@north,south`. The selected partitions stand behind it where they are called
 * otherwise than their databases: `analyst@demo[north,south]`.
 */
export function promptName(selected: readonly PartitionInfo[]): string {
  const unique = (names: readonly string[]): string[] => [...new Set(names)]
  const logins = unique(selected.map(({ login }) => login))
  const databases = unique(selected.map(({ database }) => database))
  const names = selected.map(({ name }) => name)
  const login = logins.length === 1 ? (logins[0] ?? '') : ''
  const partitions = names.join() === databases.join() ? '' : `[${listed(names)}]`
  return visibleLine(`${login}@${listed(databases)}${partitions}`)
}

function listed(names: readonly string[]): string {
  const more = names.length - PARTITIONS_NAMED_MAX
  return [...names.slice(0, PARTITIONS_NAMED_MAX), ...(more > 0 ? [`+${more}`] : [])].join(',')
}

/**
 * The prompt of each line, all of one width: what is open there, as psql shows it. `=` nothing, `-` a statement,
 * `(` a parenthesis, `'` a string, `"` a name, `$` a dollar-quoted string, `*` a comment.
 */
export function promptsOf(name: string, text: string, widthMax: number): string[] {
  const first = displayWidth(`${name}=> `) <= widthMax ? name : ''
  const rest = ' '.repeat(displayWidth(first))
  const lines = text.split('\n')
  const parts = text.length <= HIGHLIGHTED_CHARACTERS_MAX && lines.length > 1 ? partsOf(text) : undefined
  let start = 0
  return lines.map((line, index) => {
    const mark = index === 0 ? '=' : parts === undefined ? '-' : markAt(parts, start)
    start += line.length + 1
    return `${index === 0 ? first : rest}${mark}> `
  })
}

/** What is open at the start of a line. */
function markAt(parts: readonly TextPart[], at: number): string {
  const part = parts.find(({ start, end }) => start < at && at <= end) ?? lastBefore(parts, at)
  if (part === undefined || part.kind === 'metacommand') return '='
  if (part.kind === 'comment') return at < part.end ? '*' : '='
  let depth = 0
  for (const token of part.tokens) {
    if (token.start >= at) break
    if (token.end >= at && token.text.includes('\n')) return markOf(token)
    if (token.text === '(') depth++
    if (token.text === ')') depth--
  }
  return depth > 0 ? '(' : '-'
}

/** The statement that goes on behind its last word. */
function lastBefore(parts: readonly TextPart[], at: number): TextPart | undefined {
  const last = parts.filter(({ start }) => start < at).at(-1)
  return last?.kind === 'statement' && !last.isEnded ? last : undefined
}

function markOf({ tokenName, text }: TextToken): string {
  if (tokenName === 'C_COMMENT') return OPEN_MARKS.comment
  if (text.startsWith('"')) return OPEN_MARKS.identifier
  return text.startsWith('$') ? OPEN_MARKS.dollar : OPEN_MARKS.string
}
