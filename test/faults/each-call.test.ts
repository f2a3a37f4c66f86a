import { expect } from 'chai'
import { startDemo, type DemoServer } from '../../src/demo/server.ts'
import { connect, type ConnectOptions } from '../../src/driver/connection.ts'
import { SqlError } from '../../src/errors.ts'
import { RETRY_POLICY } from '../../src/odoo/exchange.ts'
import type { Coding, Fault } from '../support/fault.ts'
import { startProxy } from '../support/proxy.ts'
import { describeReal } from '../support/real-odoo.ts'

/** What a fault leads to when it passes, and when it does not: `ok`, or an SQLSTATE. At the log-in, `lost` is 08001. */
type Course = readonly [once: string, always: string]

const LOST: Course = ['ok', '08006']
const body = (how: Extract<Fault, { kind: 'body' }>['how'], at: number, coding: Coding): Fault => ({
  kind: 'body',
  how,
  at,
  coding,
})

const FAULTS: readonly (readonly [title: string, fault: Fault, course: Course])[] = [
  ['a reset', { kind: 'reset' }, LOST],
  ['no answer', { kind: 'stall' }, ['57014', '57014']],
  ['no HTTP', { kind: 'notHttp' }, ['08001', '08001']],
  ['a page', { kind: 'page' }, ['08006', '08006']],
  ['JSON that is called text', { kind: 'wrongType' }, ['08006', '08006']],
  ['an ended session or key', { kind: 'expired' }, ['28P01', '28P01']],
  ['429', { kind: 'status', status: 429 }, LOST],
  ['429 for no time', { kind: 'status', status: 429, retryAfter: '0' }, LOST],
  ['429 for an hour', { kind: 'status', status: 429, retryAfter: '3600' }, ['57014', '57014']],
  ['500', { kind: 'status', status: 500 }, ['ok', '58000']],
  ['502', { kind: 'status', status: 502 }, LOST],
  ['503', { kind: 'status', status: 503 }, LOST],
  ['503 in JSON', { kind: 'status', status: 503, type: 'application/json' }, LOST],
  ['the reply twice', { kind: 'duplicate' }, ['ok', 'ok']],
  ['a slow drip', { kind: 'drip', pieces: 5, everyMs: 4, coding: 'length' }, ['ok', 'ok']],
  [
    'a drip that is too slow',
    { kind: 'drip', pieces: 20, everyMs: 2_000, coding: 'gzip' },
    ['57014', '57014'],
  ],
  ['a clock of 1970', { kind: 'clock', date: 'Thu, 01 Jan 1970 00:00:00 GMT' }, ['ok', 'ok']],
  ['a clock that shows nothing', { kind: 'clock', date: 'soon' }, ['ok', 'ok']],
  ...(['length', 'chunked', 'gzip'] as const).flatMap((coding) => [
    [`${coding}: a reset in the body`, body('reset', 0.6, coding), LOST] as const,
    [`${coding}: the end in the body`, body('close', 0.6, coding), LOST] as const,
    [`${coding}: JSON cut off`, body('cut', 0.6, coding), LOST] as const,
    [`${coding}: nothing at all`, body('cut', 0, coding), LOST] as const,
    [`${coding}: silence in the body`, body('stall', 0.6, coding), ['57014', '57014']] as const,
  ]),
]

const SQL = 'SELECT id, name FROM res.country'
/** Of the statement: long enough for all tries, and short for what never answers. */
const ENOUGH_MS = 60_000
const SHORT_MS = 6_000

/** An Odoo to be asked through a proxy. */
interface Target {
  readonly url: string
  readonly account: ConnectOptions
}

interface Run {
  readonly outcome: readonly unknown[] | SqlError
  readonly requests: number
}

/** Logs in and asks, while requests fail by their number; the rows or the error. */
async function runWith(
  { url, account }: Target,
  faultOf: (index: number) => Fault | undefined,
  timeoutMs: number,
): Promise<Run> {
  let index = 0
  const proxy = await startProxy(url, { fault: () => faultOf(index++) })
  const signal = AbortSignal.timeout(timeoutMs)
  try {
    const connection = await connect({ ...account, url: proxy.url, catalogCache: false, signal })
    try {
      const { rows } = await connection.query(SQL, [], { timeoutMs })
      return { outcome: rows, requests: proxy.requests.length }
    } finally {
      await connection.close()
    }
  } catch (thrown) {
    if (!(thrown instanceof SqlError)) throw thrown
    return { outcome: thrown, requests: proxy.requests.length }
  } finally {
    await proxy.close()
  }
}

const codeOf = ({ outcome }: Run): string => (outcome instanceof SqlError ? outcome.code : 'ok')

/** Before Odoo has told its version, a failure is one of the address, and a connection is not tried twice. */
function expectedAt(call: number, code: string, fault: Fault): string {
  if (call > 0 || code === '57014') return code
  const isUnheard =
    fault.kind === 'reset' || (fault.kind === 'body' && ['reset', 'close'].includes(fault.how))
  return code === 'ok' && !isUnheard ? 'ok' : '08001'
}

const timeoutFor = ([once]: Course): number => (once === '57014' ? SHORT_MS : ENOUGH_MS)

/** The fault at each call of a log-in and a statement, in runs of their own that go side by side. */
const onceAtEach = (target: Target, calls: number, fault: Fault, timeoutMs = ENOUGH_MS): Promise<Run[]> =>
  Promise.all(
    Array.from({ length: calls }, (_, call) =>
      runWith(target, (index) => (index === call ? fault : undefined), timeoutMs),
    ),
  )

function expectOnce(runs: readonly Run[], right: Run, fault: Fault, [once]: Course): void {
  for (const [call, run] of runs.entries()) {
    expect(codeOf(run), `once, at call ${call}`).to.equal(expectedAt(call, once, fault))
    if (!(run.outcome instanceof SqlError)) expect(run.outcome).to.deep.equal(right.outcome)
  }
}

for (const version of [19, 14] as const)
  describe(`each fault at each call, Odoo ${version}`, function () {
    this.timeout(200_000)
    let demo: DemoServer
    let target: Target
    let right: Run
    /** All of them wait most of their time, so they wait together. */
    let runs: readonly Promise<readonly [once: Run[], always: Run[]]>[] = []
    before(async () => {
      demo = await startDemo({ version })
      const { url, login, password, apiKey } = demo
      const account = { database: 'demo', login, ...(version === 14 ? { password } : { apiKey }) }
      target = { url, account }
      right = await runWith(target, () => undefined, ENOUGH_MS)
      runs = FAULTS.map(([, fault, course]) =>
        Promise.all([
          onceAtEach(target, right.requests, fault, timeoutFor(course)),
          fromEachOn(fault, timeoutFor(course)),
        ]),
      )
      for (const run of runs) run.catch(() => undefined)
    })
    after(() => demo.close())

    const fromEachOn = (fault: Fault, timeoutMs: number): Promise<Run[]> =>
      Promise.all(
        Array.from({ length: right.requests }, (_, call) =>
          runWith(target, (index) => (index >= call ? fault : undefined), timeoutMs),
        ),
      )

    for (const [at, [title, fault, course]] of FAULTS.entries())
      it(`${title}: ${course[0]}, or in the end ${course[1]}`, async () => {
        const [once, always] = await runs[at]!
        expectOnce(once, right, fault, course)
        for (const [call, run] of always.entries()) {
          expect(codeOf(run), `from call ${call} on`).to.equal(expectedAt(call, course[1], fault))
          // Four more tries for the call that fails, and for the one beside it; none after these.
          expect(run.requests).to.be.at.most(right.requests + 2 * RETRY_POLICY.retriesMax)
        }
      })

    // A reply of JSON-2 has no id.
    if (version === 14)
      it('the reply of another call: 08006', async () => {
        const codes = (await onceAtEach(target, right.requests, { kind: 'otherId' })).map(codeOf)
        // The first asks for the version, whose reply is known by its shape.
        expect(codes).to.deep.equal(codes.map((_, call) => (call === 0 ? 'ok' : '08006')))
      })
  })

/** Those that pass or fail at once: others work on these servers, and nothing is learned from waiting. */
const REAL_FAULTS = FAULTS.filter(([, , [once]]) => once !== '57014')

describeReal('each fault at each call of a real server', ({ version, ...server }) => {
  const { url, database, login, password, apiKey } = server
  const account = { database, login, ...(version === 14 ? { password } : { apiKey }) }
  const target: Target = { url, account }
  let right: Run
  before(async () => {
    right = await runWith(target, () => undefined, ENOUGH_MS)
    expect(right.outcome).to.have.length.above(200)
  })

  for (const [title, fault, course] of REAL_FAULTS)
    it(`${title}: ${course[0]}`, async () => {
      expectOnce(await onceAtEach(target, right.requests, fault), right, fault, course)
    })
})
