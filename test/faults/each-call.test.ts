import { expect } from 'chai'
import { startDemo, type DemoServer } from '../../src/demo/server.ts'
import { connect, type ConnectOptions } from '../../src/driver/connection.ts'
import { SqlError } from '../../src/errors.ts'
import { RETRY_POLICY } from '../../src/odoo/exchange.ts'
import type { Coding, Fault } from '../support/fault.ts'
import { startProxy, type Proxy } from '../support/proxy.ts'

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
const ENOUGH_MS = 20_000
const SHORT_MS = 6_000

for (const version of [19, 14] as const)
  describe(`each fault at each call, Odoo ${version}`, function () {
    this.timeout(120_000)
    let demo: DemoServer
    let right: readonly unknown[]
    let calls = 0
    before(async () => {
      demo = await startDemo({ version })
      const { outcome, proxy } = await runWith(() => undefined, ENOUGH_MS)
      right = outcome as readonly unknown[]
      calls = proxy.requests.length
    })
    after(() => demo.close())

    /** Logs in and asks; gives the rows or the error. */
    async function runWith(
      faultOf: (index: number) => Fault | undefined,
      timeoutMs: number,
    ): Promise<{ outcome: readonly unknown[] | SqlError; proxy: Proxy }> {
      let index = 0
      const proxy = await startProxy(demo.url, { fault: () => faultOf(index++) })
      const options: ConnectOptions = {
        url: proxy.url,
        database: 'demo',
        login: demo.login,
        ...(version === 14 ? { password: demo.password } : { apiKey: demo.apiKey }),
        catalogCache: false,
        signal: AbortSignal.timeout(timeoutMs),
      }
      try {
        const connection = await connect(options)
        try {
          return { outcome: (await connection.query(SQL, [], { timeoutMs })).rows, proxy }
        } finally {
          await connection.close()
        }
      } catch (thrown) {
        if (!(thrown instanceof SqlError)) throw thrown
        return { outcome: thrown, proxy }
      } finally {
        await proxy.close()
      }
    }

    const codeOf = (outcome: readonly unknown[] | SqlError): string =>
      outcome instanceof SqlError ? outcome.code : 'ok'
    /** Before Odoo has told its version, a failure is one of the address, and a connection is not tried twice. */
    const expectedAt = (call: number, code: string, fault: Fault): string => {
      if (call > 0 || code === '57014') return code
      const isUnheard =
        fault.kind === 'reset' || (fault.kind === 'body' && ['reset', 'close'].includes(fault.how))
      return code === 'ok' && !isUnheard ? 'ok' : '08001'
    }

    const codesAt = (faultAt: (call: number) => (index: number) => Fault | undefined, timeoutMs: number) =>
      Promise.all(Array.from({ length: calls }, (_, call) => runWith(faultAt(call), timeoutMs)))

    /** Both courses of a fault, at each call. */
    function coursesOf(fault: Fault, timeoutMs: number) {
      return Promise.all([
        codesAt((call) => (index) => (index === call ? fault : undefined), timeoutMs),
        codesAt((call) => (index) => (index >= call ? fault : undefined), timeoutMs),
      ])
    }
    /** All of them wait most of their time, so they wait together. */
    let courses: readonly ReturnType<typeof coursesOf>[] = []
    before(() => {
      courses = FAULTS.map(([, fault, [once]]) => coursesOf(fault, once === '57014' ? SHORT_MS : ENOUGH_MS))
      for (const course of courses) course.catch(() => undefined)
    })

    for (const [at, [title, fault, [once, always]]] of FAULTS.entries())
      it(`${title}: ${once}, or in the end ${always}`, async () => {
        const [atEach, fromEach] = await courses[at]!
        for (const [call, { outcome }] of atEach.entries()) {
          expect(codeOf(outcome), `once, at call ${call}`).to.equal(expectedAt(call, once, fault))
          if (!(outcome instanceof SqlError)) expect(outcome).to.deep.equal(right)
        }
        for (const [call, { outcome, proxy }] of fromEach.entries()) {
          expect(codeOf(outcome), `from call ${call} on`).to.equal(expectedAt(call, always, fault))
          // Four more tries for the call that fails, and for the one beside it; none after these.
          expect(proxy.requests.length).to.be.at.most(calls + 2 * RETRY_POLICY.retriesMax)
        }
      })
  })
