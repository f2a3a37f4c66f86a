import { decoderOf, type Datum } from '../catalog/types.ts'
import { SqlError } from '../errors.ts'
import type { Group, GroupRequest } from '../odoo/groups.ts'
import { leaf } from '../odoo/domain.ts'
import { isAggregable, isGroupable } from '../planner/aggregate.ts'
import { orFault, type SampledColumn } from './prove-sample.ts'
import type { Trials, WholeOutcome } from './prove-search.ts'

/** Whether Odoo groups and aggregates by a field as SQL does over the read values; undefined where it is not asked to. */
export async function groupFaultOf(
  sampled: SampledColumn,
  { client, sample, options, serverOf }: Trials,
): Promise<WholeOutcome | undefined> {
  const [family] = options.families
  if (family === undefined) return undefined
  const { column, live } = sampled
  const isKey = isGroupable(column, serverOf(family))
  const isAggregated = isAggregable(column, serverOf(family))
  const asked = [
    ...(isKey ? [`GROUP BY ${column.name}`] : []),
    ...(isAggregated ? [`of ${column.name}`] : []),
  ].join(', ')
  const read = (
    groupBy: readonly string[],
    aggregates: GroupRequest['aggregates'],
  ): Promise<readonly Group[] | SqlError> =>
    orFault(
      client.readGroup(
        sample.table.model,
        { domain: leaf('id', 'in', sample.ids), groupBy, aggregates },
        options,
      ),
    )
  if (isKey) {
    const groups = await read([live.name], [])
    if (isRefused(groups)) return undefined
    const fault = groups instanceof SqlError ? groups.message : faultOfKeys(groups, sampled)
    if (fault !== undefined) return { asked, fault }
  }
  if (isAggregated) {
    const operators =
      live.type === 'integer' ? (['count', 'sum', 'min', 'max'] as const) : (['count'] as const)
    const groups = await read(
      [],
      operators.map((operator) => ({ field: live.name, operator })),
    )
    if (isRefused(groups)) return undefined
    const fault = groups instanceof SqlError ? groups.message : faultOfAggregates(groups[0], sampled)
    if (fault !== undefined) return { asked, fault }
  }
  return isKey || isAggregated ? { asked, fault: undefined } : undefined
}

/** A model of its own kind, such as Odoo 14's ir.attachment, which groups for nobody: a refusal is no wrong answer. */
const isRefused = (groups: readonly Group[] | SqlError): boolean =>
  groups instanceof SqlError && groups.condition === 'insufficient_privilege'

/** NULL numbers form a group of their own, which reads 0. */
function faultOfKeys(groups: readonly Group[], { column, live, values }: SampledColumn): string | undefined {
  const decode = decoderOf(column)
  const told = countsOf(groups.map(({ keys, count }) => ({ value: decode(keys[live.name]), count })))
  const own = countsOf(values.map((value) => ({ value, count: 1 })))
  const isSame = told.size === own.size && [...own].every(([key, count]) => told.get(key) === count)
  return isSame ? undefined : 'the groups have other keys or counts'
}

function countsOf(items: readonly { value: Datum; count: number }[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { value, count } of items) {
    const key = JSON.stringify(value)
    counts.set(key, (counts.get(key) ?? 0) + count)
  }
  return counts
}

/** Odoo leaves NULLs out, which read 0: the least and the greatest are known once 0 is counted in. */
function faultOfAggregates(group: Group | undefined, { live, values }: SampledColumn): string | undefined {
  const [count = 0, sum = 0, least = 0, greatest = 0] = (group?.aggregates ?? []).map(Number)
  if (live.type !== 'integer')
    return count === values.filter((value) => value !== null).length ? undefined : 'the count is another'
  const numbers = values.map(Number)
  const isWhole = count === numbers.length
  const isRight =
    sum === numbers.reduce((total, value) => total + value, 0) &&
    Math.min(...numbers) === (isWhole ? least : Math.min(least, 0)) &&
    Math.max(...numbers) === (isWhole ? greatest : Math.max(greatest, 0))
  return isRight ? undefined : 'sum, least or greatest is another'
}
