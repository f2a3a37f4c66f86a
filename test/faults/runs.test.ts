import { expect } from 'chai'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { SQLSTATE } from '../../src/errors.ts'
import { RETRY_POLICY } from '../../src/odoo/exchange.ts'
import { until } from '../support/bridge.ts'
import { randomFrom } from '../support/generate-random.ts'
import { skipForLackOfServers, realServers } from '../support/real-odoo.ts'
import { drawPlan } from './draw.ts'
import { openLanes, type Asker, type Lane } from './lanes.ts'
import { SEED } from './seed.ts'

/** `FAULT_RUNS=10000 FAULT_SEED=7` for more, or for the same again. */
const RUNS = Number(process.env['FAULT_RUNS'] ?? 1_000)
/** Of these, on each real server. */
const REAL_RUNS = Math.ceil(RUNS / 20)

/** What a statement may have. */
const TIMEOUTS_MS = [400, 1_000, 3_000]
/** What a busy machine may add before the end of a statement is seen. */
const SLACK_MS = 10_000
const TRIES = 1 + RETRY_POLICY.retriesMax
/** In bytes: grammars and catalogs are loaded meanwhile; a leaked reply for each run would be much more. */
const HEAP_GROWTH_MAX = 64 * 1024 * 1024
/** One run in so many logs in first. */
const FRESH_EVERY = 6

/** What a fault may end in: nobody there, lost, a log-in that is over, too late, a reply that is none. */
const CODES: readonly string[] = [
  SQLSTATE.sqlclient_unable_to_establish_sqlconnection,
  SQLSTATE.connection_failure,
  SQLSTATE.invalid_password,
  SQLSTATE.query_canceled,
  SQLSTATE.system_error,
]

/** What a statement answers without faults, and the requests that takes. */
interface Right {
  readonly rows: readonly string[]
  readonly requests: number
  /** With the log-in. */
  readonly freshRequests: number
}

interface Outcomes {
  whole: number
  failed: Record<string, number>
  requests: number
}

describe(`${RUNS} runs with faults (FAULT_SEED=${SEED})`, function () {
  this.timeout(600_000)
  const rejections: unknown[] = []
  const note = (reason: unknown): void => {
    rejections.push(reason)
  }
  let lanes: Lane[] = []
  let socketsBefore = 0
  let heapBefore = 0

  before(async () => {
    socketsBefore = sockets()
    heapBefore = heapBytes()
    lanes = await openLanes(process.env['FAULT_LANE'])
    process.on('unhandledRejection', note)
    if (realServers().length === 0) skipForLackOfServers('runs with faults')
  })
  after(async () => {
    process.off('unhandledRejection', note)
    for (const lane of lanes) await lane.close()
  })

  it('end in the whole answer or in one clear error, in time and with few calls', async () => {
    const own = lanes.filter(({ title }) => !title.startsWith('real'))
    const real = lanes.filter(({ title }) => title.startsWith('real'))
    const runs = Math.ceil((RUNS - real.length * REAL_RUNS) / own.length)
    const outcomes: Outcomes = { whole: 0, failed: {}, requests: 0 }
    await Promise.all([
      ...own.map((lane, at) => runLane(lane, SEED + at * 100_000, runs, outcomes)),
      ...real.map((lane, at) => runLane(lane, SEED + (own.length + at) * 100_000, REAL_RUNS, outcomes)),
    ])
    const failed = Object.values(outcomes.failed).reduce((sum, count) => sum + count, 0)
    expect(outcomes.whole + failed).to.be.at.least(RUNS)
    // A test of faults that none of them meets, or that no statement survives, proves nothing.
    expect(outcomes.whole).to.be.greaterThan(RUNS / 10)
    expect(failed).to.be.greaterThan(RUNS / 10)
    console.log(
      `      ${outcomes.whole} whole answers, errors ${JSON.stringify(outcomes.failed)}, ${outcomes.requests} requests`,
    )
  })

  it('leave no rejection unhandled, no socket open, and no memory taken', async () => {
    for (const lane of lanes.splice(0)) {
      expect(lane.proxy.sockets, lane.title).to.equal(0)
      await lane.close()
    }
    await until(() => sockets() <= socketsBefore, 'all sockets are closed')
    expect(rejections).to.deep.equal([])
    expect(heapBytes() - heapBefore).to.be.below(HEAP_GROWTH_MAX)
  })
})

/** What stays after all unreachable memory is taken back. */
function heapBytes(): number {
  setFlagsFromString('--expose-gc')
  ;(runInNewContext('gc') as () => void)()
  return process.memoryUsage().heapUsed
}

const sockets = (): number =>
  process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap' || name === 'TCPServerWrap')
    .length

async function runLane(lane: Lane, seed: number, runs: number, outcomes: Outcomes): Promise<void> {
  const answers = await rightAnswers(lane)
  let asker: Asker | undefined
  try {
    for (let run = 0; run < runs; run++) {
      if (run % FRESH_EVERY === 0 && !lane.needsEngine) {
        await asker?.close()
        asker = undefined
      }
      if (lane.needsEngine) asker ??= await openWarm(lane)
      asker = await runOnce(lane, asker, seed + run, answers, outcomes)
    }
    // After all that, the same session answers right.
    asker ??= await lane.open(60_000)
    for (const [sql, { rows }] of answers) expect(await askAll(asker, sql), sql).to.deep.equal(rows)
  } finally {
    await asker?.close()
  }
  await until(() => lane.proxy.sockets === 0, `${lane.title}: the client's sockets are closed`)
}

async function openWarm(lane: Lane): Promise<Asker> {
  const asker = await lane.open(60_000)
  await askAll(asker, 'SELECT upper(current_user)')
  return asker
}

async function rightAnswers(lane: Lane): Promise<ReadonlyMap<string, Right>> {
  const answers = new Map<string, Right>()
  for (const sql of lane.statements) {
    const before = lane.proxy.requests.length
    const asker = await lane.open(60_000)
    const first = await askAll(asker, sql)
    const between = lane.proxy.requests.length
    const rows = await askAll(asker, sql)
    expect(rows).to.deep.equal(first)
    expect(rows).to.not.deep.equal([])
    const requests = lane.proxy.requests.length - between
    answers.set(sql, { rows, requests, freshRequests: between - before })
    await asker.close()
  }
  return answers
}

async function askAll(asker: Asker, sql: string): Promise<string[]> {
  const rows: string[] = []
  await asker.ask(sql, 60_000, rows)
  return rows.sort()
}

/** Rows that are not among those of the answer, or more often than there. */
function beyond(rows: readonly string[], answer: readonly string[]): string[] {
  const left = new Map<string, number>()
  for (const row of answer) left.set(row, (left.get(row) ?? 0) + 1)
  return rows.filter((row) => {
    const count = left.get(row) ?? 0
    left.set(row, count - 1)
    return count <= 0
  })
}

/** One statement with its faults; gives the asker for the next run, or undefined where that must log in anew. */
async function runOnce(
  lane: Lane,
  known: Asker | undefined,
  seed: number,
  answers: ReadonlyMap<string, Right>,
  outcomes: Outcomes,
): Promise<Asker | undefined> {
  const random = randomFrom(seed)
  const sql = random.pick(lane.statements)
  const right = answers.get(sql)!
  const isFresh = known === undefined
  // What this session has not asked before it must first learn of the table.
  const plan = drawPlan(random, isFresh ? right.freshRequests : right.requests)
  const timeoutMs = random.pick(TIMEOUTS_MS)
  const about = `seed ${seed}, ${lane.title}, ${sql}, ${isFresh ? 'fresh, ' : ''}${timeoutMs} ms, faults ${plan.text}`
  const requestsBefore = lane.proxy.requests.length
  const rows: string[] = []
  let asker = known
  let error: { readonly code?: string; readonly message: string } | undefined
  lane.setFaults(plan.faultOf)
  const start = performance.now()
  try {
    asker ??= await lane.open(timeoutMs)
    await asker.ask(sql, timeoutMs, rows)
  } catch (thrown) {
    error = thrown as Error
  }
  const elapsedMs = performance.now() - start
  lane.setFaults(undefined)
  const requests = lane.proxy.requests.length - requestsBefore
  if (error === undefined) expect(rows.sort(), about).to.deep.equal(right.rows)
  else {
    expect(error.code, `${about}: ${error.message}`).to.be.oneOf(CODES)
    expect(error.message.length, about).to.be.greaterThan(10)
    // What was streamed before the error is right as far as it goes.
    expect(beyond(rows, right.rows), about).to.deep.equal([])
  }
  expect(elapsedMs, about).to.be.below((isFresh ? 2 : 1) * timeoutMs + SLACK_MS)
  expect(requests, about).to.be.at.most(TRIES * right.freshRequests)
  await until(() => lane.proxy.waiting === 0, `${about}: no call is left under way`)
  outcomes.requests += requests
  if (error === undefined) outcomes.whole++
  else outcomes.failed[String(error.code)] = (outcomes.failed[String(error.code)] ?? 0) + 1
  if (!plan.hasLongRest) return asker
  await asker?.close()
  return undefined
}
