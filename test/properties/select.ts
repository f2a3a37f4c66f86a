import type { SqlTypeName } from '../../src/catalog/spec.ts'
import type { Random } from '../support/generate-random.ts'
import { list, term, type List, type Term } from '../support/generate-term.ts'
import { makeAggregate, makeExpression, makeHaving, makeWindow } from './expressions.ts'
import { makeFrom } from './from.ts'
import { matched, top, tree, values } from './narrow.ts'
import { literalOf, makePredicate } from './predicates.ts'
import { referencesOf, type Scope, type Source } from './relations.ts'
import { makeSubqueryPredicate } from './subqueries.ts'

/** A SELECT over the sources, of any shape that the engine takes; the same from the same chance. */
export function makeSelect(random: Random, sources: readonly Source[]): Term {
  let names = 0
  const newName = (prefix: string): string => `${prefix}${++names}`
  return makeQuery({ random, sources, relations: [], depth: 2, row: random.below(1000), newName }).term
}

/** The ids of a table, and the queries for those where a predicate is true, is false and is NULL: together all of them. */
export function makePartition(
  random: Random,
  sources: readonly Source[],
): { readonly whole: Term; readonly parts: readonly Term[] } {
  let names = 0
  const newName = (prefix: string): string => `${prefix}${++names}`
  const outside = { random, sources, relations: [], depth: 0, row: random.below(1000), newName }
  const { from, scope } = makeFrom({ ...outside, isSimple: random.chance(70) }, 1)
  const condition = makePredicate(scope, random.pickWeighted(FEW_OPERANDS))
  const [id] = referencesOf(scope.relations).filter(({ column }) => column.name === 'id')
  const part = (where: Term): Term => term('query')`SELECT ${id!.sql} FROM ${from} WHERE ${where}`
  const predicate = term('predicate')
  return {
    whole: term('query')`SELECT ${id!.sql} FROM ${from}`,
    parts: [part(condition), part(predicate`NOT (${condition})`), part(predicate`(${condition}) IS NULL`)],
  }
}

/** Depths of a predicate, most of them a single comparison: what is wrong with one is seen best where it stands alone. */
const FEW_OPERANDS = [
  [6, 0],
  [3, 1],
  [1, 2],
] as const

/** A query and what it gives out. */
export interface Query {
  readonly term: Term
  readonly types: readonly SqlTypeName[]
}

/** Whether the query's rows come in one order only. */
export const isOrdered = ({ parts }: Term): boolean => {
  const last = parts.at(-1)
  return typeof last === 'object' && last.kind === 'list' && last.prefix === TAIL && last.items.length > 0
}

/** The last part of every query: its order, and its limit with it, for a limit means nothing without a total order. */
const TAIL = ' '

/** Rows that a query may give out where its tables meet in many ways. */
const FEW_ROWS = 40

/** A whole query, common table expressions, order and limit included. Output columns are named c1, c2 and so on. */
export function makeQuery(scope: Scope): Query {
  const { random } = scope
  const [ctes, within] =
    random.chance(12) && scope.depth > 0 ? makeCtes(scope) : [list([], { least: 0 }), scope]
  const core = random.pickWeighted<() => Core>([
    [8, () => short(within)],
    [10, () => plain(within)],
    [4, () => grouped(within)],
    [3, () => top(within)],
    [2, () => values(within)],
    [3, () => matched(within) ?? plain(within)],
    [1, () => tree(within) ?? plain(within)],
    [1.5, () => plain(within, true)],
    [1.5, () => combined(within)],
  ])()
  const needsLimit = (core.isLarge || core.leading !== undefined) && core.order.length > 0
  const tail =
    needsLimit || (core.order.length > 0 && random.chance(45)) ? [makeTail(random, core, needsLimit)] : []
  const query = term('query')`${ctes}${core.term}${list(tail, { prefix: TAIL, least: 0 })}`
  return { term: query, types: core.types }
}

/** A SELECT without its order. */
export interface Core {
  readonly term: Term
  readonly types: readonly SqlTypeName[]
  /** What may be ordered by, and what makes the order total. */
  readonly sortable: readonly string[]
  readonly order: readonly string[]
  readonly isLarge: boolean
  /** One of these is ordered by first, and then there is a limit. */
  readonly leading?: readonly string[]
}

function makeTail(random: Random, core: Core, needsLimit: boolean): Term {
  const { sortable, order, leading: firsts } = core
  const direction = (): string => random.pick(['', '', ' DESC', ' NULLS FIRST', ' DESC NULLS LAST'])
  const leading = Array.from(
    { length: random.below(3) },
    () => term('key')`${random.pick(sortable)}${direction()}, `,
  )
  if (firsts !== undefined) leading.unshift(term('key')`${random.pick(firsts)}${direction()}, `)
  const total = order
    .map((key, index) => `${key}${index === 0 ? random.pick(['', '', ' DESC']) : ''}`)
    .join(', ')
  const limit = random.pickWeighted([
    [6, ` LIMIT ${String(1 + random.below(FEW_ROWS))}`],
    [2, ` LIMIT ${String(1 + random.below(10))} OFFSET ${String(random.below(30))}`],
    [1, ` FETCH FIRST ${String(1 + random.below(5))} ROWS ONLY`],
    [0.5, ' LIMIT 0'],
    [0.5, ` OFFSET ${String(random.below(9))}`],
  ])
  const isFew = needsLimit && firsts === undefined
  const limits = isFew ? [` LIMIT ${FEW_ROWS}`] : needsLimit || random.chance(60) ? [limit] : []
  const leads = list(leading, { separator: '', least: 0 })
  return term('tail')`ORDER BY ${leads}${total}${list(
    limits.map((text) => term('limit')`${text}`),
    { least: needsLimit ? 1 : 0 },
  )}`
}

function makeCtes(scope: Scope): [List, Scope] {
  const { random } = scope
  const { term: query, types } = makeQuery({ ...scope, depth: scope.depth - 1 })
  const name = scope.newName('w')
  const source: Source = {
    name,
    columns: types.map((type, index) => ({ name: `c${index + 1}`, type, samples: [] })),
  }
  const how = random.pick(['', '', 'MATERIALIZED ', 'NOT MATERIALIZED '])
  const cte = term('cte')`WITH ${name} AS ${how}(${query}) `
  return [list([cte], { separator: '', least: 0 }), { ...scope, sources: [...scope.sources, source, source] }]
}

/** FROM and WHERE, and the relations that they leave in sight. */
function makeBody(scope: Scope): { body: Term; within: Scope; isLarge: boolean } {
  const { random } = scope
  const {
    from,
    scope: within,
    isLarge,
  } = makeFrom(
    scope,
    random.pickWeighted([
      [6, 1],
      [3, 2],
      [1, 3],
    ]),
  )
  const conditions = Array.from(
    {
      length: random.pickWeighted([
        [2, 0],
        [4, 1],
        [3, 2],
        [1, 3],
      ]),
    },
    () => makeSubqueryPredicate(within) ?? makePredicate(within),
  )
  return {
    body: term('body')`FROM ${from}${list(conditions, { prefix: ' WHERE ', separator: ' AND ', least: 0 })}`,
    within,
    isLarge,
  }
}

function plain(scope: Scope, isDistinct = false): Core {
  const { random } = scope
  const { body, within, isLarge } = makeBody(scope)
  const hasWindow = !isDistinct && !isLarge && random.chance(15)
  const items = Array.from({ length: 1 + random.below(4) }, (_, index) =>
    hasWindow && index === 0 ? makeWindow(within) : makeExpression(within),
  )
  const ids = within.relations.flatMap(({ alias, keys }) => keys.map((key) => `${alias}.${key}`))
  const ordinals = items.map((_, index) => `c${index + 1}`)
  const selected = list(items.map(({ sql }, index) => term('item')`${sql} AS c${String(index + 1)}`))
  const distinct = isDistinct ? 'DISTINCT ' : ''
  return {
    term: term('core')`SELECT ${distinct}${selected} ${body}`,
    types: items.map(({ type }) => type),
    sortable: isDistinct ? ordinals : referencesOf(within.relations).map(({ sql }) => sql),
    order: isDistinct ? ordinals : ids,
    isLarge,
  }
}

/** What the short way answers: plain columns of one table, or how many rows there are. */
function short(scope: Scope): Core {
  const { random } = scope
  const { from, scope: within } = makeFrom({ ...scope, isSimple: true }, 1)
  const conditions = Array.from({ length: 1 + Number(random.chance(25)) }, () =>
    makePredicate(within, random.pickWeighted(FEW_OPERANDS)),
  )
  const where = list(conditions, { prefix: ' WHERE ', separator: ' AND ', least: 0 })
  if (random.chance(15))
    return {
      term: term('core')`SELECT count(*) AS c1 FROM ${from}${where}`,
      types: ['int8'],
      sortable: [],
      order: [],
      isLarge: false,
    }
  const picked = Array.from({ length: 1 + random.below(3) }, () =>
    random.pick(referencesOf(within.relations)),
  )
  const items = list(picked.map(({ sql }, index) => term('item')`${sql} AS c${String(index + 1)}`))
  return {
    term: term('core')`SELECT ${items} FROM ${from}${where}`,
    types: picked.map(({ column }) => column.type),
    sortable: referencesOf(within.relations).map(({ sql }) => sql),
    order: within.relations.flatMap(({ alias, keys }) => keys.map((key) => `${alias}.${key}`)),
    isLarge: false,
  }
}

function grouped(given: Scope): Core {
  const { random } = given
  const scope = { ...given, isSimple: random.chance(50) }
  const { body, within } = makeBody(scope)
  const groups = Array.from(
    {
      length: random.pickWeighted([
        [3, 0],
        [5, 1],
        [2, 2],
      ]),
    },
    () => makeExpression(within),
  )
  const aggregates = Array.from({ length: 1 + random.below(3) }, () => makeAggregate(within))
  const items = [...groups, ...aggregates]
  const names = items.map((_, index) => `c${index + 1}`)
  const keys = groups.map(({ sql }) => term('group')`${sql}`)
  const how = groups.length > 1 && random.chance(15) ? 'ROLLUP ' : ''
  const groupBy =
    how === ''
      ? list(keys, { prefix: ' GROUP BY ', least: keys.length })
      : term('groups')` GROUP BY ${how}(${list(keys)})`
  const having = random.chance(25) ? [makeHaving(within)] : []
  return {
    term: term(
      'core',
    )`SELECT ${list(items.map(({ sql }, index) => term('item')`${sql} AS ${names[index]!}`))} ${body}${groupBy}${list(having, { prefix: ' HAVING ', least: 0 })}`,
    types: items.map(({ type }) => type),
    sortable: names,
    order: names,
    isLarge: false,
  }
}

/** UNION and its like: each side gives the same types. */
function combined(scope: Scope): Core {
  const { random } = scope
  const types = Array.from({ length: 1 + random.below(2) }, () =>
    random.pick<SqlTypeName>(['text', 'int4', 'timestamp', 'bool']),
  )
  const sides = Array.from({ length: 2 + Number(random.chance(25)) }, () => side(scope, types))
  const operator = random.pick([
    'UNION',
    'UNION ALL',
    'UNION ALL',
    'EXCEPT',
    'EXCEPT ALL',
    'INTERSECT',
    'INTERSECT ALL',
  ])
  const names = types.map((_, index) => `c${index + 1}`)
  return {
    term: term('core')`${list(sides, { separator: ` ${operator} ` })}`,
    types,
    sortable: names,
    order: names,
    isLarge: sides.length > 2,
  }
}

function side(scope: Scope, types: readonly SqlTypeName[]): Term {
  const { random } = scope
  const { from, scope: within } = makeFrom(scope, 1)
  const items = types.map((type, index) => {
    const references = referencesOf(within.relations, (other) => other === type)
    const value =
      references.length === 0 ? `${literalOf(PLAIN[type] ?? '', type)}::${type}` : random.pick(references).sql
    return term('item')`${value} AS c${String(index + 1)}`
  })
  const where = list(random.chance(70) ? [makePredicate(within, 1)] : [], { prefix: ' WHERE ', least: 0 })
  return term('core')`SELECT ${list(items)} FROM ${from}${where}`
}

const PLAIN: Partial<Record<SqlTypeName, string>> = {
  text: 'x',
  int4: '1',
  timestamp: '2024-02-29 12:34:56',
  bool: 't',
}
