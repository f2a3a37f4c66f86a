import { queryCanceled } from '../errors.ts'

/** The promise, or 57014 once the signal is aborted; what it was waiting for goes on unheard. */
export async function orCanceled<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop: () => void = () => undefined
  const canceled = new Promise<never>((_, reject) => {
    stop = () => {
      reject(queryCanceled('canceling statement due to user request'))
    }
  })
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await Promise.race([promise, canceled])
  } finally {
    signal.removeEventListener('abort', stop)
    canceled.catch(() => undefined)
  }
}
