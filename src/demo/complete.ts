import type { Version } from './fields.ts'
import type { DemoModel } from './models.ts'
import type { DemoRecord, StoredValue } from './records.ts'

/** Records as they are written down: what is left out is NULL. */
export type GivenRecord = Readonly<Record<string, StoredValue | undefined>> & { readonly id: number }
export type GivenRecords = Readonly<Record<string, readonly GivenRecord[]>>

/**
 * Every stored field of every record, with one2many lists made from their many2one, the other end of a many2many
 * from the first, and the names of partners from their parts, as far as these were left out.
 */
export function completeRecords(
  version: Version,
  models: ReadonlyMap<string, DemoModel>,
  given: GivenRecords,
): ReadonlyMap<string, readonly DemoRecord[]> {
  const tables = new Map<string, DemoRecord[]>()
  for (const [name, model] of models) {
    const stored = [...model.fields.values()].filter((field) => field.store)
    const rows = [...(given[name] ?? [])].sort((a, b) => a.id - b.id)
    tables.set(
      name,
      rows.map((row) => {
        const lines = stored.map((field): [string, StoredValue] => {
          if (field.type === 'one2many')
            return [field.name, linesOf(given, field.relation ?? '', field.inverse ?? '', row.id)]
          const value = row[field.name]
          if (field.type === 'many2many' && value === undefined)
            return [field.name, othersOf(given, name, field.name, row.id)]
          return [field.name, rounded(value ?? null, field.scale)]
        })
        const computed =
          name === 'crm.lead' && version === 19 ? { company_currency: currencyOf(given, row) } : {}
        return { ...Object.fromEntries(lines), ...computed, id: row.id }
      }),
    )
  }
  const partners = tables.get('res.partner') ?? []
  const nameField = version === 14 ? 'display_name' : 'complete_name'
  tables.set(
    'res.partner',
    partners.map((partner) =>
      partner[nameField] === null || partner[nameField] === undefined
        ? { ...partner, [nameField]: fullName(partners, partner) }
        : partner,
    ),
  )
  return tables
}

/** A float with digits keeps no more decimals than these. */
const rounded = (value: StoredValue, decimals: number | undefined): StoredValue =>
  typeof value === 'number' && decimals !== undefined ? Number(value.toFixed(decimals)) : value

/** 19 computes the currency of a lead in SQL, so it stands among the stored values. */
function currencyOf(given: GivenRecords, lead: GivenRecord): StoredValue {
  const companies = given['res.company'] ?? []
  const company = companies.find(({ id }) => id === lead['company_id']) ?? companies[0]
  return company?.['currency_id'] ?? null
}

const linesOf = (given: GivenRecords, model: string, inverse: string, id: number): number[] =>
  (given[model] ?? []).filter((line) => line[inverse] === id).map((line) => line.id)

/** A many2many is written at one end only. */
const OTHER_END: Readonly<Record<string, readonly [string, string] | undefined>> = {
  'res.company.user_ids': ['res.users', 'company_ids'],
  'res.partner.category.partner_ids': ['res.partner', 'category_id'],
}

function othersOf(given: GivenRecords, model: string, field: string, id: number): number[] {
  const [other, end] = OTHER_END[`${model}.${field}`] ?? ['', '']
  return (given[other] ?? [])
    .filter((record) => (record[end] as readonly number[] | null | undefined)?.includes(id) === true)
    .map((record) => record.id)
}

function fullName(partners: readonly DemoRecord[], partner: DemoRecord): StoredValue {
  const parent = partners.find(({ id }) => id === partner['parent_id'])
  const company = parent?.['name'] ?? partner['company_name']
  const name = partner['name'] ?? ''
  return typeof company === 'string' && partner['is_company'] !== true ? `${company}, ${String(name)}` : name
}
