import { queryCanceled } from '../errors.ts'
import type { CallOptions } from '../odoo/call.ts'

/** Something that is worked out once for each key, however many ask at the same time. */
export interface Shared<T> {
  get(key: string, options: CallOptions): Promise<T>
  /** What was found already. */
  known(key: string): T | undefined
  forget(): void
}

/**
 * Keeps what `work` found, and lets those who ask meanwhile wait for it. A failure is not kept: whoever waited for it
 * tries again, since it may have been only the other's cancellation. `work` is to be bounded in its keys.
 */
export function shared<T>(work: (key: string, options: CallOptions) => Promise<T>): Shared<T> {
  let found = new Map<string, { readonly value: T }>()
  let running = new Map<string, Promise<T>>()

  async function start(key: string, options: CallOptions): Promise<T> {
    const [foundNow, runningNow] = [found, running]
    const promise = work(key, options)
    runningNow.set(key, promise)
    try {
      const value = await promise
      foundNow.set(key, { value })
      return value
    } finally {
      runningNow.delete(key)
    }
  }

  return {
    async get(key, options) {
      for (;;) {
        const known = found.get(key)
        if (known !== undefined) return known.value
        const other = running.get(key)
        if (other === undefined) return start(key, options)
        await settledOrAborted(other, options.signal)
      }
    },
    known: (key) => found.get(key)?.value,
    forget() {
      // What is under way now belongs to the time before.
      found = new Map()
      running = new Map()
    },
  }
}

/** Waits for another's work without its outcome; 57014 where the own signal aborts first. */
function settledOrAborted(work: Promise<unknown>, signal: AbortSignal | undefined): Promise<void> {
  const settled = work.then(
    () => undefined,
    () => undefined,
  )
  if (signal === undefined) return settled
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      reject(queryCanceled('canceling statement due to user request'))
    }
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    void settled.then(() => {
      signal.removeEventListener('abort', abort)
      resolve()
    })
  })
}

/** `work` on each item, at most `atOnce` at a time; the first failure ends the rest. */
export async function eachOf<T, R>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = []
  let next = 0
  let isFailed = false
  const run = async (): Promise<void> => {
    while (next < items.length && !isFailed) {
      const index = next++
      try {
        results[index] = await work(items[index] as T)
      } catch (thrown) {
        isFailed = true
        throw thrown
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, run))
  return results
}
