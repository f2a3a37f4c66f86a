import type { TextToken } from '../sql/unfinished.ts'

/** What stands in FROM. */
export type Source =
  | { readonly kind: 'table'; readonly path: readonly string[]; readonly alias: string | undefined }
  /** A subquery, or a name that WITH gives to one: its columns are those that it selects. */
  | { readonly kind: 'query'; readonly outputs: readonly Output[]; readonly alias: string | undefined }

/** What a subquery selects: a column of that name, or every column of what it reads. */
export type Output =
  | { readonly kind: 'column'; readonly name: string }
  | { readonly kind: 'all'; readonly of: readonly Source[] }

/** The tokens between two parentheses, or the whole statement. */
interface Group {
  readonly parent: Group | undefined
  /** Index of its first token. */
  readonly start: number
  /** Index behind its last token. */
  end: number
  /** It is a subquery in FROM or WITH, which does not see the tables around it. */
  readonly isSource: boolean
}

/** The structure of a statement that may be unfinished or wrong: nothing but its words and its parentheses. */
export interface Structure {
  readonly tokens: readonly TextToken[]
  readonly root: Group
  /** The group of each token; a parenthesis belongs to what is around it. */
  readonly groups: readonly Group[]
  /** The groups in parentheses by the index of their first token. */
  readonly opened: ReadonlyMap<number, Group>
}

/** `tokens` are without comments. */
export function structureOf(tokens: readonly TextToken[]): Structure {
  const root: Group = { parent: undefined, start: 0, end: tokens.length, isSource: false }
  const opened = new Map<number, Group>()
  let group = root
  const groups = tokens.map((token, index) => {
    if (token.text === ')' && group.parent !== undefined) {
      group.end = index
      group = group.parent
    }
    const own = group
    if (token.text === '(') {
      const isSource = /^(from|join|,|lateral|as|materialized)$/.test(wordAt(tokens, index - 1))
      group = { parent: group, start: index + 1, end: tokens.length, isSource }
      opened.set(index + 1, group)
    }
    return own
  })
  return { tokens, root, groups, opened }
}

/** The group that a token at `index` would stand in. */
export const groupAt = ({ root, groups, opened }: Structure, index: number): Group =>
  opened.get(index) ?? groups[index - 1] ?? root

/** The token at `index` in lower case; '' where there is none. */
export function wordAt(tokens: readonly TextToken[], index: number): string {
  return tokens[index]?.text.toLowerCase() ?? ''
}

/** What the names at that place can mean: what is in FROM of the statement there and of those around it, nearest first. */
export function sourcesAt(structure: Structure, index: number): Source[] {
  const found: Source[] = []
  let group: Group | undefined = groupAt(structure, index)
  while (group !== undefined) {
    found.push(...sourcesIn(structure, group))
    group = group.isSource ? undefined : group.parent
  }
  return found
}

/** The names that WITH gives in this statement. */
export function withNames(structure: Structure): Map<string, Source> {
  const names = new Map<string, Source>()
  const { tokens } = structure
  if (wordAt(tokens, 0) !== 'with') return names
  for (const [index, token] of tokens.entries()) {
    if (token.text !== '(' || !/^(as|materialized)$/.test(wordAt(tokens, index - 1))) continue
    let at = index - 1
    while (/^(as|not|materialized)$/.test(wordAt(tokens, at))) at--
    // Names of the columns may stand between.
    if (wordAt(tokens, at) === ')') while (at > 0 && wordAt(tokens, at) !== '(') at--
    const name = tokens[wordAt(tokens, at) === '(' ? at - 1 : at]
    if (name === undefined || !isName(name)) continue
    names.set(nameOf(name), queryIn(structure, index + 1, undefined))
  }
  return names
}

function sourcesIn(structure: Structure, group: Group): Source[] {
  const { tokens, groups } = structure
  const found: Source[] = []
  let clause: 'select' | 'from' | 'other' = 'other'
  for (let index = group.start; index < group.end; index++) {
    if (groups[index] !== group) continue
    const word = wordAt(tokens, index)
    if (word === 'select') clause = 'select'
    else if (
      word === 'join' ||
      (word === 'from' && clause === 'select' && wordAt(tokens, index - 1) !== 'distinct')
    )
      clause = 'from'
    else if (!(word === ',' && clause === 'from')) {
      if (CLAUSES_AFTER_FROM.has(word)) clause = 'other'
      continue
    }
    if (clause !== 'from') continue
    const source = sourceAt(structure, index + 1)
    if (source !== undefined) found.push(source)
  }
  return found
}

const CLAUSES_AFTER_FROM = new Set(
  'where group order having limit offset fetch for window union intersect except'.split(' '),
)

function sourceAt(structure: Structure, start: number): Source | undefined {
  const { tokens, groups } = structure
  let index = start
  while (/^(only|lateral)$/.test(wordAt(tokens, index))) index++
  if (wordAt(tokens, index) === '(') {
    const inner = groupAt(structure, index + 1)
    return queryIn(structure, index + 1, aliasAt(tokens, inner.end + 1))
  }
  const path: string[] = []
  for (let part = tokens[index]; part !== undefined && isNameAt(tokens, index); part = tokens[index]) {
    path.push(nameOf(part))
    index++
    if (wordAt(tokens, index) !== '.' || groups[index] !== groups[start]) break
    index++
  }
  return path.length === 0 ? undefined : { kind: 'table', path, alias: aliasAt(tokens, index) }
}

function aliasAt(tokens: readonly TextToken[], index: number): string | undefined {
  const hasAs = wordAt(tokens, index) === 'as'
  const token = tokens[hasAs ? index + 1 : index]
  return token !== undefined && isName(token) ? nameOf(token) : undefined
}

/** The subquery whose first token is at `start`. */
function queryIn(structure: Structure, start: number, alias: string | undefined): Source {
  const { tokens, groups } = structure
  const group = groupAt(structure, start)
  const outputs: Output[] = []
  let last: TextToken | undefined
  const end = (): void => {
    if (last?.text === '*') outputs.push({ kind: 'all', of: sourcesIn(structure, group) })
    else if (last !== undefined && isName(last)) outputs.push({ kind: 'column', name: nameOf(last) })
    last = undefined
  }
  for (let index = group.start; index < group.end; index++) {
    if (groups[index] !== group || (index === group.start && wordAt(tokens, index) === 'select')) continue
    const word = wordAt(tokens, index)
    if (word === 'from' || CLAUSES_AFTER_FROM.has(word)) break
    if (word === ',') end()
    else last = tokens[index]
  }
  end()
  return { kind: 'query', outputs, alias }
}

/** PostgreSQL's kinds of words that may name a column or a table: none, unreserved, and names of types. */
const NAME_KINDS = new Set([0, 1, 2])

/** Whether a token names something. */
export const isName = (token: TextToken): boolean =>
  NAME_KINDS.has(token.keywordKind) && /^["\p{L}_]/u.test(token.text)

/** The same with what stands before it: behind a dot no word is reserved. */
export function isNameAt(tokens: readonly TextToken[], index: number): boolean {
  const token = tokens[index]
  if (token === undefined) return false
  return isName(token) || (wordAt(tokens, index - 1) === '.' && /^[\p{L}_]/u.test(token.text))
}

/** The name as PostgreSQL reads it: in lower case unless it stands in quotes. */
export const nameOf = ({ text }: TextToken): string =>
  text.startsWith('"') ? text.replace(/^"|"$/g, '').replaceAll('""', '"') : text.toLowerCase()
