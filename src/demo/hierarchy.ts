import { test } from './condition.ts'
import type { Environment } from './environment.ts'
import type { DemoModel } from './models.ts'

/** The given records and all below them, or all above, along a parent field: `child_of` and `parent_of`. */
export function familyOf(
  env: Environment,
  model: DemoModel,
  parent: string,
  start: readonly number[],
  isDownward: boolean,
): ReadonlySet<number> {
  const found = new Set(start)
  let edge: readonly number[] = start
  while (edge.length > 0 && model.fields.has(parent)) {
    const current = edge
    const next = isDownward
      ? env.records.ids(model.name, test(parent, 'in', new Set(current)))
      : current.map((id) => env.records.one(model.name, id)?.[parent]).filter((id) => typeof id === 'number')
    edge = next.filter((id) => !found.has(id))
    for (const id of edge) found.add(id)
  }
  return found
}
