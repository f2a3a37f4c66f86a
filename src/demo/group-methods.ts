import type { Environment } from './environment.ts'
import { typeError, valueError } from './faults.ts'
import { AGGREGATE_SPEC, specsOf } from './groups.ts'
import type { Arguments, Method } from './methods.ts'
import type { DemoModel } from './models.ts'
import { columnOf } from './order.ts'
import { treeFrom19 } from './prefix.ts'
import { readGroup14 } from './read-group-14.ts'
import { fieldOf, groups19, partsOfSpec } from './read-group-19.ts'
import { combined, domainFrom, leaf, listFromDomain } from './tree-19.ts'
import { isTruthy, reprOf, textOf } from './values.ts'
import type { Json } from './values.ts'

/** The methods that group records. */
export const GROUP_METHODS: Readonly<Record<string, Method>> = {
  read_group: {
    takesIds: false,
    versions: [14, 19],
    parameters: () => ['domain', 'fields', 'groupby', 'offset', 'limit', 'orderby', 'lazy'],
    required: 3,
    run: (env, model, _, args) =>
      env.version === 14 ? readGroup14(env, model, args) : readGroup19(env, model, args),
  },
  formatted_read_group: {
    takesIds: false,
    versions: [19],
    parameters: () => ['domain', 'groupby', 'aggregates', 'having', 'offset', 'limit', 'order'],
    required: 1,
    run: formattedReadGroup,
  },
}

/** A group of `formatted_read_group` is found by the domain of the call together with its `__extra_domain`. */
function formattedReadGroup(
  env: Environment,
  model: DemoModel,
  _: readonly number[],
  { domain = null, groupby = [], aggregates = [], having, offset, limit, order }: Arguments,
): Json {
  const keys = specsOf(groupby)
  const specs = specsOf(aggregates).map((spec) => textOf(spec).replaceAll(':recordset', ':array_agg'))
  const call = {
    domain,
    groupby: keys,
    aggregates: specs,
    having,
    order: isTruthy(order) ? textOf(order) : keys.map(textOf).join(', '),
    limit,
    offset,
  }
  return groups19(env, model, call).map((group) => ({
    ...Object.fromEntries(keys.map((key, at) => [textOf(key), group.keys[at] ?? false])),
    __extra_domain:
      group.leaves.length === 0
        ? [[1, '=', 1]]
        : [...group.leaves.slice(1).map(() => '&'), ...group.leaves.flatMap(listFromDomain)],
    ...Object.fromEntries(specs.map((spec, at) => [spec, group.aggregates[at] ?? false])),
  }))
}

/**
 * `read_group`, which 19.0 still has in front of its new way to group. Lazy calls do not add the empty groups that some
 * fields of Odoo's (a lead's stage) would.
 */
function readGroup19(env: Environment, model: DemoModel, args: Arguments): Json {
  const { domain = null, orderby, limit, offset, lazy = true } = args
  const given = args['groupby']
  const specs = typeof given === 'string' ? [given] : listOf(given)
  const isLazy = isTruthy(lazy)
  const keys = isLazy ? specs.slice(0, 1) : specs
  for (const key of keys) checkKey(model, key)
  const countName = isLazy && keys.length === 1 ? `${textOf(keys[0]).split(':')[0] ?? ''}_count` : '__count'
  const aggregates = aggregatesOf(env, model, args['fields'], keys, countName)
  const order = isTruthy(orderby)
    ? translatedOrder(textOf(orderby), keys, aggregates)
    : keys.map(textOf).join(',')
  const call = { domain, groupby: keys, aggregates: [...aggregates.values()], order, limit, offset }
  return groups19(env, model, call).map((group) => {
    const values = new Map([...aggregates.keys()].map((name, at) => [name, group.aggregates[at] ?? false]))
    // An aggregate that goes by the name of a key takes its place, and Odoo takes it for the key.
    const leaves = group.leaves.map((own, at) => {
      const value = values.get(textOf(keys[at]))
      return value === undefined ? own : leaf(own.path, '=', value)
    })
    return {
      ...Object.fromEntries(keys.map((key, at) => [textOf(key), group.keys[at] ?? false])),
      ...Object.fromEntries(values),
      __domain: listFromDomain(combined('and', [domainFrom(treeFrom19(domain)), ...leaves])),
      ...(keys.length < specs.length ? { __context: { group_by: specs.slice(keys.length) } } : {}),
    }
  })
}

function listOf(value: Json | undefined): readonly Json[] {
  if (!Array.isArray(value)) throw typeError('object is not iterable')
  return value as readonly Json[]
}

function checkKey(model: DemoModel, key: Json): void {
  const [name, path] = partsOfSpec(key)
  if (fieldOf(model, name).type !== 'properties' && path !== undefined)
    throw valueError(`Property name ${reprOf(path)} has to be used on a property field.`)
}

/** Name in the answer → `field:operator`. A name that comes again takes the place of the first. */
function aggregatesOf(
  env: Environment,
  model: DemoModel,
  fields: Json | undefined,
  keys: readonly Json[],
  countName: string,
): ReadonlyMap<string, string> {
  const aggregates = new Map([[countName, '__count']])
  for (const spec of specsOf(fields)) {
    if (spec === '__count') continue
    if (typeof spec !== 'string') throw typeError('expected string or bytes-like object')
    const match = AGGREGATE_SPEC.exec(spec)
    if (match === null) throw valueError(`Invalid field specification ${reprOf(spec)}.`)
    const [, name = '', operator, fieldName = name] = match
    if (operator !== undefined) {
      aggregates.set(name, `${fieldName}:${operator}`)
      continue
    }
    const field = fieldOf(model, name)
    const own = field.attributes['aggregator']
    const isColumn =
      field.store && field.type !== 'many2many' && field.type !== 'one2many' && !field.attachment
    if (isColumn && columnOf(env, model, field) && typeof own === 'string' && !keys.includes(spec))
      aggregates.set(name, `${name}:${own}`)
  }
  return aggregates
}

/** Puts the aggregate for its name wherever the name's letters stand in a term, also in `desc`: so does Odoo. */
function translatedOrder(
  order: string,
  keys: readonly Json[],
  aggregates: ReadonlyMap<string, string>,
): string {
  const names: [string, string][] = [
    ...[...keys].reverse().map((key): [string, string] => [textOf(key), textOf(key)]),
    ...aggregates,
  ]
  return order
    .split(',')
    .map((part) => {
      const term = part.trim()
      for (const [name, spec] of names) {
        const [bare = ''] = name.split(':')
        if (term === bare || term.startsWith(`${bare} `)) return term.replaceAll(bare, spec)
      }
      return term
    })
    .join(',')
}
