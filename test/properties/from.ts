import { list, term, type Term } from '../support/generate-term.ts'
import { makePredicate } from './predicates.ts'
import { joinsOf, referencesOf, relationOf, type Relation, type Scope } from './relations.ts'

/** A FROM of so many relations, and the scope in which they are in sight. */
export function makeFrom(scope: Scope, count: number): { from: Term; scope: Scope; isLarge: boolean } {
  const { random } = scope
  const first = relationOf(random.pick(scope.sources), scope)
  let [relations, isLarge] = [[first], false]
  const joins: Term[] = []
  while (relations.length < count) {
    const join = random.chance(85) ? byKey(scope, relations) : bySomething(scope, relations)
    relations = [...relations, join.relation]
    isLarge ||= join.isLarge
    joins.push(join.term)
  }
  const from = term('from')`${first.source ?? ''} ${first.alias}${list(joins, { separator: '', least: 0 })}`
  return { from, scope: { ...scope, relations }, isLarge }
}

interface Join {
  readonly term: Term
  readonly relation: Relation
  /** May give out many more rows than its tables have. */
  readonly isLarge: boolean
}

const JOIN_TYPES = ['JOIN', 'JOIN', 'JOIN', 'LEFT JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL JOIN']

/** An equi-join by one of the known keys, with more conditions now and then. */
function byKey(scope: Scope, relations: readonly Relation[]): Join {
  const { random } = scope
  const left = random.pick(relations)
  const choices = joinsOf(left, scope.sources)
  if (choices.length === 0) return bySomething(scope, relations)
  const [own, source, other] = random.pick(choices)
  const relation = relationOf(source, scope)
  const type = random.pick(JOIN_TYPES)
  const key = term('predicate')`${left.alias}.${own} = ${relation.alias}.${other}`
  // PostgreSQL joins a FULL JOIN by equalities of the two sides alone, unless they can be hashed.
  const more =
    type !== 'FULL JOIN' && random.chance(30)
      ? [makePredicate({ ...scope, relations: [...relations, relation] }, 1)]
      : []
  const on = list([key, ...more], { separator: ' AND ' })
  return {
    term: term('join')` ${type} ${source.name} ${relation.alias} ON ${on}`,
    relation,
    isLarge: !['id', 'res_id'].includes(other),
  }
}

/** Other ways for tables to meet: inequality, VALUES, a query of its own, LATERAL. */
function bySomething(scope: Scope, relations: readonly Relation[]): Join {
  const { random } = scope
  const source = random.pick(scope.sources)
  const relation = relationOf(source, scope)
  const numbers = referencesOf(relations, (type) => type === 'int4')
  const number = numbers.length === 0 ? '1' : random.pick(numbers).sql
  const own = referencesOf([relation], (type) => type === 'int4')[0]?.sql ?? '2'
  const { alias } = relation
  const inner = scope.newName('i')
  const innerScope = { ...scope, relations: [{ ...relation, alias: inner }] }
  const where = makePredicate(innerScope, 1)
  const keys = relation.keys.map((key) => `${inner}.${key}`).join(', ')
  const values = Array.from({ length: 1 + random.below(5) }, () => `(${String(1 + random.below(90))})`).join(
    ', ',
  )
  const valued: Relation = { alias, columns: [{ name: 'x', type: 'int4', samples: ['1', '2'] }], keys: ['x'] }
  return random.pick<() => Join>([
    () => ({
      term: term('join')` JOIN ${source.name} ${alias} ON ${number} < ${own}`,
      relation,
      isLarge: true,
    }),
    () => ({
      term: term(
        'join',
      )` ${random.pick(['JOIN', 'LEFT JOIN'])} (VALUES ${values}) ${alias}(x) ON ${alias}.x = ${number}`,
      relation: valued,
      isLarge: true,
    }),
    () => ({
      term: term(
        'join',
      )` JOIN (SELECT ${inner}.* FROM ${source.name} ${inner} WHERE ${where}) ${alias} ON ${own} = ${number}`,
      relation,
      isLarge: relation.source?.includes('.') !== true,
    }),
    () => ({
      term: term(
        'join',
      )` CROSS JOIN LATERAL (SELECT ${inner}.* FROM ${source.name} ${inner} WHERE ${where} AND ${own.replace(alias, inner)} >= ${number} ORDER BY ${keys} LIMIT 2) ${alias}`,
      relation,
      isLarge: false,
    }),
  ])()
}
