import { expect } from 'chai'
import { openSlowdown } from '../../src/bridge/slowdown.ts'
import type { Clock } from '../../src/bridge/slowdown.ts'
import { invalidPassword, queryCanceled } from '../../src/errors.ts'

/** Time that passes only by waiting for it. */
function fakeClock(): Clock & { readonly waits: number[]; time: number } {
  const waits: number[] = []
  const clock = {
    waits,
    time: 0,
    now: () => clock.time,
    wait(milliseconds: number, signal: AbortSignal) {
      signal.throwIfAborted()
      waits.push(milliseconds)
      clock.time += milliseconds
      return Promise.resolve()
    },
  }
  return clock
}

const never = new AbortController().signal
const wrong = () => Promise.reject(invalidPassword('wrong'))
const isFailure = () => true

describe('failed log-ins', () => {
  it('make the next attempt of the same name wait, twice as long each time, up to a bound', async () => {
    const clock = fakeClock()
    const slowdown = openSlowdown(clock, { firstDelayMs: 100, delayMsMax: 500, memoryMs: 60_000, namesMax: 10 })
    for (let turn = 0; turn < 6; turn++) await slowdown.attempt('a', wrong, isFailure, never).catch(() => undefined)
    expect(clock.waits).to.deep.equal([100, 200, 400, 500, 500])
    expect(slowdown.failures).to.equal(6)
    await slowdown.attempt('b', () => 'in', isFailure, never)
    expect(clock.waits).to.have.length(5)
  }) // prettier-ignore

  it('are forgotten after a success, and after a while', async () => {
    const clock = fakeClock()
    const limits = { firstDelayMs: 100, delayMsMax: 500, memoryMs: 1_000, namesMax: 10 }
    const slowdown = openSlowdown(clock, limits)
    const fail = () => slowdown.attempt('a', wrong, isFailure, never).catch(() => undefined)
    await fail()
    expect(await slowdown.attempt('a', () => 'in', isFailure, never)).to.equal('in')
    await fail()
    expect(clock.waits).to.deep.equal([100])
    clock.time += 1_001
    await fail()
    expect(clock.waits).to.deep.equal([100])
    await fail()
    expect(clock.waits).to.deep.equal([100, 100])
  })

  it('are tried one after the other, so that many at once gain nothing', async () => {
    const clock = fakeClock()
    const slowdown = openSlowdown(clock, { firstDelayMs: 1, delayMsMax: 64, memoryMs: 60_000, namesMax: 10 })
    let running = 0
    const check = async () => {
      expect(++running).to.equal(1)
      await Promise.resolve()
      running--
      return wrong()
    }
    await Promise.allSettled(Array.from({ length: 8 }, () => slowdown.attempt('a', check, isFailure, never)))
    expect(clock.waits).to.deep.equal([1, 2, 4, 8, 16, 32, 64])
  })

  it('count only what is a failure', async () => {
    const clock = fakeClock()
    const slowdown = openSlowdown(clock)
    const attempt = () => slowdown.attempt('a', wrong, () => false, never).catch(() => undefined)
    await attempt()
    await attempt()
    expect([slowdown.failures, clock.waits]).to.deep.equal([0, []])
  })

  it('let a client that gives up leave the queue', async () => {
    const clock = fakeClock()
    const slowdown = openSlowdown(clock)
    const gone = new AbortController()
    gone.abort(queryCanceled('gone'))
    let isChecked = false
    const attempt = slowdown.attempt('a', () => (isChecked = true), isFailure, gone.signal)
    expect(await attempt.catch((thrown: unknown) => thrown)).to.equal(gone.signal.reason)
    expect(isChecked).to.equal(false)
  })

  it('are remembered of so many names, the latest', async () => {
    const clock = fakeClock()
    const slowdown = openSlowdown(clock, { firstDelayMs: 1, delayMsMax: 8, memoryMs: 60_000, namesMax: 2 })
    for (const name of ['a', 'b', 'c']) await slowdown.attempt(name, wrong, isFailure, never).catch(() => undefined)
    await slowdown.attempt('a', () => 'in', isFailure, never)
    expect(clock.waits).to.deep.equal([])
    await slowdown.attempt('c', () => 'in', isFailure, never)
    expect(clock.waits).to.deep.equal([1])
  }) // prettier-ignore
})
