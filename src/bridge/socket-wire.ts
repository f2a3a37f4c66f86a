import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { connectionLost, idleSessionTimeout, type SqlError } from '../errors.ts'
import { encode } from './encode.ts'
import type { BackendMessage, FrontendMessage, TransactionStatus } from './messages.ts'
import type { SocketInput } from './socket-input.ts'
import type { Wire } from './wire.ts'

/** A wire over a socket, with what the server needs to end it. */
export interface SocketWire extends Wire {
  /** Aborts what runs, if anything does. */
  cancel(reason: SqlError): void
  /** Ends the session as soon as it is at rest: waiting for its client outside of a transaction. */
  drain(reason: SqlError): void
  /** Aborts what runs, and ends the session as soon as it waits for its client. */
  stop(reason: SqlError): void
  /** Hands over what is left, and the error that ends it all. */
  finish(error?: SqlError): void
}

/** What is gathered before it goes to the socket without being asked for. */
const GATHERED_BYTES = 65_536
/** A client that takes nothing for so long is given up. */
const STALLED_MS = 600_000

/** `idleTimeoutMs`: how long a client may be silent outside of a transaction. */
export function openSocketWire(
  socket: Duplex,
  input: SocketInput,
  { idleTimeoutMs }: { readonly idleTimeoutMs?: number | undefined } = {},
): SocketWire {
  let gathered: Uint8Array[] = []
  let gatheredBytes = 0
  let work: AbortController | undefined
  /** As the client was told last; undefined while something runs. */
  let status: TransactionStatus | undefined
  let ending: { readonly reason: SqlError; readonly isUrgent: boolean } | undefined

  input.onLost((reason) => work?.abort(reason))

  function gather(bytes: Uint8Array): void {
    gathered.push(bytes)
    gatheredBytes += bytes.length
  }

  function write(): void {
    const bytes = gathered
    gathered = []
    gatheredBytes = 0
    if (bytes.length > 0 && input.lost === undefined) socket.write(Buffer.concat(bytes))
  }

  async function* messages(): AsyncGenerator<FrontendMessage> {
    while (input.lost === undefined) {
      const message = input.decoder.next()
      if (message?.kind === 'terminate') return
      if (message !== undefined) {
        status = undefined
        yield message
        continue
      }
      const isAtRest = status === 'I'
      if (ending !== undefined && (ending.isUrgent || isAtRest)) throw ending.reason
      if (!(await input.wait(isAtRest ? idleTimeoutMs : undefined)))
        throw idleSessionTimeout('terminating connection due to idle-session timeout')
    }
  }

  return {
    messages: messages(),
    send(message: BackendMessage | Uint8Array) {
      if (message instanceof Uint8Array) gather(message)
      else {
        if (message.kind === 'readyForQuery') status = message.status
        gather(encode(message))
      }
      if (gatheredBytes >= GATHERED_BYTES) write()
    },
    async flush(signal) {
      signal.throwIfAborted()
      write()
      if (input.lost !== undefined) throw input.lost
      if (socket.writableNeedDrain) await drained(socket, signal)
    },
    beginWork() {
      work = new AbortController()
      const over = input.lost ?? (ending?.isUrgent === true ? ending.reason : undefined)
      if (over !== undefined) work.abort(over)
      return work.signal
    },
    cancel: (reason) => work?.abort(reason),
    drain(reason) {
      ending ??= { reason, isUrgent: false }
      input.wake()
    },
    stop(reason) {
      ending = { reason, isUrgent: true }
      work?.abort(reason)
      input.wake()
    },
    finish(error) {
      if (error !== undefined) gather(encode({ kind: 'errorResponse', severity: 'FATAL', error }))
      write()
    },
  }
}

/** Resolves when the socket takes more. Rejects with the reason of `signal`, or with 08006 where the client is gone. */
async function drained(socket: Duplex, signal: AbortSignal): Promise<void> {
  const timer = setTimeout(() => socket.destroy(), STALLED_MS)
  // `once` rejects with errors of its own; which of the three it was is asked afterwards.
  const over = new AbortController()
  const any = { signal: AbortSignal.any([signal, over.signal]) }
  await Promise.race([once(socket, 'drain', any), once(socket, 'close', any)]).catch(() => undefined)
  over.abort()
  clearTimeout(timer)
  signal.throwIfAborted()
  if (socket.destroyed) throw connectionLost('the client closed the connection')
}
