import { expect } from 'chai'
import { fileURLToPath } from 'node:url'
import { outputOf } from '../bench/process.ts'
import type { MemoryAt } from '../bench/stream-memory.ts'
import { startSyntheticOdoo } from '../support/synthetic-odoo.ts'

const SCRIPT = fileURLToPath(new URL('../bench/stream-memory.ts', import.meta.url))
/** Live bytes may wobble by a few batches. */
const WOBBLE_BYTES = 8 * 2 ** 20

describe('a stream', () => {
  it('holds no more after 300,000 rows than after 50,000', async () => {
    const { url, database, login, password, ...synthetic } = await startSyntheticOdoo({ rows: 300_000 })
    try {
      const options = JSON.stringify({ url, database, login, password, catalogCache: false })
      const text = await outputOf(['--expose-gc', '--import', 'tsx', SCRIPT], options)
      const profile = JSON.parse(text) as readonly MemoryAt[]
      expect(profile.map(({ rows }) => rows)).to.deep.equal([
        50_000, 100_000, 150_000, 200_000, 250_000, 300_000,
      ])
      expect(profile.at(-1)!.heap).to.be.lessThan(profile[0]!.heap + WOBBLE_BYTES)
    } finally {
      await synthetic.close()
    }
  })
})
