import type { GivenRecord } from '../complete.ts'
import { stamped } from './stamps.ts'

export const COUNTRIES: readonly GivenRecord[] = [
  ['United States', 'US', 1],
  ['Belgium', 'BE', 32],
  ['Germany', 'DE', 49],
  ['France', 'FR', 33],
  ['Japan', 'JP', 81],
  ['Brazil', 'BR', 55],
].map(([name, code, phone], at) => ({
  id: at + 1,
  name: String(name),
  code: String(code),
  phone_code: Number(phone),
  currency_id: code === 'US' ? 1 : code === 'JP' ? 3 : 2,
  ...stamped(0),
}))

export const CURRENCIES: readonly GivenRecord[] = [
  ['USD', 'United States dollar', '$', 'before', 0.01],
  ['EUR', 'Euro', '€', 'after', 0.01],
  ['JPY', 'Japanese yen', '¥', 'before', 1],
].map(([name, fullName, symbol, position, rounding], at) => ({
  id: at + 1,
  name: String(name),
  full_name: String(fullName),
  symbol: String(symbol),
  position: String(position),
  rounding: Number(rounding),
  decimal_places: rounding === 1 ? 0 : 2,
  active: name !== 'JPY',
  ...stamped(0),
}))

export const CATEGORIES: readonly GivenRecord[] = [
  { id: 1, name: 'Customer', color: 1, active: true, ...stamped(0) },
  { id: 2, name: 'Wholesale', color: 2, parent_id: 1, active: true, ...stamped(0) },
  { id: 3, name: 'Supplier', color: 3, active: true, ...stamped(0) },
  { id: 4, name: '100% digital', color: 0, active: true, ...stamped(1) },
  { id: 5, name: 'Former', active: false, ...stamped(1) },
]

export const STAGES: readonly GivenRecord[] = ['New', 'Qualified', 'Proposition', 'Won'].map((name, at) => ({
  id: at + 1,
  name,
  sequence: at + 1,
  is_won: name === 'Won',
  fold: false,
  color: at === 3 ? 10 : 0,
  ...stamped(0),
}))

export const TEAMS: readonly GivenRecord[] = [
  {
    id: 1,
    name: 'Sales',
    sequence: 0,
    active: true,
    user_id: 2,
    use_leads: true,
    use_opportunities: true,
    ...stamped(0),
  },
  {
    id: 2,
    name: 'Website',
    sequence: 1,
    active: true,
    company_id: 1,
    use_opportunities: true,
    ...stamped(0),
  },
  { id: 3, name: 'Fairs', sequence: 2, active: false, ...stamped(1) },
]

export const TAGS: readonly GivenRecord[] = ['Product', 'Software', 'Services', 'Urgent', '50% off'].map(
  (name, at) => ({
    id: at + 1,
    name,
    color: at,
    ...stamped(0),
  }),
)
