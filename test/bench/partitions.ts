import { connect, type PartitionOptions } from '../../src/driver/connection.ts'
import { bestCut, nameOfCut, readByHand, wholeRead, type Cut, type HandRead } from './by-hand.ts'
import { compareAll, millisecondsOf, type Line, type Timed } from './measure.ts'
import { byPeers, inDatabase, openPeers } from './peers.ts'
import { openPartitions, type BenchTarget, type Servers } from './targets.ts'
import { drain } from './workloads.ts'

/** So many of the synthetic rows are enough in each of four partitions. */
const LAST_ID = 100_000
const SQL = `SELECT id, name, email, city FROM res.partner WHERE id <= ${LAST_ID}`
const READ: HandRead = {
  model: 'res.partner',
  fields: ['name', 'email', 'city'],
  domain: [['id', '<=', LAST_ID]],
}

/** All partitions side by side, against one after another, the best by hand, the peers and the databases. */
export async function benchPartitions(servers: Servers): Promise<Line[]> {
  const lines: Line[] = []
  for (const targets of await openPartitions(servers))
    try {
      if (targets.length > 1) lines.push(...(await benchTogether(targets)))
    } finally {
      for (const target of targets) await target.close()
    }
  return lines
}

async function benchTogether(targets: readonly BenchTarget[]): Promise<Line[]> {
  const partitions = Object.fromEntries(targets.map((target, index) => [`p${index + 1}`, optionsOf(target)]))
  const names = Object.keys(partitions)
  const { catalog } = targets[0]!.options
  const odoo = await connect({
    partitions,
    partition: names,
    catalogCache: false,
    ...(catalog !== undefined && { catalog }),
  })
  try {
    // Every partition is known before anything is measured.
    const rows = await drain(odoo, SQL)
    const oneByOne = async (): Promise<void> => {
      for (const name of names) await drain(odoo, `${SQL} AND _partition = '${name}'`)
    }
    const allByHand = (cut: Cut): Promise<number[]> =>
      Promise.all(targets.map(({ hand }) => readByHand(hand, READ, cut)))
    const cut = await bestCut(allByHand)
    const others: Timed = {
      [`${nameOfCut(cut)} of each`]: () => millisecondsOf(() => allByHand(cut)),
      'ours, one after another': () => millisecondsOf(oneByOne),
      ...(await oneAfterAnother(targets)),
    }
    const of = targets.map(({ title }) => title).join(', ')
    return await compareAll(
      `${names.length} partitions (${of}), ${rows} rows, side by side`,
      () => millisecondsOf(() => drain(odoo, SQL)),
      others,
    )
  } finally {
    await odoo.close()
  }
}

/** The peers and psql, which know one database at a time. */
async function oneAfterAnother(targets: readonly BenchTarget[]): Promise<Timed> {
  const each = await Promise.all(
    targets.map(async (target): Promise<Timed> => {
      const { peers } = await openPeers(target)
      return { ...byPeers(peers, [wholeRead(READ)]), ...inDatabase(target, SQL) }
    }),
  )
  return Object.fromEntries(
    Object.keys(each[0] ?? {}).map((name) => [
      `${name}, one after another`,
      async () => {
        let sum = 0
        for (const works of each) sum += (await works[name]?.()) ?? NaN
        return sum
      },
    ]),
  )
}

function optionsOf({ options, logIn }: BenchTarget): PartitionOptions {
  const { url, database, login, password } = logIn
  const { apiKey } = options
  return { url, database, login, ...(apiKey === undefined ? { password } : { apiKey }) }
}
