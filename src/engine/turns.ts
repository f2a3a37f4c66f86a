import { limitExceeded } from '../errors.ts'

/** Sessions take the engine one after the other, first come, first served. */
export interface Turns {
  /** Waits for the turn and returns how to give it back. Throws `canceled()` on abort, 54000 when too many wait. */
  take(signal: AbortSignal, canceled: () => Error): Promise<() => void>
  /** Whoever has the turn and all that wait for it. */
  readonly pending: () => number
}

export function openTurns(waitingMax: number): Turns {
  const waiting: (() => void)[] = []
  let isTaken = false

  /** Giving a turn back twice must not end another's. */
  const turn = (): (() => void) => {
    let isOver = false
    return () => {
      if (isOver) return
      isOver = true
      const next = waiting.shift()
      if (next === undefined) isTaken = false
      else next()
    }
  }

  return {
    pending: () => (isTaken ? 1 : 0) + waiting.length,
    async take(signal, canceled) {
      if (signal.aborted) throw canceled()
      if (!isTaken) {
        isTaken = true
        return turn()
      }
      if (waiting.length >= waitingMax)
        throw limitExceeded(`more than ${waitingMax} statements wait for the engine`)
      await new Promise<void>((resolve, reject) => {
        const start = (): void => {
          signal.removeEventListener('abort', giveUp)
          resolve()
        }
        const giveUp = (): void => {
          waiting.splice(waiting.indexOf(start), 1)
          reject(canceled())
        }
        signal.addEventListener('abort', giveUp, { once: true })
        waiting.push(start)
      })
      return turn()
    },
  }
}
