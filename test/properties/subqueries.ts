import { list, term, type Term } from '../support/generate-term.ts'
import { makeFrom } from './from.ts'
import { makePredicate } from './predicates.ts'
import { joinsOf, referencesOf, relationOf, type Scope } from './relations.ts'

const predicate = term('predicate')

/** Now and then, a condition that asks another table: EXISTS, IN, a scalar subquery, ANY and ALL. */
export function makeSubqueryPredicate(scope: Scope): Term | undefined {
  const { random } = scope
  if (scope.depth <= 0 || !random.chance(14)) return undefined
  return random.pick<() => Term | undefined>([
    () => correlated(scope),
    () => correlated(scope),
    () => contained(scope),
    () => contained(scope),
    () => compared(scope),
    () => counted(scope),
  ])()
}

/** How many rows of another table go with each: a subquery that PostgreSQL runs row by row. */
function counted(scope: Scope): Term | undefined {
  const { random } = scope
  const { sql, column } = random.pick(referencesOf(scope.relations, (type) => type !== 'jsonb'))
  const { from, scope: within } = makeFrom({ ...scope, depth: 0 }, 1)
  const others = referencesOf(within.relations, (type) => type === column.type)
  if (others.length === 0) return undefined
  const match = predicate`${random.pick(others).sql} ${random.pick(['=', '=', '<', '<>'])} ${sql}`
  return predicate`(SELECT count(*) FROM ${from} WHERE ${match}) ${random.pick(['=', '>', '<='])} ${String(random.below(4))}`
}

/** `[NOT] EXISTS` over a table that goes with one in sight. */
function correlated(scope: Scope): Term | undefined {
  const { random } = scope
  const relation = random.pick(scope.relations)
  const choices = joinsOf(relation, scope.sources)
  if (choices.length === 0) return undefined
  const [own, source, other] = random.pick(choices)
  const inner = relationOf(source, scope)
  const more = random.chance(60) ? [makePredicate({ ...scope, relations: [inner] }, 1)] : []
  const where = list([predicate`${inner.alias}.${other} = ${relation.alias}.${own}`, ...more], {
    separator: ' AND ',
  })
  return predicate`${random.pick(['', 'NOT '])}EXISTS (SELECT 1 FROM ${source.name} ${inner.alias} WHERE ${where})`
}

/** `[NOT] IN (SELECT …)`, NULLs and all. */
function contained(scope: Scope): Term | undefined {
  const { random } = scope
  const { sql, column } = random.pick(referencesOf(scope.relations))
  if (column.type === 'jsonb') return undefined
  const { from, scope: within } = makeFrom({ ...scope, depth: 0 }, 1)
  const others = referencesOf(within.relations, (type) => type === column.type)
  if (others.length === 0) return undefined
  const where = list(random.chance(80) ? [makePredicate(within, 1)] : [], { prefix: ' WHERE ', least: 0 })
  return predicate`${sql} ${random.pick(['IN', 'IN', 'NOT IN'])} (SELECT ${random.pick(others).sql} FROM ${from}${where})`
}

/** A comparison with a scalar subquery, or with all or any of a column. */
function compared(scope: Scope): Term | undefined {
  const { random } = scope
  const { sql, column } = random.pick(
    referencesOf(scope.relations, (type) => !['jsonb', 'bool', 'bytea', 'int4[]'].includes(type)),
  )
  const { from, scope: within } = makeFrom({ ...scope, depth: 0 }, 1)
  const others = referencesOf(within.relations, (type) => type === column.type)
  if (others.length === 0) return undefined
  const other = random.pick(others).sql
  const where = list([makePredicate(within, 1)], { prefix: ' WHERE ', least: 0 })
  const operator = random.pick(['=', '<', '>=', '<>'])
  return random.chance(60)
    ? predicate`${sql} ${operator} (SELECT ${random.pick(['min', 'max'])}(${other}) FROM ${from}${where})`
    : predicate`${sql} ${operator} ${random.pick(['ANY', 'ALL'])} (SELECT ${other} FROM ${from}${where})`
}
