import { SqlError, queryCanceled } from '../errors.ts'

/** The caller's signal and time limit as one. */
export interface Deadline {
  readonly signal: AbortSignal
  /** Why it was aborted, as PostgreSQL says it: 57014, or the error that the caller aborted with. */
  readonly error: () => SqlError
  /** Ends the statement, as its signal would. */
  readonly cancel: () => void
  /** The statement is over: its time no longer counts. */
  readonly stop: () => void
}

/** `timeoutMs` undefined: only the signal ends it. */
export function openDeadline(signal: AbortSignal | undefined, timeoutMs: number | undefined): Deadline {
  const own = new AbortController()
  const timer =
    timeoutMs === undefined
      ? undefined
      : setTimeout(() => {
          own.abort(queryCanceled('canceling statement due to statement timeout'))
        }, timeoutMs).unref()
  return {
    signal: signal === undefined ? own.signal : AbortSignal.any([signal, own.signal]),
    error: () => {
      const reason: unknown = own.signal.aborted ? own.signal.reason : signal?.reason
      return reason instanceof SqlError ? reason : queryCanceled('canceling statement due to user request')
    },
    cancel: () => {
      own.abort()
    },
    stop: () => {
      clearTimeout(timer)
    },
  }
}

/** The promise, or the deadline's error where that comes first; then nobody looks at the promise any more. */
export function abortable<Value>(promise: Promise<Value>, deadline: Deadline): Promise<Value> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      reject(deadline.error())
    }
    if (deadline.signal.aborted) abort()
    deadline.signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => {
      deadline.signal.removeEventListener('abort', abort)
    })
  })
}
