import { connect } from '../../src/driver/connection.ts'
import {
  readByHand,
  wholeRead,
  type HandCalls,
  type HandDomain,
  type HandRead,
  type ModelCall,
} from './by-hand.ts'
import type { Line } from './measure.ts'
import { openPeers } from './peers.ts'
import type { BenchTarget } from './targets.ts'
import { benchWorkload, type Workload } from './workloads.ts'

/** Against whoever must fetch all. */
const GOAL = { atLeast: 5 }

/** Statements of which Odoo can answer a part, or all: against the calls that answer them, and against fetching all. */
export async function benchPushdown(target: BenchTarget): Promise<Line[]> {
  const { options, hand, kind } = target
  const odoo = await connect(options)
  // A million rows are more than a join of ours may load.
  const whole = kind === 'synthetic' ? undefined : await connect({ ...options, pushdown: false })
  const { peers, missing } = await openPeers(target)
  const lines: Line[] = []
  try {
    // The engine is started, and every table known, before anything is measured.
    for (const connection of [odoo, ...(whole === undefined ? [] : [whole])])
      await connection.query('SELECT count(*) + 1 FROM res.country')
    const connections = whole === undefined ? {} : { 'odoo-sql without pushdown': whole }
    for (const workload of await workloads(hand))
      lines.push(...(await benchWorkload(target, odoo, workload, { peers, connections })))
    return [...lines, ...missing]
  } finally {
    await Promise.all([odoo.close(), whole?.close()])
  }
}

async function workloads(hand: HandCalls): Promise<Workload[]> {
  const people = await sparseFilter(hand, 'res.partner', ['country_id', 'color'])
  const leads = await sparseFilter(hand, 'crm.lead', ['stage_id', 'color'])
  const found: HandRead = { model: 'res.partner', fields: ['name', 'email'], domain: people }
  return [
    {
      what: 'filtered read of about 1 %',
      sql: `SELECT id, name, email FROM res.partner WHERE ${sqlOf(people)}`,
      byHand: { kind: 'cut', run: (calls, cut) => readByHand(calls, found, cut) },
      calls: [wholeRead({ model: 'res.partner', fields: ['name', 'email', 'country_id', 'color'] })],
      peerGoal: GOAL,
    },
    joined(leads),
    {
      what: 'GROUP BY over all partners',
      sql: 'SELECT country_id, count(*) FROM res.partner GROUP BY country_id',
      byHand: { kind: 'oneCall', call: groupsCall(hand, 'res.partner', ['country_id']) },
      calls: [wholeRead({ model: 'res.partner', fields: ['country_id'] })],
      peerGoal: GOAL,
    },
    {
      what: 'the newest ten partners',
      sql: 'SELECT id, name, create_date FROM res.partner ORDER BY create_date DESC, id DESC LIMIT 10',
      byHand: { kind: 'oneCall', call: NEWEST },
      calls: [NEWEST],
    },
    {
      what: 'count of all partners',
      sql: 'SELECT count(*) FROM res.partner',
      byHand: { kind: 'oneCall', call: COUNT },
      calls: [COUNT],
    },
  ]
}

const NEWEST: ModelCall = {
  ...{ model: 'res.partner', method: 'search_read', domain: [] },
  named: { fields: ['name', 'create_date'], order: 'create_date desc, id desc', limit: 10 },
}
const COUNT: ModelCall = { model: 'res.partner', method: 'search_count', domain: [], named: {} }

/** Leads that meet a filter, and then their partners by id. */
function joined(domain: HandDomain): Workload {
  const leads: HandRead = { model: 'crm.lead', fields: ['name', 'partner_id'], domain, isBare: true }
  return {
    what: 'join of leads and partners, filtered on one side',
    sql: `SELECT l.id, l.name, p.city FROM crm.lead l JOIN res.partner p ON p.id = l.partner_id WHERE ${sqlOf(domain, 'l.')}`,
    byHand: {
      kind: 'cut',
      async run(hand, cut) {
        const ofLeads: unknown[] = []
        await readByHand(hand, leads, cut, (records) => {
          ofLeads.push(...records.map((record) => record['partner_id']))
        })
        const ids = [...new Set(ofLeads.filter(Boolean))]
        const partners: HandRead = { model: 'res.partner', fields: ['city'], domain: [['id', 'in', ids]] }
        const cities = new Map<unknown, unknown>()
        await readByHand(hand, partners, cut, (records) => {
          for (const { id, ...partner } of records) cities.set(id, partner['city'])
        })
        return ofLeads.filter((id) => cities.has(id)).length
      },
    },
    calls: [
      wholeRead({ model: 'crm.lead', fields: ['name', 'partner_id', 'stage_id', 'color'] }),
      wholeRead({ model: 'res.partner', fields: ['city'] }),
    ],
    peerGoal: GOAL,
  }
}

/** Asks for groups and their counts, as the version has it. */
const groupsCall = ({ isJson2 }: HandCalls, model: string, groupby: readonly string[]): ModelCall =>
  isJson2
    ? { model, method: 'formatted_read_group', domain: [], named: { groupby, aggregates: ['__count'] } }
    : { model, method: 'read_group', domain: [], named: { fields: groupby, groupby, lazy: false } }

/** A domain that about one row in a hundred meets: a link and a number. */
async function sparseFilter(
  hand: HandCalls,
  model: string,
  fields: readonly [link: string, number: string],
): Promise<HandDomain> {
  const { method, domain, named } = groupsCall(hand, model, fields)
  const all = await hand.call<Readonly<Record<string, unknown>>[]>(model, method, domain, named)
  const countOf = (group: Readonly<Record<string, unknown>>): number => Number(group['__count'])
  const wanted = all.reduce((sum, group) => sum + countOf(group), 0) / 100
  const distance = (group: Readonly<Record<string, unknown>>): number =>
    Math.abs(Math.log(countOf(group) / wanted))
  const whole = all.filter((group) => fields.every((field) => Boolean(group[field])))
  const [nearest = {}] = whole.sort((a, b) => distance(a) - distance(b))
  return fields.map((field) => {
    const value: unknown = nearest[field]
    return [field, '=', Array.isArray(value) ? (value as unknown[])[0] : value] as const
  })
}

const sqlOf = (domain: HandDomain, prefix = ''): string =>
  domain.map(([field, , value]) => `${prefix}${field} = '${String(value)}'`).join(' AND ')
