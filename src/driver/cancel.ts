import { queryCanceled, type SqlError } from '../errors.ts'

/** One signal for all that can end a statement, and the error that says which it was. */
export interface Deadline {
  readonly signal: AbortSignal
  /** 57014 where the statement was cancelled or timed out, else undefined. */
  readonly error: () => SqlError | undefined
  /** Ends whatever is still under way, without an error. */
  readonly end: () => void
}

export function startDeadline(signal: AbortSignal | undefined, timeoutMs: number | undefined): Deadline {
  const ended = new AbortController()
  const timeout = timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs)
  const signals = [ended.signal, signal, timeout].filter((candidate) => candidate !== undefined)
  return {
    signal: AbortSignal.any(signals),
    error: () => {
      if (timeout?.aborted === true) return queryCanceled('canceling statement due to statement timeout')
      return signal?.aborted === true ? queryCanceled('canceling statement due to user request') : undefined
    },
    end: () => {
      ended.abort(ENDED)
    },
  }
}

/** One for all statements: to make an error takes longer than to end a statement that went well. */
const ENDED = queryCanceled('the statement has ended')
