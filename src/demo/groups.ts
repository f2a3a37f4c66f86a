import { aggregateOf, checkAggregate, isCount } from './aggregates.ts'
import type { AggregateOperator } from './aggregates.ts'
import { labelOf } from './computed.ts'
import type { Environment } from './environment.ts'
import { typeError } from './faults.ts'
import type { DemoField } from './fields.ts'
import type { DemoModel } from './models.ts'
import { comparatorOf, compareValues } from './order.ts'
import type { Column, Direction } from './order.ts'
import type { DemoRecord, GroupableRow, RowGroup, StoredValue } from './records.ts'
import type { Json } from './values.ts'

/** What records are grouped by. */
export interface GroupKey {
  /** As the call spells it, and so the groups. */
  readonly name: string
  /** The field of the model that is asked. */
  readonly field: DemoField
  /** A record belongs to a group for each of its values; null is one. */
  readonly values: (record: DemoRecord) => readonly StoredValue[]
}

export interface Aggregate {
  readonly operator: AggregateOperator
  readonly column: Column
}

export interface RecordGroup {
  /** The record with the least id; undefined for the one group over no records. */
  readonly first: DemoRecord | undefined
  readonly count: number
  readonly keys: readonly StoredValue[]
  /** As JSON shows them; null is SQL's NULL. */
  readonly aggregates: readonly Json[]
}

export type GroupComparator = (a: RecordGroup, b: RecordGroup) => number

/** The groups of the records with these ids; without keys exactly one, be there records or not. */
export function groupsOf(
  env: Environment,
  model: DemoModel,
  ids: readonly number[],
  keys: readonly GroupKey[],
  aggregates: readonly Aggregate[],
): RecordGroup[] {
  for (const { operator, column } of aggregates) checkAggregate(operator, column.field)
  const rows = ids.flatMap((id): GroupableRow[] => {
    const record = env.records.one(model.name, id)
    if (record === undefined) return []
    const values = aggregates.map(({ column }) => column.read(record))
    return combinationsOf(keys.map((key) => key.values(record))).map((combination) => ({
      group: JSON.stringify(combination),
      id,
      values,
    }))
  })
  const measures = aggregates.map(({ operator }) => (isCount(operator) ? operator : 'values'))
  const found = env.records.grouped(rows, measures)
  const none: RowGroup = {
    group: '[]',
    first: 0,
    count: 0,
    measures: measures.map((measure) => (measure === 'values' ? [] : 0)),
  }
  return (found.length === 0 && keys.length === 0 ? [none] : found).map((row) => ({
    first: env.records.one(model.name, row.first),
    count: row.count,
    keys: JSON.parse(row.group) as StoredValue[],
    aggregates: aggregates.map(({ operator, column }, at): Json => {
      const measure = row.measures[at] ?? 0
      return typeof measure === 'number' ? measure : aggregateOf(operator, column.field, measure)
    }),
  }))
}

const combinationsOf = (lists: readonly (readonly StoredValue[])[]): StoredValue[][] =>
  lists.reduce<StoredValue[][]>(
    (begun, list) => begun.flatMap((combination) => list.map((value) => [...combination, value])),
    [[]],
  )

/** By one key: a many2one by its target's own order, many of them by id. */
export function byKey(
  env: Environment,
  model: DemoModel,
  keys: readonly GroupKey[],
  key: GroupKey,
  direction: Direction,
  nulls = '',
): GroupComparator {
  if (key.field.type === 'many2many') {
    const at = keys.indexOf(key)
    return (a, b) => compareValues(direction, a.keys[at] ?? null, b.keys[at] ?? null)
  }
  const order = `${key.field.name} ${direction.isDescending ? 'desc' : 'asc'} ${nulls}`
  const compare = comparatorOf(env, model, order.trim())
  return (a, b) => (a.first === undefined || b.first === undefined ? 0 : compare(a.first, b.first))
}

/** By a number or text that each group has. */
export const byMeasure =
  (measure: (group: RecordGroup) => Json, direction: Direction): GroupComparator =>
  (a, b) =>
    compareValues(direction, measure(a) as StoredValue, measure(b) as StoredValue)

export const sortGroups = (
  groups: readonly RecordGroup[],
  comparators: readonly GroupComparator[],
): RecordGroup[] =>
  [...groups].sort((a, b) => {
    for (const compare of comparators) {
      const sign = compare(a, b)
      if (sign !== 0) return sign
    }
    return 0
  })

/** The key's value as groups show it: NULL is false, a relation comes with its label. */
export function shownKey(env: Environment, { field }: GroupKey, value: StoredValue): Json {
  if (value === null) return false
  const isRelation = field.type === 'many2one' || field.type === 'many2many'
  return isRelation ? [value, labelOf(env, field.relation ?? '', Number(value))] : value
}

/** A list of texts as Python iterates over it, in which a text is one of its characters. */
export function specsOf(value: Json | undefined): readonly Json[] {
  if (Array.isArray(value)) return value as readonly Json[]
  if (typeof value === 'string') return [...value]
  throw typeError('object is not iterable')
}

/** `name`, `name:operator` or `name:operator(field)` at the beginning of a text, whatever follows. */
export const AGGREGATE_SPEC = /^(\w+)(?::(\w+)(?:\((\w+)\))?)?/u
