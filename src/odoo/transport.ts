import http from 'node:http'
import https from 'node:https'
import axios, { AxiosError, type AxiosInstance } from 'axios'
import { cannotConnect, limitExceeded } from '../errors.ts'

export interface HttpRequest {
  readonly method: 'GET' | 'POST'
  /** Begins with a slash. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** What the server sent, whatever its status. */
export interface Reply {
  readonly kind: 'reply'
  readonly status: number
  /** Lower case, without parameters. */
  readonly contentType: string
  readonly location: string | undefined
  readonly retryAfter: string | undefined
  /** The server's clock when it answered: an HTTP date, to the second. */
  readonly date: string | undefined
  readonly body: string
  /** Of the body, decompressed. */
  readonly bytes: number
}

/** No reply came; `code` is Node's name of the reason. Nothing of the request is in here. */
export interface Failure {
  readonly kind: 'failure'
  readonly reason: FailureReason
  readonly code: string
}

export type FailureReason =
  'unresolved' | 'refused' | 'tls' | 'notHttp' | 'lost' | 'timeout' | 'tooLarge' | 'canceled'

/** One try of one HTTP request; it follows no redirect and repeats nothing. */
export interface Transport {
  /** `scheme://host[:port]`, for messages. */
  readonly origin: string
  readonly hostname: string
  /** True where the URL goes on after the port, which Odoo's own never does. */
  readonly hasPath: boolean
  send(request: HttpRequest, options: { signal: AbortSignal; timeoutMs: number }): Promise<Reply | Failure>
  close(): void
}

export const REPLY_BYTES_MAX = 256 * 1024 * 1024
/** Odoo itself takes no more from version 17 on. */
export const REQUEST_BYTES_MAX = 128 * 1024 * 1024

/** Opens no connection yet. A URL that is none, or that holds a password, is 08001. */
export function openTransport(url: string, options: { sockets: number; replyBytesMax?: number }): Transport {
  const base = baseFromUrl(url)
  const agents = {
    httpAgent: new http.Agent({ keepAlive: true, maxSockets: options.sockets }),
    httpsAgent: new https.Agent({ keepAlive: true, maxSockets: options.sockets }),
  }
  const prefix = base.pathname.replace(/\/+$/, '')
  const replyBytesMax = options.replyBytesMax ?? REPLY_BYTES_MAX
  const instance = axios.create({
    ...agents,
    baseURL: `${base.origin}${prefix}`,
    responseType: 'arraybuffer',
    // Every status is an answer, and the body is ours to read.
    validateStatus: () => true,
    maxRedirects: 0,
    maxContentLength: replyBytesMax,
    maxBodyLength: REQUEST_BYTES_MAX,
  })
  return {
    origin: base.origin,
    hostname: base.hostname,
    hasPath: prefix !== '',
    send: (request, { signal, timeoutMs }) => send(instance, request, signal, timeoutMs),
    close() {
      agents.httpAgent.destroy()
      agents.httpsAgent.destroy()
    },
  }
}

/** The URL itself is not shown: it may hold a password at the wrong place. */
function baseFromUrl(url: string): URL {
  const base = URL.canParse(url) ? new URL(url) : null
  if (base === null || (base.protocol !== 'http:' && base.protocol !== 'https:') || base.hostname === '')
    throw cannotConnect('the URL of the Odoo server is not an http or https URL', {
      hint: 'Write it as https://host or http://host:8069.',
    })
  if (base.username !== '' || base.password !== '')
    throw cannotConnect('the URL of the Odoo server must not hold a user name or password', {
      hint: 'Give login and password or API key on their own.',
    })
  return base
}

async function send(
  instance: AxiosInstance,
  request: HttpRequest,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<Reply | Failure> {
  if (request.body !== undefined && Buffer.byteLength(request.body) > REQUEST_BYTES_MAX)
    throw limitExceeded(`the request to Odoo is larger than ${REQUEST_BYTES_MAX} bytes`, {
      hint: 'Compare with fewer or shorter values.',
    })
  // axios's own timeout only counts silence, so a reply that trickles in would have no bound.
  const late = new AbortController()
  const timer = setTimeout(() => {
    late.abort()
  }, timeoutMs)
  try {
    const response = await instance.request<Buffer>({
      method: request.method,
      url: request.path,
      headers: { 'Content-Type': 'application/json', Accept: 'application/json', ...request.headers },
      ...(request.body === undefined ? {} : { data: request.body }),
      signal: AbortSignal.any([signal, late.signal]),
    })
    const header = (name: string): string | undefined => {
      const value: unknown = response.headers[name]
      return typeof value === 'string' ? value : undefined
    }
    return {
      kind: 'reply',
      status: response.status,
      contentType: (header('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '',
      location: header('location'),
      retryAfter: header('retry-after'),
      date: header('date'),
      body: response.data.toString('utf8'),
      bytes: response.data.length,
    }
  } catch (thrown) {
    if (signal.aborted) return { kind: 'failure', reason: 'canceled', code: 'ABORTED' }
    if (late.signal.aborted) return { kind: 'failure', reason: 'timeout', code: 'TIMEOUT' }
    return failureFromThrown(thrown)
  } finally {
    clearTimeout(timer)
  }
}

/** An axios error holds the request with its keys, so nothing of it but the reason leaves this file. */
function failureFromThrown(thrown: unknown): Failure {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'UNKNOWN'
  if (thrown instanceof AxiosError && thrown.message.startsWith('maxContentLength'))
    return { kind: 'failure', reason: 'tooLarge', code }
  return { kind: 'failure', reason: reasonFromCode(code), code }
}

function reasonFromCode(code: string): FailureReason {
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'EAI_FAIL') return 'unresolved'
  if (code === 'ECONNREFUSED' || code === 'EHOSTUNREACH' || code === 'ENETUNREACH') return 'refused'
  if (code.startsWith('HPE_')) return 'notHttp'
  return /^EPROTO$|^ERR_(SSL|TLS)_|CERT|SELF_SIGNED|SIGNATURE|ISSUER|CRL/.test(code) ? 'tls' : 'lost'
}
