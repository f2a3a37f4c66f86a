import { fieldsOf } from './fields.ts'
import type { DemoField, Version } from './fields.ts'

/** A model as the demo offers it in one version. */
export interface DemoModel {
  readonly name: string
  readonly fields: ReadonlyMap<string, DemoField>
  /** The model's `_order`. */
  readonly order: string
  /** The field that names a record. */
  readonly recName: string
  /** Fields that `display_name` is searched in (19). */
  readonly searchNames: readonly string[]
  /** Records without `active` are hidden unless asked for. */
  readonly hasActive: boolean
  /** What a user who is no administrator may do with it. */
  readonly isReadableByAll: boolean
  readonly isWritableByAll: boolean
  /** Record rules restrict it to the companies of the context. */
  readonly hasCompanyRule: boolean
}

interface ModelFacts {
  readonly order: string | Readonly<Record<Version, string>>
  readonly recName?: string
  readonly searchNames?: readonly string[]
  readonly readable?: 'all' | 'administrators' | Readonly<Record<Version, 'all' | 'administrators'>>
  readonly writable?: 'all'
  readonly companyRule?: true
}

const FACTS: Readonly<Record<string, ModelFacts>> = {
  'ir.mail_server': { order: { 14: 'sequence', 19: 'sequence, id' }, readable: 'administrators' },
  'res.users': { order: 'name, login', companyRule: true },
  'res.partner': {
    order: { 14: 'display_name', 19: 'complete_name ASC, id DESC' },
    searchNames: ['complete_name', 'email', 'ref', 'vat', 'company_registry'],
    companyRule: true,
  },
  'res.company': { order: 'sequence, name', companyRule: true },
  'mail.template': { order: { 14: 'name', 19: 'user_id, name, id' }, writable: 'all' },
  'crm.lead': { order: 'priority desc, id desc', readable: 'administrators', companyRule: true },
  'ir.model': {
    order: 'is_mail_thread DESC, name ASC',
    searchNames: ['name', 'model'],
    readable: { 14: 'all', 19: 'administrators' },
  },
  'res.country': { order: { 14: 'name', 19: 'name, id' }, searchNames: ['name', 'code'] },
  'res.partner.category': { order: { 14: 'name', 19: 'name, id' } },
  'res.currency': { order: 'active desc, name', searchNames: ['name', 'full_name'] },
  'crm.stage': { order: 'sequence, name, id' },
  'crm.team': { order: { 14: 'sequence', 19: 'sequence ASC, create_date DESC, id DESC' }, companyRule: true },
  'crm.tag': { order: 'id', readable: 'administrators' },
  'mailing.mailing': { order: 'calendar_date DESC', recName: 'subject', readable: 'administrators' },
}

/** The models of that version, by name. */
export function modelsOf(version: Version): ReadonlyMap<string, DemoModel> {
  const models = new Map<string, DemoModel>()
  for (const [name, fields] of fieldsOf(version)) {
    const {
      order,
      recName = 'name',
      searchNames,
      readable = 'all',
      writable,
      companyRule,
    } = FACTS[name] ?? { order: 'id' }
    models.set(name, {
      name,
      fields,
      order: typeof order === 'string' ? order : order[version],
      recName,
      searchNames: searchNames ?? [recName],
      hasActive: fields.has('active'),
      isReadableByAll: (typeof readable === 'string' ? readable : readable[version]) === 'all',
      isWritableByAll: writable === 'all',
      hasCompanyRule: companyRule === true,
    })
  }
  return models
}

/** The many2one through which res.users borrows the fields of res.partner; undefined for a field of the model's own. */
export function delegateOf(model: DemoModel, field: DemoField): string | undefined {
  const [through, target] = field.related ?? []
  return model.name === 'res.users' && through === 'partner_id' && target === field.name ? through : undefined
}
