import type { TextPart, TextToken } from '../sql/unfinished.ts'
import { partsOf } from '../sql/unfinished.ts'
import {
  groupAt,
  isName,
  isNameAt,
  nameOf,
  sourcesAt,
  structureOf,
  withNames,
  wordAt,
  type Source,
  type Structure,
} from './completion-scope.ts'

/** What could stand at the cursor. */
export type Wanted =
  | { readonly kind: 'nothing' }
  /** The name of a metacommand. */
  | { readonly kind: 'metacommand' }
  /** Its argument, the first being 0. */
  | { readonly kind: 'argument'; readonly metacommand: string; readonly index: number }
  /** The first word of a statement. */
  | { readonly kind: 'start' }
  | { readonly kind: 'explained' }
  | { readonly kind: 'partition'; readonly isFirst: boolean }
  | { readonly kind: 'setting' }
  | { readonly kind: 'type' }
  | { readonly kind: 'relation' }
  | { readonly kind: 'expression' }
  /** What may stand behind ON. */
  | { readonly kind: 'condition' }
  /** A word that goes on behind a value or a table. */
  | { readonly kind: 'following' }
  /** A value to compare a column with. */
  | { readonly kind: 'value'; readonly column: readonly string[] }

export interface Context {
  readonly wanted: Wanted
  /** What the candidates take the place of. */
  readonly start: number
  readonly end: number
  /** The names before the dots: `p` of `p.na`. */
  readonly path: readonly string[]
  /** What was typed of the name itself, as PostgreSQL reads it. */
  readonly prefix: string
  readonly quote: '"' | "'" | undefined
  /** Keywords are typed in small letters. */
  readonly isLowerCase: boolean
  readonly sources: readonly Source[]
  readonly withNames: ReadonlyMap<string, Source>
}

/** Longer texts are not completed: reading them would take too long for a key. */
export const COMPLETED_CHARACTERS_MAX = 50_000

/** What the user is about to type at `cursor`, from the words around it. */
export function contextAt(text: string, cursor: number): Context {
  const nowhere: Context = {
    wanted: { kind: 'nothing' },
    start: cursor,
    end: cursor,
    path: [],
    prefix: '',
    quote: undefined,
    isLowerCase: false,
    sources: [],
    withNames: new Map(),
  }
  if (text.length > COMPLETED_CHARACTERS_MAX) return nowhere
  const part = partsOf(text).find(({ start, end }) => start <= cursor && cursor <= end)
  if (part === undefined) return partBefore(text, cursor, nowhere)
  if (part.kind === 'comment')
    return part.start === cursor ? { ...nowhere, wanted: { kind: 'start' } } : nowhere
  return part.kind === 'metacommand'
    ? inMetacommand(text.slice(part.start, cursor), part.start, nowhere)
    : inStatement(text, cursor, part, nowhere)
}

/** Before a statement or between two, where a comment may stand. */
function partBefore(text: string, cursor: number, nowhere: Context): Context {
  const last = partsOf(text.slice(0, cursor)).at(-1)
  const isInComment =
    last?.kind === 'comment' ? last.end === cursor : last?.kind === 'statement' && !last.isEnded
  if (isInComment) return nowhere
  return { ...nowhere, wanted: { kind: 'start' } }
}

function inMetacommand(line: string, start: number, nowhere: Context): Context {
  const words = line.split(/\s+/)
  const typed = words.at(-1) ?? ''
  const wanted: Wanted =
    words.length === 1
      ? { kind: 'metacommand' }
      : { kind: 'argument', metacommand: words[0] ?? '', index: words.length - 2 }
  return {
    ...nowhere,
    wanted,
    start: start + line.length - typed.length,
    prefix: typed,
    isLowerCase: true,
  }
}

type StatementPart = Extract<TextPart, { kind: 'statement' }>

const COMMENTS = new Set(['SQL_COMMENT', 'C_COMMENT'])

function inStatement(text: string, cursor: number, part: StatementPart, nowhere: Context): Context {
  const tokens = part.tokens.filter(({ tokenName }) => !COMMENTS.has(tokenName))
  const touched = part.tokens.find(({ start, end }) => start < cursor && cursor <= end)
  if (touched !== undefined && isCommentAt(touched, cursor, part)) return nowhere
  const typed = typedAt(text, cursor, touched, part)
  if (typed === undefined) return nowhere
  // The words before the one that is typed, and the names that belong to it.
  let index = tokens.findIndex(({ end }) => end > typed.start)
  if (index < 0) index = tokens.length
  const path: string[] = []
  let start = typed.start
  while (wordAt(tokens, index - 1) === '.') {
    const name = tokens[index - 2]
    if (name === undefined || !isNameAt(tokens, index - 2)) break
    path.unshift(nameOf(name))
    start = name.start
    index -= 2
  }
  // The word itself is no table and no alias of one.
  const others = tokens.filter((token) => token !== touched || typed.start === cursor)
  const structure = structureOf(others)
  const scopeIndex = others.findIndex(({ start: from }) => from >= cursor)
  const first = part.tokens.find(({ keywordKind }) => keywordKind > 0)
  return {
    ...nowhere,
    ...typed,
    start,
    path,
    wanted: wantedAt(structureOf(tokens.slice(0, index)), index, path),
    isLowerCase:
      typed.prefix === ''
        ? first !== undefined && first.text === first.text.toLowerCase()
        : text.slice(typed.start, cursor) === text.slice(typed.start, cursor).toLowerCase(),
    sources: sourcesAt(structure, scopeIndex < 0 ? others.length : scopeIndex),
    withNames: withNames(structure),
  }
}

/** A line comment goes on to its line's end; one in signs ends with them. */
function isCommentAt(token: TextToken, cursor: number, part: StatementPart): boolean {
  if (token.tokenName === 'SQL_COMMENT') return true
  const isLast = token === part.tokens.at(-1)
  return token.tokenName === 'C_COMMENT' && (cursor < token.end || (isLast && part.open === 'comment'))
}

/** What is typed of the word at the cursor; undefined within what is not completed. */
function typedAt(
  text: string,
  cursor: number,
  touched: TextToken | undefined,
  part: StatementPart,
): Pick<Context, 'prefix' | 'quote' | 'start' | 'end'> | undefined {
  const nothing = { prefix: '', quote: undefined, start: cursor, end: cursor }
  if (touched === undefined) return nothing
  const isOpen = part.open !== undefined && touched === part.tokens.at(-1)
  const isInside = cursor < touched.end || isOpen
  const typed = text.slice(touched.start, cursor)
  const quote = typed.startsWith('"') ? '"' : typed.startsWith("'") ? "'" : undefined
  if (quote !== undefined)
    return isInside
      ? {
          prefix: typed.slice(1).replaceAll(quote + quote, quote),
          quote,
          start: touched.start,
          end: !isOpen && touched.end === cursor + 1 ? touched.end : cursor,
        }
      : nothing
  if (/^[\p{L}_]/u.test(typed))
    return { prefix: typed.toLowerCase(), quote, start: touched.start, end: cursor }
  // Within a number, a dollar-quoted string or a sign of several characters.
  return isInside ? undefined : nothing
}

const COMPARISONS = new Set(['=', '<>', '!=', '<', '>', '<=', '>='])
const CLAUSES = new Set(
  'select from join where on using having by limit offset set values union intersect except when then else'.split(
    ' ',
  ),
)

/** What may stand behind the first `index` tokens, which are all that the structure has. */
function wantedAt(structure: Structure, index: number, path: readonly string[]): Wanted {
  const { tokens } = structure
  const [first, before] = [wordAt(tokens, 0), wordAt(tokens, index - 1)]
  if (index === 0) return { kind: 'start' }
  if (first === 'use' && wordAt(tokens, 1) !== 'select')
    return index === 1 || before === ',' ? { kind: 'partition', isFirst: index === 1 } : { kind: 'nothing' }
  if (/^(set|show|reset)$/.test(first)) return wantedOfSetting(tokens, index)
  if (first === 'explain' && index === 1) return { kind: 'explained' }
  if (before === '::' || (before === 'as' && isInCast(structure, index))) return { kind: 'type' }
  if (before === 'as') return { kind: 'nothing' }
  const column = comparedColumn(structure, index)
  if (column !== undefined && path.length === 0) return { kind: 'value', column }
  const clause = clauseAt(structure, index)
  if (clause === 'from' || clause === 'join') {
    return { kind: /^(from|join|only|lateral|,|\()$/.test(before) ? 'relation' : 'following' }
  }
  if (before === 'on') return { kind: 'condition' }
  return isOperand(structure, index - 1) ? { kind: 'following' } : { kind: 'expression' }
}

function wantedOfSetting(tokens: readonly TextToken[], index: number): Wanted {
  if (index === 1) return { kind: 'setting' }
  const isPartitions = wordAt(tokens, 1) === 'odoo' && wordAt(tokens, 3) === 'partitions'
  return isPartitions && /^(=|to|,)$/.test(wordAt(tokens, index - 1))
    ? { kind: 'partition', isFirst: false }
    : { kind: 'nothing' }
}

/** The keyword that begins the clause, of the group or of what is around it. */
function clauseAt(structure: Structure, index: number): string {
  const { tokens, groups } = structure
  let group = groupAt(structure, index)
  for (let at = index - 1; at >= 0; at--) {
    const word = wordAt(tokens, at)
    if (at === group.start - 1 && group.parent !== undefined) {
      // Right behind its parenthesis a group has no clause of its own yet.
      group = group.parent
      continue
    }
    if (groups[at] === group && CLAUSES.has(word) && !(word === 'from' && !isClauseFrom(structure, at)))
      return word
  }
  return ''
}

/** FROM stands also in `extract(year FROM …)` and in `IS DISTINCT FROM`. */
function isClauseFrom({ tokens, groups }: Structure, index: number): boolean {
  const group = groups[index]
  const hasSelect = tokens.some(
    (_, at) => at < index && groups[at] === group && wordAt(tokens, at) === 'select',
  )
  return hasSelect && wordAt(tokens, index - 1) !== 'distinct'
}

/** `status = `, `status IN (`, `s.status IN ('draft', `: the column, or undefined. */
function comparedColumn(structure: Structure, index: number): string[] | undefined {
  const { tokens } = structure
  let at = index - 1
  if (wordAt(tokens, at) === ',' || wordAt(tokens, at) === '(') {
    at = groupAt(structure, index).start - 2
    if (at < 0 || wordAt(tokens, at) !== 'in') return undefined
    if (wordAt(tokens, at - 1) === 'not') at--
  } else if (!COMPARISONS.has(wordAt(tokens, at))) return undefined
  const column: string[] = []
  for (let name = tokens[--at]; name !== undefined && isNameAt(tokens, at); name = tokens[--at]) {
    column.unshift(nameOf(name))
    if (wordAt(tokens, --at) !== '.') break
  }
  return column.length === 0 ? undefined : column
}

const isInCast = (structure: Structure, index: number): boolean =>
  wordAt(structure.tokens, groupAt(structure, index).start - 2) === 'cast'

/** Keywords that are values, or that end one. */
const VALUE_WORDS =
  /^(null|true|false|end|current_date|current_time|current_timestamp|localtimestamp|asc|desc|all)$/

function isOperand({ tokens }: Structure, index: number): boolean {
  const token = tokens[index]
  if (token === undefined) return false
  const word = token.text.toLowerCase()
  if (word === '*') return /^(select|distinct|,|\(|\.|all)$/.test(wordAt(tokens, index - 1))
  if (word === ')' || VALUE_WORDS.test(word)) return true
  // A name, which may be a word that PostgreSQL does not reserve; no column is called by these two.
  const isMember = wordAt(tokens, index - 1) === '.' && isNameAt(tokens, index)
  const isValueName = isMember || (isName(token) && token.keywordKind < 2 && !/^(by|over)$/.test(word))
  return isValueName || /CONST$|PARAM$/.test(token.tokenName)
}
