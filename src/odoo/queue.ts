import { limitExceeded, type SqlError } from '../errors.ts'

export interface QueueLimits {
  /** Tasks that run at once. */
  readonly concurrency: number
  /** Tasks started in a second; no bound where undefined. */
  readonly callsPerSecond: number | undefined
}

const DEFAULT_CONCURRENCY = 4

/** What is said of a server's limits, or what is fair: one call at a time and one a second on Odoo Online. */
export function limitsOf(config: {
  readonly url: string
  readonly concurrency?: number | undefined
  readonly callsPerSecond?: number | undefined
}): QueueLimits {
  const isOnline = /^https?:\/\/([^/?#]*\.)?odoo\.com(:\d+)?\.?(?=[/?#]|$)/i.test(config.url)
  return {
    concurrency: config.concurrency ?? (isOnline ? 1 : DEFAULT_CONCURRENCY),
    callsPerSecond: config.callsPerSecond ?? (isOnline ? 1 : undefined),
  }
}

/** Holds a client's calls to its limits, first come, first served. */
export interface CallQueue {
  /** Runs `task` when its turn comes. An abort before that ends in `canceled()`, and the task is never started. */
  run<T>(task: () => Promise<T>, signal: AbortSignal, canceled: () => SqlError): Promise<T>
  /** Starts nothing for so long: the server asked for a rest. */
  pauseFor(milliseconds: number): void
}

export const WAITING_MAX = 10_000 // tasks

export function openQueue(limits: QueueLimits): CallQueue {
  const intervalMs = limits.callsPerSecond === undefined ? 0 : 1000 / limits.callsPerSecond
  const waiting: (() => void)[] = []
  let running = 0
  /** No task starts before this time (of performance.now). */
  let nextStart = 0
  let timer: NodeJS.Timeout | undefined

  function startNext(): void {
    while (running < limits.concurrency && waiting.length > 0) {
      const waitMs = nextStart - performance.now()
      if (waitMs > 0) {
        timer ??= setTimeout(() => {
          timer = undefined
          startNext()
        }, Math.ceil(waitMs))
        return
      }
      nextStart = performance.now() + intervalMs
      running++
      waiting.shift()?.()
    }
  }

  /** A timer without a task would only keep the process alive. */
  function stopTimer(): void {
    clearTimeout(timer)
    timer = undefined
  }

  function turn(signal: AbortSignal, canceled: () => SqlError): Promise<void> {
    return new Promise((resolve, reject) => {
      const start = (): void => {
        signal.removeEventListener('abort', giveUp)
        resolve()
      }
      const giveUp = (): void => {
        waiting.splice(waiting.indexOf(start), 1)
        if (waiting.length === 0) stopTimer()
        reject(canceled())
      }
      signal.addEventListener('abort', giveUp, { once: true })
      waiting.push(start)
      startNext()
    })
  }

  return {
    async run(task, signal, canceled) {
      if (signal.aborted) throw canceled()
      if (waiting.length >= WAITING_MAX)
        throw limitExceeded(`more than ${WAITING_MAX} calls are waiting for one Odoo server`)
      await turn(signal, canceled)
      try {
        return await task()
      } finally {
        running--
        startNext()
      }
    },
    pauseFor(milliseconds) {
      nextStart = Math.max(nextStart, performance.now() + milliseconds)
    },
  }
}
