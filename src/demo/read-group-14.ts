import { isAggregateOperator } from './aggregates.ts'
import { searchInSql14 } from './domain-14.ts'
import type { Environment } from './environment.ts'
import {
  OdooFault,
  assertionError,
  attributeError,
  notImplementedError,
  sqlFault,
  typeError,
  userError,
  valueError,
} from './faults.ts'
import type { DemoField } from './fields.ts'
import { AGGREGATE_SPEC, byKey, byMeasure, groupsOf, shownKey, sortGroups, specsOf } from './groups.ts'
import type { Aggregate, GroupComparator, GroupKey, RecordGroup } from './groups.ts'
import { bounded } from './limit.ts'
import type { Arguments } from './methods.ts'
import type { DemoModel } from './models.ts'
import { ORDER_14, columnOf, directionOf } from './order.ts'
import { integerFrom, isTruthy, reprOf, textOf, uniqueValues } from './values.ts'
import type { Json } from './values.ts'

interface NamedAggregate extends Aggregate {
  readonly name: string
}

/**
 * `read_group` as 14.0 answers it. Lazy calls do not add the empty groups that some fields of Odoo's (a lead's stage)
 * would, and times cannot be grouped by.
 */
export function readGroup14(env: Environment, model: DemoModel, args: Arguments): Json {
  const { domain = null, lazy = true, orderby, limit, offset } = args
  const ids = searchInSql14(env, model, domain)
  const isLazy = isTruthy(lazy)
  const specs = keySpecs(args['groupby'])
  const keys = (isLazy ? specs.slice(0, 1) : specs).map((spec) => keyOf(env, model, spec))
  const aggregates = aggregatesOf(env, model, args['fields'], keys)
  const order = isTruthy(orderby) ? textOf(orderby) : keys.map((key) => key.name).join(',')
  const comparators = comparatorsOf(env, model, order, keys, aggregates)
  const sorted = sortGroups(groupsOf(env, model, ids, keys, aggregates), comparators)
  const page = pageOf(sorted, limit, offset)
  const isCountNamed = isLazy && keys.length > 0 && !isTruthy(env.context['group_by_no_leaf'])
  const countName = isCountNamed ? `${keys[0]?.field.name ?? ''}_count` : '__count'
  return page.map((group): Json => {
    const values = aggregates.map(({ name }, at): [string, Json] => [name, group.aggregates[at] ?? null])
    // The one group over everything is PostgreSQL's row as it comes.
    if (keys.length === 0)
      return { id: group.first?.id ?? null, [countName]: group.count, ...Object.fromEntries(values) }
    const rest = specs.slice(keys.length)
    return {
      [countName]: group.count,
      ...Object.fromEntries(values.map(([name, value]) => [name, value ?? false])),
      ...Object.fromEntries(keys.map((key, at) => [key.name, shownKey(env, key, group.keys[at] ?? null)])),
      __domain: domainOfGroup(keys, group, domain),
      ...(rest.length > 0 ? { __context: { group_by: rest } } : {}),
    }
  })
}

function keySpecs(groupby: Json | undefined): string[] {
  const specs = typeof groupby === 'string' ? [groupby] : uniqueValues(specsOf(groupby))
  return specs.map((spec) => {
    if (typeof spec !== 'string') throw attributeError(`'${reprOf(spec)}' object has no attribute 'split'`)
    return spec
  })
}

const GRANULARITIES = new Set(['hour', 'day', 'week', 'month', 'quarter', 'year'])

function keyOf(env: Environment, model: DemoModel, spec: string): GroupKey {
  const [name = '', granularity = 'month'] = spec.split(':')
  const field = fieldOf(model, name)
  const column = columnOf(env, model, field)
  if (field.type === 'date' || field.type === 'datetime') {
    if (!GRANULARITIES.has(granularity)) throw new OdooFault('builtins.KeyError', 500, reprOf(granularity))
    throw notImplementedError('The demo does not group by times.')
  }
  if (column === undefined) throw assertionError("Fields in 'groupby' must be stored in the database")
  const isBoolean = field.type === 'boolean'
  return {
    name: spec,
    field,
    values: (record) => [isBoolean ? column.read(record) === true : column.read(record)],
  }
}

const fieldOf = (model: DemoModel, name: string): DemoField => {
  const field = model.fields.get(name)
  if (field === undefined) throw valueError(`Invalid field ${reprOf(name)} on model ${reprOf(model.name)}`)
  return field
}

function aggregatesOf(
  env: Environment,
  model: DemoModel,
  fields: Json | undefined,
  keys: readonly GroupKey[],
): NamedAggregate[] {
  const all = [...model.fields.values()].filter((field) => field.store).map((field) => field.name)
  const found: NamedAggregate[] = []
  for (const spec of fields !== undefined && isTruthy(fields) ? specsOf(fields) : all) {
    if (spec === 'sequence' || spec === '__count') continue
    if (typeof spec !== 'string') throw typeError('expected string or bytes-like object')
    const aggregate = aggregateOf(env, model, spec)
    // What is grouped by is not aggregated too, and nothing says so.
    if (aggregate === undefined || keys.some((key) => key.field === aggregate.source)) continue
    if (found.some(({ name }) => name === aggregate.name))
      throw userError(`Output name ${reprOf(aggregate.name)} is used twice.`)
    found.push(aggregate)
  }
  return found
}

/** Undefined for the bare name of a field that Odoo has no operator for. */
function aggregateOf(
  env: Environment,
  model: DemoModel,
  spec: string,
): (NamedAggregate & { readonly source: DemoField }) | undefined {
  const match = AGGREGATE_SPEC.exec(spec)
  if (match === null) throw userError(`Invalid field specification ${reprOf(spec)}.`)
  const [, name = '', operator, fieldName = name] = match
  const source = fieldOf(model, fieldName)
  const column = columnOf(env, model, source)
  const own = operator ?? source.attributes['group_operator']
  if (operator === undefined && (column === undefined || typeof own !== 'string')) return undefined
  if (column === undefined) throw userError(`Cannot aggregate field ${reprOf(fieldName)}.`)
  if (typeof own !== 'string' || !isAggregateOperator(14, own))
    throw userError(`Invalid aggregation function ${reprOf(own)}.`)
  return { name, operator: own, column, source }
}

function comparatorsOf(
  env: Environment,
  model: DemoModel,
  order: string,
  keys: readonly GroupKey[],
  aggregates: readonly NamedAggregate[],
): GroupComparator[] {
  if (order === '') return []
  if (!ORDER_14.test(order)) throw userError(`Invalid "order" specified (${order}).`)
  return order.split(',').flatMap((part): GroupComparator[] => {
    const [name = '', ...words] = part.trim().split(/\s+/)
    const direction = directionOf(words)
    const key = keys.find((candidate) => candidate.name === name || candidate.field.name === name)
    if (key?.field.name === 'id') throw sqlFault('AmbiguousColumn', 'ORDER BY "id" is ambiguous')
    if (key !== undefined) return [byKey(env, model, keys, key, direction)]
    if (name === 'id') return [byMeasure(({ first }) => first?.id ?? null, direction)]
    const at = aggregates.findIndex((aggregate) => aggregate.name === name)
    if (at >= 0) return [byMeasure((group) => group.aggregates[at] ?? null, direction)]
    fieldOf(model, name)
    // A field that is neither grouped by nor aggregated is not sorted by.
    return []
  })
}

/** Without a limit the offset is not looked at. */
function pageOf(
  groups: readonly RecordGroup[],
  limit: Json | undefined,
  offset: Json | undefined,
): readonly RecordGroup[] {
  if (limit === undefined || !isTruthy(limit)) return groups
  const count = bounded(integerFrom(limit), 'limit')
  const first = bounded(integerFrom(offset ?? 0), 'offset')
  return groups.slice(first, first + count)
}

/** Finds the records of the group: its keys, then the domain of the call with its ANDs written out. */
function domainOfGroup(keys: readonly GroupKey[], group: RecordGroup, domain: Json): Json {
  const leaves = keys.map(({ field }, at): Json => [field.name, '=', group.keys[at] ?? false])
  const given = isTruthy(domain) ? normalized(domain as readonly Json[]) : []
  const parts = leaves.length + (given.length > 0 ? 1 : 0)
  return [...Array.from({ length: parts - 1 }, () => '&'), ...leaves, ...given]
}

function normalized(domain: readonly Json[]): Json[] {
  const written: Json[] = []
  let expected = 1
  for (const item of domain) {
    if (expected === 0) {
      written.unshift('&')
      expected = 1
    }
    expected += item === '&' || item === '|' ? 1 : item === '!' ? 0 : -1
    written.push(item)
  }
  return written
}
