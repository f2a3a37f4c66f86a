import type { Datum } from '../catalog/types.ts'
import { SqlError } from '../errors.ts'
import { leaf } from '../odoo/domain.ts'
import type { SortKey } from '../planner/bind-select.ts'
import { compareWith } from '../planner/evaluate.ts'
import { pushDownOrder } from '../planner/order.ts'
import { orFault, type SampledColumn } from './prove-sample.ts'
import type { Trials, WholeOutcome } from './prove-search.ts'

/** Whether Odoo orders by a field as SQL does, in both directions; undefined where it is not asked to. */
export async function orderFaultOf(
  sampled: SampledColumn,
  { client, sample, options, serverOf }: Trials,
): Promise<WholeOutcome | undefined> {
  const [family] = options.families
  if (family === undefined) return undefined
  let asked: string | undefined
  for (const isDescending of [false, true])
    for (const nullsFirst of [false, true]) {
      const key: SortKey = { column: sampled.column, isDescending, nullsFirst }
      const pushed = pushDownOrder([key], serverOf(family))
      if ('reason' in pushed) continue
      asked = pushed.order
      const request = { domain: leaf('id', 'in', sample.ids), order: pushed.order }
      const found = await orFault(client.search(sample.table.model, request, options))
      if (found instanceof SqlError) return { asked, fault: found.message }
      if (!isInOrder(found, sample.ids, sampled, key))
        return { asked, fault: 'the records come in another order' }
    }
  return asked === undefined ? undefined : { asked, fault: undefined }
}

function isInOrder(
  found: readonly number[],
  ids: readonly number[],
  { values, live }: SampledColumn,
  key: SortKey,
): boolean {
  const valueOf = new Map(ids.map((id, index) => [id, values[index] ?? null]))
  const compare = (a: number, b: number): number =>
    compareValues(valueOf.get(a) ?? null, valueOf.get(b) ?? null, key) || a - b
  const expected = [...ids].sort(compare)
  if (found.length !== expected.length) return false
  // Within a second Odoo goes by microseconds, which it does not show.
  const isSame =
    live.type === 'datetime'
      ? (a: number, b: number): boolean => valueOf.get(a) === valueOf.get(b)
      : (a: number, b: number): boolean => a === b
  return found.every((id, index) => isSame(id, expected[index] ?? 0))
}

function compareValues(a: Datum, b: Datum, { isDescending, nullsFirst }: SortKey): number {
  if (a === null || b === null) return a === b ? 0 : (a === null) === nullsFirst ? -1 : 1
  const type = typeof a === 'boolean' ? 'bool' : 'text'
  const order = compareWith(type, '<', a, b) ? -1 : compareWith(type, '>', a, b) ? 1 : 0
  return isDescending ? -order : order
}
