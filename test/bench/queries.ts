import { connect, type Connection, type ConnectOptions } from '../../src/driver/connection.ts'
import { callJson2, connectOdoo } from '../support/odoo-rpc.ts'
import { inMilliseconds, median, mediansOf, millisecondsOf, REPEATS, times, type Line } from './measure.ts'

/** A server to measure on: how the driver connects, and how raw calls reach it. */
export interface BenchTarget {
  readonly title: string
  readonly options: ConnectOptions
  /** Rows of res.partner with an id above `after`, by one raw call. */
  readonly page: (
    after: number,
    limit: number,
    fields: readonly string[],
  ) => Promise<readonly { readonly id: number }[]>
}

const FIELDS = ['name', 'email', 'city', 'create_date']

/** The queries that issue 3 names, with pushdown against without it, and a full read against a loop of raw calls. */
export async function benchQueries(target: BenchTarget): Promise<Line[]> {
  const pushing = await connect(target.options)
  const whole = await connect({ ...target.options, pushdown: false })
  try {
    const sparse = await sparseFilter(pushing, 'res.partner', ['city', 'country_id', 'color', 'job'])
    const sparseLeads = await sparseFilter(pushing, 'crm.lead', [
      'city',
      'date_deadline',
      'color',
      'expected_revenue',
    ])
    // The engine is started, and every table known, before anything is measured.
    for (const connection of [pushing, whole]) await connection.query('SELECT count(*) + 1 FROM res.country')
    const queries = {
      'join of leads and partners, filtered on one side': `SELECT l.id, l.name, p.city FROM crm.lead l JOIN res.partner p ON p.id = l.partner_id WHERE l.${sparseLeads}`,
      'group over all partners': 'SELECT country_id, count(*) FROM res.partner GROUP BY country_id',
      'filtered read of about 1 %': `SELECT id, name, email FROM res.partner WHERE ${sparse}`,
    }
    const lines: Line[] = []
    for (const [what, sql] of Object.entries(queries)) {
      const { ours, other } = await mediansOf({
        ours: () => drain(pushing, sql),
        other: () => drain(whole, sql),
      })
      lines.push(line(`${target.title}: ${what}`, ours, other))
    }
    return [...lines, await fullRead(target, pushing)]
  } finally {
    await Promise.all([pushing.close(), whole.close()])
  }
}

const line = (what: string, ours: number, other: number): Line => ({
  what,
  ours: inMilliseconds(ours),
  other: inMilliseconds(other),
  ratio: times(other, ours),
})

async function drain(connection: Connection, sql: string): Promise<number> {
  let rows = 0
  for await (const batch of await connection.cursor(sql)) rows += batch.length
  return rows
}

/** A predicate that about one row in a hundred meets. */
async function sparseFilter(
  connection: Connection,
  table: string,
  columns: readonly string[],
): Promise<string> {
  const all = Number((await connection.query<{ n: string }>(`SELECT count(*) AS n FROM ${table}`)).rows[0]?.n)
  const wanted = all / 100
  const found: { filter: string; distance: number }[] = []
  for (const column of columns) {
    const { rows } = await connection.query<{ v: string | number | Date | null; n: string }>(
      `SELECT ${column} AS v, count(*) AS n FROM ${table} WHERE ${column} IS NOT NULL GROUP BY ${column}`,
    )
    for (const { v, n } of rows)
      if (v !== '' && v !== 0)
        found.push({
          filter: `${column} = '${(v instanceof Date ? v.toISOString().slice(0, 10) : String(v)).replaceAll("'", "''")}'`,
          distance: Math.abs(Math.log(Number(n) / wanted)),
        })
  }
  found.sort((a, b) => a.distance - b.distance)
  return found[0]?.filter ?? 'id < 0'
}

const PAGE_ROWS = [500, 1000, 2000, 5000]

/** All partners in five columns: the driver against whoever writes the loop by hand, with the page that suits best. */
async function fullRead({ title, page }: BenchTarget, connection: Connection): Promise<Line> {
  const loop = async (limit: number): Promise<void> => {
    for (let after = 0; ;) {
      const records = await page(after, limit, FIELDS)
      const last = records.at(-1)
      if (last === undefined) return
      after = last.id
    }
  }
  const loops: number[] = []
  for (const limit of PAGE_ROWS) loops.push(await millisecondsOf(() => loop(limit)))
  const best = PAGE_ROWS[loops.indexOf(Math.min(...loops))]!
  const [ours, other]: [number[], number[]] = [[], [Math.min(...loops)]]
  for (let round = 0; round < REPEATS; round++) {
    ours.push(
      await millisecondsOf(() => drain(connection, `SELECT id, ${FIELDS.join(', ')} FROM res.partner`)),
    )
    if (round > 0) other.push(await millisecondsOf(() => loop(best)))
  }
  return line(
    `${title}: all partners, 5 columns, against raw calls of ${best} rows`,
    median(ours),
    median(other),
  )
}

interface Account {
  readonly url: string
  readonly database: string
  readonly login: string
  readonly password: string
  readonly apiKey: string
}

/** Pages by raw calls over the transport that the driver takes: JSON-2 where there is one. */
export async function pagesOf(account: Account, isJson2: boolean): Promise<BenchTarget['page']> {
  const context = { active_test: false, lang: 'en_US' }
  const odoo = await connectOdoo(account)
  return async (after, limit, fields) => {
    const domain = [['id', '>', after]]
    const named = { fields, limit, order: 'id', context }
    const answer = isJson2
      ? await callJson2(account, 'res.partner', 'search_read', { domain, ...named })
      : await odoo.call('res.partner', 'search_read', [domain], named)
    return answer.result as readonly { readonly id: number }[]
  }
}
