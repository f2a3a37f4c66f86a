import { connect, type PartitionOptions } from '../../src/driver/connection.ts'
import { drain } from './full-read.ts'
import { compare, mediansOf, type Line } from './measure.ts'
import type { BenchTarget } from './targets.ts'

/** All partitions side by side, against one after another. */
export async function benchPartitions(target: BenchTarget): Promise<Line[]> {
  const partitions = partitionsOf(target)
  const names = Object.keys(partitions)
  if (names.length < 2) return []
  const { catalog } = target.options
  const odoo = await connect({
    partitions,
    partition: names,
    ...(catalog !== undefined && { catalog }),
    catalogCache: false,
  })
  try {
    const sql = target.real === undefined ? SYNTHETIC : PARTNERS
    const oneByOne = async (): Promise<void> => {
      for (const name of names) await drain(odoo, `${sql} AND _partition = '${name}'`)
    }
    // Every partition is known before anything is measured.
    await drain(odoo, sql)
    const { together, apart } = await mediansOf({ together: () => drain(odoo, sql), apart: oneByOne })
    return [
      compare(`${target.title}: ${names.length} partitions, all rows of a table, side by side`, together, {
        name: 'one after another',
        milliseconds: apart,
      }),
    ]
  } finally {
    await odoo.close()
  }
}

const PARTNERS = 'SELECT id, name, email, city FROM res.partner WHERE id > 0'
const SYNTHETIC = 'SELECT id, name, smtp_port FROM ir.mail_server WHERE id <= 100000'

/** The databases of the Odoo 19, where their keys are given; four of the synthetic server, which are all the same. */
function partitionsOf({ options, real }: BenchTarget): Record<string, PartitionOptions> {
  const { url = '', login = '', password = '' } = options
  if (real === undefined && password !== '')
    return Object.fromEntries(
      ['a', 'b', 'c', 'd'].map((database) => [database, { url, database, login, password }]),
    )
  const databases = (process.env[`ODOO${real?.version ?? ''}_DBS`] ?? '').split(',').filter(Boolean)
  return Object.fromEntries(
    databases.flatMap((database) => {
      const apiKey = process.env[`ODOO${real!.version}_API_KEY_${database.toUpperCase()}_ADMIN`] ?? ''
      return apiKey === '' ? [] : [[database, { url, database, login, apiKey }]]
    }),
  )
}
