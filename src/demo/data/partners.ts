import type { GivenRecord } from '../complete.ts'
import type { Branch } from '../databases.ts'
import { dayAfter, pick, stamped } from './stamps.ts'

const COMPANIES = [
  'Acorn Mills',
  'Birch & Sons',
  'Coral Bay Foods',
  'Delta Druck GmbH',
  'Éclat Verre',
  'Fjord Marine',
  'Granite Works',
  'Hoshi 株式会社',
] as const
const FIRST = ['Alex', 'Bo', 'Chris', 'Dee', 'Élise', 'Fran', 'Gökçe', 'Hana', 'Ira', 'José'] as const
const LAST = ['Ashdown', "O'Sample", 'Probst', 'van der Test', 'Exempel', 'Muster', 'Nimmerland'] as const
const CITIES = ['Springfield', 'Antwerpen', 'Köln', 'Lyon', '札幌', 'São Modelo', null] as const
const JOBS = ['Buyer', 'Manager', 'Développeuse', 'Sales_Manager', null, ''] as const

/** How many companies, and people, besides the company of the database and its users. */
const COMPANY_COUNT = 8
const PERSON_COUNT = 45

/** The partners of the database: its own company, the people behind its users, companies and their people. */
export function partners(branch: Branch): GivenRecord[] {
  return [...ownPartners(branch), ...companyPartners(branch), ...people(branch)]
}

const common = (id: number, days: number): GivenRecord => ({
  id,
  active: true,
  type: 'contact',
  lang: 'en_US',
  color: 0,
  partner_share: true,
  commercial_partner_id: id,
  supplier_rank: 0,
  customer_rank: 0,
  ...stamped(days),
})

function ownPartners({ company, domain, country, timeZone }: Branch): GivenRecord[] {
  const users = ['System', 'Administrator', 'Public user', 'Dana Demo', 'Ana Lyst', 'Robin Retired']
  return [
    {
      ...common(1, 0),
      name: company,
      is_company: true,
      email: `info@${domain}`,
      phone: '+1 555 0100',
      website: `https://www.${domain}`,
      vat: 'DEMO123456',
      country_id: country,
      city: 'Springfield',
      zip: '01101',
      street: '1 Demo Square',
      partner_share: true,
    },
    ...users.map((name, at) => ({
      ...common(at + 2, at),
      name,
      parent_id: at === 1 || at === 3 ? 1 : null,
      commercial_partner_id: at === 1 || at === 3 ? 1 : at + 2,
      is_company: false,
      company_id: at === 0 ? 1 : null,
      active: at !== 0 && at !== 2 && at !== 5,
      email: at === 2 ? null : `${name.split(' ')[0]?.toLowerCase() ?? ''}@${domain}`,
      tz: timeZone,
      partner_share: at === 2,
    })),
  ]
}

function companyPartners({ domain, country, seed }: Branch): GivenRecord[] {
  return COMPANIES.slice(0, COMPANY_COUNT).map((name, at) => ({
    ...common(8 + at, 3 + at),
    name,
    is_company: true,
    ref: at % 3 === 0 ? null : `C${String(seed * 100 + at)}`,
    email: `office${String(at)}@${domain}`,
    email_normalized: `office${String(at)}@${domain}`,
    website: at % 2 === 0 ? `https://company${String(at)}.example.com` : null,
    country_id: ((country + at - 1) % 6) + 1,
    city: pick(CITIES, at),
    zip: at === 3 ? '' : String(10_000 + 137 * at),
    partner_latitude: at % 3 === 0 ? null : at % 3 === 1 ? 0 : 50.8503 + at / 10,
    partner_longitude: at % 3 === 0 ? null : 4.3517 + at / 100,
    category_id: at % 2 === 0 ? [1, 2] : [3],
    credit_limit: at === 2 ? 1000 : null,
    customer_rank: at % 4,
    supplier_rank: at % 3 === 2 ? 1 : 0,
    user_id: at % 4 === 1 ? 2 : at % 4 === 2 ? 5 : null,
    date: at % 2 === 0 ? dayAfter(30 * at) : null,
  }))
}

function people({ domain, country, seed }: Branch): GivenRecord[] {
  return Array.from({ length: PERSON_COUNT }, (_, at) => {
    const id = 8 + COMPANY_COUNT + at
    const parent = at % 3 === 0 ? null : 8 + (at % COMPANY_COUNT)
    const name = `${pick(FIRST, at + seed)} ${pick(LAST, at * seed + (at >> 2))}`
    return {
      ...common(id, 10 + at),
      name,
      active: at % 15 !== 14,
      is_company: at % 7 === 0 ? null : false,
      parent_id: parent,
      commercial_partner_id: parent ?? id,
      commercial_company_name: parent === null ? null : (COMPANIES[parent - 8] ?? null),
      type: pick(['contact', 'contact', 'invoice', 'other', null], at),
      ref: pick([null, '', `P${String(seed * 1000 + at)}`, `P_${String(at)}`, `p%${String(at)}`], at),
      email: pick(
        [`person${String(at)}@${domain}`, null, `Person${String(at)}@${domain.toUpperCase()}`, ''],
        at,
      ),
      email_normalized: at % 2 === 0 ? `person${String(at)}@${domain}` : null,
      phone: at % 4 === 0 ? `+1 555 01${String(at).padStart(2, '0')}` : null,
      function: pick(JOBS, at),
      street: at % 2 === 0 ? `${String(at + 1)} Sample Street` : null,
      city: pick(CITIES, at + seed),
      zip: at % 4 === 3 ? null : String(20_000 + at * 31),
      country_id: at % 5 === 4 ? null : ((country + (at % 4) - 1) % 6) + 1,
      color: pick([0, null, 1, 2, 11], at),
      employee: pick([null, true, false], at),
      comment: at % 6 === 0 ? '<p>Met at the <b>spring fair</b></p>' : null,
      category_id: at % 4 === 0 ? [4] : at % 9 === 1 ? [1, 5] : [],
      partner_latitude: at % 4 === 0 ? null : at % 4 === 1 ? 0 : -33.8688 + at,
      date: at % 5 === 0 ? dayAfter(at) : null,
      user_id: at % 6 === 1 ? 5 : null,
      company_id: at % 10 === 3 ? 1 : null,
    }
  })
}
