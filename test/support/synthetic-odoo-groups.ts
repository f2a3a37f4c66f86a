import { fault, fieldNamed, type SyntheticModel } from './synthetic-odoo-records.ts'
import { matching, type Prefix } from './synthetic-odoo-search.ts'

interface Grouping {
  readonly fields: readonly string[]
  readonly groupby: readonly string[]
}

interface Group {
  /** Any of its records: all have the same keys. */
  readonly id: number
  count: number
  readonly results: number[]
}

/** Replies that are kept: the records never change. */
const KEPT_MAX = 100
const replies = new Map<string, string>()

/** JSON of what `read_group` says with `lazy` off: `name:sum(field)` for each aggregate, and `__count`. */
export function groupsAsJson(model: SyntheticModel, domain: Prefix, grouping: Grouping): string {
  const key = JSON.stringify([model.name, domain, grouping])
  const reply = replies.get(key) ?? JSON.stringify(groupRecords(model, domain, grouping))
  if (replies.size < KEPT_MAX) replies.set(key, reply)
  return reply
}

function groupRecords(model: SyntheticModel, domain: Prefix, { fields, groupby }: Grouping): unknown[] {
  const keys = groupby.map((name) => ({ name, ...fieldNamed(model, name) }))
  // A field without an operator is a key here, and needs none.
  const aggregates = fields.flatMap((field) => aggregateOf(model, field))
  const groups = new Map<string, Group>()
  const ids = matching(model, domain)
  for (let index = 0; index < ids.length; index++) {
    const id = ids.at(index)
    const place = keys.map(({ valueOf }) => valueOf(id)).join('\n')
    const values = aggregates.map(({ valueOf }) => Number(valueOf(id)))
    const group = groups.get(place)
    if (group === undefined)
      groups.set(place, { id, count: 1, results: aggregates.map(({ start }, at) => start(values[at]!)) })
    else {
      group.count++
      for (const [at, { add }] of aggregates.entries())
        group.results[at] = add(group.results[at]!, values[at]!)
    }
  }
  return [...groups.values()].map(({ id, count, results }) => ({
    ...Object.fromEntries(keys.map(({ name, jsonOf }) => [name, JSON.parse(jsonOf(id)) as unknown])),
    ...Object.fromEntries(aggregates.map(({ name }, at) => [name, results[at]])),
    __count: count,
  }))
}

const ADD: Readonly<Record<string, (result: number, value: number) => number>> = {
  sum: (result, value) => result + value,
  min: Math.min,
  max: Math.max,
  count: (result) => result + 1,
}

function aggregateOf(model: SyntheticModel, text: string) {
  const [, name, operator, field] = /^(\w+):(\w+)\((\w+)\)$/.exec(text) ?? []
  if (name === undefined || operator === undefined || field === undefined) return []
  const add = ADD[operator]
  if (add === undefined) throw fault('odoo.exceptions.UserError', `Invalid aggregation function ${operator}.`)
  const { valueOf } = fieldNamed(model, field)
  return { name, add, valueOf, start: (value: number) => (operator === 'count' ? 1 : value) }
}
