import http from 'node:http'
import https from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { commitFault, isBeforeServer, type Fault, type WholeReply } from './fault.ts'

/** What the proxy changes of a call on its way. */
export interface ProxyOptions {
  /** Odoo series that the server claims to be. */
  readonly major?: number
  /** The text of the reply to that request. */
  readonly rewrite?: (reply: string, request: string) => string
  /** The server's clock, as an HTTP date; empty for none. */
  readonly date?: string
  /** A request goes on when this has resolved. */
  readonly before?: (request: ProxiedRequest) => Promise<void>
  /** Certificate and key, as PEM: it is then reached by https. */
  readonly tls?: { readonly cert: string; readonly key: string }
  /** What goes wrong with that request; undefined: nothing. */
  readonly fault?: ((request: ProxiedRequest) => Fault | undefined) | undefined
}

export interface ProxiedRequest {
  readonly method: string
  readonly path: string
  readonly body: string
}

export interface Proxy {
  readonly url: string
  /** The requests so far. */
  readonly requests: readonly ProxiedRequest[]
  /** Requests that are not answered yet. */
  readonly waiting: number
  /** Requests whose sender went away before the answer. */
  readonly aborted: number
  /** Connections that are open. */
  readonly sockets: number
  close(): Promise<void>
}

/** Stands before an Odoo on 127.0.0.1 and passes on what is asked, and what is answered with some changes or faults. */
export async function startProxy(
  target: string | (() => string),
  options: ProxyOptions = {},
): Promise<Proxy> {
  const requests: ProxiedRequest[] = []
  const sockets = new Set<Socket>()
  let [waiting, aborted] = [0, 0]
  const serve = (incoming: http.IncomingMessage, response: http.ServerResponse): void => {
    waiting++
    response.on('close', () => {
      waiting--
      if (!response.writableEnded) aborted++
    })
    const pass = async (): Promise<void> => {
      const request = {
        method: incoming.method ?? 'GET',
        path: incoming.url ?? '/',
        body: await textOf(incoming),
      }
      requests.push(request)
      await options.before?.(request)
      const url = new URL(request.path, typeof target === 'string' ? target : target())
      await answer(request, response, () => forward(url, request, incoming.headers), options)
    }
    void pass().catch(() => response.destroy())
  }
  const { tls } = options
  const server = tls === undefined ? http.createServer(serve) : https.createServer(tls, serve)
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    // A client that goes in mid-request is no fault of the proxy's.
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    get waiting() {
      return waiting
    },
    get aborted() {
      return aborted
    },
    get sockets() {
      return sockets.size
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve()
        })
        server.closeAllConnections()
      }),
  }
}

async function textOf(message: http.IncomingMessage): Promise<string> {
  return (await bytesOf(message)).toString()
}

async function bytesOf(message: http.IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of message as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks)
}

async function answer(
  request: ProxiedRequest,
  response: http.ServerResponse,
  ask: () => Promise<WholeReply>,
  { major, rewrite, date, fault: faultOf }: ProxyOptions,
): Promise<void> {
  const fault = faultOf?.(request)
  if (fault !== undefined && isBeforeServer(fault)) return commitFault(response, fault, undefined)
  const given = await ask()
  let text = given.body.toString()
  if (major !== undefined)
    text = text.replace(/("(?:server_)?version_info": ?\[)\d+/, (_all, before: string) => `${before}${major}`)
  if (rewrite !== undefined) text = rewrite(text, request.body)
  const reply = { ...given, body: Buffer.from(text) }
  if (fault !== undefined) return commitFault(response, fault, reply)
  response.sendDate = date === undefined
  if (date !== undefined && date !== '') response.setHeader('date', date)
  response.writeHead(reply.status, { 'content-type': reply.contentType }).end(reply.body)
}

/** Headers that are of one connection, and the wish for a compressed body, which could not be changed. */
const NOT_PASSED: ReadonlySet<string> = new Set(['host', 'connection', 'accept-encoding'])

/** The reply to the request; on a connection of its own, so that nothing of one call is left for the next. */
function forward(
  url: URL,
  { method, body }: ProxiedRequest,
  given: http.IncomingHttpHeaders,
): Promise<WholeReply> {
  const headers = Object.fromEntries(Object.entries(given).filter(([name]) => !NOT_PASSED.has(name)))
  return new Promise((resolve, reject) => {
    const onward = http.request(url, { method, headers, agent: false }, (reply) => {
      const { statusCode = 502, headers: told } = reply
      bytesOf(reply).then((bytes) => {
        resolve({ status: statusCode, contentType: told['content-type'] ?? '', body: bytes })
      }, reject)
    })
    onward.on('error', reject).end(body)
  })
}
