import type { SqlTypeName } from '../../src/catalog/spec.ts'
import { list, term } from '../support/generate-term.ts'
import { makeFrom } from './from.ts'
import { makePredicate } from './predicates.ts'
import { joinsOf, referencesOf, relationOf, type Scope } from './relations.ts'
import type { Core } from './select.ts'

/** Types by which Odoo finds the first rows, though in an order of its own. */
const ROUGHLY_ORDERED: readonly SqlTypeName[] = ['timestamp', 'int4', 'numeric', 'float8']

/** The first rows of one table by a date or a number, which is where LIMIT can go to Odoo. */
export function top(scope: Scope): Core {
  const { random } = scope
  const { from, scope: within } = makeFrom({ ...scope, isSimple: true }, 1)
  const references = referencesOf(within.relations)
  const rough = referencesOf(within.relations, (type) => ROUGHLY_ORDERED.includes(type))
  const keys = rough.length === 0 ? references : rough
  const picked = [random.pick(keys), random.pick(references)]
  const where = list(random.chance(40) ? [makePredicate(within, 0)] : [], { prefix: ' WHERE ', least: 0 })
  return {
    term: term('core')`SELECT ${itemsOf(picked.map(({ sql }) => sql))} FROM ${from}${where}`,
    types: picked.map(({ column }) => column.type),
    sortable: references.map(({ sql }) => sql),
    order: within.relations.flatMap(({ alias, keys: own }) => own.map((key) => `${alias}.${key}`)),
    isLarge: false,
    leading: keys.map(({ sql }) => sql),
  }
}

/** What some columns of one table hold, each combination once or counted once. */
export function values(scope: Scope): Core {
  const { random } = scope
  const { from, scope: within } = makeFrom({ ...scope, isSimple: true }, 1)
  const picked = Array.from({ length: 1 + Number(random.chance(30)) }, () =>
    random.pick(referencesOf(within.relations)),
  )
  const where = list(random.chance(50) ? [makePredicate(within, 0)] : [], { prefix: ' WHERE ', least: 0 })
  const columns = picked.map(({ sql }) => sql)
  const types = picked.map(({ column }) => column.type)
  const order = columns.map((_, index) => `c${index + 1}`)
  const rest = { sortable: order, order, isLarge: false }
  const countable = picked.filter(({ column }) => column.type !== 'jsonb')
  if (countable.length === picked.length && random.chance(30))
    return {
      term: term('core')`SELECT count(DISTINCT ${columns[0] ?? '1'}) AS c1 FROM ${from}${where}`,
      types: ['int8'],
      ...{ ...rest, sortable: [], order: [] },
    }
  const by = random.chance(30) ? ` GROUP BY ${columns.join(', ')}` : ''
  return {
    term: term('core')`SELECT ${by === '' ? 'DISTINCT ' : ''}${itemsOf(columns)} FROM ${from}${where}${by}`,
    types,
    ...rest,
  }
}

/** Rows of a table that have a row of their own, or none, in another or in the same: each side filtered or not. */
export function matched(scope: Scope): Core | undefined {
  const { random } = scope
  const outer = relationOf(random.pick(scope.sources), scope)
  const choices = joinsOf(outer, scope.sources)
  if (choices.length === 0) return undefined
  const [own, source, other] = random.pick(choices)
  const inner = relationOf(source, scope)
  const within = { ...scope, relations: [outer], isSimple: true }
  const some = (relation: typeof outer, often: number) =>
    random.chance(often) ? [makePredicate({ ...within, relations: [relation] }, 0)] : []
  const match = list(
    [term('predicate')`${inner.alias}.${other} = ${outer.alias}.${own}`, ...some(inner, 60)],
    { separator: ' AND ' },
  )
  const picked = random.pick(referencesOf([outer]))
  const ids = outer.keys.map((key) => `${outer.alias}.${key}`)
  const items = itemsOf([picked.sql, ...ids.slice(0, 1)])
  const tables = { outer: `${outer.source ?? ''} ${outer.alias}`, inner: `${source.name} ${inner.alias}` }
  const kind = random.pick(['EXISTS', 'NOT EXISTS', 'NOT EXISTS', 'JOIN', 'JOIN', 'LEFT JOIN'])
  const rest = {
    types: [picked.column.type, 'int4' as const],
    sortable: [picked.sql],
    // A row may come once for each of its matches.
    order: kind.endsWith('EXISTS') ? ids : [],
    isLarge: false,
  }
  const filters = some(outer, 60)
  if (kind.endsWith('JOIN'))
    return {
      term: term(
        'core',
      )`SELECT ${items} FROM ${tables.outer} ${kind} ${tables.inner} ON ${match}${list(filters, { prefix: ' WHERE ', least: 0 })}`,
      ...rest,
    }
  const exists = term('predicate')`${kind} (SELECT 1 FROM ${tables.inner} WHERE ${match})`
  return {
    term: term(
      'core',
    )`SELECT ${items} FROM ${tables.outer} WHERE ${list([exists, ...filters], { separator: ' AND ' })}`,
    ...rest,
  }
}

/** What is reached from some rows of a table that has a tree, downwards or upwards. */
export function tree(scope: Scope): Core | undefined {
  const { random, newName } = scope
  const trees = scope.sources.filter(({ columns }) =>
    columns.some(({ name, type }) => name === 'parent_id' && type === 'int4'),
  )
  if (trees.length === 0) return undefined
  const source = random.pick(trees)
  const [start, step] = [relationOf(source, scope), relationOf(source, scope)]
  const some = (relation: typeof start) =>
    makePredicate({ ...scope, relations: [relation], isSimple: true }, 0)
  const [name, alias] = [newName('r'), newName('x')]
  const key = random.pick([`${step.alias}.parent_id = ${name}.id`, `${step.alias}.id = ${name}.parent_id`])
  const further = list(random.chance(30) ? [some(step)] : [], { prefix: ' AND ', least: 0 })
  const columns = random.pick(['', '', '(id, parent_id, level)', '(parent_id, id, level)'])
  return {
    term: term(
      'core',
    )`SELECT ${alias}.id AS c1, ${alias}.level AS c2 FROM (WITH RECURSIVE ${name}${columns} AS (SELECT ${start.alias}.id, ${start.alias}.parent_id, 0 AS level FROM ${source.name} ${start.alias} WHERE ${some(start)} UNION SELECT ${step.alias}.id, ${step.alias}.parent_id, ${name}.level + 1 FROM ${source.name} ${step.alias} JOIN ${name} ON ${key}${further} WHERE ${name}.level < 4) SELECT * FROM ${name}) ${alias}`,
    types: ['int4', 'int4'],
    sortable: ['c1', 'c2'],
    order: ['c1', 'c2'],
    isLarge: false,
  }
}

const itemsOf = (columns: readonly string[]) =>
  list(columns.map((sql, index) => term('item')`${sql} AS c${String(index + 1)}`))
