import { setTimeout as sleep } from 'node:timers/promises'
import {
  cannotConnect,
  connectionLost,
  limitExceeded,
  queryCanceled,
  SqlError,
  systemError,
} from '../errors.ts'
import type { Tally } from './call.ts'
import { NAME_COLUMNS } from './faults.ts'
import { faultSchema } from './protocol.ts'
import type { CallQueue } from './queue.ts'
import type { Redact } from './redact.ts'
import type { Failure, FailureReason, HttpRequest, Reply, Transport } from './transport.ts'

/** A reply that is worth reading: JSON, or a page (`json` is undefined) whose status says something. */
export interface Answer {
  readonly status: number
  readonly json: unknown
  readonly isJson: boolean
}

export interface RetryPolicy {
  /** Tries after the first. */
  readonly retriesMax: number
  /** Wait before the second try; it doubles each time, and a random part of up to a half is taken off. */
  readonly firstWaitMs: number
  readonly waitMaxMs: number
  /** The longest rest that a server gets by its own wish (Retry-After). */
  readonly retryAfterMaxMs: number
}

export const RETRY_POLICY: RetryPolicy = {
  retriesMax: 4,
  firstWaitMs: 250,
  waitMaxMs: 10_000,
  retryAfterMaxMs: 60_000,
}

export interface ExchangeOptions {
  readonly signal: AbortSignal
  /** Bound on each try. */
  readonly timeoutMs: number
  readonly tally: Tally
  /** False for what may write: it is sent once. */
  readonly isRepeatable?: boolean
}

/**
 * Sends requests and repeats those that failed for a passing reason: a lost connection, 429, a 5xx that is not
 * Odoo's own word, JSON that ends too early. What is sent only reads, so that repeating is safe, or says that it may not.
 */
export interface Exchange {
  readonly transport: Transport
  send(request: HttpRequest, options: ExchangeOptions): Promise<Answer>
  /** From now on this is known to be an Odoo: what fails is a bad moment, worth another try. */
  establish(): void
  /** What to say of an answer that no Odoo gives. */
  unexpected(answer: Answer): SqlError
}

/** What one try came to: an answer, or the error it ends in unless it is repeated. */
type Outcome =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'again'; readonly error: SqlError; readonly restMs: number | undefined }

export function openExchange(
  transport: Transport,
  queue: CallQueue,
  redact: Redact,
  policy = RETRY_POLICY,
): Exchange {
  // Before Odoo has told its version, a failure is more likely a wrong URL than a bad moment: it is said at once.
  let isEstablished = false
  const where = `Odoo at ${transport.origin}`

  async function tryOnce(request: HttpRequest, options: ExchangeOptions): Promise<Outcome> {
    options.tally.tries++
    const sent = await transport.send(request, options)
    if (sent.kind === 'reply') {
      options.tally.bytes = sent.bytes
      if (sent.date !== undefined) options.tally.serverDate = sent.date
      return outcomeFromReply(sent)
    }
    if (sent.reason === 'canceled') throw canceledBy(options.signal)
    const error = errorFromFailure(sent, { transport, isEstablished, timeoutMs: options.timeoutMs })
    if (!isEstablished || !IS_PASSING[sent.reason]) throw error
    return { kind: 'again', error, restMs: undefined }
  }

  function outcomeFromReply(reply: Reply): Outcome {
    const unreachable = isEstablished ? connectionLost : cannotConnect
    if (reply.status === 429) {
      const error = unreachable(`${where} answers that it gets too many requests (HTTP 429)`, {
        hint: 'Lower callsPerSecond or concurrency of this partition, or try later.',
      })
      return { kind: 'again', error, restMs: restFromHeader(reply.retryAfter, policy.retryAfterMaxMs) }
    }
    if (reply.status === 413)
      throw limitExceeded(`the request is too large for ${where} (HTTP 413)`, {
        hint: 'Compare with fewer or shorter values, or raise the limit of the proxy before Odoo.',
      })
    const isJson = reply.contentType.includes('json')
    const json = isJson ? parseJson(reply.body) : undefined
    if (reply.status >= 500 && !faultSchema.safeParse(json).success) {
      // A gateway says 502 to 504; a plain 500 is Odoo's own, for what it could not even put into words.
      const error =
        reply.status === 500 && isEstablished
          ? systemError(`${where} failed to answer (HTTP 500)`, { hint: NAME_COLUMNS })
          : unreachable(`${where} is not available (HTTP ${reply.status})`, {
              hint: 'The server may be starting, or a proxy waits for it in vain. Try again later.',
            })
      return { kind: 'again', error, restMs: restFromHeader(reply.retryAfter, policy.retryAfterMaxMs) }
    }
    if (reply.status >= 300 && reply.status < 400) throw redirected(reply)
    if (isJson && json === undefined) {
      const error = unreachable(`the reply of ${where} is not whole: its JSON cannot be read`)
      return { kind: 'again', error, restMs: undefined }
    }
    return { kind: 'answer', answer: { status: reply.status, json, isJson } }
  }

  function redirected(reply: Reply): SqlError {
    const target = reply.location === undefined ? undefined : urlFrom(reply.location, transport.origin)
    return cannotConnect(`${where} redirects elsewhere (HTTP ${reply.status})`, {
      hint:
        target === undefined || target.origin === transport.origin
          ? 'The address that answers is not that of Odoo’s API. Give the URL without a path.'
          : `If you trust it, use ${redact(target.origin)} as the URL. odoo-sql sends no password where it was not told to.`,
    })
  }

  return {
    transport,
    async send(request, options) {
      for (let retry = 0; ; retry++) {
        const outcome = await queue.run(
          () => tryOnce(request, options),
          options.signal,
          () => canceledBy(options.signal),
        )
        if (outcome.kind === 'answer') return outcome.answer
        if (retry >= policy.retriesMax || options.isRepeatable === false) throw outcome.error
        // A rest that the server asked for holds for every call to it, not only for this one.
        if (outcome.restMs !== undefined) queue.pauseFor(Math.max(outcome.restMs, policy.firstWaitMs))
        else await waitBeforeRetry(backoffMs(retry, policy), options.signal)
      }
    },
    establish() {
      isEstablished = true
    },
    unexpected(answer) {
      const kind = answer.isJson ? 'JSON that is not Odoo’s' : 'a page instead of JSON'
      return (isEstablished ? connectionLost : cannotConnect)(
        `the server at ${transport.origin} answers with ${kind} (HTTP ${answer.status})`,
        {
          hint: transport.hasPath
            ? 'The URL goes on after the host: try it without the path.'
            : 'Is it an Odoo, is the port right, and does a proxy or a log-in page stand before it?',
        },
      )
    },
  }
}

const IS_PASSING: Record<Exclude<FailureReason, 'canceled'>, boolean> = {
  unresolved: true,
  refused: true,
  lost: true,
  tls: false,
  notHttp: false,
  // It had its time; to ask again would double what the user waits.
  timeout: false,
  tooLarge: false,
}

interface Circumstances {
  readonly transport: Transport
  readonly isEstablished: boolean
  readonly timeoutMs: number
}

function errorFromFailure(
  failure: Failure,
  { transport, isEstablished, timeoutMs }: Circumstances,
): SqlError {
  const { origin, hostname } = transport
  const detail = `The reason is ${failure.code}.`
  switch (failure.reason) {
    case 'timeout': {
      const seconds = `${timeoutMs / 1000} s`
      if (!isEstablished)
        return cannotConnect(`Odoo at ${origin} did not answer within ${seconds}`, {
          hint: 'Check host and port, and whether a firewall is between.',
        })
      return queryCanceled(`canceling statement due to timeout: Odoo did not answer within ${seconds}`, {
        hint: 'Ask for fewer columns or rows, or filter by a stored, indexed column.',
      })
    }
    case 'tooLarge':
      return limitExceeded(`the reply of Odoo at ${origin} is larger than odoo-sql takes in one piece`, {
        hint: 'Ask for fewer columns (binary ones are large), or for smaller batches.',
      })
    case 'tls':
      return cannotConnect(`could not make a secure connection to Odoo at ${origin}`, {
        detail,
        hint: tlsHint(failure.code),
      })
    case 'notHttp':
      return cannotConnect(`the server at ${origin} does not speak HTTP`, {
        detail,
        hint: origin.startsWith('http:') ? 'Is it https, or another port?' : 'Is the port right?',
      })
    case 'unresolved':
      if (!isEstablished)
        return cannotConnect(`could not find the host "${hostname}" of Odoo`, {
          detail,
          hint: 'Check the spelling of the URL and the network.',
        })
      break
    case 'refused':
      if (!isEstablished)
        return cannotConnect(`could not connect to Odoo at ${origin}: nothing answers there`, {
          detail,
          hint: 'Is Odoo running on that host and port?',
        })
      break
    default:
      if (!isEstablished)
        return cannotConnect(`the connection to Odoo at ${origin} broke before it answered`, {
          detail,
          hint: 'Is it an Odoo, is the port right, and is it http or https?',
        })
  }
  return connectionLost(`the connection to Odoo at ${origin} was lost`, {
    detail,
    hint: 'Run the statement again.',
  })
}

function tlsHint(code: string): string {
  if (code.includes('EXPIRED')) return 'The server’s certificate has expired.'
  if (code.includes('ALTNAME')) return 'The certificate is for another host name: use that name in the URL.'
  if (/SELF_SIGNED|ISSUER|SIGNATURE/.test(code))
    return 'The certificate is not from an authority known here: set NODE_EXTRA_CA_CERTS to the file of your authority.'
  return 'Is it http instead of https, or another port?'
}

/** 57014, or what the one who aborted gave as the reason. */
export function canceledBy(signal: AbortSignal): SqlError {
  const reason: unknown = signal.reason
  return reason instanceof SqlError ? reason : queryCanceled('canceling statement due to user request')
}

/** Milliseconds until the time that a Retry-After header names (seconds or an HTTP date), at most `maxMs`. */
export function restFromHeader(
  header: string | undefined,
  maxMs: number,
  now = Date.now(),
): number | undefined {
  if (header === undefined) return undefined
  const ms = /^\s*\d+\s*$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), maxMs)
}

function backoffMs(retry: number, policy: RetryPolicy): number {
  const full = Math.min(policy.firstWaitMs * 2 ** retry, policy.waitMaxMs)
  // Readers that failed together should not come back together.
  return full * (1 - Math.random() / 2)
}

async function waitBeforeRetry(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(milliseconds, undefined, { signal })
  } catch {
    throw canceledBy(signal)
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

const urlFrom = (location: string, base: string): URL | undefined =>
  URL.canParse(location, base) ? new URL(location, base) : undefined
