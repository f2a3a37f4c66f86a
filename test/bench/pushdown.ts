import { connect, type Connection } from '../../src/driver/connection.ts'
import type { HandCalls, HandDomain, WholeRead } from './by-hand.ts'
import { drain, fetchingAll } from './full-read.ts'
import { compareAll, millisecondsOf, type Goal, type Line } from './measure.ts'
import { hasPsql, openPeers, throughDatabase } from './peers.ts'
import type { BenchTarget } from './targets.ts'

/** Against whoever must fetch all. */
const GOAL = { atLeast: 5 }

/** A statement, the same by hand, and what must be fetched by those who cannot ask Odoo for less. */
interface Workload {
  readonly what: string
  readonly sql: string
  readonly byHand: (hand: HandCalls) => Promise<unknown>
  readonly whole: readonly WholeRead[]
  readonly goal?: Goal
}

/** Statements of which Odoo can answer a part, or all: against the calls that answer them, and against fetching all. */
export async function benchPushdown(target: BenchTarget): Promise<Line[]> {
  const { title, options, hand, real } = target
  const pushing = await connect(options)
  const whole = await connect({ ...options, pushdown: false })
  const { peers, missing } = real === undefined ? { peers: [], missing: [] } : await openPeers(real)
  const lines: Line[] = []
  try {
    // The engine is started, and every table known, before anything is measured.
    for (const connection of [pushing, whole]) await connection.query('SELECT count(*) + 1 FROM res.country')
    for (const { what, sql, byHand, whole: reads, goal } of await workloads(pushing, target)) {
      const right = await drain(whole, sql)
      if ((await drain(pushing, sql)) !== right) throw new TypeError(`${sql} gives other rows by pushdown`)
      const ours = (): Promise<number> => millisecondsOf(() => drain(pushing, sql))
      const fetchers = {
        'odoo-sql without pushdown': () => millisecondsOf(() => drain(whole, sql)),
        ...fetchingAll(peers, reads),
      }
      const limits = {
        'by hand, who knows Odoo’s calls': () => millisecondsOf(() => byHand(hand)),
        ...(real !== undefined &&
          hasPsql() && { 'psql in Odoo’s database': () => throughDatabase(real, sql) }),
      }
      const others = { ...limits, ...fetchers }
      const goalOf = (name: string): Goal | undefined => (name in fetchers ? goal : undefined)
      lines.push(...(await compareAll(`${title}: ${what}`, ours, others, { goalOf })))
    }
    return [...lines, ...missing]
  } finally {
    await Promise.all([pushing.close(), whole.close()])
  }
}

async function workloads(connection: Connection, { real }: BenchTarget): Promise<Workload[]> {
  const people = await sparseFilter(connection, 'res.partner', ['country_id', 'color'])
  const leads = await sparseFilter(connection, 'crm.lead', ['stage_id', 'color'])
  // The demo is an Odoo 19 too.
  const isFormatted = (real?.version ?? 19) >= 19
  return [
    {
      what: 'filtered read of about 1 %',
      goal: GOAL,
      sql: `SELECT id, name, email FROM res.partner WHERE ${people.sql}`,
      byHand: (hand) => hand.call('res.partner', 'search_read', people.domain, { fields: ['name', 'email'] }),
      whole: [{ model: 'res.partner', fields: ['name', 'email', 'country_id', 'color'] }],
    },
    {
      what: 'join of leads and partners, filtered on one side',
      goal: GOAL,
      sql: `SELECT l.id, l.name, p.city FROM crm.lead l JOIN res.partner p ON p.id = l.partner_id WHERE ${leads.sql.replaceAll(/\b(stage_id|color)\b/g, 'l.$1')}`,
      async byHand(hand) {
        const found = await hand.call<{ partner_id: [number, string] | false }[]>(
          'crm.lead',
          'search_read',
          leads.domain,
          { fields: ['name', 'partner_id'] },
        )
        const ids = new Set(found.flatMap(({ partner_id: partner }) => (partner === false ? [] : partner[0])))
        await hand.call('res.partner', 'search_read', [['id', 'in', [...ids]]], { fields: ['city'] })
      },
      whole: [
        { model: 'crm.lead', fields: ['name', 'partner_id', 'stage_id', 'color'] },
        { model: 'res.partner', fields: ['city'] },
      ],
    },
    {
      what: 'GROUP BY over all partners',
      goal: GOAL,
      sql: 'SELECT country_id, count(*) FROM res.partner GROUP BY country_id',
      byHand: (hand) =>
        isFormatted
          ? hand.call('res.partner', 'formatted_read_group', [], {
              groupby: ['country_id'],
              aggregates: ['__count'],
            })
          : hand.call('res.partner', 'read_group', [], {
              fields: ['country_id'],
              groupby: ['country_id'],
              lazy: false,
            }),
      whole: [{ model: 'res.partner', fields: ['country_id'] }],
    },
    {
      what: 'the newest ten partners',
      sql: 'SELECT id, name, create_date FROM res.partner ORDER BY create_date DESC, id DESC LIMIT 10',
      byHand: (hand) =>
        hand.call('res.partner', 'search_read', [], {
          fields: ['name', 'create_date'],
          order: 'create_date desc, id desc',
          limit: 10,
        }),
      whole: [{ model: 'res.partner', fields: ['name', 'create_date'] }],
    },
    {
      what: 'count of all partners',
      sql: 'SELECT count(*) FROM res.partner',
      byHand: (hand) => hand.call('res.partner', 'search_count', []),
      whole: [{ model: 'res.partner', fields: ['id'] }],
    },
  ]
}

/** A predicate that about one row in a hundred meets: values of two columns. */
async function sparseFilter(
  connection: Connection,
  table: string,
  columns: readonly [string, string],
): Promise<{ sql: string; domain: HandDomain }> {
  const list = columns.join(', ')
  const { rows } = await connection.query<Record<string, string | number>>(
    `SELECT ${list}, count(*) AS n FROM ${table} WHERE num_nonnulls(${list}) = 2 GROUP BY ${list}`,
  )
  const all = await connection.query<{ n: string }>(`SELECT count(*) AS n FROM ${table}`)
  const distance = (row: Record<string, string | number>): number =>
    Math.abs(Math.log((100 * Number(row['n'])) / Number(all.rows[0]?.n)))
  const [nearest = {}] = [...rows].sort((a, b) => distance(a) - distance(b))
  return {
    sql: columns.map((column) => `${column} = '${nearest[column]}'`).join(' AND '),
    domain: columns.map((column) => [column, '=', Number(nearest[column])]),
  }
}
