import { scan, type Token } from './gate.ts'

/**
 * Reads the expressions in PostgreSQL's plans. They are canonical: every operator with its operands stands in
 * parentheses, every constant has its type, and columns carry the alias of their table.
 */

/** Cuts a filter at its top-level ANDs. A filter that is no AND comes back whole. */
export function conjunctsOfFilter(filter: string): string[] {
  const tokens = scan(filter)
  const bytes = Buffer.from(filter)
  const [first, last] = [tokens[0], tokens.at(-1)]
  if (first === undefined || last === undefined) return []
  if (first.text === '(' && closing(tokens, 0) === tokens.length - 1)
    return conjunctsOfFilter(bytes.toString('utf8', first.end, last.start))
  const parts: string[] = []
  let [depth, start] = [0, first.start]
  for (const token of tokens) {
    depth += depthChange(token)
    // An OR at this depth would make the whole no AND; PostgreSQL never mixes the two without parentheses.
    if (depth === 0 && token.text.toUpperCase() === 'AND') {
      parts.push(bytes.toString('utf8', start, token.start).trim())
      start = token.end
    }
  }
  return [...parts, bytes.toString('utf8', start, last.end).trim()]
}

/** Which of `names` an expression may mention; `*` (a whole row) mentions all. Rather one too many than too few. */
export function namesIn(expression: string, names: ReadonlySet<string>): string[] {
  const tokens = scan(expression)
  if (tokens.some((token, at) => token.text === '*' && tokens[at - 1]?.text === '.')) return [...names]
  return tokens.map(nameOf).filter((name) => names.has(name))
}

/** Which of `names` an expression mentions as columns of the table of that alias. */
export function namesOfTable(expression: string, alias: string, names: ReadonlySet<string>): string[] {
  const tokens = scan(expression)
  const isAliasOf = (at: number): boolean => {
    const [table, dot] = [tokens[at - 2], tokens[at - 1]]
    return dot?.text === '.' && table !== undefined && nameOf(table) === alias
  }
  const found = tokens.filter((_, at) => isAliasOf(at))
  return found.some((token) => token.text === '*')
    ? [...names]
    : found.map(nameOf).filter((name) => names.has(name))
}

/** The identifier that a token stands for. */
export const nameOf = (token: Token): string =>
  token.text.startsWith('"') ? token.text.slice(1, -1).replaceAll('""', '"') : token.text.toLowerCase()

/** A part of an expression that has no column: it has one value for the whole statement. */
export interface ConstantPart {
  readonly text: string
  /** Offsets in bytes. */
  readonly start: number
  readonly end: number
}

/** The operands of comparisons that call functions of the clock, such as `(now() - '7 days'::interval)`. */
export function constantPartsOf(expression: string): ConstantPart[] {
  const tokens = scan(expression)
  const bytes = Buffer.from(expression)
  const parts: ConstantPart[] = []
  tokens.forEach((token, at) => {
    if (!COMPARISONS.has(token.text)) return
    const last = lastOfOperand(tokens, at + 1)
    const operand = tokens.slice(at + 1, last + 1)
    const [from, to] = [operand[0], operand.at(-1)]
    if (from === undefined || to === undefined || !isConstant(operand)) return
    parts.push({ text: bytes.toString('utf8', from.start, to.end), start: from.start, end: to.end })
  })
  return parts
}

/** The expression with its constant parts replaced by literals, in order. */
export function withParts(
  expression: string,
  parts: readonly ConstantPart[],
  literals: readonly string[],
): string {
  const bytes = Buffer.from(expression)
  let [text, end] = ['', 0]
  parts.forEach((part, index) => {
    text += bytes.toString('utf8', end, part.start) + (literals[index] ?? part.text)
    end = part.end
  })
  return text + bytes.toString('utf8', end)
}

const COMPARISONS: ReadonlySet<string> = new Set(['=', '<>', '<', '<=', '>', '>='])

/** Words that may stand in a constant part; with any other word, such as a column's name, it is left alone. */
const CONSTANT_WORDS: ReadonlySet<string> = new Set(
  `now current_date current_timestamp localtimestamp transaction_timestamp statement_timestamp date_trunc timezone
   make_interval make_date date timestamp timestamptz interval time zone with without at text double precision
   integer bigint numeric extract from day month year hour`.split(/\s+/),
)
const CLOCK_WORDS: ReadonlySet<string> = new Set(
  'now current_date current_timestamp localtimestamp transaction_timestamp statement_timestamp'.split(' '),
)

function isConstant(operand: readonly Token[]): boolean {
  const words = operand
    .filter((token) => /^[a-z_"]/i.test(token.text) && token.tokenName !== 'SCONST')
    .map(nameOf)
  return (
    words.every((word) => CONSTANT_WORDS.has(word)) &&
    words.some((word) => CLOCK_WORDS.has(word)) &&
    operand.every((token) => token.tokenName !== 'PARAM')
  )
}

/** An operand is a group in parentheses, a call, or one word; a cast may follow. */
function lastOfOperand(tokens: readonly Token[], first: number): number {
  let last = tokens[first]?.text === '(' ? closing(tokens, first) : first
  if (tokens[first + 1]?.text === '(' && tokens[first]?.text !== '(') last = closing(tokens, first + 1)
  while (tokens[last + 1]?.text === '::') {
    last += 2
    while (/^(time|zone|with|without|precision)$/i.test(tokens[last + 1]?.text ?? '')) last++
  }
  return last
}

/** Index of the parenthesis that closes the one at `open`; the last token where none does. */
function closing(tokens: readonly Token[], open: number): number {
  let depth = 0
  for (let at = open; at < tokens.length; at++) {
    depth += depthChange(tokens[at])
    if (depth === 0) return at
  }
  return tokens.length - 1
}

const depthChange = (token: Token | undefined): number =>
  token?.text === '(' ? 1 : token?.text === ')' ? -1 : 0
