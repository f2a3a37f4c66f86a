import { isAggregateOperator } from './aggregates.ts'
import { searchUnlessPlain19 } from './domain-19.ts'
import type { Environment } from './environment.ts'
import { OdooFault, indexError, notImplementedError, sqlFault, typeError, valueError } from './faults.ts'
import type { DemoField } from './fields.ts'
import { byKey, byMeasure, groupsOf, shownKey, sortGroups } from './groups.ts'
import type { Aggregate, GroupComparator, GroupKey, RecordGroup } from './groups.ts'
import { limitOf } from './limit.ts'
import type { DemoModel } from './models.ts'
import { columnOf, directionOf } from './order.ts'
import type { Column } from './order.ts'
import { isShownIn } from './read.ts'
import type { StoredValue } from './records.ts'
import { leaf } from './tree-19.ts'
import type { LeafDomain } from './tree-19.ts'
import { isTruthy, reprOf, textOf } from './values.ts'
import type { Json } from './values.ts'

/** What both ways of grouping in 19.0 come to. */
export interface GroupCall {
  readonly domain: Json
  readonly groupby: readonly Json[]
  /** `field:operator`, or `__count`. */
  readonly aggregates: readonly Json[]
  readonly having?: Json | undefined
  readonly order: string
  readonly limit: Json | undefined
  readonly offset: Json | undefined
}

export interface FormattedGroup {
  /** In the order of `groupby`, as JSON shows them. */
  readonly keys: readonly Json[]
  /** Finds the records of a group among those of the call, key by key. */
  readonly leaves: readonly LeafDomain[]
  /** In the order of `aggregates`. */
  readonly aggregates: readonly Json[]
}

/** Groups as 19.0 makes them. Times and what is behind a relation cannot be grouped by. */
export function groups19(env: Environment, model: DemoModel, call: GroupCall): FormattedGroup[] {
  const ids = searchUnlessPlain19(env, model, call.domain)
  if (ids === undefined) return call.groupby.length > 0 ? [] : [nothing(model, call.aggregates)]
  const keys = call.groupby.map((spec) => keyOf(env, model, spec))
  const wanted: Aggregate[] = []
  const measures = call.aggregates.map((spec) => measureOf(env, model, spec, wanted))
  const comparators = keys.length === 0 ? [] : comparatorsOf(env, model, call.order, keys, wanted)
  const condition = keys.length === 0 ? undefined : conditionOf(env, model, call.having, wanted)
  const groups = groupsOf(env, model, ids, keys, wanted).filter((group) => condition?.(group) ?? true)
  const first = limitOf(19, call.offset, 'offset') ?? 0
  const count = limitOf(19, call.limit, 'limit')
  return sortGroups(groups, comparators)
    .slice(first, count === undefined ? undefined : first + count)
    .map((group) => ({
      keys: keys.map((key, at) => shownKey19(env, model, key, group.keys[at] ?? null)),
      leaves: keys.map((key, at) => leafOf(key, group.keys[at] ?? null)),
      aggregates: measures.map((measure) => measure(group)),
    }))
}

/** What Odoo says of no records when it need not ask the database: then nothing is wrong with any aggregate. */
const nothing = (model: DemoModel, aggregates: readonly Json[]): FormattedGroup => ({
  keys: [],
  leaves: [],
  aggregates: aggregates.map((spec) => {
    if (spec === '__count') return 0
    const [name, , operator = ''] = partsOfSpec(spec)
    if (operator === 'count' || operator === 'count_distinct') return 0
    if (operator.startsWith('array_agg')) return []
    if (!model.fields.has(name)) throw new OdooFault('builtins.KeyError', 500, reprOf(name))
    return false
  }),
})

/** A group by id carries the record's label too. */
function shownKey19(env: Environment, model: DemoModel, key: GroupKey, value: StoredValue): Json {
  if (key.field.name !== 'id') return shownKey(env, key, value)
  return shownKey(env, { ...key, field: { ...key.field, type: 'many2one', relation: model.name } }, value)
}

const leafOf = ({ field }: GroupKey, value: StoredValue): LeafDomain =>
  field.type === 'many2many' && value === null
    ? leaf(field.name, 'not any', [])
    : leaf(field.name, '=', value ?? false)

const SPEC = /^(\w+)(?:\.([\w.]+))?(?::(\w+))?$/u

/** A field, the path after it and what stands behind the colon. */
export function partsOfSpec(
  spec: Json,
): readonly [name: string, path: string | undefined, rest: string | undefined] {
  if (typeof spec !== 'string') throw typeError('expected string or bytes-like object')
  const match = SPEC.exec(spec)
  if (match === null) throw valueError(`Invalid aggregate/groupby specification ${reprOf(spec)}.`)
  return [match[1] ?? '', match[2], match[3]]
}

export function fieldOf(model: DemoModel, name: string): DemoField {
  const field = model.fields.get(name)
  if (field === undefined) throw valueError(`Invalid field ${reprOf(name)} on model ${reprOf(model.name)}`)
  return field
}

const GRANULARITIES = new Set([
  ...['hour', 'day', 'week', 'month', 'quarter', 'year'],
  ...['year_number', 'quarter_number', 'month_number', 'iso_week_number', 'day_of_year', 'day_of_month'],
  ...['day_of_week', 'hour_number', 'minute_number', 'second_number'],
])

function keyOf(env: Environment, model: DemoModel, spec: Json): GroupKey {
  const [name, path, granularity] = partsOfSpec(spec)
  const field = fieldOf(model, name)
  const isTime = field.type === 'date' || field.type === 'datetime'
  if (field.type === 'properties') throw valueError(`Wrong property field value name ${reprOf(path)}.`)
  if (path !== undefined) {
    if (field.type !== 'many2one')
      throw valueError(`Only many2one path is accepted for the ${reprOf(spec)} groupby spec`)
    throw notImplementedError('The demo does not group by what is behind a relation.')
  }
  if (granularity !== undefined && !isTime)
    throw valueError(`Granularity set on a no-datetime field or property: ${reprOf(spec)}`)
  const key = { name: textOf(spec), field }
  if (field.type === 'many2many') return { ...key, values: linksOf(env, field) }
  const column = sqlOf(env, model, field)
  if (isTime) {
    if (granularity === undefined)
      throw valueError(`Granularity not set on a date(time) field: ${reprOf(spec)}`)
    if (!GRANULARITIES.has(granularity))
      throw valueError(`Granularity specification isn't correct: ${reprOf(granularity)}`)
    throw notImplementedError('The demo does not group by times.')
  }
  const isBoolean = field.type === 'boolean'
  return { ...key, values: (record) => [isBoolean ? column.read(record) === true : column.read(record)] }
}

/** A record stands in the group of each record that it is linked with, as far as the caller sees it, or in that of none. */
function linksOf(env: Environment, field: DemoField): GroupKey['values'] {
  if (!field.store) throw valueError(`Group by non-stored many2many field: ${reprOf(field.name)}`)
  const isShown = isShownIn(env, field)
  return (record) => {
    const shown = ((record[field.name] ?? []) as readonly number[]).filter(isShown)
    return shown.length === 0 ? [null] : shown
  }
}

function sqlOf(env: Environment, model: DemoModel, field: DemoField): Column {
  const column = columnOf(env, model, field)
  if (column === undefined)
    throw valueError(`Cannot convert ${model.name}.${field.name} to SQL because it is not stored`)
  return column
}

type Measure = (group: RecordGroup) => Json

/** Reads one aggregate of a group; adds to `wanted` what it needs. What has no value is false, or an empty list. */
function measureOf(env: Environment, model: DemoModel, spec: Json, wanted: Aggregate[]): Measure {
  if (spec === '__count') return (group) => group.count
  const raw = rawMeasureOf(env, model, spec, wanted)
  const empty = textOf(spec).includes(':array_agg') ? [] : false
  return (group) => raw(group) ?? empty
}

function rawMeasureOf(env: Environment, model: DemoModel, spec: Json, wanted: Aggregate[]): Measure {
  if (spec === '__count') return (group) => group.count
  const [name, path, operator] = partsOfSpec(spec)
  if (path !== undefined) throw valueError(`Invalid ${reprOf(spec)}, this dot notation is not supported`)
  const field = model.fields.get(name)
  if (field === undefined)
    throw valueError(`Invalid field ${reprOf(name)} on model ${reprOf(model.name)} for ${reprOf(spec)}.`)
  if (operator === undefined) throw valueError(`Aggregate method is mandatory for ${reprOf(name)}`)
  if (operator === 'sum_currency' && field.type !== 'monetary')
    throw valueError(`Aggregator "sum_currency" only works on currency field for ${reprOf(name)}`)
  // The demo has no rates, and an amount without one counts as it is.
  const known = operator === 'sum_currency' ? 'sum' : operator
  if (!isAggregateOperator(19, known))
    throw valueError(`Invalid aggregate method ${reprOf(operator)} for ${reprOf(spec)}.`)
  const at = wanted.push({ operator: known, column: sqlOf(env, model, field) }) - 1
  return (group) => group.aggregates[at] ?? null
}

const ORDER_PART =
  /^\s*([a-z0-9_]+(?:\.[\w.]+)?(?::[a-z_]+)?)(\s+(?:desc|asc))?(\s+(?:nulls first|nulls last))?\s*$/i

function comparatorsOf(
  env: Environment,
  model: DemoModel,
  order: string,
  keys: readonly GroupKey[],
  wanted: Aggregate[],
): GroupComparator[] {
  return order.split(',').map((part) => {
    const match = ORDER_PART.exec(part)
    if (match === null) throw valueError(`Invalid order ${reprOf(order)} for _read_group()`)
    const [, term = '', way = '', nulls = ''] = match
    const direction = directionOf([way.trim(), ...nulls.trim().split(' ')])
    const key = keys.find((candidate) => candidate.name === term)
    if (key !== undefined) return byKey(env, model, keys, key, direction, nulls.trim())
    try {
      return byMeasure(rawMeasureOf(env, model, term, wanted), direction)
    } catch {
      throw valueError(`Order term ${reprOf(part)} is not a valid aggregate nor valid groupby`)
    }
  })
}

/** Undefined is SQL's unknown. */
type Condition = (group: RecordGroup) => boolean | undefined

/** HAVING, a domain over aggregates; undefined where there is none. */
function conditionOf(
  env: Environment,
  model: DemoModel,
  having: Json | undefined,
  wanted: Aggregate[],
): ((group: RecordGroup) => boolean) | undefined {
  if (having === undefined || !isTruthy(having)) return undefined
  if (!Array.isArray(having)) throw typeError('object is not iterable')
  const stack: Condition[] = []
  const pop = (): Condition => {
    const top = stack.pop()
    if (top === undefined) throw indexError('pop from empty list')
    return top
  }
  for (const item of [...(having as readonly Json[])].reverse()) {
    if (item === '!') {
      const operand = pop()
      stack.push((group) => invert(operand(group)))
    } else if (item === '&' || item === '|') stack.push(joined(item, pop(), pop()))
    else stack.push(comparisonOf(env, model, item, wanted))
  }
  while (stack.length > 1) stack.push(joined('&', pop(), pop()))
  const [whole] = stack
  return (group) => whole?.(group) === true
}

const invert = (truth: boolean | undefined): boolean | undefined => (truth === undefined ? undefined : !truth)

const joined =
  (operator: '&' | '|', left: Condition, right: Condition): Condition =>
  (group) => {
    const sides = [left(group), right(group)]
    const deciding = operator === '|'
    return sides.includes(deciding) ? deciding : sides.includes(undefined) ? undefined : !deciding
  }

const COMPARISONS: Readonly<Record<string, ((sign: number) => boolean) | undefined>> = {
  '=': (sign) => sign === 0,
  '!=': (sign) => sign !== 0,
  '<': (sign) => sign < 0,
  '>': (sign) => sign > 0,
  '<=': (sign) => sign <= 0,
  '>=': (sign) => sign >= 0,
}

function comparisonOf(env: Environment, model: DemoModel, item: Json, wanted: Aggregate[]): Condition {
  if (!Array.isArray(item) || item.length !== 3)
    throw valueError(`Invalid having clause ${reprOf(item)}: it should be a domain-like clause`)
  const [left = null, operator, right = null] = item as readonly Json[]
  if (operator === 'in' || operator === 'not in')
    throw sqlFault('SyntaxError', 'syntax error at or near "ARRAY"')
  const compare = COMPARISONS[textOf(operator)]
  if (compare === undefined)
    throw valueError(`Invalid having clause ${reprOf(item)}: its comparator is not supported`)
  const measure = rawMeasureOf(env, model, left, wanted)
  if (typeof right === 'boolean') throw sqlFault('UndefinedFunction', 'operator does not exist')
  if (right !== null && typeof right !== 'number')
    throw notImplementedError('The demo compares groups with numbers only.')
  return (group) => {
    const value = measure(group)
    return typeof value === 'number' && right !== null ? compare(value - right) : undefined
  }
}
