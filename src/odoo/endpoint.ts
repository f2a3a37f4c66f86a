import { connectionLost, invalidAuthorization } from '../errors.ts'
import type { CallRecord } from './call.ts'
import { openExchange, type Exchange, type RetryPolicy } from './exchange.ts'
import { limitsOf, openQueue, type CallQueue } from './queue.ts'
import { redactorOf, type Redact } from './redact.ts'
import { openTransport } from './transport.ts'
import type { Account } from './wire.ts'

export interface ClientConfig {
  /** Name of the partition, for errors and call records. */
  readonly name: string
  /** `http(s)://host[:port]` */
  readonly url: string
  readonly database: string
  readonly login: string
  readonly password?: string | undefined
  readonly apiKey?: string | undefined
  /** Default `auto`: JSON-2 where the server has it and an API key is given, else JSON-RPC. */
  readonly transport?: 'auto' | 'json-rpc' | 'json-2' | undefined
  /** The same in every call; default `en_US`. */
  readonly lang?: string | undefined
  /** Companies whose records are read; all of the user's where left out. */
  readonly companies?: readonly number[] | undefined
  /** Bound on each try of a call; default 120,000. */
  readonly timeoutMs?: number | undefined
  /** Calls in flight; default 4, on Odoo Online 1. */
  readonly concurrency?: number | undefined
  /** Default no bound, on Odoo Online 1. */
  readonly callsPerSecond?: number | undefined
  readonly onCall?: ((call: CallRecord) => void) | undefined
  /** Shared by clients of one server; the client's own where left out. */
  readonly queue?: CallQueue | undefined
  /** Default RETRY_POLICY. */
  readonly retry?: RetryPolicy | undefined
}

/** Where a client's calls go, under whose name, and at what pace; it lives as long as the client. */
export interface Endpoint {
  readonly config: ClientConfig
  readonly account: Account
  readonly exchange: Exchange
  readonly redact: Redact
  readonly timeoutMs: number
  /** Aborts at close. */
  readonly closed: AbortSignal
  close(): void
}

const DEFAULT_TIMEOUT_MS = 120_000

/** Sends nothing yet. 08001 for a URL that is none, 28000 where neither password nor API key is given. */
export function openEndpoint(config: ClientConfig): Endpoint {
  const { name, database, login, apiKey, password, timeoutMs = DEFAULT_TIMEOUT_MS } = config
  const secret = apiKey ?? password ?? ''
  if (secret === '')
    throw invalidAuthorization(`no API key or password is given for partition "${name}"`, {
      hint: 'Set ODOO_API_KEY, or apiKey in the configuration.',
    })
  const limits = limitsOf(config)
  const transport = openTransport(config.url, { sockets: limits.concurrency })
  const redact = redactorOf([apiKey, password])
  const closing = new AbortController()
  return {
    config,
    account: { database, login, secret },
    exchange: openExchange(transport, config.queue ?? openQueue(limits), redact, config.retry),
    redact,
    timeoutMs,
    closed: closing.signal,
    close() {
      closing.abort(connectionLost(`the connection to partition "${name}" is closed`))
      transport.close()
    },
  }
}
