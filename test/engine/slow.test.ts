import { mkdtempSync, readdirSync, rmdirSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Datum } from '../../src/catalog/types.ts'
import type { EngineCursor } from '../../src/engine/cursor.ts'
import { internalError } from '../../src/errors.ts'
import { errorOf, partners, spoolFiles, startTestEngine } from './support.ts'
import type { TestEngine } from './support.ts'

const MANY = 'SELECT i FROM generate_series(1, 100000) i'
const ENDLESS = 'SELECT generate_series(1, 1000000000000) AS a'

describe('slow readers and slow sources', function () {
  this.timeout(60_000)
  let engine: TestEngine
  const { TMPDIR = '' } = process.env
  const directory = mkdtempSync(join(tmpdir(), 'odoo-sql-slow-'))
  before(async () => {
    process.env['TMPDIR'] = directory
    engine = startTestEngine({
      limits: { aheadBytesMax: 1000, stagedBytesMax: 1000, spoolBytesMax: 4 * 2 ** 20 },
    })
    await engine.ready
  })
  afterEach(async () => {
    expect(await engine.all('SELECT 1')).to.deep.equal([[1]])
    expect(engine.pending()).to.equal(0)
    expect(spoolFiles()).to.deep.equal([])
    expect(readdirSync(directory)).to.deep.equal([])
  })
  after(async () => {
    await engine.close()
    if (TMPDIR === '') delete process.env['TMPDIR']
    else process.env['TMPDIR'] = TMPDIR
    rmdirSync(directory)
  })

  const open = (sql: string, signal?: AbortSignal): Promise<EngineCursor> =>
    engine.run({ sql, loads: [] }, { signal })

  const read = async (cursor: EngineCursor): Promise<Datum[]> => {
    const values: Datum[] = []
    for await (const rows of cursor) for (const [value] of rows) values.push(value ?? null)
    return values
  }

  it('leave the engine to others, and find their rows whole', async () => {
    const cursor = await open(MANY)
    expect(engine.pending()).to.equal(1)
    expect(await engine.all('SELECT 2')).to.deep.equal([[2]])
    expect(engine.pending()).to.equal(0)
    expect(await read(cursor)).to.deep.equal(Array.from({ length: 100_000 }, (_, index) => index + 1))
  })

  it('have a file of their own, which nobody else can open', async function () {
    if (process.platform !== 'linux') this.skip()
    const cursors = [await open(MANY), await open(MANY)]
    await engine.all('SELECT 1')
    const files = spoolFiles()
    expect(files).to.have.length(2)
    for (const file of files) {
      const { mode, nlink, size } = statSync(file)
      expect([mode & 0o777, nlink]).to.deep.equal([0o600, 0])
      expect(size).to.be.above(500_000)
    }
    await Promise.all(cursors.map((cursor) => cursor.close()))
  })

  it('leave nothing behind when they stop early, or never start', async () => {
    for await (const rows of await open(MANY)) if (rows.length > 0) break
    for await (const rows of await open(ENDLESS)) if (rows.length > 0) break
    await (await open(MANY)).close()
    await (await open(ENDLESS)).close()
  })

  it('end in the error that the statement ended in, after the rows before it', async () => {
    const cursor = await open('SELECT 1/(50000 - i) FROM generate_series(1, 100000) i')
    await engine.all('SELECT 1')
    let rows = 0
    const reading = (async () => {
      for await (const batch of cursor) rows += batch.length
    })()
    expect((await errorOf(reading)).code).to.equal('22012')
    expect(rows).to.be.above(100)
  })

  it('end in 57014 when cancelled, though their rows are there', async () => {
    const stopped = new AbortController()
    const [computed, computing] = [await open(MANY, stopped.signal), await open(ENDLESS, stopped.signal)]
    stopped.abort()
    expect((await errorOf(read(computed))).code).to.equal('57014')
    expect((await errorOf(read(computing))).code).to.equal('57014')
  })

  it('end in 54000 when their file is full, and hold the engine no longer', async () => {
    const cursor = await open(ENDLESS)
    expect(await engine.all('SELECT 2')).to.deep.equal([[2]])
    const error = await errorOf(read(cursor))
    expect([error.code, error.message]).to.deep.equal([
      '54000',
      `more than ${4 * 2 ** 20} bytes wait in the temporary file of a statement`,
    ])
  })

  it('of rows do not hold the engine, however much they have given', async () => {
    let fetched: (() => void) | undefined
    const paused = new Promise<void>((resolve) => (fetched = resolve))
    const load = partners(20_000)
    async function* batches() {
      yield* load.batches
      await paused
      yield [[20_001, 'The last', true, 'north']]
    }
    const sql = 'SELECT count(*), max(id), count(DISTINCT name) FROM partner'
    const slow = engine.all(sql, { loads: [{ ...load, batches: batches() }] })
    while (spoolFiles().length === 0) await engine.all('SELECT 2')
    expect(engine.pending()).to.equal(0)
    fetched?.()
    expect(await slow).to.deep.equal([['20001', 20_001, '20001']])
  })

  it('leave nothing behind when a source fails, or the statement is cancelled', async () => {
    const load = partners(20_000)
    async function* failing() {
      yield* load.batches
      await Promise.reject(internalError('a defect'))
    }
    const failed = engine.all('TABLE partner', { loads: [{ ...load, batches: failing() }, partners(20_000)] })
    expect((await errorOf(failed)).message).to.equal('a defect')
    const endless = { ...partners(1), batches: endlessly() }
    const cancelled = engine.all('TABLE partner', { loads: [endless], signal: AbortSignal.timeout(100) })
    expect((await errorOf(cancelled)).code).to.equal('57014')
    const syntax = engine.all('SELEC 1', { loads: [partners(20_000)] })
    expect((await errorOf(syntax)).code).to.equal('42601')
  })

  it('leave nothing behind when the engine is closed', async () => {
    const closing = startTestEngine({ limits: { aheadBytesMax: 1000 } })
    const cursor = await closing.run({ sql: ENDLESS, loads: [] })
    await closing.close()
    expect((await errorOf(read(cursor))).code).to.equal('58000')
  })
})

/** The same row over and over, with time for others in between. */
async function* endlessly(): AsyncGenerator<Datum[][]> {
  for (;;) {
    await new Promise(setImmediate)
    yield [[1, 'x'.repeat(1000), true, 'north']]
  }
}
