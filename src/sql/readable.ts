import { isComment, type Token } from './gate.ts'
import type { Operand } from './predicate.ts'

/**
 * The statement in a spelling that node-sql-parser reads well: no comments, names folded as PostgreSQL folds them,
 * and every literal that it would mangle (escapes, long numbers, parameters before a cast) replaced by the
 * placeholder '#n', n its index in `literals`.
 */
export function makeReadable(all: readonly Token[]): { text: string; literals: Operand[] } {
  const tokens = all.filter((token) => !isComment(token))
  const literals: Operand[] = []
  const levels = orLevels(tokens)
  let [text, end, previous] = ['', 0, '']
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at]
    if (token === undefined) break
    if (token.start > end) text += ' '
    if (levels.closes.has(at)) text += ')'.repeat(levels.closes.get(at) ?? 0) + ' '
    if (levels.ors.has(at)) {
      text += ') OR ('
      end = token.end
      continue
    }
    let literal = literalFromToken(token, previous)
    const cast = literal?.kind === 'string' ? castAfter(tokens, at) : undefined
    if (literal?.kind === 'string' && cast !== undefined) {
      literal = { kind: 'typed', value: literal.value, type: cast.type }
      at = cast.last
    }
    text +=
      literal === undefined
        ? (OPERATOR_WORDS[token.text] ?? foldedText(token))
        : `'#${literals.push(literal) - 1}'`
    if (levels.opens.has(at)) text += ' ('
    end = tokens[at]?.end ?? token.end
    previous = token.text.toLowerCase()
  }
  return { text: text + ')'.repeat(levels.closes.get(tokens.length) ?? 0), literals }
}

interface OrLevels {
  /** Tokens after which a level with ORs begins. */
  readonly opens: ReadonlySet<number>
  /** Tokens before which such levels end, and how many. */
  readonly closes: ReadonlyMap<number, number>
  readonly ors: ReadonlySet<number>
}

/**
 * Where operands of OR get parentheses: node-sql-parser takes `a OR b AND c` for `(a OR b) AND c`. A level is what
 * stands between two parentheses, or between WHERE and the next clause.
 */
function orLevels(tokens: readonly Token[]): OrLevels {
  const [opens, closes, ors] = [new Set<number>(), new Map<number, number>(), new Set<number>()]
  const stack: { readonly start: number; readonly isWhere: boolean; readonly ors: number[] }[] = []
  const end = (at: number): void => {
    const level = stack.pop()
    if (level === undefined || level.ors.length === 0) return
    opens.add(level.start)
    for (const or of level.ors) ors.add(or)
    closes.set(at, (closes.get(at) ?? 0) + 1)
  }
  tokens.forEach(({ text }, at) => {
    // Behind a dot, as in sale.order, it is a name.
    const word = tokens[at - 1]?.text === '.' ? '' : text.toLowerCase()
    if (word === '(' || word === 'where') stack.push({ start: at, isWhere: word === 'where', ors: [] })
    else if (word === 'or') stack.at(-1)?.ors.push(at)
    else if (word === ')' || (stack.at(-1)?.isWhere === true && CLAUSE_WORDS.has(word))) end(at)
  })
  while (stack.length > 0) end(tokens.length)
  return { opens, closes, ors }
}

/** Words that end a WHERE; all are reserved, so that none can be a column's name. */
const CLAUSE_WORDS: ReadonlySet<string> = new Set(
  'group having order limit offset fetch for window ;'.split(' '),
)

/** PostgreSQL's operators behind LIKE, which is how its plans print it. */
const OPERATOR_WORDS: Readonly<Record<string, string>> = {
  '~~': ' LIKE ',
  '~~*': ' ILIKE ',
  '!~~': ' NOT LIKE ',
  '!~~*': ' NOT ILIKE ',
}

/** The cast that follows a string: its type as spelt, and the index of its last token. */
function castAfter(tokens: readonly Token[], at: number): { type: string; last: number } | undefined {
  if (tokens[at + 1]?.text !== '::') return undefined
  const words = tokens.slice(at + 2, at + 8).map((token) => token.text.toLowerCase())
  const name = CAST_TYPES.find((candidate) => candidate.every((word, index) => word === words[index]))
  if (name === undefined) return undefined
  const isArray = words[name.length] === '[' && words[name.length + 1] === ']'
  return { type: name.join(' ') + (isArray ? '[]' : ''), last: at + 1 + name.length + (isArray ? 2 : 0) }
}

/** Spellings of the types that a literal may be cast to, longest first. */
const CAST_TYPES = [
  'timestamp without time zone',
  'double precision',
  'timestamp',
  'integer',
  'int4',
  'int',
  'bigint',
  'int8',
  'numeric',
  'float8',
  'text',
  'boolean',
  'bool',
  'date',
  'bytea',
].map((name) => name.split(' '))

function literalFromToken(token: Token, previous: string): Operand | undefined {
  switch (token.tokenName) {
    case 'SCONST':
      return { kind: 'string', value: decodeString(token.text) }
    case 'FCONST':
      return { kind: 'number', text: token.text }
    case 'PARAM':
      // After LIMIT and OFFSET the parser takes a parameter, but no string.
      if (previous === 'limit' || previous === 'offset') return undefined
      return { kind: 'parameter', index: Number(token.text.slice(1)) }
    default:
      return undefined
  }
}

/** Plain, escape and dollar quotes. A wrong guess does no harm: the comparison of parses discards it. */
function decodeString(text: string): string {
  if (text.startsWith("'")) return text.slice(1, -1).replaceAll("''", "'")
  if (/^e'/i.test(text))
    return text
      .slice(2, -1)
      .replace(/''|\\(.)/gs, (_, escaped: string | undefined) => ESCAPES[escaped ?? "'"] ?? escaped ?? "'")
  const dollar = /^(\$[^$]*\$)([^]*)\1$/.exec(text)
  return dollar?.[2] ?? text
}

const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }

/** PostgreSQL folds the ASCII letters of what is not quoted. */
const foldedText = (token: Token): string =>
  token.text.startsWith('"') ? token.text : token.text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
