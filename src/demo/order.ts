import { checkLanguage, checkVisible, modelOf } from './environment.ts'
import type { Environment } from './environment.ts'
import { indexError, userError, valueError } from './faults.ts'
import type { DemoField } from './fields.ts'
import { delegateOf } from './models.ts'
import type { DemoModel } from './models.ts'
import { collate } from './records.ts'
import type { DemoRecord, StoredValue } from './records.ts'

/** One column to sort by: how to find its value from a record of the searched model, and which way. */
interface OrderTerm {
  readonly value: (record: DemoRecord) => StoredValue
  readonly isDescending: boolean
  readonly isNullFirst: boolean
}

type Follow = (record: DemoRecord) => DemoRecord | undefined

export const ORDER_14 = /^(\s*([a-z0-9:_]+|"[a-z0-9:_]+")(\s+(desc|asc))?\s*(,|$))+(?<!,)$/i
const ORDER_19 =
  /^(\s*[a-z0-9_]+(\.[a-z0-9_]+)?(:[a-z_]+)?(\s+(desc|asc))?(\s+nulls (first|last))?\s*(,|$))+(?<!,)$/i

/**
 * Sorts records as Odoo's `order` says; equal ones keep their place. Sorted here and not by alasql, which knows no NULL
 * placement and no C collation, and because a many2one sorts by its target's own order.
 */
export function sortRecords(
  env: Environment,
  model: DemoModel,
  records: readonly DemoRecord[],
  order: string,
): DemoRecord[] {
  return [...records].sort(comparatorOf(env, model, order))
}

/** Compares records as Odoo's `order` says. */
export function comparatorOf(
  env: Environment,
  model: DemoModel,
  order: string,
): (a: DemoRecord, b: DemoRecord) => number {
  const terms = termsOf(env, model, order, (record) => record, false, new Set())
  return (a, b) => {
    for (const term of terms) {
      const sign = compareValues(term, term.value(a), term.value(b))
      if (sign !== 0) return sign
    }
    return 0
  }
}

/** Which way to sort. */
export type Direction = Pick<OrderTerm, 'isDescending' | 'isNullFirst'>

export function compareValues(direction: Direction, a: StoredValue, b: StoredValue): number {
  if (a === null || b === null) {
    if (a === b) return 0
    return (a === null) === direction.isNullFirst ? -1 : 1
  }
  const sign = typeof a === 'string' ? collate(a, String(b)) : Number(a) - Number(b)
  return direction.isDescending ? -sign : sign
}

/** From `desc`, `asc`, `nulls first` and `nulls last`. PostgreSQL puts NULLs last, and first when descending. */
export function directionOf(words: readonly string[], isReversed = false): Direction {
  const modifiers = words.map((word) => word.toLowerCase())
  const isDescending = modifiers.includes('desc') !== isReversed
  const isNullFirst = modifiers.includes('nulls') ? modifiers.includes('first') !== isReversed : isDescending
  return { isDescending, isNullFirst }
}

function termsOf(
  env: Environment,
  model: DemoModel,
  order: string,
  follow: Follow,
  isReversed: boolean,
  seen: Set<DemoField>,
): OrderTerm[] {
  const parts = order.split(',')
  if (env.version === 14 && parts.some((part) => part.trim() === ''))
    throw indexError('list index out of range')
  if (!(env.version === 14 ? ORDER_14 : ORDER_19).test(order))
    throw userError(`Invalid "order" specified (${order}).`)
  return parts.flatMap((part) => termsOfPart(env, model, part.trim().split(/\s+/), follow, isReversed, seen))
}

function termsOfPart(
  env: Environment,
  model: DemoModel,
  words: readonly string[],
  follow: Follow,
  isReversed: boolean,
  seen: Set<DemoField>,
): OrderTerm[] {
  const [expression = '', ...rest] = words
  const { isDescending, isNullFirst } = directionOf(rest, isReversed)
  const [path = ''] = env.version === 14 ? [expression] : expression.split(':')
  const [name = '', property] = path.split('.')
  const field = model.fields.get(name)
  if (field === undefined) throw valueError(`Invalid field '${name}' on model '${model.name}'`)
  const term = (value: OrderTerm['value']): OrderTerm[] => [{ value, isDescending, isNullFirst }]

  const column = columnOf(env, model, field)
  if (column === undefined) return []
  const { field: target } = column
  const read = (record: DemoRecord): StoredValue => {
    const from = follow(record)
    return from === undefined ? null : column.read(from)
  }
  if (property !== undefined && (target.type !== 'many2one' || property !== 'id'))
    throw valueError(`Invalid field property '${property}' on ${model.name}.${name}`)
  if (target.type === 'boolean') return term((record) => read(record) === true)
  if (target.type !== 'many2one' || property === 'id') return term(read)

  // A many2one sorts by its target's order; one already on the way is not followed again.
  if (seen.has(target)) return []
  const comodel = modelOf(env, target.relation ?? '')
  if (comodel.order === 'id') return term(read)
  const next: Follow = (record) => env.records.one(comodel.name, Number(read(record)))
  const inner = termsOf(env, comodel, comodel.order, next, isDescending, new Set([...seen, target]))
  if (!rest.some((word) => word.toLowerCase() === 'nulls')) return inner
  return [
    { value: (record) => (read(record) === null) !== isNullFirst, isDescending: false, isNullFirst },
    ...inner,
  ]
}

/** A stored field, the model's own or borrowed from another. */
export interface Column {
  readonly field: DemoField
  /** Its value of a record of the model that was asked. */
  readonly read: (record: DemoRecord) => StoredValue
}

/** What PostgreSQL sees of a field: undefined where 14 sees none, an error on 19. */
export function columnOf(env: Environment, model: DemoModel, field: DemoField): Column | undefined {
  const through = sortedThrough(env, model, field)
  if (through === undefined) return undefined
  const [target, owner, reach] = through
  if (env.version === 19) checkVisible(env, owner, target)
  if (target.translate) checkLanguage(env)
  return { field: target, read: (record) => reach(record)?.[target.name] ?? null }
}

/** The stored field that an order by `field` sorts by, and the way to it; undefined where 14 ignores the field. */
function sortedThrough(
  env: Environment,
  model: DemoModel,
  field: DemoField,
): readonly [DemoField, DemoModel, Follow] | undefined {
  const isFollowed = env.version === 14 ? delegateOf(model, field) !== undefined : field.related !== undefined
  if (!field.store && isFollowed && field.related !== undefined) {
    const [first = '', ...path] = field.related
    const link = model.fields.get(first)
    const comodel = modelOf(env, link?.relation ?? '')
    const last = path.length === 1 ? comodel.fields.get(path[0] ?? '') : undefined
    if (last !== undefined) {
      const inner = sortedThrough(env, comodel, last)
      if (inner === undefined) return undefined
      const [target, owner, reach] = inner
      const step: Follow = (record) => {
        const linked = env.records.one(comodel.name, Number(record[first]))
        return linked && reach(linked)
      }
      return [target, owner, step]
    }
  }
  const hasColumn =
    field.store && field.type !== 'one2many' && field.type !== 'many2many' && !field.attachment
  if (hasColumn || field.sortable) return [field, model, (record) => record]
  if (env.version === 14) return undefined
  throw valueError(`Cannot convert ${model.name}.${field.name} to SQL because it is not stored`)
}
