import { SqlError } from '../errors.ts'
import type { CallOptions } from '../odoo/call.ts'
import type { OdooClient } from '../odoo/client.ts'

/** Names that every user may read, in many scripts: the states and provinces of Odoo's own list. */
const PROBE = { model: 'res.country.state', field: 'name', rows: 200 } as const
/** Pairs that a linguistic order would turn round, at least, for a bytewise order to count as proven. */
const TELLING_PAIRS_MIN = 3

/**
 * Whether the server orders text bytewise, as PostgreSQL's C collation does (and as Odoo has its databases made). It
 * is proven by one call: the server's own order must be bytewise throughout, and contradict that of a dictionary.
 */
export async function ordersBytewise(client: OdooClient, options: CallOptions): Promise<boolean> {
  const { model, field, rows } = PROBE
  try {
    const request = { domain: { kind: 'all' }, fields: [field], labels: false, manyToOne: false } as const
    const records = await client.searchRead(
      model,
      { ...request, order: `${field} desc, id`, limit: rows },
      options,
    )
    return isBytewise(records.map((record) => String(record[field])))
  } catch (thrown) {
    // Without the right to read the names, nothing is proven.
    if (thrown instanceof SqlError && UNPROVEN.has(thrown.condition)) return false
    throw thrown
  }
}

const UNPROVEN: ReadonlySet<string> = new Set(['insufficient_privilege', 'undefined_table', 'system_error'])

/** `names` stand from the last to the first. */
export function isBytewise(names: readonly string[]): boolean {
  const dictionary = new Intl.Collator('en')
  let tellingPairs = 0
  for (let at = 1; at < names.length; at++) {
    const [later = '', earlier = ''] = [names[at - 1], names[at]]
    if (Buffer.compare(Buffer.from(later), Buffer.from(earlier)) < 0) return false
    if (dictionary.compare(later, earlier) < 0) tellingPairs++
  }
  return tellingPairs >= TELLING_PAIRS_MIN
}
