import type { SqlTypeName } from '../../src/catalog/spec.ts'
import { list, term, type Term } from '../support/generate-term.ts'
import { makePredicate } from './predicates.ts'
import { referencesOf, type Reference, type Scope } from './relations.ts'

/** What a select list holds. */
export interface Expression {
  readonly sql: Term
  readonly type: SqlTypeName
}

const expression = (type: SqlTypeName) => term(`expression ${type}`)

/** A column, or something made of it. */
export function makeExpression(scope: Scope): Expression {
  const { random, isSimple = false } = scope
  const reference = random.pick(referencesOf(scope.relations))
  const { sql } = reference
  const { type } = reference.column
  const bare = (): Expression => ({ sql: expression(type)`${sql}`, type })
  const made = (to: SqlTypeName, text: Term): Expression => ({ sql: text, type: to })
  if (isSimple && random.chance(85)) return bare()
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

/** A window function whose answer does not depend on the order of the rows. */
export function makeWindow(scope: Scope): Expression {
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

const isNumber = (type: SqlTypeName): boolean => ['int4', 'int8', 'numeric'].includes(type)
const isOrderable = (type: SqlTypeName): boolean => !['bool', 'bytea', 'jsonb', 'int4[]'].includes(type)

/** An aggregate whose answer does not depend on the order of the rows: none adds up float8. */
export function makeAggregate(scope: Scope): Expression {
  const { random } = scope
  const filter = list(random.chance(scope.isSimple === true ? 3 : 15) ? [makePredicate(scope, 1)] : [], {
    least: 0,
  })
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

/** A condition on a group. */
export function makeHaving(scope: Scope): Term {
  const { random } = scope
  const { sql } = random.pick(referencesOf(scope.relations, isOrderable))
  return random.pick([
    term('predicate')`count(*) > ${String(random.below(6))}`,
    term('predicate')`count(${sql}) = ${String(random.below(3))}`,
    term('predicate')`max(${sql}) IS NOT NULL`,
    term('predicate')`min(${sql}) < max(${sql})`,
  ])
}
