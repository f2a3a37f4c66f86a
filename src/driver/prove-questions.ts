import type { ColumnSpec } from '../catalog/spec.ts'
import { numericFromNumber, type Datum } from '../catalog/types.ts'
import type { Value } from '../planner/bound.ts'
import type { Question } from '../planner/rule.ts'
import type { LiveField } from '../planner/server.ts'

/** Values of the rows that questions are made of, for each field. */
const FOUND_MAX = 5
const COMPARISONS = ['=', '<>', '<', '<=', '>', '>='] as const

/** What to ask about a field so that a wrong rule shows: its own values, their neighbours, and what is often special. */
export function questionsAbout(column: ColumnSpec, live: LiveField, values: readonly Datum[]): Question[] {
  const found = telling(values.filter((value) => value !== null))
  const nulls: Question[] = [{ kind: 'isNull' }, { kind: 'isNotNull' }]
  switch (live.type) {
    case 'char':
    case 'text':
      return [...nulls, ...comparisons(textLiterals(found, live.size)), ...patterns(found)]
    case 'selection':
      return [...nulls, ...comparisons([...found, '', 'no such code']), ...patterns(found)]
    case 'integer':
      return comparisons(integerLiterals(found))
    case 'many2one':
      return [...nulls, ...comparisons(integerLiterals(found))]
    case 'float':
    case 'monetary':
      return comparisons(numberLiterals(column, live, found))
    case 'boolean':
      return comparisons([true, false])
    case 'date':
      return [...nulls, ...comparisons(timeLiterals(found, DAY_MS, 10))]
    case 'datetime':
      return [...nulls, ...comparisons(timeLiterals(found, SECOND_MS, 19))]
    default:
      return nulls
  }
}

/** A few of the values: spread over their order, and those with characters that tell rules apart. */
function telling(values: readonly Value[]): Value[] {
  const distinct = [...new Set(values)].sort((a, b) => (a < b ? -1 : 1))
  const special = distinct.filter((value) => typeof value === 'string' && /[^\x20-\x7e]|[%_\\']/.test(value))
  return [...new Set([...spread(distinct, FOUND_MAX), ...spread(special, 3)])]
}

function spread<T>(items: readonly T[], count: number): T[] {
  if (items.length <= count) return [...items]
  const step = (items.length - 1) / (count - 1)
  return Array.from({ length: count }, (_, index) => items[Math.round(index * step)] as T)
}

/** Every literal with = and <>, the first ones also with the ranges, and lists that mix them. */
function comparisons(literals: readonly Value[]): Question[] {
  const values = [...new Set(literals)]
  const compared = values.flatMap((value, index) =>
    COMPARISONS.filter((operator) => index < RANGED_MAX || operator === '=' || operator === '<>').map(
      (operator): Question => ({ kind: 'compare', operator, value }),
    ),
  )
  const lists = [
    values.slice(0, 1),
    values.slice(0, 3),
    values.slice(2, 7),
    values.slice(-3),
    values.slice(-1),
  ]
  const listed = lists
    .filter((list) => list.length > 0)
    .flatMap((list): Question[] => [
      { kind: 'in', values: list },
      { kind: 'notIn', values: list },
    ])
  return [...compared, ...listed]
}

const RANGED_MAX = 7

function textLiterals(found: readonly Value[], size: number | undefined): string[] {
  const texts = found.map(String)
  const [first = 'a'] = texts.filter((text) => text !== '')
  const longer = size === undefined ? [] : [first.padEnd(size, 'x') + 'x']
  const neighbours = [`${first} `, [...first].slice(0, -1).join(''), swapCase(first)]
  return [
    ...texts.slice(0, 5),
    '',
    ...neighbours,
    ...texts.slice(5),
    ...longer,
    'é',
    'Ω😀',
    "O'Brien",
    'false',
  ]
}

const swapCase = (text: string): string =>
  text === text.toUpperCase() ? text.toLowerCase() : text.toUpperCase()

function patterns(found: readonly Value[]): Question[] {
  const texts = found.map(String).filter((text) => text !== '')
  const [first = 'a', second = first] = [texts[0], texts.at(-1)]
  const head = escaped([...first].slice(0, 2).join(''))
  const made = [
    escaped(first),
    `${head}%`,
    `%${escaped([...second].slice(-2).join(''))}`,
    `%${escaped([...second].slice(1, 3).join(''))}%`,
    `_${escaped([...first].slice(1).join(''))}`,
    swapCase(`${head}%`),
    '%',
    '_%',
    '',
    '%é%',
    '%\\%%',
    '%\\\\%',
  ]
  return [...new Set(made)].flatMap((pattern): Question[] => [
    { kind: 'like', pattern },
    { kind: 'notLike', pattern },
    { kind: 'ilike', pattern },
    { kind: 'notIlike', pattern },
  ])
}

const escaped = (text: string): string => text.replace(/[%_\\]/g, '\\$&')

const INT4_MAX = 2 ** 31 - 1

function integerLiterals(found: readonly Value[]): number[] {
  const numbers = found.map(Number)
  const [first = 1, last = first] = [numbers[0], numbers.at(-1)]
  const all = [0, ...numbers.slice(0, 4), last + 1, first - 1, 1, -1, ...numbers.slice(4), INT4_MAX]
  return all.filter((value) => Math.abs(value) <= INT4_MAX)
}

function numberLiterals(column: ColumnSpec, live: LiveField, found: readonly Value[]): Value[] {
  const numbers = found.map(Number)
  const [first = 1, last = first] = [numbers[0], numbers.at(-1)]
  const literals = [0, ...numbers.slice(0, 4), 1, last + 0.5, first - 1, -0.01, ...numbers.slice(4)]
  if (column.type === 'float8') return literals
  const texts = literals.map(numericFromNumber)
  const decimals = live.digits?.[1]
  // More decimals than the field keeps.
  const finer = decimals === undefined ? [] : [`${last.toFixed(decimals)}4`, `${first.toFixed(decimals)}6`]
  return [...finer.slice(0, decimals === 0 ? 0 : 2), ...texts]
}

const SECOND_MS = 1000
const DAY_MS = 86_400_000

/** `characters` of the ISO form: a day or a second. */
function timeLiterals(found: readonly Value[], stepMs: number, characters: 10 | 19): string[] {
  const texts = found.map(String)
  const neighbours = texts
    .slice(0, 3)
    .flatMap((text) => [-stepMs, stepMs].flatMap((by) => shifted(text, by, characters)))
  const special =
    characters === 10
      ? ['1970-01-01', '2024-02-29']
      : [
          '1970-01-01 00:00:00',
          ...texts.slice(0, 2).flatMap((text) => [`${text}.5`, `${text.slice(0, 10)} 00:00:00`]),
        ]
  return [
    ...texts.slice(0, 4),
    ...neighbours.slice(0, 2),
    ...special,
    ...neighbours.slice(2),
    ...texts.slice(4),
  ]
}

function shifted(text: string, byMs: number, characters: 10 | 19): string[] {
  const time = Date.parse(`${text.replace(' ', 'T')}${characters === 10 ? 'T00:00:00' : ''}Z`)
  const moved = new Date(time + byMs)
  const year = Number.isNaN(moved.getTime()) ? 0 : moved.getUTCFullYear()
  return year < 1 || year > 9999 ? [] : [moved.toISOString().replace('T', ' ').slice(0, characters)]
}
