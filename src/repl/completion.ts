import {
  keywords,
  plain,
  type Candidate,
  type Completions,
  type Found,
  type NamedTable,
} from './completion-candidate.ts'
import { conditions, expressions, values } from './completion-columns.ts'
import { contextAt, type Context } from './completion-context.ts'
import { identifier, member, qualified, quoted } from './completion-names.ts'
import { EXPLAIN_WORDS, FOLLOWING_WORDS, STARTS, TYPES } from './completion-words.ts'

export interface Completion {
  /** What the candidates take the place of. */
  readonly start: number
  readonly end: number
  readonly candidates: readonly Candidate[]
}

/** What could stand at the cursor, best first. */
export async function complete(text: string, cursor: number, completions: Completions): Promise<Completion> {
  const context = contextAt(text, cursor)
  const all = await candidatesFor(context, completions)
  const { start, end } = context
  const candidates = matching(all, context.prefix).map((candidate) => withoutNext(candidate, text.slice(end)))
  return { start, end, candidates }
}

/** The longest beginning that all texts share, in letters of either case; spelt as in the first. */
export function commonPrefix(texts: readonly string[]): string {
  const [first = '', ...others] = texts
  let length = first.length
  for (const other of others) {
    let shared = 0
    while (shared < length && first[shared]?.toLowerCase() === other[shared]?.toLowerCase()) shared++
    length = shared
  }
  return first.slice(0, length)
}

/** Those that begin with what was typed, or else those that hold it. */
function matching(all: readonly Found[], prefix: string): Candidate[] {
  const wanted = prefix.toLowerCase()
  const namesOf = ({ label, names }: Found): string[] => (names ?? [label]).map((name) => name.toLowerCase())
  const starting = all.filter((found) => namesOf(found).some((name) => name.startsWith(wanted)))
  const found =
    starting.length > 0 ? starting : all.filter((one) => namesOf(one).some((name) => name.includes(wanted)))
  return [...new Map(found.map(({ text, label, note }) => [text, { text, label, note }])).values()]
}

/** Without the sign or space at its end that follows already. */
function withoutNext(candidate: Candidate, rest: string): Candidate {
  const last = candidate.text.at(-1) ?? ''
  return /[\s(.]/.test(last) && rest.startsWith(last)
    ? { ...candidate, text: candidate.text.slice(0, -1) }
    : candidate
}

async function candidatesFor(context: Context, completions: Completions): Promise<readonly Found[]> {
  const { wanted } = context
  switch (wanted.kind) {
    case 'nothing':
      return []
    case 'metacommand':
      return completions.metacommands()
    case 'argument':
      return completions.argument(wanted.metacommand, wanted.index, context)
    case 'start':
      return keywords(STARTS, context)
    case 'explained':
      return keywords(EXPLAIN_WORDS, context)
    case 'partition':
      return partitions(context, completions, wanted.isFirst)
    case 'setting':
      return settings(context.path, completions)
    case 'type':
      return plain(TYPES)
    case 'relation':
      return relations(context, await completions.tables())
    case 'following':
      return keywords(FOLLOWING_WORDS, context)
    case 'value':
      return values(context, wanted.column, completions)
    case 'condition':
      return conditions(context, completions)
    case 'expression':
      return expressions(context, completions)
    default:
      return wanted satisfies never
  }
}

function partitions(context: Context, completions: Completions, isFirst: boolean): Found[] {
  const names = completions.partitions().map((name) => {
    const isWord = /^[\p{L}_][\p{L}\p{N}_]*$/u.test(name) && context.quote === undefined
    return { text: isWord ? name : quoted(name, context.quote ?? '"'), label: name }
  })
  const others = isFirst ? keywords(['ALL', 'DEFAULT', 'SELECT'], context) : []
  return [...names, ...others.map((other) => ({ ...other, text: other.text.trimEnd() }))]
}

function settings(path: readonly string[], completions: Completions): Found[] {
  const beginning = path.map((name) => `${name}.`).join('')
  return completions
    .settings()
    .filter((name) => name.startsWith(beginning))
    .map((name) => ({ text: name, label: name, names: [name.slice(beginning.length)] }))
}

/**
 * Schemas and tables; behind a schema its tables. A table is found by its own name too, and by that of its table in
 * Odoo's database: `sale_order` is `sale.order`.
 */
export function relations(
  { path, quote, prefix, withNames }: Context,
  tables: readonly NamedTable[],
): Found[] {
  const schema = path.at(-1)
  if (schema !== undefined)
    return tables
      .filter((table) => table.schema === schema)
      .map(({ name, label }) => ({
        text: qualified(path, member(name, quote)),
        label: name,
        note: label,
      }))
  const schemas = [...new Set(tables.map((table) => table.schema))].map((name) => ({
    text: `${identifier(name, quote)}.`,
    label: `${name}.`,
  }))
  const inner = [...withNames.keys()].map((name) => ({ text: identifier(name, quote), label: name }))
  if (prefix === '') return [...inner, ...schemas]
  const whole = tables.map(({ schema: of, name, label }) => ({
    text: `${identifier(of)}.${member(name)}`,
    label: `${of}.${name}`,
    names: [`${of}.${name}`, name, `${of}_${name}`],
    note: label,
  }))
  return [...inner, ...schemas, ...whole]
}
