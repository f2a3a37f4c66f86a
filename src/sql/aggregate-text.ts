import { findNode, scan, type ParseNode, type Token } from './gate.ts'

/** A call of an aggregate function over all rows or over one column. */
export interface AggregateCall {
  /** `count`, `sum`, …, in lower case. */
  readonly name: string
  /** Undefined for `count(*)`. */
  readonly column: string | undefined
  /** Offsets in bytes. */
  readonly start: number
  readonly end: number
}

/** A SELECT over one table whose rows matter only through aggregates and the columns beside them. */
export interface AggregateSelect {
  readonly calls: readonly AggregateCall[]
  /** Names of columns outside of the aggregates and of WHERE; output names among them. */
  readonly names: readonly string[]
  /** Names given to output columns. */
  readonly aliases: readonly string[]
  /** What FROM calls the table. */
  readonly alias: string
  readonly from: { readonly start: number; readonly end: number }
  readonly where: { readonly start: number; readonly end: number } | undefined
}

/** Reads a statement as an AggregateSelect; undefined where it is more than that. */
export function readAggregateSelect(text: string, select: ParseNode): AggregateSelect | undefined {
  const [table, ...more] = (select['fromClause'] ?? []) as readonly ParseNode[]
  const range = table?.['RangeVar'] as (ParseNode & { location: number; relname: string }) | undefined
  if (
    range === undefined ||
    more.length > 0 ||
    FURTHER_CLAUSES.some((clause) => select[clause] !== undefined)
  )
    return undefined
  if (select['op'] !== 'SETOP_NONE' || findNode(select, (key) => key === 'SubLink') !== undefined)
    return undefined
  const tokens = scan(text)
  const found = collect({ ...select, whereClause: undefined, fromClause: undefined })
  if (found === undefined || found.calls.length === 0) return undefined
  const calls = found.calls.map((call) => {
    const first = tokens.findIndex((token) => token.start === call.start)
    return { ...call, end: tokens[closing(tokens, first + 1)]?.end ?? call.start }
  })
  const clauses = clausesOf(tokens, range.location)
  return {
    calls,
    names: found.names,
    aliases: ((select['targetList'] ?? []) as { ResTarget: { name?: string } }[]).flatMap(
      ({ ResTarget }) => ResTarget.name ?? [],
    ),
    alias: (range['alias'] as { aliasname?: string } | undefined)?.aliasname ?? range.relname,
    ...clauses,
  }
}

const FURTHER_CLAUSES = [
  'withClause',
  'distinctClause',
  'windowClause',
  'valuesLists',
  'lockingClause',
  'groupDistinct',
]

/** Aggregates and column names; undefined at what cannot be told apart for certain. */
function collect(root: ParseNode): { calls: Omit<AggregateCall, 'end'>[]; names: string[] } | undefined {
  const calls: Omit<AggregateCall, 'end'>[] = []
  const names: string[] = []
  const visit = (node: unknown): boolean => {
    if (typeof node !== 'object' || node === null) return true
    if (Array.isArray(node)) return node.every(visit)
    return Object.entries(node).every(([key, value]: [string, unknown]) => {
      if (key === 'GroupingSet' || key === 'GroupingFunc' || key.startsWith('Json')) return false
      if (key === 'ColumnRef') {
        const name = plainColumn(value as ParseNode)
        if (name !== undefined) names.push(name)
        return name !== undefined
      }
      if (key !== 'FuncCall' || SCALAR.has(functionName(value as ParseNode))) return visit(value)
      const call = readCall(value as ParseNode)
      if (call !== undefined) calls.push(call)
      return call !== undefined
    })
  }
  return visit(root) ? { calls, names: [...new Set(names)] } : undefined
}

/** `x` or `t.x`; undefined for `*` and for names with a schema. */
function plainColumn(reference: ParseNode): string | undefined {
  const fields = reference['fields'] as readonly { String?: { sval?: string } }[]
  return fields.length > 2 ? undefined : fields.at(-1)?.String?.sval
}

/** Aggregates that Odoo has an equal of. */
const PUSHABLE: ReadonlySet<string> = new Set(['count', 'sum', 'min', 'max', 'avg'])

/** Functions of one row that may stand around them. Any other might be an aggregate that we do not know. */
const SCALAR: ReadonlySet<string> = new Set(
  `lower upper initcap length char_length btrim ltrim rtrim left right substr substring replace concat concat_ws round
   abs ceil ceiling floor trunc mod sign to_char format nullif position strpos starts_with split_part lpad rpad`.split(
    /\s+/,
  ),
)

const functionName = (call: ParseNode): string =>
  ((call['funcname'] ?? []) as { String?: { sval?: string } }[]).at(-1)?.String?.sval ?? ''

function readCall(call: ParseNode): Omit<AggregateCall, 'end'> | undefined {
  const name = functionName(call)
  const isPlain = [
    'agg_distinct',
    'agg_filter',
    'agg_order',
    'agg_within_group',
    'over',
    'func_variadic',
  ].every((key) => call[key] === undefined)
  if (!isPlain || !PUSHABLE.has(name) || (call['funcname'] as unknown[]).length !== 1) return undefined
  const start = Number(call['location'] ?? 0)
  if (call['agg_star'] === true) return { name, column: undefined, start }
  const [argument, ...more] = (call['args'] ?? []) as readonly ParseNode[]
  const reference = argument?.['ColumnRef'] as ParseNode | undefined
  const column = reference === undefined || more.length > 0 ? undefined : plainColumn(reference)
  return column === undefined ? undefined : { name, column, start }
}

const CLAUSE_WORDS: ReadonlySet<string> = new Set(
  'where group having order limit offset fetch for window'.split(' '),
)

/** Where FROM's table and the condition of WHERE stand. */
function clausesOf(tokens: readonly Token[], tableStart: number): Pick<AggregateSelect, 'from' | 'where'> {
  const first = tokens.findIndex((token) => token.start === tableStart)
  const fromEnd = nextClause(tokens, first)
  const end = (at: number): number => tokens[at - 1]?.end ?? 0
  const from = { start: tableStart, end: end(fromEnd) }
  const whereToken = tokens[fromEnd]
  if (whereToken?.text.toLowerCase() !== 'where') return { from, where: undefined }
  return { from, where: { start: whereToken.start, end: end(nextClause(tokens, fromEnd + 1)) } }
}

function nextClause(tokens: readonly Token[], from: number): number {
  let depth = 0
  for (let at = from; at < tokens.length; at++) {
    const { text = '', keywordKind = 0 } = tokens[at] ?? {}
    if (text === '(') depth++
    if (text === ')') depth--
    // Behind a dot, as in sale.order, it is a name.
    if (tokens[at - 1]?.text === '.') continue
    if (text === ';' || (depth === 0 && keywordKind > 0 && CLAUSE_WORDS.has(text.toLowerCase()))) return at
  }
  return tokens.length
}

function closing(tokens: readonly Token[], open: number): number {
  let depth = 0
  for (let at = open; at < tokens.length; at++) {
    if (tokens[at]?.text === '(') depth++
    if (tokens[at]?.text === ')' && --depth === 0) return at
  }
  return tokens.length - 1
}

/** The statement with parts of it replaced; offsets in bytes. */
export function replaceParts(
  text: string,
  parts: readonly { readonly start: number; readonly end: number; readonly by: string }[],
): string {
  const bytes = Buffer.from(text)
  let [result, end] = ['', 0]
  for (const part of [...parts].sort((a, b) => a.start - b.start)) {
    result += bytes.toString('utf8', end, part.start) + part.by
    end = part.end
  }
  return result + bytes.toString('utf8', end)
}
