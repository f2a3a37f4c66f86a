import { connect, type Connection } from '../../src/driver/connection.ts'
import { compare, mediansOfTimes, millisecondsOf, type Line } from './measure.ts'
import type { BenchTarget } from './targets.ts'

const GOAL = { atMost: 1.2 }
/** One is over too soon to be timed: so many make one measurement. */
const CALLS = 50
const ROUNDS = 7
const FIELDS = ['name', 'smtp_host', 'smtp_port', 'active']

/** One record by its id: what the driver adds to one call. */
export async function benchPoint({ title, options, hand }: BenchTarget): Promise<Line[]> {
  const odoo = await connect(options)
  try {
    const sql = `SELECT id, ${FIELDS.join(', ')} FROM ir.mail_server WHERE id = `
    const repeated = (work: (id: number) => Promise<unknown>) => () =>
      millisecondsOf(async () => {
        for (let n = 0; n < CALLS; n++) await work(1 + (n % 3))
      })
    const works = {
      hand: repeated((id) =>
        hand.call('ir.mail_server', 'search_read', [['id', '=', id]], { fields: FIELDS }),
      ),
      bound: repeated((id) => odoo.query(`${sql} $1`, [id])),
      written: repeated(newTexts(odoo, sql)),
    }
    // What is compiled and kept open by the first is there for all.
    for (const work of Object.values(works)) await work()
    const { hand: milliseconds, bound, written } = await mediansOfTimes(works, ROUNDS)
    const other = { name: 'one call by hand', milliseconds: milliseconds / CALLS }
    return [
      compare(`${title}: one row by id, the id a parameter`, bound / CALLS, other, GOAL),
      compare(`${title}: one row by id, each time another text`, written / CALLS, other),
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
