import { setTimeout as sleep } from 'node:timers/promises'

/** Time as the bridge sees it; tests have their own. */
export interface Clock {
  /** Milliseconds, from any start. */
  now(): number
  /** Rejects with the reason of `signal`. */
  wait(milliseconds: number, signal: AbortSignal): Promise<void>
}

export const SYSTEM_CLOCK: Clock = {
  now: () => performance.now(),
  async wait(milliseconds, signal) {
    try {
      await sleep(milliseconds, undefined, { signal })
    } catch {
      signal.throwIfAborted()
    }
  },
}

export interface SlowdownLimits {
  /** After the first failure; doubled by each further one. */
  readonly firstDelayMs: number
  readonly delayMsMax: number
  /** After which failures are forgotten. */
  readonly memoryMs: number
  /** Names that are remembered; beyond it those go whose last failure is the oldest. */
  readonly namesMax: number
}

export const SLOWDOWN_LIMITS: SlowdownLimits = {
  firstDelayMs: 250,
  delayMsMax: 8_000,
  memoryMs: 900_000,
  namesMax: 10_000,
}

/** Makes guessing slow: those of one name who try again after failures wait, one after the other. */
export interface Slowdown {
  /** Failures since the start. */
  readonly failures: number
  /**
   * Runs `check` when it is this name's turn. What it rejects with counts as a failure where `isFailure` says so; a success
   * forgets all failures of the name.
   */
  attempt<T>(
    name: string,
    check: () => T | Promise<T>,
    isFailure: (thrown: unknown) => boolean,
    signal: AbortSignal,
  ): Promise<T>
}

interface Record {
  failures: number
  lastFailure: number
  /** Resolves when the last of those who wait has had its turn. */
  turn: Promise<void>
  waiting: number
}

export function openSlowdown(
  clock: Clock = SYSTEM_CLOCK,
  limits: SlowdownLimits = SLOWDOWN_LIMITS,
): Slowdown {
  // In the order of their last failure.
  const records = new Map<string, Record>()
  let failures = 0

  function recordOf(name: string): Record {
    const known = records.get(name)
    if (known !== undefined) {
      if (clock.now() - known.lastFailure > limits.memoryMs) known.failures = 0
      return known
    }
    const record = { failures: 0, lastFailure: 0, turn: Promise.resolve(), waiting: 0 }
    records.set(name, record)
    return record
  }

  function fail(name: string, record: Record): void {
    failures++
    record.failures++
    record.lastFailure = clock.now()
    records.delete(name)
    records.set(name, record)
    for (const [other, { waiting }] of records) {
      if (records.size <= limits.namesMax) break
      if (waiting === 0) records.delete(other)
    }
  }

  const delayMs = (count: number): number =>
    count === 0 ? 0 : Math.min(limits.firstDelayMs * 2 ** (count - 1), limits.delayMsMax)

  return {
    get failures() {
      return failures
    },
    async attempt(name, check, isFailure, signal) {
      const record = recordOf(name)
      record.waiting++
      const before = record.turn
      let finish = (): void => undefined
      record.turn = new Promise((resolve) => (finish = resolve))
      try {
        await before
        signal.throwIfAborted()
        if (record.failures > 0) await clock.wait(delayMs(record.failures), signal)
        const result = await check()
        record.failures = 0
        return result
      } catch (thrown) {
        if (isFailure(thrown)) fail(name, record)
        throw thrown
      } finally {
        record.waiting--
        if (record.waiting === 0 && record.failures === 0) records.delete(name)
        finish()
      }
    },
  }
}
