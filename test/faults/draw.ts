import type { Coding, Fault } from '../support/fault.ts'
import type { Random } from '../support/generate-random.ts'

/** What goes wrong in one run: a fault, or none, for the request with this number. */
export interface FaultPlan {
  readonly faultOf: (index: number) => Fault | undefined
  /** For the report of a failure. */
  readonly text: string
  /** The server asks for a rest that is longer than any statement of a test may take. */
  readonly hasLongRest: boolean
}

/** How a client is asked to wait: not at all, for an instant, for longer than a statement has, or in nonsense. */
const LONG_REST = '3600'
const RESTS = [undefined, undefined, '0', '1', LONG_REST, 'soon']
const CODINGS: readonly Coding[] = ['length', 'chunked', 'gzip']

/** Faults of a connection, of a body, and of those between, in about equal parts. */
export function drawFault(random: Random): Fault {
  const coding = random.pick(CODINGS)
  const retryAfter = random.pick(RESTS)
  return random.pick<() => Fault>([
    () => ({ kind: 'reset' }),
    () => ({ kind: 'stall' }),
    () => ({ kind: 'notHttp' }),
    () => ({ kind: 'status', status: 429, ...(retryAfter !== undefined && { retryAfter }) }),
    () => ({ kind: 'status', status: random.pick([500, 502, 503, 504]) }),
    () => ({ kind: 'status', status: 503, type: 'application/json' }),
    () => ({ kind: random.pick(['page', 'wrongType', 'expired', 'otherId']) }),
    () => ({ kind: 'body', how: 'reset', at: random.below(100) / 100, coding }),
    () => ({ kind: 'body', how: 'close', at: random.below(100) / 100, coding }),
    () => ({ kind: 'body', how: 'stall', at: random.below(100) / 100, coding }),
    () => ({ kind: 'body', how: 'cut', at: random.below(100) / 100, coding }),
    () => ({ kind: 'drip', pieces: 1 + random.below(8), everyMs: 1 + random.below(60), coding }),
    () => ({ kind: 'duplicate' }),
    () => ({ kind: 'clock', date: random.pick(['Thu, 01 Jan 1970 00:00:00 GMT', 'Fri, 31 Dec 9999 23:59:59 GMT', 'now']) }),
  ])() // prettier-ignore
}

/** One fault at one of the first `calls` requests, the same from one of them on, or many kinds here and there. */
export function drawPlan(random: Random, calls: number): FaultPlan {
  const first = random.below(calls)
  const [fault, text] = random.pickWeighted<() => [FaultPlan['faultOf'], string]>([
    [
      60,
      () => {
        const one = drawFault(random)
        return [(index) => (index === first ? one : undefined), `at ${first}: ${JSON.stringify(one)}`]
      },
    ],
    [
      15,
      () => {
        const one = drawFault(random)
        return [(index) => (index >= first ? one : undefined), `from ${first}: ${JSON.stringify(one)}`]
      },
    ],
    [
      25,
      () => {
        const percent = 10 + random.below(50)
        const faults = Array.from({ length: 6 * calls }, () =>
          random.chance(percent) ? drawFault(random) : undefined,
        )
        return [(index) => faults[index], `each of ${JSON.stringify(faults)}`]
      },
    ],
  ])()
  return { faultOf: fault, text, hasLongRest: text.includes(`"${LONG_REST}"`) }
}
