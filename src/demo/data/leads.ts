import type { GivenRecord } from '../complete.ts'
import type { Branch } from '../databases.ts'
import { dayAfter, pick, stamped, timeAfter } from './stamps.ts'

const SUBJECTS = [
  'Office chairs',
  'Yearly maintenance',
  'Website relaunch',
  '50% off_season order',
  'Export to 日本',
  'Réparation',
  'Call back',
] as const
const LEAD_COUNT = 40

/** Leads and opportunities in all stages; some won, some lost and so archived, some bare. */
export function leads({ domain, seed, currency }: Branch): GivenRecord[] {
  return Array.from({ length: LEAD_COUNT }, (_, at) => {
    const stage = (at * seed) % 4
    const isWon = stage === 3
    const isLost = !isWon && at % 9 === 4
    const revenue = pick([null, 0, 1250.5, 480, 12_000, 99.99], at + currency)
    const probability = isWon ? 100 : isLost ? 0 : pick([null, 10, 33.33, 60], at)
    return {
      id: at + 1,
      name: `${pick(SUBJECTS, at + seed)} ${String(at + 1)}`,
      type: at % 3 === 0 ? 'lead' : 'opportunity',
      active: !isLost,
      partner_id: at % 3 === 1 ? 8 + (at % 8) : null,
      contact_name: at % 4 === 0 ? null : `Contact ${String(at)}`,
      partner_name: at % 5 === 0 ? '' : null,
      email_from: at % 2 === 0 ? `lead${String(at)}@${domain}` : null,
      email_normalized: at % 2 === 0 ? `lead${String(at)}@${domain}` : null,
      function: at % 7 === 0 ? 'Buyer' : null,
      user_id: pick([2, 5, null], at),
      team_id: pick([1, 2, 1, null], at),
      company_id: at % 2 === 0 ? 1 : null,
      stage_id: stage + 1,
      tag_ids: at % 3 === 0 ? [(at % 5) + 1] : at % 8 === 1 ? [1, 4] : [],
      priority: pick(['0', '1', '2', '3', null], at),
      color: pick([0, null, 4], at),
      expected_revenue: revenue,
      prorated_revenue: revenue === null ? null : Math.round(revenue * (probability ?? 0)) / 100,
      probability,
      automated_probability: at % 2 === 0 ? probability : 42.5,
      won_status: isWon ? 'won' : isLost ? 'lost' : 'pending',
      date_open: at % 4 === 0 ? null : timeAfter(at),
      date_closed: isWon || isLost ? timeAfter(at + 20) : null,
      date_conversion: at % 3 === 0 ? null : timeAfter(at + 1),
      date_last_stage_update: timeAfter(at + 2),
      date_deadline: at % 5 === 0 ? null : dayAfter(60 + 3 * at),
      day_open: at % 4 === 0 ? null : at / 8,
      day_close: isWon ? 20.25 : null,
      country_id: at % 6 === 0 ? null : (at % 6) + 1,
      city: at % 3 === 0 ? 'Springfield' : null,
      referred: at % 10 === 0 ? 'a friend' : null,
      description: at % 4 === 2 ? '<p>Please call back next week.</p>' : null,
      iap_enrich_done: false,
      ...stamped(12 + at),
    }
  })
}
