import { sqlErrorFrom } from '../errors.ts'

/** One HTTP request to Odoo, as `system.calls` and `result.calls` tell it. Never holds values or secrets. */
export interface CallRecord {
  /** When the first try started, ISO 8601, UTC. */
  readonly startedAt: string
  /** Name of the partition. */
  readonly partition: string
  /** The model, or the service (`common`) of a call that has none. */
  readonly model: string
  /** Method of the model, such as `search_read`. */
  readonly method: string
  /** Records in the reply, or null where the reply is not a list. */
  readonly rows: number | null
  /** Size of the reply's body, that of the last try. */
  readonly bytes: number
  /** From the first try to the end of the last. */
  readonly milliseconds: number
  /** Requests that were sent for it. */
  readonly tries: number
  /** The server's clock at the last reply: an HTTP date, to the second. */
  readonly serverDate?: string
  /** `ok`, or the SQLSTATE of the error. */
  readonly outcome: string
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined
  /** Told of this call beside the client's own `onCall`: it is how a statement knows its calls. */
  readonly onCall?: ((call: CallRecord) => void) | undefined
}

/** What the transport counts while a call runs. */
export interface Tally {
  tries: number
  bytes: number
  /** What the last reply said of the time. */
  serverDate?: string
}

/** Runs one call, tells `onCall` of it however it ends, and gives the partition's name to its error. */
export async function recordCall<T>(
  call: {
    readonly partition: string
    readonly model: string
    readonly method: string
    readonly onCall: ((call: CallRecord) => void) | undefined
  },
  run: (tally: Tally) => Promise<T>,
): Promise<T> {
  const { partition, model, method, onCall } = call
  const tally: Tally = { tries: 0, bytes: 0 }
  const startedAt = new Date().toISOString()
  const start = performance.now()
  const tell = (outcome: string, rows: number | null): void => {
    // Aborted before the first try: nothing was sent.
    if (tally.tries === 0) return
    const milliseconds = Math.round((performance.now() - start) * 10) / 10
    onCall?.({ startedAt, partition, model, method, rows, ...tally, milliseconds, outcome })
  }
  try {
    const result = await run(tally)
    tell('ok', Array.isArray(result) ? result.length : null)
    return result
  } catch (thrown) {
    const error = sqlErrorFrom(thrown).with({ partition })
    tell(error.code, null)
    throw error
  }
}
