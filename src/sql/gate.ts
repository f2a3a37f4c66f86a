import type * as Grammar from 'libpg-query'
import {
  badCharacter,
  internalError,
  limitExceeded,
  sqlErrorFrom,
  syntaxError,
  tooComplex,
  undefinedParameter,
  type SqlError,
} from '../errors.ts'

/** A node of PostgreSQL's parse tree: one key, the node's type, or a plain record of its fields. */
export type ParseNode = Readonly<Record<string, unknown>>

/** Longer texts are refused before they are parsed; PostgreSQL's grammar would take seconds for them. */
export const SQL_CHARACTERS_MAX = 1_000_000

let grammar: typeof Grammar | undefined
let loading: Promise<void> | undefined

/** Loads PostgreSQL's grammar, 1 MB of WebAssembly; must have resolved before others of this file are called. */
export const loadGrammar = (): Promise<void> => (loading ??= startGrammar())

async function startGrammar(): Promise<void> {
  const loaded = await import('libpg-query')
  await loaded.loadModule()
  grammar = loaded
}

function loadedGrammar(): typeof Grammar {
  if (grammar === undefined) throw internalError('the grammar is not loaded')
  return grammar
}

/** The first key or node type, in depth, that `matches`; the walk is iterative, so that depth costs no stack. */
export function findNode(
  root: unknown,
  matches: (key: string, value: unknown) => boolean,
): { key: string; value: unknown } | undefined {
  const stack: unknown[] = [root]
  while (stack.length > 0) {
    const node = stack.pop()
    if (typeof node !== 'object' || node === null) continue
    const children: unknown[] = []
    for (const [key, value] of Object.entries(node)) {
      if (!Array.isArray(node) && matches(key, value)) return { key, value }
      children.push(value)
    }
    for (const child of children.reverse()) stack.push(child)
  }
  return undefined
}

/** The names in FROM: tables, and CTEs, which may hide a table of the same name in one place and not in another. */
export function tableNamesIn(node: ParseNode): { schema: string | undefined; name: string }[] {
  const names = new Map<string, { schema: string | undefined; name: string }>()
  findNode(node, (key, value) => {
    if (key !== 'RangeVar') return false
    const { schemaname: schema, relname: name = '' } = value as { schemaname?: string; relname?: string }
    names.set(`${schema ?? ''}.${name}`, { schema, name })
    return false
  })
  return [...names.values()]
}

/** Names of the CTEs, which may hide tables. */
export function cteNamesIn(node: ParseNode): ReadonlySet<string> {
  const names = new Set<string>()
  findNode(node, (key, value) => {
    if (key === 'CommonTableExpr') names.add((value as { ctename?: string }).ctename ?? '')
    return false
  })
  return names
}

/** Whether two statements have the same parse tree, positions aside. False where either has none. */
export function isSameParse(printed: string, original: ParseNode): boolean {
  let statements: readonly ParseNode[]
  try {
    statements = parse(printed)
  } catch {
    return false
  }
  const [first] = statements
  if (statements.length !== 1 || first === undefined) return false
  return withoutPositions(onlyEntry(nodeOf(first))[1]) === withoutPositions(original)
}

const withoutPositions = (node: unknown): string =>
  JSON.stringify(node, (key, value: unknown) => {
    if (POSITION_KEYS.has(key)) return undefined
    return key === 'A_Expr' ? withLikeKind(value as ParseNode) : value
  })

/** `a ~~ b` is what `a LIKE b` stands for; only the kind of the node differs. */
function withLikeKind(expression: ParseNode): ParseNode {
  const name = (expression['name'] as { String?: { sval?: string } }[] | undefined)?.[0]?.String?.sval ?? ''
  const kind = expression['kind'] === 'AEXPR_OP' ? LIKE_KINDS[name] : undefined
  return kind === undefined ? expression : { ...expression, kind }
}

const LIKE_KINDS: Readonly<Record<string, string>> = {
  '~~': 'AEXPR_LIKE',
  '!~~': 'AEXPR_LIKE',
  '~~*': 'AEXPR_ILIKE',
  '!~~*': 'AEXPR_ILIKE',
}
const POSITION_KEYS = new Set(['location', 'rexpr_list_start', 'rexpr_list_end', 'list_start', 'list_end'])

/** The text of a SELECT and its parse tree. */
export interface ParsedSelect {
  readonly text: string
  readonly node: ParseNode
}

/** Where a column is named first, 1-based in characters, or undefined. */
export function positionOfColumn(statement: ParsedSelect, name: string): number | undefined {
  const found = findNode(statement.node, (key, value) => {
    if (key !== 'ColumnRef') return false
    const fields = (value as { fields?: { String?: { sval?: string } }[] }).fields
    return fields?.at(-1)?.String?.sval === name
  })
  return locationOf(found?.value, statement.text)
}

/** Where a literal with this text stands first, 1-based in characters, or undefined. */
export function positionOfLiteral(statement: ParsedSelect, text: string): number | undefined {
  const found = findNode(statement.node, (key, value) => {
    if (key !== 'A_Const') return false
    const { sval, ival, fval } = value as {
      sval?: { sval?: string }
      ival?: { ival?: number }
      fval?: { fval?: string }
    }
    return text === (sval?.sval ?? fval?.fval ?? String(ival?.ival ?? ''))
  })
  return locationOf(found?.value, statement.text)
}

/**
 * How many rows LIMIT and OFFSET together can use, or undefined: there is no LIMIT, or it is an expression.
 * `parameters` are the values of `$1` and so on; only texts are read.
 */
export function rowCountOf(select: ParseNode, parameters: readonly unknown[]): number | undefined {
  if (select['limitOption'] !== 'LIMIT_OPTION_COUNT') return undefined
  const limit = countFrom(select['limitCount'], parameters)
  const offset = select['limitOffset'] === undefined ? 0 : countFrom(select['limitOffset'], parameters)
  return limit === undefined || offset === undefined ? undefined : limit + offset
}

/** Numbers of the parameters in a statement: 1 for `$1`. */
export function parametersIn(root: unknown): ReadonlySet<number> {
  const numbers = new Set<number>()
  findNode(root, (key, value) => {
    if (key === 'ParamRef') numbers.add((value as { readonly number: number }).number)
    return false
  })
  return numbers
}

/** Throws 42P02 for the first of the statement's parameters that no value is given for. */
export function refuseUnbound(
  { text, node, parameters }: ParsedSelect & { readonly parameters: ReadonlySet<number> },
  values: number,
): void {
  const unbound = [...parameters].find((number) => number > values)
  if (unbound === undefined) return
  const found = findNode(
    node,
    (key, value) => key === 'ParamRef' && (value as { readonly number: number }).number === unbound,
  )
  throw undefinedParameter(`there is no parameter $${unbound}`, { position: locationOf(found?.value, text) })
}

function countFrom(node: unknown, parameters: readonly unknown[]): number | undefined {
  const [type, fields] = onlyEntry((node ?? {}) as ParseNode)
  const text =
    type === 'ParamRef'
      ? parameters[Number(fields['number']) - 1]
      : type === 'A_Const' && fields['ival'] !== undefined
        ? // The grammar's tree leaves out zeros.
          String((fields['ival'] as { ival?: number }).ival ?? 0)
        : undefined
  return typeof text === 'string' && /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

function locationOf(node: unknown, text: string): number | undefined {
  const location = (node as { location?: number } | undefined)?.location
  return location === undefined ? undefined : characterAt(text, location)
}

/** PostgreSQL counts bytes; people count characters, from 1. */
export const characterAt = (text: string, byteOffset: number): number =>
  [...Buffer.from(text).toString('utf8', 0, byteOffset)].length + 1

/** Parses, and turns every failure into a SqlError with a position. */
export function parse(text: string): readonly ParseNode[] {
  refuseBadText(text)
  if (text.length > SQL_CHARACTERS_MAX)
    throw limitExceeded(`the statement is too long: ${text.length} characters`, {
      hint: `At most ${SQL_CHARACTERS_MAX} characters are taken. Send long lists as parameters.`,
    })
  const { parseSync } = loadedGrammar()
  try {
    // The parser reports a text of comments alone as empty, and an empty one as an error.
    if (text.trim() === '') return []
    return (parseSync(text).stmts ?? []) as readonly unknown[] as readonly ParseNode[]
  } catch (thrown) {
    throw parseError(thrown, text)
  }
}

function parseError(thrown: unknown, text: string): SqlError {
  if (!(thrown instanceof Error)) return sqlErrorFrom(thrown)
  const { sqlDetails } = thrown as { sqlDetails?: { message: string; cursorPosition: number } }
  if (/memory exhausted|stack depth|call stack|unreachable|out of bounds/i.test(thrown.message))
    return tooComplex('stack depth limit exceeded', { hint: 'Write the statement with less nesting.' })
  const offset = sqlDetails?.cursorPosition ?? -1
  return syntaxError(thrown.message, {
    position: offset < 0 || offset > text.length ? undefined : offset + 1,
  })
}

function refuseBadText(text: string): void {
  const nul = text.indexOf('\0')
  if (nul >= 0)
    throw badCharacter('invalid byte sequence for encoding "UTF8": 0x00', {
      hint: 'The statement holds a NUL character.',
      position: nul + 1,
    })
  if (!text.isWellFormed())
    throw badCharacter('the statement holds half of a surrogate pair', {
      hint: 'It is no valid Unicode text.',
    })
}

export type Token = Pick<Grammar.ScanToken, 'start' | 'end' | 'text' | 'tokenName' | 'keywordKind'>

/** PostgreSQL's own tokens, comments included. Offsets are in bytes. Throws 42601 where a quote is not closed. */
export function scan(text: string): readonly Token[] {
  refuseBadText(text)
  if (text.trim() === '') return []
  const { scanSync } = loadedGrammar()
  try {
    return scanSync(text).tokens
  } catch {
    throw syntaxError('unterminated quoted string or comment')
  }
}

export const isComment = (token: Token): boolean =>
  token.tokenName === 'SQL_COMMENT' || token.tokenName === 'C_COMMENT'

export function firstWord(text: string): string {
  return (
    scan(text).find((token) => !isComment(token) && token.text !== ';')?.text ?? 'statement'
  ).toUpperCase()
}

export interface ScriptStatement {
  readonly text: string
  /** Where it starts in the script, in characters (UTF-16 units). */
  readonly offset: number
}

/**
 * Cuts a script at its semicolons, outside of literals and comments.
 * `rest` is what stands after the last semicolon: an unfinished statement, or nothing but space and comments.
 */
export function splitStatements(script: string): { statements: ScriptStatement[]; rest: string } {
  let tokens: readonly Token[]
  try {
    tokens = scan(script)
  } catch {
    return splitBeforeOpenQuote(script)
  }
  const bytes = Buffer.from(script)
  const statements: ScriptStatement[] = []
  let [start, offset, hasContent] = [0, 0, false]
  for (const token of tokens) {
    if (token.text !== ';') {
      hasContent ||= !isComment(token)
      continue
    }
    const text = bytes.toString('utf8', start, token.start)
    if (hasContent) statements.push({ text, offset })
    offset += text.length + 1
    ;[start, hasContent] = [token.end, false]
  }
  const rest = bytes.toString('utf8', start)
  return { statements, rest: hasContent ? rest : '' }
}

/** A quote is open: whole statements may still stand before it. They are found line by line from the end. */
function splitBeforeOpenQuote(script: string): { statements: ScriptStatement[]; rest: string } {
  for (let at = script.lastIndexOf(';'); at >= 0; at = script.lastIndexOf(';', at - 1)) {
    const head = script.slice(0, at + 1)
    try {
      scan(head)
    } catch {
      continue
    }
    return { statements: splitStatements(head).statements, rest: script.slice(at + 1) }
  }
  return { statements: [], rest: script }
}

export function nodeOf(statement: ParseNode): ParseNode {
  return (statement['stmt'] ?? {}) as ParseNode
}

export const onlyEntry = (node: ParseNode): [string | undefined, ParseNode] => {
  const [entry] = Object.entries(node)
  return [entry?.[0], (entry?.[1] ?? {}) as ParseNode]
}
