import type { SqlTypeName } from '../../src/catalog/spec.ts'
import type { Random } from '../support/generate-random.ts'
import { list, term, type List, type Term } from '../support/generate-term.ts'
import { makeFrom } from './from.ts'
import { literalOf, makePredicate } from './predicates.ts'
import { referencesOf, type Reference, type Scope, type Source } from './relations.ts'
import { makeSubqueryPredicate } from './subqueries.ts'

/** A SELECT over the sources, of any shape that the engine takes; the same from the same chance. */
export function makeSelect(random: Random, sources: readonly Source[]): Term {
  let names = 0
  const newName = (prefix: string): string => `${prefix}${++names}`
  return makeQuery({ random, sources, relations: [], depth: 2, row: random.below(1000), newName }).term
}

/** Rows of the predicate in one table, and the three queries that together must give all of them. */
export function makePartition(
  random: Random,
  sources: readonly Source[],
): { readonly whole: Term; readonly parts: Term } {
  let names = 0
  const newName = (prefix: string): string => `${prefix}${++names}`
  const { from, scope } = makeFrom(
    { random, sources, relations: [], depth: 0, row: random.below(1000), newName },
    1,
  )
  const condition = makePredicate(scope, 3)
  const [id] = referencesOf(scope.relations).filter(({ column }) => column.name === 'id')
  const part = (where: Term): Term => term('part')`SELECT ${id!.sql} FROM ${from} WHERE ${where}`
  const predicate = term('predicate')
  return {
    whole: term('query')`SELECT ${id!.sql} FROM ${from}`,
    parts: term(
      'query',
    )`${part(condition)} UNION ALL ${part(predicate`NOT (${condition})`)} UNION ALL ${part(predicate`(${condition}) IS NULL`)}`,
  }
}

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
    [10, () => plain(within)],
    [4, () => grouped(within)],
    [1.5, () => plain(within, true)],
    [1.5, () => combined(within)],
  ])()
  const needsLimit = core.isLarge && core.order.length > 0
  const tail =
    needsLimit || (core.order.length > 0 && random.chance(45)) ? [makeTail(random, core, needsLimit)] : []
  const query = term('query')`${ctes}${core.term}${list(tail, { prefix: TAIL, least: 0 })}`
  return { term: query, types: core.types }
}

interface Core {
  readonly term: Term
  readonly types: readonly SqlTypeName[]
  /** What may be ordered by, and what makes the order total. */
  readonly sortable: readonly string[]
  readonly order: readonly string[]
  readonly isLarge: boolean
}

function makeTail(random: Random, { sortable, order }: Core, needsLimit: boolean): Term {
  const direction = (): string => random.pick(['', '', ' DESC', ' NULLS FIRST', ' DESC NULLS LAST'])
  const leading = Array.from(
    { length: random.below(3) },
    () => term('key')`${random.pick(sortable)}${direction()}, `,
  )
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
  const limits = needsLimit ? [` LIMIT ${FEW_ROWS}`] : random.chance(60) ? [limit] : []
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

interface Expression {
  readonly sql: Term
  readonly type: SqlTypeName
}

const expression = (type: SqlTypeName) => term(`expression ${type}`)

function makeExpression(scope: Scope): Expression {
  const { random } = scope
  const reference = random.pick(referencesOf(scope.relations))
  const { sql } = reference
  const { type } = reference.column
  const bare = (): Expression => ({ sql: expression(type)`${sql}`, type })
  const made = (to: SqlTypeName, text: Term): Expression => ({ sql: text, type: to })
  return random.pickWeighted<() => Expression>([
    [14, bare],
    [0.6, () => made('bool', expression('bool')`(${makePredicate(scope, 1)})`)],
    [0.6, () => made(type, expression(type)`CASE WHEN ${makePredicate(scope, 1)} THEN ${sql} END`)],
    [0.6, () => made('text', expression('text')`${sql}::text`)],
    [0.6, () => (type === 'text' ? made(type, expression(type)`coalesce(${sql}, 'none')`) : bare())],
    [0.6, () => (type === 'text' ? made(type, expression(type)`left(${sql}, 2) || '-'`) : bare())],
    [
      0.6,
      () =>
        type === 'date' || type === 'timestamp'
          ? made('text', expression('text')`to_char(${sql}, 'YYYY-MM')`)
          : bare(),
    ],
    [0.4, () => made(type, expression(type)`NULL::${type}`)],
  ])()
}

function makeWindow(scope: Scope): Expression {
  const { random } = scope
  const [any, partition] = [
    random.pick(referencesOf(scope.relations)),
    random.pick(referencesOf(scope.relations)),
  ]
  const keys = scope.relations
    .flatMap(({ alias, keys: own }) => own.map((key) => `${alias}.${key}`))
    .join(', ')
  const by = list([term('partition')`${partition.sql}`], { prefix: 'PARTITION BY ', least: 0 })
  const direction = random.pick(['', ' DESC', ' NULLS FIRST'])
  const total = term('window')`(${by} ORDER BY ${any.sql}${direction}, ${keys})`
  const { type } = any.column
  return random.pick<() => Expression>([
    () => ({ type: 'int8', sql: expression('int8')`row_number() OVER ${total}` }),
    () => ({ type: 'int8', sql: expression('int8')`rank() OVER (${by} ORDER BY ${any.sql}${direction})` }),
    () => ({ type: 'int8', sql: expression('int8')`count(${any.sql}) OVER (${by})` }),
    () => ({ type: 'int8', sql: expression('int8')`sum(${idOf(scope)}) OVER ${total}` }),
    () => ({ type, sql: expression(type)`lag(${any.sql}) OVER ${total}` }),
    () => ({ type, sql: expression(type)`first_value(${any.sql}) OVER ${total}` }),
    () => ({ type: 'int4', sql: expression('int4')`ntile(3) OVER ${total}` }),
  ])()
}

/** Some number to add up. */
const idOf = ({ relations }: Scope): string =>
  referencesOf(relations, (type) => type === 'int4')[0]?.sql ?? '1'

function grouped(scope: Scope): Core {
  const { random } = scope
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

const isNumber = (type: SqlTypeName): boolean => ['int4', 'int8', 'numeric'].includes(type)
const isOrderable = (type: SqlTypeName): boolean => !['bool', 'bytea', 'jsonb', 'int4[]'].includes(type)

function makeAggregate(scope: Scope): Expression {
  const { random } = scope
  const filter = list(random.chance(15) ? [makePredicate(scope, 1)] : [], { least: 0 })
  const filtered = filter.items.length === 0 ? '' : term('filter')` FILTER (WHERE ${filter.items[0]!})`
  const any = random.pick(referencesOf(scope.relations))
  const numbers = referencesOf(scope.relations, isNumber)
  const orderable = referencesOf(scope.relations, isOrderable)
  const texts = referencesOf(scope.relations, (type) => type === 'text')
  const bools = referencesOf(scope.relations, (type) => type === 'bool')
  const counted = (): Expression => ({ type: 'int8', sql: expression('int8')`count(*)${filtered}` })
  const over = (from: readonly Reference[], make: (of: Reference) => Expression) => (): Expression =>
    from.length === 0 ? counted() : make(random.pick(from))
  return random.pickWeighted<() => Expression>([
    [5, counted],
    [2, () => ({ type: 'int8', sql: expression('int8')`count(${any.sql})${filtered}` })],
    [1, () => ({ type: 'int8', sql: expression('int8')`count(DISTINCT ${any.sql})${filtered}` })],
    [
      3,
      over(numbers, ({ sql }) => ({
        type: 'numeric',
        sql: expression('numeric')`sum(${sql}::numeric)${filtered}`,
      })),
    ],
    [
      2,
      over(numbers, ({ sql, column }) => ({
        type: column.type === 'int4' ? 'int8' : 'numeric',
        sql: expression('numeric')`sum(${sql})${filtered}`,
      })),
    ],
    [
      2,
      over(numbers, ({ sql }) => ({ type: 'numeric', sql: expression('numeric')`avg(${sql})${filtered}` })),
    ],
    [
      3,
      over(orderable, ({ sql, column }) => ({
        type: column.type,
        sql: expression(column.type)`${random.pick(['min', 'max'])}(${sql})${filtered}`,
      })),
    ],
    [
      1,
      over(texts, ({ sql }) => ({
        type: 'text',
        sql: expression('text')`string_agg(${sql}, ',' ORDER BY ${sql})${filtered}`,
      })),
    ],
    [
      1,
      over(bools, ({ sql }) => ({
        type: 'bool',
        sql: expression('bool')`${random.pick(['bool_and', 'bool_or'])}(${sql})${filtered}`,
      })),
    ],
  ])()
}

function makeHaving(scope: Scope): Term {
  const { random } = scope
  const { sql } = random.pick(referencesOf(scope.relations, isOrderable))
  return random.pick([
    term('predicate')`count(*) > ${String(random.below(6))}`,
    term('predicate')`count(${sql}) = ${String(random.below(3))}`,
    term('predicate')`max(${sql}) IS NOT NULL`,
    term('predicate')`min(${sql}) < max(${sql})`,
  ])
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
