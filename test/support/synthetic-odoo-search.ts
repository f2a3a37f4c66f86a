import { fault, fieldNamed, type SyntheticModel, type Value } from './synthetic-odoo-records.ts'

type Leaf = readonly [field: string, operator: string, operand: unknown]
export type Prefix = readonly (string | Leaf)[]

export interface Search {
  readonly domain: Prefix
  /** Default: by id. */
  readonly order?: string
  readonly limit?: number
  readonly offset?: number
}

/** Ids in order, which need not be written out. */
export interface Ids {
  readonly length: number
  readonly at: (index: number) => number
}

/** The ids that a search finds, at once: what was worked out for one page is kept for the next. */
export function search(model: SyntheticModel, { domain, order = 'id', limit, offset = 0 }: Search): number[] {
  const [first = '', direction] = (order.split(',')[0] ?? '').trim().split(/\s+/)
  const found = first === 'id' ? matching(model, domain) : sorted(model, domain, order)
  const length = Math.max(0, Math.min(limit ?? Infinity, found.length - offset))
  const isReversed = first === 'id' && direction === 'desc'
  return Array.from({ length }, (_, index) =>
    found.at(isReversed ? found.length - 1 - offset - index : offset + index),
  )
}

/** The ids that meet a domain, ascending. */
export function matching(model: SyntheticModel, domain: Prefix): Ids {
  let [low, high] = [1, model.rows]
  let among: readonly number[] | undefined
  const others: Conjunct[] = []
  for (const conjunct of conjunctsOf(model, domain)) {
    const [field, operator, operand] = conjunct.terms[0] as Leaf
    if (field !== 'id') others.push(conjunct)
    else if (operator === 'in' && among === undefined) among = operand as readonly number[]
    else if (operator === '>') low = Math.max(low, Number(operand) + 1)
    else if (operator === '>=') low = Math.max(low, Number(operand))
    else if (operator === '<') high = Math.min(high, Number(operand) - 1)
    else if (operator === '<=') high = Math.min(high, Number(operand))
    else others.push(conjunct)
  }
  const keeps = (id: number): boolean => others.every(({ test }) => test(id))
  if (among !== undefined)
    return viewOf(
      [...new Set(among)].sort((a, b) => a - b).filter((id) => id >= low && id <= high && keeps(id)),
    )
  if (others.length === 0) return { length: Math.max(0, high - low + 1), at: (index) => low + index }
  const key = JSON.stringify([model.name, others.map(({ terms }) => terms)])
  const all = kept(key, () => rangeTo(model.rows).filter(keeps))
  const [start, end] = [placeOf(all, low), placeOf(all, high + 1)]
  return { length: Math.max(0, end - start), at: (index) => all[start + index] ?? NaN }
}

const viewOf = (ids: readonly number[]): Ids => ({ length: ids.length, at: (index) => ids[index] ?? NaN })
const rangeTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1)

/** Where the first id is that is not less. */
function placeOf(ids: readonly number[], id: number): number {
  let [low, high] = [0, ids.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (ids[middle]! < id) low = middle + 1
    else high = middle
  }
  return low
}

function sorted(model: SyntheticModel, domain: Prefix, order: string): Ids {
  const keys = order.split(',').map((key) => {
    const [name = '', direction] = key.trim().split(/\s+/)
    return { valueOf: fieldNamed(model, name).valueOf, sign: direction === 'desc' ? -1 : 1 }
  })
  const compare = (a: number, b: number): number => {
    for (const { valueOf, sign } of keys) {
      const [left, right] = [valueOf(a), valueOf(b)]
      if (left !== right) return left < right ? -sign : sign
    }
    return 0
  }
  const key = JSON.stringify([model.name, domain, order])
  return viewOf(
    kept(key, () => {
      const found = matching(model, domain)
      return Array.from({ length: found.length }, (_, index) => found.at(index)).sort(compare)
    }),
  )
}

/** Lists of ids that are kept; the longest takes 8 MB. */
const KEPT_MAX = 16
const lists = new Map<string, readonly number[]>()

function kept(key: string, make: () => readonly number[]): readonly number[] {
  const list = lists.get(key) ?? make()
  lists.delete(key)
  lists.set(key, list)
  if (lists.size > KEPT_MAX) lists.delete(lists.keys().next().value ?? '')
  return list
}

/** One AND-ed part of a domain. */
interface Conjunct {
  readonly terms: Prefix
  readonly test: (id: number) => boolean
}

function conjunctsOf(model: SyntheticModel, domain: Prefix): Conjunct[] {
  let at = 0
  const next = (): Conjunct['test'] => {
    const term = domain[at++]
    if (term === '!') {
      const negated = next()
      return (id) => !negated(id)
    }
    if (term === '&' || term === '|') {
      const [left, right] = [next(), next()]
      return term === '&' ? (id) => left(id) && right(id) : (id) => left(id) || right(id)
    }
    if (!Array.isArray(term)) throw fault('builtins.ValueError', `Invalid domain ${JSON.stringify(domain)}`)
    return testOf(model, term as Leaf)
  }
  const conjuncts: Conjunct[] = []
  while (at < domain.length) {
    // Above all else an AND joins what is AND-ed anyway.
    if (domain[at] === '&') at++
    else {
      const start = at
      const test = next()
      conjuncts.push({ terms: domain.slice(start, at), test })
    }
  }
  return conjuncts
}

function testOf(model: SyntheticModel, [field, operator, operand]: Leaf): Conjunct['test'] {
  const { valueOf } = fieldNamed(model, field)
  const operation = OPERATORS[operator]
  if (operation === undefined)
    throw fault('builtins.ValueError', `Invalid operator ${JSON.stringify(operator)} in domain`)
  const holds = operation(operand)
  return (id) => holds(valueOf(id))
}

const OPERATORS: Readonly<Record<string, (operand: unknown) => (value: Value) => boolean>> = {
  '=': (operand) => (value) => value === operand,
  '!=': (operand) => (value) => value !== operand,
  '<': (operand) => (value) => value < (operand as Value),
  '<=': (operand) => (value) => value <= (operand as Value),
  '>': (operand) => (value) => value > (operand as Value),
  '>=': (operand) => (value) => value >= (operand as Value),
  in: (operand) => {
    const values = new Set(operand as readonly Value[])
    return (value) => values.has(value)
  },
  'not in': (operand) => {
    const values = new Set(operand as readonly Value[])
    return (value) => !values.has(value)
  },
}
