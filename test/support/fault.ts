import type http from 'node:http'
import { gzipSync } from 'node:zlib'

/** What a server, or something between it and us, can do to one call instead of answering it. */
export type Fault =
  /** Before the request gets anywhere: the connection is reset, or nothing more is heard. */
  | { readonly kind: 'reset' | 'stall' | 'notHttp' }
  /** Somebody else answers, and the request gets nowhere. */
  | { readonly kind: 'status'; readonly status: number; readonly retryAfter?: string; readonly type?: string }
  /** Odoo answers 200 with a page, with JSON that is called a page, or with the fault of an ended session or key. */
  | { readonly kind: 'page' | 'wrongType' | 'expired' }
  /** The body breaks off at a part of its length: `cut` ends as if that were all. */
  | {
      readonly kind: 'body'
      readonly how: 'reset' | 'close' | 'stall' | 'cut'
      /** 0 to 1. */
      readonly at: number
      readonly coding: Coding
    }
  /** The whole body, in pieces with a wait before each. */
  | { readonly kind: 'drip'; readonly pieces: number; readonly everyMs: number; readonly coding: Coding }
  /** The reply comes twice on one connection, or the connection ends with it. */
  | { readonly kind: 'duplicate' | 'hangUp' }
  /** The reply of another call; JSON-RPC tells by the id, JSON-2 has none. */
  | { readonly kind: 'otherId' }
  /** The server's clock is off. */
  | { readonly kind: 'clock'; readonly date: string }

export type Coding = 'length' | 'chunked' | 'gzip'

/** A reply as the server gave it. */
export interface WholeReply {
  readonly status: number
  readonly contentType: string
  readonly body: Buffer
}

/** Faults under which the request never reaches the server. */
export const isBeforeServer = ({ kind }: Fault): boolean =>
  kind === 'reset' || kind === 'stall' || kind === 'notHttp' || kind === 'status'

/** Does to the client what the fault says; `reply` is what it would have got, undefined before the server. */
export async function commitFault(
  response: http.ServerResponse,
  fault: Fault,
  reply: WholeReply | undefined,
): Promise<void> {
  const { status, contentType, body } = reply ?? NO_REPLY
  const answer = (type: string, content: Buffer | string, code = status): void => {
    response.writeHead(code, { 'content-type': type }).end(content)
  }
  switch (fault.kind) {
    case 'reset':
      response.socket?.resetAndDestroy()
      return
    case 'stall':
      return
    case 'notHttp':
      response.socket?.end('\u0015\u0003\u0001 is this HTTP?\r\n\r\n')
      return
    case 'status':
      if (fault.retryAfter !== undefined) response.setHeader('retry-after', fault.retryAfter)
      answer(
        fault.type ?? 'text/html',
        fault.type === 'application/json' ? '{"error": "busy"}' : PAGE,
        fault.status,
      )
      return
    case 'page':
      answer('text/html; charset=utf-8', PAGE, 200)
      return
    case 'wrongType':
      answer('text/plain', body, 200)
      return
    case 'expired':
      if (isJsonRpc(body))
        answer(contentType, JSON.stringify({ ...envelopeOf(body), result: undefined, error: EXPIRED }))
      else
        answer(
          contentType,
          JSON.stringify({ name: 'werkzeug.exceptions.Unauthorized', message: 'Invalid apikey' }),
          401,
        )
      return
    case 'otherId':
      answer(contentType, isJsonRpc(body) ? JSON.stringify({ ...envelopeOf(body), id: -1 }) : body)
      return
    case 'clock':
      response.setHeader('date', fault.date)
      answer(contentType, body)
      return
    case 'duplicate':
      response.writeHead(status, { 'content-type': contentType, 'content-length': body.length })
      response.end(body)
      response.socket?.write(
        `HTTP/1.1 ${status} OK\r\ncontent-type: ${contentType}\r\ncontent-length: ${body.length}\r\n\r\n`,
      )
      response.socket?.write(body)
      return
    case 'hangUp':
      response.setHeader('connection', 'close')
      answer(contentType, body)
      return
    case 'drip':
      return drip(response, fault, { status, contentType, body })
    case 'body':
      breakOff(response, fault, { status, contentType, body })
      return
    default:
      fault satisfies never
  }
}

const PAGE = '<!doctype html><title>Bad Gateway</title><h1>Somebody else answers</h1>'
const NO_REPLY: WholeReply = { status: 200, contentType: 'application/json', body: Buffer.alloc(0) }
const EXPIRED = {
  code: 100,
  message: 'Odoo Session Expired',
  data: {
    name: 'odoo.exceptions.AccessDenied',
    message: 'Access Denied',
    debug: 'Traceback (most recent call last)',
  },
}

const isStructure = (body: Buffer): boolean => /^\s*[[{]/.test(body.toString())
const isJsonRpc = (body: Buffer): boolean => body.includes('"jsonrpc"')
const envelopeOf = (body: Buffer): Record<string, unknown> =>
  JSON.parse(body.toString()) as Record<string, unknown>

/** Head of the reply, and its body as it goes over the wire. */
function coded(
  response: http.ServerResponse,
  coding: Coding,
  { status, contentType, body }: WholeReply,
): Buffer {
  const bytes = coding === 'gzip' ? gzipSync(body) : body
  response.writeHead(status, {
    'content-type': contentType,
    ...(coding === 'gzip' && { 'content-encoding': 'gzip' }),
    ...(coding === 'length' && { 'content-length': bytes.length }),
  })
  return bytes
}

function breakOff(
  response: http.ServerResponse,
  { how, at: part, coding }: Extract<Fault, { kind: 'body' }>,
  reply: WholeReply,
): void {
  const length = Math.floor(part * reply.body.length)
  if (how === 'cut') {
    // A number of JSON-2, cut and sent as if it were whole, is another number: nobody could tell.
    const at = isStructure(reply.body) ? part : 0
    const bytes = coding === 'gzip' ? gzipSync(reply.body) : reply.body
    const cut = bytes.subarray(0, Math.floor(at * bytes.length))
    response.writeHead(reply.status, {
      'content-type': reply.contentType,
      ...(coding === 'gzip' && { 'content-encoding': 'gzip' }),
      ...(coding === 'length' && { 'content-length': cut.length }),
    })
    response.end(cut)
    return
  }
  const bytes = coded(response, coding, reply)
  response.write(bytes.subarray(0, Math.min(length, bytes.length - 1)), () => {
    if (how === 'reset') response.socket?.resetAndDestroy()
    if (how === 'close') response.socket?.end()
  })
}

async function drip(
  response: http.ServerResponse,
  { pieces, everyMs, coding }: Extract<Fault, { kind: 'drip' }>,
  reply: WholeReply,
): Promise<void> {
  const bytes = coded(response, coding, reply)
  const size = Math.ceil(bytes.length / pieces)
  for (let at = 0; at < bytes.length && !response.destroyed; at += size) {
    await new Promise((resolve) => setTimeout(resolve, everyMs))
    response.write(bytes.subarray(at, at + size))
  }
  response.end()
}
