import { randomBytes, timingSafeEqual } from 'node:crypto'
import { adminShutdown, cannotConnectNow, queryCanceled, tooManyConnections } from '../errors.ts'
import type { SocketWire } from './socket-wire.ts'

/** A place among the sessions, from before the log-in to the end. */
export interface Place {
  /** With `secret`, what a client needs to cancel what its session runs. */
  readonly pid: number
  readonly secret: Buffer
  /** From here on the session can be cancelled and stopped. */
  occupy(wire: SocketWire): void
  leave(): void
}

/** The sessions that there are. */
export interface Sessions {
  readonly count: number
  readonly max: number
  readonly isDraining: boolean
  /** Throws 53300 when all places are taken, 57P03 while the bridge shuts down. */
  enter(): Place
  /** Does nothing for a session that is not, or is another's: nobody is told which. */
  cancel(pid: number, secret: Uint8Array): void
  /** Lets sessions end: those at rest at once, the others within `drainMs`; then they are stopped. Resolves when all have ended. */
  drain(drainMs: number): Promise<void>
}

const SECRET_BYTES = 4
/** How long a session that was stopped may take to end, before it is left alone. */
const STOP_MS = 5_000

export function openSessions(max: number): Sessions {
  const places = new Map<number, Place & { wire: SocketWire | undefined }>()
  let isDraining = false
  let lastPid = 0
  let empty = (): void => undefined

  const emptied = (withinMs: number): Promise<void> =>
    new Promise((resolve) => {
      if (places.size === 0) {
        resolve()
        return
      }
      const timer = setTimeout(resolve, withinMs)
      empty = () => {
        clearTimeout(timer)
        resolve()
      }
    })

  return {
    get count() {
      return places.size
    },
    max,
    get isDraining() {
      return isDraining
    },
    enter() {
      if (isDraining) throw cannotConnectNow('the bridge is shutting down')
      if (places.size >= max)
        throw tooManyConnections('sorry, too many clients already', {
          hint: `There are at most ${max} sessions (--max-sessions).`,
        })
      const pid = ++lastPid
      const place = {
        pid,
        secret: randomBytes(SECRET_BYTES),
        wire: undefined as SocketWire | undefined,
        occupy(wire: SocketWire) {
          place.wire = wire
          if (isDraining) wire.drain(SHUTDOWN)
        },
        leave() {
          places.delete(pid)
          if (places.size === 0) empty()
        },
      }
      places.set(pid, place)
      return place
    },
    cancel(pid, secret) {
      const place = places.get(pid)
      if (place === undefined || secret.length !== SECRET_BYTES || !timingSafeEqual(place.secret, secret))
        return
      place.wire?.cancel(queryCanceled('canceling statement due to user request'))
    },
    async drain(drainMs) {
      isDraining = true
      for (const { wire } of places.values()) wire?.drain(SHUTDOWN)
      await emptied(drainMs)
      for (const { wire } of places.values()) wire?.stop(SHUTDOWN)
      await emptied(STOP_MS)
    },
  }
}

const SHUTDOWN = adminShutdown('terminating connection due to administrator command')
