import type { GivenRecord, GivenRecords } from './complete.ts'
import type { DemoAccount } from './environment.ts'
import type { Version } from './fields.ts'
import { mailServers, mailTemplates } from './data/mail.ts'
import { leads } from './data/leads.ts'
import { partners } from './data/partners.ts'
import { FIRST_DAY, stamped } from './data/stamps.ts'
import { COUNTRIES, CURRENCIES, STAGES, TAGS, TEAMS, CATEGORIES } from './data/lists.ts'
import { modelsOf } from './models.ts'

/** A database for the demo to serve: its stored records by model, and who can log in. */
export interface DemoDatabase {
  readonly name: string
  readonly accounts: readonly DemoAccount[]
  readonly records: GivenRecords
}

/** What sets one database of the demo off from the other. */
export interface Branch {
  readonly database: string
  readonly company: string
  /** Under example.com. */
  readonly domain: string
  readonly timeZone: string
  /** Country of the company, and of most of its partners. */
  readonly country: number
  readonly currency: number
  /** Makes the two databases' records differ. */
  readonly seed: number
}

const BRANCHES: readonly Branch[] = [
  {
    database: 'demo',
    company: 'Demo Trading',
    domain: 'example.com',
    timeZone: 'America/New_York',
    country: 1,
    currency: 1,
    seed: 1,
  },
  {
    database: 'demo_eu',
    company: 'Demo Handel Europa',
    domain: 'eu.example.com',
    timeZone: 'Europe/Brussels',
    country: 2,
    currency: 2,
    seed: 5,
  },
]

/** The two databases of the plain demo. Everybody and everything in them is made up. */
export function demoDatabases(version: Version): DemoDatabase[] {
  return BRANCHES.map((branch) => ({
    name: branch.database,
    accounts: [account(2, 'admin', true, branch), account(6, 'analyst', false, branch)],
    records: {
      'res.country': COUNTRIES,
      'res.currency': CURRENCIES,
      'res.partner.category': CATEGORIES,
      'crm.stage': STAGES,
      'crm.team': TEAMS,
      'crm.tag': TAGS,
      'res.company': companies(branch),
      'res.users': users(),
      'res.partner': partners(branch),
      'crm.lead': leads(branch),
      'ir.mail_server': mailServers(branch, version),
      'mail.template': mailTemplates(branch),
      'mailing.mailing': [
        {
          id: 1,
          subject: 'Spring news',
          state: 'draft',
          active: true,
          mail_server_id: 3,
          user_id: 2,
          ...stamped(3),
        },
        {
          id: 2,
          subject: 'Last year in numbers',
          state: 'done',
          active: true,
          mail_server_id: 3,
          user_id: 2,
          ...stamped(4),
        },
      ],
      'ir.model': irModels(version),
    },
  }))
}

/** Passwords and keys of the demo say what they are. */
const account = (id: number, login: string, isAdministrator: boolean, { timeZone }: Branch): DemoAccount => ({
  id,
  login,
  password: login,
  apiKey: `demo-api-key-of-${login}`,
  isAdministrator,
  timeZone,
})

const companies = ({ company, domain, currency, seed }: Branch): GivenRecord[] => [
  {
    id: 1,
    name: company,
    active: true,
    sequence: 0,
    partner_id: 1,
    currency_id: currency,
    email: `info@${domain}`,
    phone: '+1 555 0100',
    font: 'Lato',
    primary_color: '#714B67',
    company_registry: `DEMO-${seed}`,
    fiscalyear_last_day: 31,
    fiscalyear_last_month: '12',
    portal_confirmation_sign: true,
    quotation_validity_days: 30,
    ...stamped(0),
  },
]

/** 1 and 3 are Odoo's own technical users, who are archived. */
function users(): GivenRecord[] {
  const common = {
    company_id: 1,
    company_ids: [1],
    notification_type: 'email',
    odoobot_state: 'not_initialized',
    share: false,
  }
  return [
    { id: 1, login: '__system__', partner_id: 2, active: false, ...common, ...stamped(0) },
    {
      id: 2,
      login: 'admin',
      partner_id: 3,
      active: true,
      ...common,
      signature: '<p>--<br>Administrator</p>',
      ...stamped(0),
    },
    { id: 3, login: 'public', partner_id: 4, active: false, ...common, share: true, ...stamped(0) },
    {
      id: 5,
      login: 'dana',
      partner_id: 5,
      active: true,
      ...common,
      notification_type: 'inbox',
      ...stamped(1),
    },
    { id: 6, login: 'analyst', partner_id: 6, active: true, ...common, ...stamped(2) },
    { id: 7, login: 'robin', partner_id: 7, active: false, ...common, ...stamped(2) },
  ]
}

const MODEL_NAMES: Readonly<Record<string, string>> = {
  'ir.mail_server': 'Mail Server',
  'ir.model': 'Models',
  'res.users': 'User',
  'res.partner': 'Contact',
  'res.partner.category': 'Partner Tags',
  'res.company': 'Companies',
  'res.country': 'Country',
  'res.currency': 'Currency',
  'mail.template': 'Email Templates',
  'mailing.mailing': 'Mass Mailing',
  'crm.lead': 'Lead',
  'crm.stage': 'CRM Stages',
  'crm.team': 'Sales Team',
  'crm.tag': 'CRM Tag',
}

function irModels(version: Version): GivenRecord[] {
  return [...modelsOf(version).values()].map((model, at) => ({
    id: at + 1,
    name: MODEL_NAMES[model.name] ?? model.name,
    model: model.name,
    order: model.order,
    state: 'base',
    transient: false,
    abstract: false,
    is_mail_thread: ['res.partner', 'crm.lead', 'crm.team'].includes(model.name),
    is_mail_activity: ['res.partner', 'crm.lead'].includes(model.name),
    is_mail_blacklist: ['res.partner', 'crm.lead'].includes(model.name),
    create_date: FIRST_DAY,
    write_date: FIRST_DAY,
  }))
}
