import { connect, type Connection } from '../../src/driver/connection.ts'
import { wholeRead } from './by-hand.ts'
import { compare, mediansOfTimes, millisecondsOf, type Line } from './measure.ts'
import { inDatabase, openPeers } from './peers.ts'
import type { BenchTarget } from './targets.ts'

const GOAL = { atMost: 1.2 }
/** One is over too soon to be timed: so many make one measurement. */
const CALLS = 50
const ROUNDS = 5
const FIELDS = ['name', 'smtp_host', 'smtp_port', 'active']

/** One record by its id: what the driver adds to one call, and what others do. */
export async function benchPoint(target: BenchTarget): Promise<Line[]> {
  const { title, options, hand } = target
  const odoo = await connect(options)
  const { peers, missing } = await openPeers(target)
  try {
    const sql = `SELECT id, ${FIELDS.join(', ')} FROM ir.mail_server WHERE id =`
    const first = wholeRead({ model: 'ir.mail_server', fields: FIELDS, domain: [['id', '=', 1]] })
    const repeated = (work: (id: number) => Promise<unknown>) => () =>
      millisecondsOf(async () => {
        for (let n = 0; n < CALLS; n++) await work(1 + (n % 3))
      })
    const others = {
      ...Object.fromEntries(peers.map((peer) => [peer.name, () => peer.run(first, CALLS)])),
      ...inDatabase(target, `${sql} 1`, CALLS),
    }
    const works = {
      hand: repeated((id) => hand.call(first.model, first.method, [['id', '=', id]], first.named)),
      bound: repeated((id) => odoo.query(`${sql} $1`, [id])),
      written: repeated(newTexts(odoo, sql)),
      ...others,
    }
    // What is compiled and kept open by the first is there for all.
    for (const work of Object.values(works)) await work()
    const medians: Readonly<Record<string, number>> = await mediansOfTimes(works, ROUNDS)
    const of = (name: string): number => (medians[name] ?? NaN) / CALLS
    const byHand = { name: 'by hand, one call', milliseconds: of('hand') }
    const what = `${title}: one row by id, the id a parameter`
    return [
      compare(what, of('bound'), byHand, GOAL),
      ...Object.keys(others).map((name) => compare(what, of('bound'), { name, milliseconds: of(name) })),
      compare(`${title}: one row by id, each time another text`, of('written'), byHand),
      ...missing,
    ]
  } finally {
    await odoo.close()
  }
}

/** Statements whose text was never seen before. */
function newTexts(odoo: Connection, sql: string): (id: number) => Promise<unknown> {
  let written = 0
  return (id) => odoo.query(`${sql} ${id} /* ${++written} */`)
}
