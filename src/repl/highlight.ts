import { partsOf, type TextToken } from '../sql/unfinished.ts'
import type { ColorName } from './colors.ts'
import type { Span } from './editor-view.ts'

/** Longer texts are shown without colours: reading them at each key would make typing slow. */
export const HIGHLIGHTED_CHARACTERS_MAX = 10_000

/** The colours of a text that somebody types. */
export function highlight(text: string): Span[] {
  if (text.length > HIGHLIGHTED_CHARACTERS_MAX) return []
  return partsOf(text).flatMap((part): Span[] => {
    if (part.kind === 'comment') return [{ start: part.start, end: part.end, color: 'comment' }]
    if (part.kind === 'statement') return statementSpans(part.tokens)
    const [name = ''] = text.slice(part.start, part.end).split(/\s/, 1)
    return [{ start: part.start, end: part.start + name.length, color: 'metacommand' }]
  })
}

function statementSpans(tokens: readonly TextToken[]): Span[] {
  return tokens.flatMap((token, index) => {
    const { start, end } = token
    const color = colorOf(token, tokens[index - 1], tokens[index + 1])
    return color === undefined ? [] : [{ start, end, color }]
  })
}

function colorOf(
  token: TextToken,
  before: TextToken | undefined,
  after: TextToken | undefined,
): ColorName | undefined {
  const { tokenName, keywordKind, text } = token
  if (tokenName === 'SQL_COMMENT' || tokenName === 'C_COMMENT') return 'comment'
  if (/^(U?S|X|B)CONST$/.test(tokenName)) return 'string'
  if (/^[IF]CONST$/.test(tokenName)) return 'number'
  if (text === '\\' || (before?.text === '\\' && before.end === token.start)) return 'metacommand'
  // Behind a dot, or before one, a word is a name.
  if (before?.text === '.' || after?.text === '.') return undefined
  const isKeyword =
    keywordKind >= 2 || UNRESERVED.has(text.toLowerCase()) || (before === undefined && /^use$/i.test(text))
  return isKeyword ? 'keyword' : undefined
}

/** Words of clauses that PostgreSQL does not reserve; its others are names far more often, such as `name` and `type`. */
const UNRESERVED = new Set(
  'by over partition nulls explain analyze set show reset recursive filter within rows range groups following preceding unbounded'.split(
    ' ',
  ),
)
