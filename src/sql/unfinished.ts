import { isComment, scan, type Token } from './gate.ts'

/** A token of PostgreSQL's; its offsets count UTF-16 units of the whole text. */
export type TextToken = Pick<Token, 'text' | 'tokenName' | 'keywordKind'> & {
  readonly start: number
  readonly end: number
}

/** A literal or comment that nothing closes; each with the character that psql's prompt shows for it. */
export const OPEN_MARKS = { string: "'", identifier: '"', comment: '*', dollar: '$' } as const
export type OpenKind = keyof typeof OPEN_MARKS

/** One of the things that stand in a text one after the other, without the space and the comments before it. */
export type TextPart =
  /** A line that begins with a backslash where a statement could begin. */
  | { readonly kind: 'metacommand'; readonly start: number; readonly end: number }
  | {
      readonly kind: 'statement'
      readonly start: number
      /** Where its semicolon stands, or the end of the text. */
      readonly end: number
      readonly isEnded: boolean
      /** Comments included; the last one goes on beyond the text where it is open. */
      readonly tokens: readonly TextToken[]
      readonly open: OpenKind | undefined
    }
  /** A comment of its own. */
  | { readonly kind: 'comment'; readonly start: number; readonly end: number }

/**
 * Reads a text that somebody is still typing, by PostgreSQL's own scanner: unlike the gate's functions it refuses
 * nothing. Takes time in proportion to the text, about 1 ms for 1,000 characters.
 */
export function partsOf(text: string): TextPart[] {
  const parts: TextPart[] = []
  for (let from = 0; from < text.length;) {
    const { tokens, open } = tokensFrom(text, from)
    from = addParts(parts, text, { tokens, open, from })
  }
  return parts
}

/** Adds what the tokens make up; ends behind the first metacommand, since its line was none of the scanner's. */
function addParts(
  parts: TextPart[],
  text: string,
  { tokens, open, from }: Scanned & { readonly from: number },
): number {
  let own: TextToken[] = []
  const addStatement = (end: number, isEnded: boolean, openKind?: OpenKind): void => {
    const first = own.find((token) => !isComment(token)) ?? (openKind === undefined ? undefined : own[0])
    if (first !== undefined)
      parts.push({ kind: 'statement', start: first.start, end, isEnded, tokens: own, open: openKind })
    else for (const comment of own) parts.push({ kind: 'comment', start: comment.start, end: comment.end })
    own = []
  }
  for (const token of tokens) {
    if (token.text === '\\' && own.every(isComment)) {
      addStatement(token.start, false)
      const lineEnd = text.indexOf('\n', token.start)
      const end = lineEnd < 0 ? text.length : lineEnd
      parts.push({ kind: 'metacommand', start: token.start, end })
      return end
    }
    if (token.text === ';') addStatement(token.start, true)
    else own.push(token)
  }
  if (tokens.length === 0 && text.slice(from).trim() !== '')
    // The scanner makes nothing of it: the parser is to say why, once its line ends in a semicolon.
    parts.push({
      kind: 'statement',
      start: from,
      end: text.length,
      isEnded: text.trimEnd().endsWith(';'),
      tokens,
      open,
    })
  else addStatement(text.length, false, open)
  return text.length
}

interface Scanned {
  readonly tokens: readonly TextToken[]
  readonly open: OpenKind | undefined
}

function tokensFrom(text: string, from: number): Scanned {
  const rest = text.slice(from)
  // `12ab` is an error of the scanner: digits for it change nothing that counts here.
  for (const readable of new Set([rest, rest.replace(/(?<!\w)\d\w*/g, (word) => '0'.repeat(word.length))])) {
    const scanned = tokensAndOpen(readable)
    if (scanned !== undefined) return inText(scanned, text, from)
  }
  return { tokens: [], open: undefined }
}

interface ScannedBytes {
  readonly tokens: readonly Token[]
  readonly open: OpenKind | undefined
}

/** The scanner only says that something is open; what it is shows by what closes it, and nothing else does. */
function tokensAndOpen(text: string): ScannedBytes | undefined {
  const whole = scanned(text)
  if (whole !== undefined) return { tokens: whole, open: undefined }
  for (const [open, closer] of closersFor(text)) {
    const tokens = scanned(text + closer)
    if (tokens !== undefined) return { tokens, open }
  }
  return undefined
}

function scanned(text: string): readonly Token[] | undefined {
  try {
    return scan(text)
  } catch {
    return undefined
  }
}

const NESTED_COMMENTS_MAX = 4
const DOLLAR_TAGS_MAX = 8

function closersFor(text: string): (readonly [OpenKind, string])[] {
  const comments = text.includes('/*') ? Array.from({ length: NESTED_COMMENTS_MAX }, (_, n) => n + 1) : []
  const tags = new Set(text.match(/\$(?:[\p{L}_][\p{L}\p{N}_]*)?\$/gu))
  return [
    // The second, where a backslash of an E'' string takes the first for its own.
    ...(text.includes("'") ? [['string', "'"] as const, ['string', "''"] as const] : []),
    // A name in quotes has at least one character.
    ...(text.includes('"') ? [['identifier', 'x"'] as const] : []),
    ...comments.map((count) => ['comment', '*/'.repeat(count)] as const),
    ...[...tags].slice(-DOLLAR_TAGS_MAX).map((tag) => ['dollar', tag] as const),
  ]
}

/** The scanner counts bytes behind `from`. */
function inText({ tokens, open }: ScannedBytes, text: string, from: number): Scanned {
  const unitAt = unitsOfBytes(text, from)
  return {
    tokens: tokens.map((token) => {
      const [start, end] = [unitAt(token.start), unitAt(token.end)]
      const { tokenName, keywordKind } = token
      return { start, end, text: text.slice(start, end), tokenName, keywordKind }
    }),
    open,
  }
}

function unitsOfBytes(text: string, from: number): (byte: number) => number {
  // eslint-disable-next-line no-control-regex
  if (/^[\x00-\x7f]*$/.test(text)) return (byte) => Math.min(text.length, from + byte)
  const units: number[] = []
  let unit = from
  for (const character of text.slice(from)) {
    for (let byte = Buffer.byteLength(character); byte > 0; byte--) units.push(unit)
    unit += character.length
  }
  return (byte) => units[byte] ?? text.length
}
