import { isComment, scan, type Token } from './gate.ts'

/** Parts of a statement's text, found by PostgreSQL's own tokens. Offsets are in bytes. */

/** Blanks what stands before an offset, so that positions in the rest count in the whole text. */
export function blankBefore(text: string, byteOffset: number): string {
  const bytes = Buffer.from(text)
  const before = bytes.toString('utf8', 0, byteOffset)
  return ' '.repeat([...before].length) + bytes.toString('utf8', byteOffset)
}

/** Where the statement behind EXPLAIN and its options starts. */
export function offsetAfterExplain(text: string): number {
  const tokens = tokensOf(text)
  let at = 1
  if (tokens[at]?.text === '(') at = closingOf(tokens, at) + 1
  else while (/^(analy[sz]e|verbose)$/i.test(tokens[at]?.text ?? '')) at++
  return tokens[at]?.start ?? 0
}

/** Where the statement behind a reserved word starts, such as FOR in `DECLARE c CURSOR FOR SELECT …`. */
export function offsetAfterWord(text: string, word: string): number {
  const tokens = tokensOf(text)
  const at = tokens.findIndex((token) => token.text.toUpperCase() === word)
  return tokens[at + 1]?.start ?? 0
}

/** What stands in the first parentheses, with blanks for all before it. */
export function inFirstParentheses(text: string): string | undefined {
  const tokens = tokensOf(text)
  const open = tokens.findIndex((token) => token.text === '(')
  const close = tokens[closingOf(tokens, open)]
  if (open < 0 || close === undefined) return undefined
  return blankBefore(Buffer.from(text).toString('utf8', 0, close.start), tokens[open]?.end ?? 0)
}

/** Types of `PREPARE name (type, …) AS …`; none where it names none. */
export function parameterTypes(text: string): readonly string[] {
  return tokensOf(text)[2]?.text === '(' ? argumentTexts(text) : []
}

/** Texts of the arguments in the first parentheses, cut at their commas. */
export function argumentTexts(text: string): readonly string[] {
  const inner = inFirstParentheses(text)
  if (inner === undefined) return []
  const bytes = Buffer.from(inner)
  const texts: string[] = []
  let [start, depth] = [0, 0]
  for (const token of tokensOf(inner)) {
    if (token.text === '(' || token.text === '[') depth++
    if (token.text === ')' || token.text === ']') depth--
    if (token.text !== ',' || depth > 0) continue
    texts.push(bytes.toString('utf8', start, token.start).trim())
    start = token.end
  }
  return [...texts, bytes.toString('utf8', start).trim()]
}

const tokensOf = (text: string): readonly Token[] => scan(text).filter((token) => !isComment(token))

/** Index of the parenthesis that closes the one at `open`. */
function closingOf(tokens: readonly Token[], open: number): number {
  let depth = 0
  for (let at = open; at < tokens.length; at++) {
    if (tokens[at]?.text === '(') depth++
    if (tokens[at]?.text === ')' && --depth === 0) return at
  }
  return tokens.length
}
