import { connect } from '../../src/driver/connection.ts'
import { readByHand, wholeRead, type HandDomain, type HandRead } from './by-hand.ts'
import type { Line } from './measure.ts'
import { openPeers } from './peers.ts'
import type { BenchTarget } from './targets.ts'
import { benchWorkload, type Workload } from './workloads.ts'

/** The difference that counts is small: it takes more rounds than others do. */
const ROUNDS = 5
const PARTNERS: HandRead = { model: 'res.partner', fields: ['name', 'email', 'city', 'create_date'] }

/** Every record of a table, against the best that can be written by hand, the peers, and Odoo's own database. */
export async function benchFullRead(target: BenchTarget): Promise<Line[]> {
  const { fields } = PARTNERS
  return benchReads(target, () => [
    {
      ...reading('all rows', `SELECT id, ${fields.join(', ')} FROM res.partner`, PARTNERS),
      handGoal: { atMost: 1.05 },
      rounds: target.kind === 'synthetic' ? 3 : ROUNDS,
    },
  ])
}

/** What asking for less saves: two columns of thirty, and many2one columns without their labels. */
export async function benchColumns(target: BenchTarget): Promise<Line[]> {
  // So many of the synthetic rows are enough to measure, and thirty columns of all of them are half a gigabyte.
  const [where, domain]: readonly [string, HandDomain] =
    target.kind === 'synthetic' ? ['WHERE p.id <= 100000', [['id', '<=', 100_000]]] : ['', []]
  const from = `FROM res.partner p ${where}`
  const links: HandRead = { model: 'res.partner', fields: ['country_id'], domain }
  return benchReads(target, (columns) => {
    const plain = columns.filter((name) => !name.startsWith('_') && !name.endsWith('_label')).slice(0, 30)
    const labelled = `SELECT p.id, p.country_id, p.country_id_label ${from}`
    return [
      {
        ...reading(`2 columns of ${plain.length}`, `SELECT p.id, p.name ${from}`, {
          ...links,
          fields: ['name'],
        }),
        variants: {
          [`all ${plain.length} columns`]: `SELECT ${plain.map((name) => `p.${name}`).join(', ')} ${from}`,
        },
      },
      {
        ...reading('a many2one with its label', labelled, links),
        databaseSql: `SELECT p.id, p.country_id, c.name FROM res.partner p LEFT JOIN res.country c ON c.id = p.country_id`,
      },
      {
        ...reading('a many2one without its label', `SELECT p.id, p.country_id ${from}`, {
          ...links,
          isBare: true,
        }),
        variants: { 'with its label': labelled },
        // As before: to a peer each link comes with its label.
        calls: [],
      },
    ]
  })
}

const reading = (what: string, sql: string, read: HandRead): Workload => ({
  what,
  sql,
  byHand: { kind: 'cut', run: (hand, cut) => readByHand(hand, read, cut) },
  calls: [wholeRead(read)],
})

async function benchReads(
  target: BenchTarget,
  workloads: (columns: readonly string[]) => readonly Workload[],
): Promise<Line[]> {
  const odoo = await connect(target.options)
  const { peers, missing } = await openPeers(target)
  try {
    const columns = (await odoo.table('res.partner')).columns.map(({ name }) => name)
    const lines: Line[] = []
    for (const workload of workloads(columns))
      lines.push(...(await benchWorkload(target, odoo, workload, { peers })))
    return [...lines, ...missing]
  } finally {
    await odoo.close()
  }
}
