import type { FieldType } from '../catalog/spec.ts'
import type { SortKey } from './bind-select.ts'
import { familyOfRules, orderRuleNamesOf } from './proven.ts'
import { sourceOf, type LiveField, type TableOnServer } from './server.ts'

/** Odoo's order for the sort keys, or why it cannot give the order that SQL asks for. */
export type PushedOrder = { readonly order: string } | { readonly reason: string }

/** The order that ends in the id, so that it is total: ties come out the same at every call. */
export function pushDownOrder(keys: readonly SortKey[], server: TableOnServer): PushedOrder {
  const terms: string[] = []
  for (const [index, key] of keys.entries()) {
    const source = sourceOf(key.column, server)
    // The same value in every row orders nothing.
    if (source.kind !== 'field') continue
    const term = termOf(key, source.field, source.live.type)
    if (source.field === 'id') return { order: [...terms, term].join(', ') }
    const isLast = index === keys.length - 1
    const reason =
      reasonAgainstOrder(key, source.live, server) ?? reasonAgainst(key, source.live, isLast, server)
    if (reason !== undefined) return { reason }
    terms.push(term)
  }
  return { order: [...terms, 'id'].join(', ') }
}

type OrderedField = LiveField & { readonly type: FieldType }

/** What speaks against any order by the field, whatever its type. */
export function reasonAgainstOrder(
  key: SortKey,
  live: OrderedField,
  server: TableOnServer,
): string | undefined {
  const { column } = key
  if (familyOfRules(server.version, orderRuleNamesOf(live)) === 'unproven')
    return `Odoo ${server.version.text} has not been measured`
  if (!live.store || !live.sortable || live.companyDependent || column.part === 'label')
    return `Odoo cannot order by ${column.name}`
  if (live.type !== 'boolean' && key.nullsFirst !== key.isDescending && !server.capabilities.ordersNulls)
    return `Odoo ${server.version.text} places NULLs in its own way`
  return undefined
}

function reasonAgainst(
  { column }: SortKey,
  live: OrderedField,
  isLast: boolean,
  server: TableOnServer,
): string | undefined {
  switch (live.type) {
    case 'boolean':
    case 'date':
      return undefined
    case 'datetime':
      // It is ordered by microseconds but reads in seconds: further keys would come too late.
      return isLast ? undefined : `Odoo orders ${column.name} by microseconds`
    case 'char':
    case 'text':
    case 'selection':
      return server.ordersBytewise ? undefined : 'the server’s text order is not known to be bytewise'
    default:
      return `Odoo orders ${column.name} in its own way`
  }
}

/** A term of Odoo's `order`. */
export function termOf(key: SortKey, field: string, type: FieldType): string {
  const direction = key.isDescending ? ' desc' : ''
  // Said only where it differs from the default, which older versions take in silence.
  const isDefault = key.nullsFirst === key.isDescending || type === 'boolean' || field === 'id'
  return `${field}${direction}${isDefault ? '' : key.nullsFirst ? ' nulls first' : ' nulls last'}`
}
