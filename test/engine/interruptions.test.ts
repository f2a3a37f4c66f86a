import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect } from 'chai'
import type { Datum } from '../../src/catalog/types.ts'
import { queryCanceled } from '../../src/errors.ts'
import { PARTNER, errorOf, partners, startTestEngine } from './support.ts'
import type { TestEngine } from './support.ts'

/** Ends of time: what they ask for cannot be had. */
const ENDLESS = {
  // Each series depends on the one before, so that none is kept aside in a temporary file.
  computing: `SELECT count(*) FROM generate_series(1, 10000) a,
      LATERAL generate_series(1, 10000 + a % 2) b, LATERAL generate_series(1, 10000 + b % 2) c`,
  streaming: 'SELECT generate_series(1, 1000000000000) AS a',
  // Slow enough for the clock to come before the bound on temporary files, on any machine.
  recursion: `WITH RECURSIVE r(n) AS (
      SELECT 1 UNION ALL SELECT n FROM r WHERE (SELECT count(*) FROM generate_series(1, 20000 + r.n)) > 0
    ) SELECT count(*) FROM r`,
}
const FAST_RECURSION = 'WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n FROM r) SELECT count(*) FROM r'

describe('interruptions of the engine', function () {
  this.timeout(60_000)
  let engine: TestEngine
  before(async () => {
    engine = startTestEngine({ limits: { temporaryBytesMax: 8 * 2 ** 20, memoryBytesMax: 512 * 2 ** 20 } })
    await engine.ready
  })
  afterEach(async () => {
    expect(await engine.all('SELECT 1')).to.deep.equal([[1]])
  })
  after(() => engine.close())

  const restarts = (): number => engine.events.filter((event) => event.kind === 'ended').length

  for (const [kind, sql] of Object.entries(ENDLESS)) {
    it(`ends endless ${kind} at its time limit, and keeps PostgreSQL`, async () => {
      const before = restarts()
      const error = await errorOf(engine.all(sql, { timeoutMs: 200 }))
      expect([error.code, error.message]).to.deep.equal([
        '57014',
        'canceling statement due to statement timeout',
      ])
      expect(restarts()).to.equal(before)
    })

    it(`ends endless ${kind} when it is cancelled, with the caller's reason where it gave one`, async () => {
      const signal = AbortSignal.timeout(200)
      expect((await errorOf(engine.all(sql, { signal }))).message).to.equal(
        'canceling statement due to user request',
      )
      const reasoned = new AbortController()
      setTimeout(() => {
        reasoned.abort(queryCanceled('the client went away'))
      }, 100)
      expect((await errorOf(engine.all(sql, { signal: reasoned.signal }))).message).to.equal(
        'the client went away',
      )
    })
  }

  it('ends one statement alone, and gives the engine to those that wait', async () => {
    const before = restarts()
    const stopped = new AbortController()
    const runaways = Object.values(ENDLESS).map((sql) =>
      errorOf(
        engine
          .runEncoded({ sql, loads: [], formats: [1] }, { signal: stopped.signal })
          .then(async (cursor) => {
            for await (const { count } of cursor) expect(count).to.be.above(0)
          }),
      ),
    )
    const other = engine.all('SELECT 2')
    expect(engine.pending()).to.equal(4)
    setTimeout(() => {
      stopped.abort()
    }, 200)
    expect((await Promise.all(runaways)).map((error) => error.code)).to.deep.equal(Array(3).fill('57014'))
    expect(await other).to.deep.equal([[2]])
    expect([engine.pending(), restarts()]).to.deep.equal([0, before])
  })

  it('ends a plan that takes too long', async () => {
    // A hundred tables, whose joins are tried in a great many orders.
    const names = Array.from({ length: 100 }, (_, index) => `t${index}`)
    const where = names.slice(1).map((name, index) => `t${index}.id = ${name}.id + ${index}`)
    const sql = `SELECT 1 FROM ${names.map((name) => `partner ${name}`).join(', ')} WHERE ${where.join(' AND ')}`
    const settings = { geqo: 'off', from_collapse_limit: '100' }
    expect((await errorOf(engine.explain({ sql }, { settings }))).code).to.equal('22023')
    expect((await errorOf(engine.explain({ sql }, { timeoutMs: 20 }))).code).to.equal('57014')
  })

  it('ends 10^12 rows and recursion without end by the bound on temporary files', async () => {
    const sorted = await errorOf(engine.all(`SELECT a FROM (${ENDLESS.streaming}) AS s ORDER BY 1 DESC`))
    expect(sorted.code).to.equal('53400')
    expect(sorted.hint).to.be.a('string')
    expect((await errorOf(engine.all(FAST_RECURSION))).code).to.equal('53400')
  })

  it('ends in 53200 out of memory', async () => {
    const sql = "SELECT length(string_agg(repeat('x', 1000000), '')) FROM generate_series(1, 1500)"
    expect((await errorOf(engine.all(sql))).code).to.equal('53200')
  })

  it('ends in 54001 for too deep an expression', async () => {
    const sql = `SELECT ${Array(20_000).fill('1').join(' + ')}`
    expect((await errorOf(engine.all(sql))).code).to.equal('54001')
  })

  it('starts another PostgreSQL where one breaks, and goes on with all tables', async () => {
    const before = restarts()
    await engine.evaluate([], { tables: [{ ...PARTNER, name: 'late', model: 'late' }] })
    // A million brackets exhaust the thread's stack.
    const broken = engine.all("SELECT repeat('[', 1000000)::jsonb")
    const next = engine.all('SELECT count(*) FROM res.late')
    expect((await errorOf(broken)).code).to.equal('54001')
    expect(await next).to.deep.equal([['0']])
    expect(restarts()).to.equal(before + 1)
  })

  it('ends the thread where PostgreSQL does not react', async () => {
    const before = restarts()
    // A million characters, each looked for among as many others, in one call that looks for no cancel.
    const sql = "SELECT translate(repeat('b', 1000000), repeat('a', 1000000), '')"
    expect((await errorOf(engine.all(sql, { timeoutMs: 1000 }))).code).to.equal('57014')
    expect(await engine.all('SELECT 1')).to.deep.equal([[1]])
    expect(restarts()).to.equal(before + 1)
  })

  it('takes statements in turn, and lets one that waits give up', async () => {
    const ended: string[] = []
    const first = engine.all(ENDLESS.computing, { timeoutMs: 300 }).catch(() => ended.push('first'))
    const gaveUp = errorOf(engine.all('SELECT 2', { timeoutMs: 50 })).then((error) => ended.push(error.code))
    const second = engine.all('SELECT 2').then(() => ended.push('second'))
    const third = engine.explain({ sql: 'SELECT 3' }).then(() => ended.push('third'))
    await Promise.all([first, gaveUp, second, third])
    expect(ended).to.deep.equal(['57014', 'first', 'second', 'third'])
  })

  it('is free for others while rows are fetched', async () => {
    let fetched: (() => void) | undefined
    const load = { ...partners(1), batches: pausing((resume) => (fetched = resume)) }
    const slow = engine.all('SELECT id FROM partner', { loads: [load] })
    expect(await engine.all('SELECT 2')).to.deep.equal([[2]])
    fetched?.()
    expect(await slow).to.deep.equal([[1]])
  })

  it('ends with a source that never ends, when cancelled', async () => {
    const load = { ...partners(1), batches: pausing(() => undefined) }
    expect((await errorOf(engine.all('TABLE partner', { loads: [load], timeoutMs: 100 }))).code).to.equal(
      '57014',
    )
  })

  it('gives the engine back when a reader stops early', async () => {
    const cursor = await engine.run({ sql: ENDLESS.streaming, loads: [] })
    for await (const rows of cursor) if (rows.length > 0) break
    const other = await engine.run({ sql: ENDLESS.streaming, loads: [] })
    await other.close()
  })

  it('bounds what it loads', async () => {
    const small = startTestEngine({
      limits: { loadRowsMax: 5000, loadBytesMax: 60_000, replyBytesMax: 100_000 },
    })
    expect(await small.all('SELECT count(*) FROM partner', { loads: [partners(2000)] })).to.deep.equal([
      ['2000'],
    ])
    expect((await errorOf(small.all('SELECT 1', { loads: [partners(6000)] }))).code).to.equal('54000')
    const wide = { ...partners(1), batches: [[[1, 'x'.repeat(70_000), true, '']]] }
    expect((await errorOf(small.all('SELECT 1', { loads: [wide] }))).message).to.contain('bytes')
    expect((await errorOf(small.all("SELECT repeat('x', 200000)"))).code).to.equal('54000')
    expect(await small.all("SELECT length(repeat('x', 200000))")).to.deep.equal([[200_000]])
    await small.close()
  })

  it('says so when PostgreSQL does not start, and when it is closed', async () => {
    const closed = startTestEngine()
    const waiting = errorOf(closed.all('SELECT 1'))
    await closed.close()
    expect((await waiting).code).to.equal('55000')
    expect((await errorOf(closed.explain({ sql: 'SELECT 1' }))).code).to.equal('55000')
  })

  it('keeps no process alive', async () => {
    // Not with a cursor left open once its result is computed, and not when it is closed.
    for (const rest of [
      `await engine.run({ sql: 'SELECT generate_series(1, 100000)', loads: [] })`,
      'await engine.close()',
    ]) {
      const source = `import { startEngine } from './src/engine/engine.ts'
        const engine = startEngine({ tables: [] })
        await engine.explain({ sql: 'SELECT 1' })
        ${rest}`
      await promisify(execFile)(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', source], {
        timeout: 20_000,
      })
    }
  })
})

/** A source whose only row comes when it is resumed. */
async function* pausing(pause: (resume: () => void) => void): AsyncGenerator<Datum[][]> {
  await new Promise<void>((resolve) => {
    pause(resolve)
  })
  yield [[1, 'Partner 1', true, 'north']]
}
