/** Lets a controller abort with a signal, until what it gives is called. */
export function abortWith(signal: AbortSignal, controller: AbortController): () => void {
  const abort = (): void => {
    controller.abort(signal.reason)
  }
  if (signal.aborted) abort()
  else signal.addEventListener('abort', abort, { once: true })
  return () => {
    signal.removeEventListener('abort', abort)
  }
}
