/** A piece of SQL that knows its parts, so that it can be printed and made smaller. */
export interface Term {
  readonly kind: 'term'
  /** Terms of one sort may stand for each other, such as two predicates. */
  readonly sort: string
  readonly parts: readonly Part[]
}

export type Part = string | Term | Param | List

/** A value that is sent beside the text; one object that stands twice is one `$n`. */
export interface Param {
  readonly kind: 'param'
  readonly value: ParamValue
  /** The same as a literal, for the eyes of who reads a failure. */
  readonly literal: string
}
export type ParamValue = string | number | boolean | Date | null

/** Items that may be dropped down to `least`; the prefix goes with the last. */
export interface List {
  readonly kind: 'list'
  readonly prefix: string
  readonly items: readonly Term[]
  readonly separator: string
  readonly least: number
}

export interface Statement {
  readonly sql: string
  readonly params: readonly ParamValue[]
}

/** A term from a template: ``term('predicate')`${left} = ${right}` ``. */
export const term =
  (sort: string) =>
  (texts: TemplateStringsArray, ...parts: readonly Part[]): Term => ({
    kind: 'term',
    sort,
    parts: texts.flatMap((text, index): Part[] => [
      text,
      ...(parts[index] === undefined ? [] : [parts[index]]),
    ]),
  })

/** Terms in a row, none of which may go unless `least` says so. */
export const list = (
  items: readonly Term[],
  { prefix = '', separator = ', ', least = 1 }: Partial<Pick<List, 'prefix' | 'separator' | 'least'>> = {},
): List => ({ kind: 'list', items, prefix, separator, least })

/** The statement's text and its parameters, numbered in the order in which they stand. */
export function print(root: Term): Statement {
  const params: Param[] = []
  const textOf = (part: Part): string => {
    if (typeof part === 'string') return part
    switch (part.kind) {
      case 'term':
        return part.parts.map(textOf).join('')
      case 'list':
        return part.items.length === 0 ? '' : part.prefix + part.items.map(textOf).join(part.separator)
      case 'param':
        if (!params.includes(part)) params.push(part)
        return `$${params.indexOf(part) + 1}`
    }
  }
  const sql = textOf(root)
  return { sql, params: params.map(({ value }) => value) }
}

/** Smaller forms of the term, the boldest first. Not all of them mean something: ask PostgreSQL. */
export function* smaller(root: Term): Generator<Term> {
  for (const part of descendants(root.parts)) if (part.sort === root.sort) yield part
  for (const [index, part] of root.parts.entries())
    for (const less of smallerPart(part))
      yield { ...root, parts: root.parts.map((own, at) => (at === index ? less : own)) }
}

function* smallerPart(part: Part): Generator<Part> {
  if (typeof part === 'string') return
  switch (part.kind) {
    case 'param':
      yield part.literal
      return
    case 'term':
      yield* smaller(part)
      return
    case 'list': {
      const { items, least } = part
      if (items.length - 1 > least) yield { ...part, items: items.slice(0, least) }
      if (items.length > least)
        for (const index of items.keys()) yield { ...part, items: items.filter((_, at) => at !== index) }
      for (const [index, item] of items.entries())
        for (const less of smaller(item))
          yield { ...part, items: items.map((own, at) => (at === index ? less : own)) }
    }
  }
}

function* descendants(parts: readonly Part[]): Generator<Term> {
  for (const part of parts) {
    if (typeof part === 'string' || part.kind === 'param') continue
    if (part.kind === 'list') yield* descendants(part.items)
    else {
      yield part
      yield* descendants(part.parts)
    }
  }
}

/**
 * The smallest form for which `fails` still holds, as far as `triesMax` tries find it: every step takes the first
 * smaller form that fails too.
 */
export async function shrink(
  root: Term,
  fails: (smaller: Term) => Promise<boolean>,
  triesMax = 400,
): Promise<Term> {
  let [current, tries] = [root, 0]
  const seen = new Set([JSON.stringify(print(root))])
  for (let isDone = false; !isDone;) {
    isDone = true
    for (const candidate of smaller(current)) {
      const text = JSON.stringify(print(candidate))
      if (seen.has(text)) continue
      seen.add(text)
      if (++tries > triesMax) return current
      if (!(await fails(candidate))) continue
      current = candidate
      isDone = false
      break
    }
  }
  return current
}
