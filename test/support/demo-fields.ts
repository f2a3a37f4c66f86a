/**
 * Writes src/demo/data/fields.json: the field metadata of the embedded demo, as the real 14.0 and 19.0 give them.
 * Run it when the demo gains a field:  npx tsx test/support/demo-fields.ts
 * Help texts are left out. What both versions say alike stands once; what differs stands under "14" and "19".
 */
import { writeFileSync } from 'node:fs'
import { connectOdoo } from './odoo-rpc.ts'
import { ATTRIBUTE_DEFAULTS } from '../../src/demo/fields.ts'

const COMMON = 'id display_name create_uid create_date write_uid write_date __last_update'

/** Fields to offer; one that a version lacks is offered by the other alone. */
const WANTED: Record<string, string> = {
  'ir.mail_server': '*',
  'res.users': `${COMMON} login name email phone lang partner_id active active_partner share company_id company_ids
    signature notification_type odoobot_state companies_count country_id street parent_name is_company`,
  'res.partner': `${COMMON} name complete_name date parent_id parent_name child_ids ref lang user_id vat website comment
    category_id active employee function type street street2 zip city country_id country_code partner_latitude
    partner_longitude email email_normalized email_formatted phone mobile is_company company_type company_id color user_ids
    partner_share commercial_partner_id commercial_company_name company_name company_registry barcode credit_limit debit_limit signup_type
    image_128 contact_address supplier_rank customer_rank properties`,
  'res.company': `${COMMON} name active sequence parent_id child_ids partner_id currency_id user_ids email phone website vat
    street city country_id company_registry font primary_color report_header logo_web fiscalyear_last_day
    fiscalyear_last_month portal_confirmation_sign quotation_validity_days`,
  'mail.template': `${COMMON} name description active model_id model subject email_from user_id use_default_to email_to
    partner_to email_cc reply_to body_html email_layout_xmlid mail_server_id scheduled_date auto_delete lang
    has_mail_server copyvalue`,
  'crm.lead': `${COMMON} name user_id user_email user_login company_id company_currency referred description active type
    priority team_id stage_id stage_id_color tag_ids color expected_revenue prorated_revenue date_closed date_open day_open
    day_close date_last_stage_update date_conversion date_deadline partner_id contact_name partner_name function email_from
    email_normalized phone website street zip city country_id probability automated_probability
    is_automated_probability won_status iap_enrich_done lead_properties`,
  'ir.model': `${COMMON} name model order info state abstract transient modules count is_mail_thread is_mail_activity
    is_mail_blacklist`,
  'res.country': `${COMMON} name code phone_code currency_id address_format`,
  'res.partner.category': `${COMMON} name color parent_id child_ids active partner_ids`,
  'res.currency': `${COMMON} name full_name symbol rounding decimal_places active position`,
  'crm.stage': `${COMMON} name sequence is_won fold requirements color`,
  'crm.team': `${COMMON} name sequence active company_id user_id color use_leads use_opportunities`,
  'crm.tag': `${COMMON} name color`,
  'mailing.mailing': `${COMMON} subject active state mail_server_id calendar_date user_id`,
}

type Attributes = Record<string, unknown>

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

function withoutDefaults(version: 14 | 19, name: string, field: Attributes): Attributes {
  const defaults: Attributes = {
    ...ATTRIBUTE_DEFAULTS.both,
    ...ATTRIBUTE_DEFAULTS[version],
    ...(version === 19 ? { name } : {}),
  }
  return Object.fromEntries(
    Object.entries(field).filter(([key, value]) => key !== 'help' && !same(value, defaults[key])),
  )
}

/** Attributes that a field lacks although they are a default: written as null. */
function missingDefaults(version: 14 | 19, field: Attributes): Attributes {
  const defaults = { ...ATTRIBUTE_DEFAULTS.both, ...ATTRIBUTE_DEFAULTS[version] }
  return Object.fromEntries(
    Object.keys(defaults)
      .filter((key) => !(key in field))
      .map((key) => [key, null]),
  )
}

function merged(in14: Attributes | undefined, in19: Attributes | undefined): Attributes {
  if (in14 === undefined) return { only: 19, ...in19 }
  if (in19 === undefined) return { only: 14, ...in14 }
  const both = Object.fromEntries(
    Object.entries(in14).filter(([key, value]) => key in in19 && same(value, in19[key])),
  )
  const rest = (field: Attributes): Attributes =>
    Object.fromEntries(Object.entries(field).filter(([key]) => !(key in both)))
  return {
    ...both,
    ...(Object.keys(rest(in14)).length > 0 ? { 14: rest(in14) } : {}),
    ...(Object.keys(rest(in19)).length > 0 ? { 19: rest(in19) } : {}),
  }
}

const answers: Record<14 | 19, Record<string, Record<string, Attributes>>> = { 14: {}, 19: {} }
for (const version of [14, 19] as const) {
  const read = (name: string): string => process.env[`ODOO${version}_${name}`] ?? ''
  const odoo = await connectOdoo({
    url: read('URL'),
    database: read('DB'),
    login: read('LOGIN'),
    password: read('PASSWORD'),
    apiKey: read('API_KEY'),
  })
  for (const [model, wanted] of Object.entries(WANTED)) {
    const reply = await odoo.call(model, 'fields_get', [])
    if (reply.error !== undefined) continue
    const fields = reply.result as Record<string, Attributes>
    answers[version][model] = Object.fromEntries(
      Object.entries(fields)
        .filter(([name]) => wanted === '*' || wanted.split(/\s+/).includes(name))
        .map(([name, field]) => [
          name,
          { ...withoutDefaults(version, name, field), ...missingDefaults(version, field) },
        ]),
    )
  }
}

const models = Object.fromEntries(
  Object.keys(WANTED).map((model) => {
    const [in14, in19] = [answers[14][model] ?? {}, answers[19][model] ?? {}]
    const names = [...new Set([...Object.keys(in19), ...Object.keys(in14)])]
    return [model, Object.fromEntries(names.map((name) => [name, merged(in14[name], in19[name])]))]
  }),
)
// One field a line.
const lines = Object.entries(models).map(
  ([model, fields]) =>
    `  ${JSON.stringify(model)}: {\n${Object.entries(fields)
      .map(([name, field]) => `    ${JSON.stringify(name)}: ${JSON.stringify(field)}`)
      .join(',\n')}\n  }`,
)
writeFileSync(new URL('../../src/demo/data/fields.json', import.meta.url), `{\n${lines.join(',\n')}\n}\n`)
