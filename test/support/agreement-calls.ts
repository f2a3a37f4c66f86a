import type { DemoField } from '../../src/demo/fields.ts'
import { fieldsOf } from '../../src/demo/fields.ts'
import type { Slice } from './agreement-records.ts'

/** One call to be made to both servers. */
export interface Call {
  readonly model: string
  readonly method: string
  readonly args: readonly unknown[]
  readonly kwargs?: Record<string, unknown>
  /** The order of the ids or groups is not determined: compare as sets. */
  readonly isUnordered?: boolean
  /** Numbers are compared to twelve digits. */
  readonly isRounded?: boolean
}

export const UNARCHIVED = { active_test: false }

/** A fixed sequence of pseudo-random numbers in [0, 1): mulberry32. */
export function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** A search by domain within the slice, whole and in the order of ids. */
export function searchCall(
  slice: Slice,
  model: string,
  domain: readonly unknown[],
  context: object = UNARCHIVED,
): Call {
  const ids = slice.ids[model]
  const bounded = ids === undefined ? domain : [['id', 'in', ids], ...domain]
  return { model, method: 'search', args: [bounded], kwargs: { order: 'id', context } }
}

const COMMON_OPERATORS = ['=', '!=', 'in', 'not in', '<', '<=', '>', '>=', '=?', '<>'] as const
const LIKE_OPERATORS = [
  'like',
  'not like',
  'ilike',
  'not ilike',
  '=like',
  '=ilike',
  'not =like',
  'not =ilike',
] as const

/** Literals of each type that tell versions and NULLs apart; `own` are values of the field in these records. */
function literalsFor(field: DemoField, own: readonly unknown[]): readonly unknown[] {
  const some = own.slice(0, 12)
  switch (field.type) {
    case 'char':
    case 'text':
      return [
        ...some,
        '',
        false,
        'R1',
        'a',
        '%',
        '_',
        'a%',
        '%e_',
        '\\_',
        '\\%',
        '100%',
        'É',
        'é',
        'STRASSE',
        'istanbul',
        'Z',
        '😀',
        'ω',
      ]
    case 'selection':
      return [...some, '', false, 'nonsense', 'l%', 'starttls']
    case 'integer':
      return [...some, 0, 1, -1, 25, 587, 1.5, false, 2147483647, '25', 1e12]
    case 'float':
    case 'monetary':
      return [...some, 0, 1, -0.5, 1000, 1e-9, false, 33.33]
    case 'boolean':
      return [true, false]
    case 'date':
      return [...some, '2024-02-29', '1999-12-31', '2026-06-15', false, '2026-06-15 12:00:00', '9999-12-31']
    case 'datetime':
      return [
        ...some,
        '2026-12-31 23:59:59',
        '1970-01-01 00:00:00',
        '2026-10-25',
        '2026-03-29',
        '2026-03-29 01:00:00',
        '2024-02-29 12:34:56',
        false,
      ]
    case 'many2one':
      return [...some, 0, 1, 2, 3, false, 99999999]
    case 'one2many':
    case 'many2many':
      return [...some.flat(), 1, 2, false, 99999999]
    default:
      return [false]
  }
}

/** Own values as the API would write them. */
function apiValue(field: DemoField, value: unknown): unknown {
  return field.type === 'datetime' && typeof value === 'string' ? value.slice(0, 19) : value
}

/** Fields whose values or search the demo does not take from the stored records. */
export const ELSEWHERE = new Set([
  'image_128',
  'properties',
  'lead_properties',
  'partner_ids',
  'barcode',
  'credit_limit',
])

/** Makes leaves over every searchable field of a model, with each operator and telling literals. */
export class LeafMaker {
  readonly #random: () => number
  readonly #fields: readonly DemoField[]
  readonly #own = new Map<string, readonly unknown[]>()

  constructor(version: 14 | 19, slice: Slice, model: string, seed: number) {
    this.#random = randomFrom(seed)
    const fields = fieldsOf(version).get(model) ?? new Map<string, DemoField>()
    this.#fields = [...fields.values()].filter((field) => !ELSEWHERE.has(field.name))
    for (const field of this.#fields) {
      const values = (slice.records[model] ?? [])
        .map((row) => row[field.name] ?? null)
        .filter((value) => value !== null)
      this.#own.set(
        field.name,
        Array.from({ length: 12 }, () => apiValue(field, this.pick(values))).filter(
          (value) => value !== undefined,
        ),
      )
    }
  }

  pick<T>(list: readonly T[]): T | undefined {
    return list[Math.floor(this.#random() * list.length)]
  }

  /** Whether the next throw of the dice falls below `chance`. */
  happens(chance: number): boolean {
    return this.#random() < chance
  }

  /** One leaf; of the given field, or of any. */
  leaf(field: DemoField | undefined = this.pick(this.#fields)): readonly unknown[] {
    if (field === undefined) return [1, '=', 1]
    const isText = ['char', 'text', 'selection'].includes(field.type)
    const operators = isText
      ? [...COMMON_OPERATORS, ...LIKE_OPERATORS]
      : field.type === 'boolean'
        ? (['=', '!=', 'in', 'not in'] as const)
        : COMMON_OPERATORS
    const operator = this.pick<string>(operators) ?? '='
    const literals = literalsFor(field, this.#own.get(field.name) ?? [])
    if (operator === 'in' || operator === 'not in') {
      const list = Array.from({ length: Math.floor(this.#random() * 4) }, () => this.pick(literals))
      return [field.name, operator, list]
    }
    return [field.name, operator, this.pick(literals)]
  }

  /** One leaf for each field, `times` over. */
  leaves(times: number): (readonly unknown[])[] {
    return Array.from({ length: times }, () => this.#fields.map((field) => this.leaf(field))).flat()
  }

  /** A random tree of AND, OR and NOT in prefix notation. */
  tree(depth: number): unknown[] {
    if (depth === 0 || this.happens(0.2)) return this.happens(0.25) ? ['!', this.leaf()] : [this.leaf()]
    const operator = this.pick(['&', '|', '!'] as const)
    if (operator === '!') return ['!', ...this.tree(depth - 1)]
    return [operator, ...this.tree(depth - 1), ...this.tree(depth - 1)]
  }
}
