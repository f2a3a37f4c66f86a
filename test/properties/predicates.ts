import type { SqlTypeName } from '../../src/catalog/spec.ts'
import type { Random } from '../support/generate-random.ts'
import { list, term, type Param, type ParamValue, type Part, type Term } from '../support/generate-term.ts'
import { referencesOf, type Reference, type Scope } from './relations.ts'

const predicate = term('predicate')

/** A predicate over the columns in sight: AND, OR, NOT and truth tests over comparisons of every type. */
export function makePredicate(scope: Scope, depth = 2): Term {
  const { random } = scope
  const inner = (): Term => makePredicate(scope, depth - 1)
  if (depth <= 0) return makeComparison(scope)
  return random.pickWeighted<() => Term>([
    [5, () => makeComparison(scope)],
    [3, () => joined(scope, depth, ' AND ')],
    [2, () => joined(scope, depth, ' OR ')],
    [1.5, () => predicate`(NOT ${inner()})`],
    [0.5, () => predicate`((${inner()}) IS ${random.pick(TRUTHS)})`],
  ])()
}

const TRUTHS = ['TRUE', 'NOT TRUE', 'FALSE', 'NOT FALSE', 'UNKNOWN', 'NOT UNKNOWN']

function joined(scope: Scope, depth: number, separator: string): Term {
  const operands = Array.from({ length: 2 + scope.random.below(2) }, () => makePredicate(scope, depth - 1))
  return predicate`(${list(operands, { separator })})`
}

type Rule = (scope: Scope, reference: Reference) => Term

function makeComparison(scope: Scope): Term {
  const { random, relations, isSimple = false } = scope
  if (isSimple) return makeSimpleComparison(scope)
  if (random.chance(3))
    return predicate`${random.pick(['true', 'false', 'NULL::boolean', '1 = 0', '(now() > now())'])}`
  const reference = random.pick(referencesOf(relations))
  if (random.chance(8)) {
    const { type } = reference.column
    const others = referencesOf(relations, (other) => other === type)
    if (type !== 'jsonb')
      return predicate`${reference.sql} ${random.pick(COMPARISONS)} ${random.pick(others).sql}`
  }
  if (random.chance(12)) return predicate`${reference.sql} IS ${random.pick(['NULL', 'NOT NULL'])}`
  return RULES[reference.column.type](scope, reference)
}

/** Types that the short way compares. */
const SIMPLE_TYPES: readonly SqlTypeName[] = [
  'text',
  'int4',
  'numeric',
  'float8',
  'bool',
  'date',
  'timestamp',
]

/** A comparison of a column with values, each operator as likely as the others. */
function makeSimpleComparison(scope: Scope): Term {
  const { random, relations } = scope
  const references = referencesOf(relations, (type) => SIMPLE_TYPES.includes(type))
  if (references.length === 0) return predicate`true`
  const reference = random.pick(references)
  const { sql, column } = reference
  if (random.chance(15)) return predicate`${sql} IS ${random.pick(['NULL', 'NOT NULL'])}`
  if (column.type === 'bool') return boolean(scope, reference)
  if (column.type === 'text' && random.chance(25))
    return predicate`${sql} ${random.pick(['LIKE', 'NOT LIKE'])} ${valueOf(scope, patternFrom(scope, reference), 'text')}`
  if (random.chance(60))
    return predicate`${sql} ${random.pick(['=', '<>', '<', '<=', '>', '>='])} ${makeValue(scope, reference)}`
  return random.chance(75) ? contained(scope, reference) : ranged(scope, reference)
}

const contained: Rule = (scope, reference) => {
  const { random } = scope
  const items = Array.from(
    { length: 1 + random.below(4) },
    () => term('value')`${makeValue(scope, reference)}`,
  )
  return predicate`${reference.sql} ${random.pick(['IN', 'NOT IN'])} (${list(items)})`
}

const ranged: Rule = (scope, reference) => {
  const value = (): Part => makeValue(scope, reference)
  return predicate`${reference.sql} ${scope.random.pick(['', 'NOT '])}BETWEEN ${value()} AND ${value()}`
}

const COMPARISONS = ['=', '=', '=', '<>', '<', '<=', '>', '>=']
const DISTINCT = ['IS DISTINCT FROM', 'IS NOT DISTINCT FROM']

/** What every type that has an order can be asked. */
const compared: Rule = (scope, reference) => {
  const { random } = scope
  const { sql, column } = reference
  const value = (): Part => makeValue(scope, reference)
  return random.pickWeighted<() => Term>([
    [6, () => predicate`${sql} ${random.pick(COMPARISONS)} ${value()}`],
    [1, () => predicate`${value()} ${random.pick(COMPARISONS)} ${sql}`],
    [3, () => contained(scope, reference)],
    [1.5, () => ranged(scope, reference)],
    [0.7, () => predicate`${sql} ${random.pick(DISTINCT)} ${value()}`],
    [0.7, () => predicate`${sql} = ANY (${arrayParam(scope, reference)}::${column.type}[])`],
    [0.3, () => predicate`${sql} ${random.pick(['=', '<>'])} NULL`],
    [0.3, () => predicate`COALESCE(${sql}, ${value()}) = ${value()}`],
    [0.3, () => predicate`NULLIF(${sql}, ${value()}) IS NULL`],
  ])()
}

const textual: Rule = (scope, reference) => {
  const { random } = scope
  const { sql } = reference
  const pattern = (): Part => valueOf(scope, patternFrom(scope, reference), 'text')
  return random.pickWeighted<() => Term>([
    [5, () => compared(scope, reference)],
    [
      3,
      () => predicate`${sql} ${random.pick(['LIKE', 'LIKE', 'NOT LIKE', 'ILIKE', 'NOT ILIKE'])} ${pattern()}`,
    ],
    [1.5, () => folded(scope, reference)],
    [1, () => coalesced(scope, reference)],
    [
      0.3,
      () => predicate`starts_with(${sql}, ${valueOf(scope, makeText(scope, reference).slice(0, 2), 'text')})`,
    ],
    [0.3, () => predicate`length(${sql}) ${random.pick(COMPARISONS)} ${String(random.below(12))}`],
    [0.3, () => predicate`${sql} ~ ${random.pick(["'^[A-P]'", "'[0-9]+$'", "'a|e'"])}`],
  ])()
}

/** A text in lower or upper case, compared with values in the same case, as is right, or as they are. */
const folded: Rule = (scope, reference) => {
  const { random } = scope
  const fold = random.pick(['lower', 'upper'])
  const cased = (text: string): Part =>
    valueOf(
      scope,
      random.chance(15) ? text : fold === 'lower' ? text.toLowerCase() : text.toUpperCase(),
      'text',
    )
  const call = `${fold}(${reference.sql})`
  const value = (): Part => cased(makeText(scope, reference))
  return random.pick([
    () => predicate`${call} ${random.pick(['=', '=', '<>'])} ${value()}`,
    () => predicate`${call} ${random.pick(['IN', 'NOT IN'])} (${value()}, ${value()})`,
    () =>
      predicate`${call} ${random.pick(['LIKE', 'LIKE', 'NOT LIKE', 'ILIKE'])} ${cased(patternFrom(scope, reference))}`,
  ])()
}

/** A text, or another where it is NULL. */
const coalesced: Rule = (scope, reference) => {
  const { random } = scope
  const value = (): Part => makeValue(scope, reference)
  const call = term('value')`coalesce(${reference.sql}, ${random.pick(["''", value()])})`
  return random.pick([
    () => predicate`${call} ${random.pick(COMPARISONS)} ${random.pick(["''", value()])}`,
    () => predicate`${call} ${random.pick(['IN', 'NOT IN'])} ('', ${value()})`,
    () => predicate`${call} LIKE ${valueOf(scope, patternFrom(scope, reference), 'text')}`,
  ])()
}

const number: Rule = (scope, reference) => {
  const { random } = scope
  const { sql } = reference
  return random.pickWeighted<() => Term>([
    [8, () => compared(scope, reference)],
    [
      0.5,
      () =>
        predicate`${sql} ${random.pick(COMPARISONS)} ${random.pick(['1.5', '-0.5', '3000000000', '2.0'])}`,
    ],
    [0.4, () => predicate`${sql} / 2 ${random.pick(COMPARISONS)} ${makeValue(scope, reference)}`],
  ])()
}

const time: Rule = (scope, reference) => {
  const { random } = scope
  const { sql } = reference
  return random.pickWeighted<() => Term>([
    [8, () => compared(scope, reference)],
    [
      0.6,
      () =>
        predicate`${sql} ${random.pick(COMPARISONS)} now() - interval '${String(random.below(900))} days'`,
    ],
    [
      0.4,
      () => predicate`${sql} ${random.pick(COMPARISONS)} current_date + ${String(random.below(400) - 200)}`,
    ],
    [
      0.4,
      () =>
        predicate`date_part('year', ${sql}) ${random.pick(COMPARISONS)} ${random.pick(['2024', '1970', '2026'])}`,
    ],
    [
      0.3,
      () =>
        predicate`${sql}::date = ${literalOf((makeText(scope, reference) || '2024-02-29').slice(0, 10), 'date')}`,
    ],
  ])()
}

const boolean: Rule = ({ random }, { sql }) =>
  random.pickWeighted<() => Term>([
    [3, () => predicate`${sql}`],
    [2, () => predicate`(NOT ${sql})`],
    [2, () => predicate`${sql} ${random.pick(['=', '<>', '<'])} ${random.pick(['true', 'false'])}`],
    [2, () => predicate`${sql} IS ${random.pick(TRUTHS)}`],
  ])()

const idList: Rule = ({ random }, { sql, column }) => {
  const value = column.samples.length === 0 ? '{}' : random.pick(column.samples)
  return random.pickWeighted<() => Term>([
    [2, () => predicate`${sql} ${random.pick(['=', '<>'])} '${value}'`],
    [2, () => predicate`${sql} ${random.pick(['@>', '&&'])} '${value}'`],
    [2, () => predicate`${String(1 + random.below(6))} = ANY (${sql})`],
  ])()
}

const bytes: Rule = ({ random }, { sql }) =>
  random.pick([
    predicate`length(${sql}) > ${String(random.below(400))}`,
    predicate`${sql} <> ${"'\\x00'"}`,
    predicate`${sql} IS NOT NULL`,
  ])

const RULES: Record<SqlTypeName, Rule> = {
  text: textual,
  int4: number,
  int8: number,
  numeric: number,
  float8: number,
  bool: boolean,
  date: time,
  timestamp: time,
  bytea: bytes,
  'int4[]': idList,
  jsonb: (_, { sql }) => predicate`${sql} IS NOT NULL`,
}

/** A value to compare a column with: one of its own, a neighbour, or one from the edge of its type. */
const makeValue = (scope: Scope, reference: Reference): Part =>
  scope.random.chance(1) ? 'NULL' : valueOf(scope, makeText(scope, reference), reference.column.type)

function makeText({ random, row }: Scope, { column }: Reference): string {
  const { inRows = [], samples, type } = column
  const own = inRows[row % inRows.length]
  if (typeof own === 'string' && random.chance(60)) return own
  const edges = EDGES[type]
  if (samples.length === 0 || random.chance(15)) return edges.length === 0 ? '' : random.pick(edges)
  const sample = random.pick(samples)
  if (!random.chance(15)) return sample
  if (type === 'text')
    return random.pick([sample.toUpperCase(), sample.slice(1), `${sample} `, sample.slice(0, 1)])
  if (type === 'timestamp') return `${sample.slice(0, 19)}.5`
  return sample
}

const EDGES: Record<SqlTypeName, readonly string[]> = {
  text: ['', '%', '_', 'a\\', 'É', 'k', 'İ', '0', 'False', 'zz', "O'Brien"],
  int4: ['0', '1', '-1', '2147483647', '-2147483648', '7'],
  int8: ['0', '1', '3000000000'],
  numeric: ['0', '0.5', '-1.25', '10000000000', '0.00001'],
  float8: ['0', '0.5', '-1.25', '10000000000', '33.33'],
  bool: ['t', 'f'],
  date: ['1970-01-01', '0999-12-31', '9999-12-31', '2024-02-29', '2026-07-01'],
  timestamp: ['1970-01-01 00:00:00', '9999-12-31 23:59:59', '2024-02-29 12:34:56.5', '2026-01-01 00:00:00'],
  bytea: ['\\x', '\\x00'],
  'int4[]': ['{}', '{1}'],
  jsonb: [],
}

function patternFrom(scope: Scope, reference: Reference): string {
  const { random } = scope
  const { samples } = reference.column
  if (samples.length === 0 || random.chance(10))
    return random.pick(['', '%', '_', '%\\%%', '%\\_%', '_%_', '%é%', '%K%'])
  const escaped = [...makeText(scope, reference)].map((letter) =>
    /[%_\\]/.test(letter) ? `\\${letter}` : letter,
  )
  const start = random.below(Math.max(1, escaped.length - 1))
  const middle = escaped.slice(start, start + 1 + random.below(4)).join('')
  return random.pick([
    escaped.join(''),
    `${escaped.slice(0, 3).join('')}%`,
    `%${middle}%`,
    `%${escaped.slice(-2).join('')}`,
    `_${escaped.slice(1).join('')}`,
    `%${middle.toUpperCase()}%`,
    `%${middle}_%`,
  ])
}

/** A literal, or now and then a parameter. */
export function valueOf({ random }: Scope, text: string, type: SqlTypeName): Part {
  const literal = literalOf(text, type)
  if (!random.chance(20)) return literal
  return random.chance(4) ? param(null, 'NULL') : param(paramValueOf(text, type, random), literal)
}

const param = (value: ParamValue, literal: string): Param => ({ kind: 'param', value, literal })

function paramValueOf(text: string, type: SqlTypeName, random: Random): ParamValue {
  if (type === 'int4') return Number(text)
  if (type === 'bool') return text === 't'
  if (type === 'timestamp' && !text.includes('.') && random.chance(50))
    return new Date(`${text.replace(' ', 'T')}Z`)
  return text
}

function arrayParam({ random }: Scope, { column }: Reference): Param {
  const values = Array.from({ length: random.below(4) }, () =>
    column.samples.length === 0 ? '1' : random.pick(column.samples),
  )
  const usable = column.type === 'text' ? values : values.filter((value) => value !== '')
  const text = `{${usable.map((value) => `"${value.replace(/["\\]/g, '\\$&')}"`).join(',')}}`
  return param(text, quoted(text))
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** A value as SQL writes it. */
export const literalOf = (text: string, type: SqlTypeName): string =>
  type === 'int4' || type === 'int8' || type === 'numeric' || type === 'float8'
    ? text
    : type === 'bool'
      ? text === 't'
        ? 'true'
        : 'false'
      : quoted(text)
