import { expect } from 'chai'
import { fileURLToPath } from 'node:url'
import { outputOf } from './process.ts'

const SCRIPT = fileURLToPath(new URL('run.ts', import.meta.url))
/** Those that measure servers; the others build the package, start the engine or need many rows. */
const PARTS = ['full-read', 'columns', 'pushdown', 'partitions', 'point', 'compression', 'batches', 'rows']

describe('the bench', () => {
  it('runs on a few rows, by hand and by ours alike', async () => {
    const report = await outputOf(['--import', 'tsx', SCRIPT, ...PARTS], '', { BENCH_TRIAL: '1' })
    // Rows are counted on both sides: a part whose calls by hand find others fails, and with it the program.
    for (const measured of [
      'synthetic: all rows, 2500 rows',
      'synthetic: 2 columns of 29, 2500 rows',
      'synthetic: a many2one without its label, 2500 rows',
      'synthetic: filtered read of about 1 %, 25 rows',
      'synthetic: join of leads and partners, filtered on one side, 25 rows',
      'synthetic: GROUP BY over all partners, 10 rows',
      'synthetic: the newest ten partners, 10 rows',
      'synthetic: count of all partners, 1 rows',
      '4 partitions (a, b, c, d), 10000 rows, side by side',
      'synthetic: one row by id',
      'compression: 2500 rows over 20 Mbit/s and 20 ms, by gzip',
      'batches: the same link, 0.2 ms of work a row',
    ])
      expect(report).to.include(`| ${measured}`)
    expect(report).to.match(/goals are met/)
  })
})
