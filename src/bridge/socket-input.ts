import type { Duplex } from 'node:stream'
import { connectionLost, type SqlError } from '../errors.ts'
import { openDecoder } from './codec.ts'
import type { Decoder } from './codec.ts'

/** What comes in from a socket, and whether its client is still there. */
export interface SocketInput {
  readonly decoder: Decoder
  /** Why the client is gone; undefined: it is there. */
  readonly lost: SqlError | undefined
  /** Called once, when the client goes. */
  onLost(tell: (reason: SqlError) => void): void
  /** Resolves when something came, when the client is gone, or when it is woken; false when `limitMs` has passed. */
  wait(limitMs?: number): Promise<boolean>
  readonly wake: () => void
  /** Stops listening: the socket goes to somebody else. */
  detach(): void
}

/** What a client may send while nobody waits for it; then the socket is not read until somebody does. */
const READ_AHEAD_BYTES = 1_048_576

export function openInput(socket: Duplex): SocketInput {
  const decoder = openDecoder()
  let lost: SqlError | undefined
  let tellLost: (reason: SqlError) => void = () => undefined
  let waiting: (() => void) | undefined

  const wake = (): void => waiting?.()
  const read = (bytes: Buffer): void => {
    decoder.push(bytes)
    if (waiting === undefined && decoder.buffered > READ_AHEAD_BYTES) socket.pause()
    wake()
  }
  const lose = (): void => {
    if (lost !== undefined) return
    lost = connectionLost('the client closed the connection')
    tellLost(lost)
    wake()
  }
  // An error is followed by `close`; without a listener it would end the process.
  socket.on('data', read).on('end', lose).on('close', lose).on('error', lose)

  return {
    decoder,
    get lost() {
      return lost
    },
    onLost(tell) {
      tellLost = tell
    },
    async wait(limitMs) {
      if (lost !== undefined) return true
      socket.resume()
      let timer: NodeJS.Timeout | undefined
      try {
        return await new Promise<boolean>((resolve) => {
          waiting = () => {
            resolve(true)
          }
          if (limitMs !== undefined)
            timer = setTimeout(() => {
              resolve(false)
            }, limitMs)
        })
      } finally {
        clearTimeout(timer)
        waiting = undefined
      }
    },
    wake,
    detach() {
      socket.off('data', read).off('end', lose).off('close', lose)
    },
  }
}
