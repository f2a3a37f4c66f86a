import { LANGUAGE, checkLanguage, modelOf } from './environment.ts'
import type { Environment } from './environment.ts'
import type { DemoField } from './fields.ts'
import type { DemoModel } from './models.ts'
import type { DemoRecord, StoredValue } from './records.ts'
import type { Json } from './values.ts'

/** The name that Odoo shows for a record, whatever its reader may see. */
export function labelOf(env: Environment, modelName: string, id: number): string | false {
  const model = modelOf(env, modelName)
  if (model.fields.get(model.recName)?.translate === true) checkLanguage(env)
  const record = env.records.one(modelName, id)
  const label = record && nameOf(env, model, record)
  // 19 holds an empty name for none.
  return typeof label === 'string' ? label : env.version === 19 ? false : ''
}

function nameOf(env: Environment, model: DemoModel, record: DemoRecord): StoredValue {
  switch (model.name) {
    case 'res.partner':
      return record[env.version === 14 ? 'display_name' : 'complete_name'] ?? null
    case 'res.users':
      return relatedValue(env, model, ['partner_id', 'name'], record)
    case 'res.partner.category': {
      const parent = record['parent_id']
      const name = String(record['name'])
      return typeof parent === 'number' ? `${labelOf(env, model.name, parent) || ''} / ${name}` : name
    }
    default: {
      const name = record[model.recName] ?? null
      return name === '' && env.version === 19 ? null : name
    }
  }
}

/** The value of a field that is not stored, as `read` gives it before lists are filtered and labels added. */
export function computedValue(
  env: Environment,
  model: DemoModel,
  field: DemoField,
  record: DemoRecord,
): Json {
  if (field.related !== undefined) return relatedValue(env, model, field.related, record)
  if (field.name === 'display_name') return nameOf(env, model, record)
  if (field.name === '__last_update') return record['write_date'] ?? record['create_date'] ?? null
  return COMPUTED[`${model.name}.${field.name}`]?.(env, record) ?? null
}

/** Follows many2one fields to a stored or computed value. */
function relatedValue(
  env: Environment,
  model: DemoModel,
  path: readonly string[],
  record: DemoRecord,
): StoredValue {
  const [name = '', ...rest] = path
  const field = model.fields.get(name)
  if (rest.length === 0) {
    const isComputed = field?.store === false
    return (isComputed ? (computedValue(env, model, field, record) as StoredValue) : record[name]) ?? null
  }
  const target = env.records.one(field?.relation ?? '', Number(record[name]))
  return target === undefined ? null : relatedValue(env, modelOf(env, field?.relation ?? ''), rest, target)
}

type Compute = (env: Environment, record: DemoRecord) => Json

const partnerOf = (env: Environment, record: DemoRecord): DemoRecord | undefined =>
  env.records.one('res.partner', Number(record['partner_id']))

const fromPartner =
  (field: string): Compute =>
  (env, record) =>
    partnerOf(env, record)?.[field] ?? null

const COMPUTED: Readonly<Record<string, Compute | undefined>> = {
  'ir.mail_server.smtp_authentication_info': (_, { smtp_authentication: kind }) =>
    AUTHENTICATION_INFO[String(kind)] ?? null,
  'ir.model.count': (env, { model }) => env.records.all(String(model)).length,
  'ir.model.modules': () => 'base, mail',
  'mail.template.has_mail_server': (env) => env.records.all('ir.mail_server').length > 0,
  'res.company.street': fromPartner('street'),
  'res.company.city': fromPartner('city'),
  'res.company.country_id': fromPartner('country_id'),
  'res.users.companies_count': (env) => env.records.all('res.company').length,
  'res.partner.company_type': (_, { is_company: isCompany }) => (isCompany === true ? 'company' : 'person'),
  'res.partner.email_formatted': (_, { name, email }) =>
    typeof email === 'string' && email !== '' ? `"${String(name ?? 'False')}" <${email}>` : null,
  'res.partner.contact_address': (env, { street, street2, city, zip, country_id: country }) =>
    [
      street,
      street2,
      `${String(city ?? '')}  ${String(zip ?? '')}`,
      country === null ? '' : labelOf(env, 'res.country', Number(country)) || '',
    ]
      .map((line) => line ?? '')
      .join('\n'),
  'crm.lead.is_automated_probability': (_, { probability, automated_probability: automated }) =>
    Math.abs(Number(probability ?? 0) - Number(automated ?? 0)) < 0.005,
  'crm.lead.company_currency': (env, { company_id: company }) =>
    env.records.one(
      'res.company',
      Number(company ?? env.records.one('res.users', env.account.id)?.['company_id']),
    )?.['currency_id'] ?? null,
}

const AUTHENTICATION_INFO: Readonly<Record<string, string>> = {
  login: 'Logs in with the user name and password given here.',
  certificate: 'Logs in with the certificate and private key given here.',
  cli: 'Takes its settings from the command line of the server.',
  gmail: 'Logs in to Gmail with an OAuth token.',
  outlook: 'Logs in to Outlook with an OAuth token.',
}

/** What `context_get` of res.users answers. */
export const userContext = (env: Environment): Json => ({
  lang: LANGUAGE,
  tz: env.account.timeZone,
  ...(env.version === 19 ? { uid: env.account.id } : {}),
})
