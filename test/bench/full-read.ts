import { connect, type Connection } from '../../src/driver/connection.ts'
import { bestCut, nameOfCut, readByHand, type WholeRead } from './by-hand.ts'
import { compare, compareAll, mediansOf, millisecondsOf, type Line } from './measure.ts'
import { hasPsql, openPeers, throughDatabase, type Peer } from './peers.ts'
import type { BenchTarget } from './targets.ts'

/** The difference that counts is small: it takes more rounds than others do. */
const ROUNDS = 5
const GOAL = { atMost: 1.05 }

export const PARTNERS: WholeRead = { model: 'res.partner', fields: ['name', 'email', 'city', 'create_date'] }
const SERVERS: WholeRead = {
  model: 'ir.mail_server',
  fields: ['name', 'smtp_host', 'smtp_port', 'active', 'create_date'],
}

/** Every record of a table, against the best that can be written by hand, the peers, and Odoo's own database. */
export async function benchFullRead(target: BenchTarget): Promise<Line[]> {
  const { title, real, hand } = target
  const read = title === 'synthetic' ? SERVERS : PARTNERS
  const sql = `SELECT id, ${read.fields.join(', ')} FROM ${read.model}`
  const odoo = await connect(target.options)
  const { peers, missing } = real === undefined ? { peers: [], missing: [] } : await openPeers(real)
  try {
    const rows = await drain(odoo, sql)
    const cut = await bestCut(hand, read)
    const others: Record<string, () => Promise<number>> = {
      [nameOfCut(cut)]: () => millisecondsOf(() => readByHand(hand, read, cut)),
      ...fetchingAll(peers, [read]),
      ...(real !== undefined && hasPsql() && { 'psql in Odoo’s database': () => throughDatabase(real, sql) }),
    }
    const lines = await compareAll(
      `${title}: all ${rows} rows, ${read.fields.length + 1} columns`,
      () => millisecondsOf(() => drain(odoo, sql)),
      others,
      { goalOf: (name) => (name === nameOfCut(cut) ? GOAL : undefined), rounds: ROUNDS },
    )
    return [...lines, ...missing]
  } finally {
    await odoo.close()
  }
}

/** The peers by name, each reading one model after another. */
export const fetchingAll = (
  peers: readonly Peer[],
  reads: readonly WholeRead[],
): Record<string, () => Promise<number>> =>
  Object.fromEntries(
    peers.map((peer) => [
      `${peer.name}, which fetches all`,
      async () => {
        let sum = 0
        for (const read of reads) sum += await peer.fetchAll(read)
        return sum
      },
    ]),
  )

/** Reads a result to its end; returns its rows. */
export async function drain(connection: Connection, sql: string): Promise<number> {
  let rows = 0
  for await (const batch of await connection.cursor(sql)) rows += batch.length
  return rows
}

/** What asking for less saves: two columns of thirty, and many2one columns without their labels. */
export async function benchColumns(target: BenchTarget): Promise<Line[]> {
  const { title, hand } = target
  const odoo = await connect(target.options)
  try {
    const columns = (await odoo.table('res.partner')).columns.map(({ name }) => name)
    const plain = columns.filter((name) => !name.startsWith('_') && !name.endsWith('_label'))
    const thirty = plain.slice(0, 30)
    const two = ['id', 'name']
    const works = {
      thirty: () => drain(odoo, `SELECT ${thirty.join(', ')} FROM res.partner`),
      two: () => drain(odoo, `SELECT ${two.join(', ')} FROM res.partner`),
      labels: () => drain(odoo, 'SELECT id, country_id, country_id_label FROM res.partner'),
      keys: () => drain(odoo, 'SELECT id, country_id FROM res.partner'),
    }
    const cut = { page: 5_000, readers: 2 }
    const byHand = (fields: readonly string[], named = {}): Promise<number> =>
      readByHand(hand, { model: 'res.partner', fields, named }, cut)
    const medians = await mediansOf({
      ...works,
      handTwo: () => byHand(['name']),
      handLabels: () => byHand(['country_id']),
    })
    return [
      compare(`${title}: all rows, 2 columns of ${thirty.length}`, medians.two, {
        name: `all ${thirty.length} columns`,
        milliseconds: medians.thirty,
      }),
      compare(`${title}: all rows, 2 columns`, medians.two, {
        name: 'by hand, 5000 rows a call, 2 at once',
        milliseconds: medians.handTwo,
      }),
      compare(`${title}: all rows, a many2one without its label`, medians.keys, {
        name: 'with its label',
        milliseconds: medians.labels,
      }),
      compare(`${title}: all rows, a many2one with its label`, medians.labels, {
        name: 'by hand, 5000 rows a call, 2 at once',
        milliseconds: medians.handLabels,
      }),
    ]
  } finally {
    await odoo.close()
  }
}
