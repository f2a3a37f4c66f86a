import http from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/** What the fake server does with one request. */
export type Act =
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body: string }
  | 'reset' // closes the connection without a word
  | 'cut' // promises more bytes than it sends
  | 'hang' // never answers

export interface Seen {
  readonly method: string
  readonly path: string
  readonly body: string
}

export interface FakeHttp {
  readonly url: string
  /** Every request so far. */
  readonly requests: readonly Seen[]
  close(): Promise<void>
}

/** A server on 127.0.0.1 that does with each request what `answer` says. */
export async function startFakeHttp(answer: (request: Seen, index: number) => Act): Promise<FakeHttp> {
  const requests: Seen[] = []
  const sockets = new Set<Socket>()
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const seen = {
        method: request.method ?? '',
        path: request.url ?? '',
        body: Buffer.concat(chunks).toString(),
      }
      requests.push(seen)
      const act = answer(seen, requests.length - 1)
      if (act === 'hang') return
      if (act === 'reset') request.socket.destroy()
      else if (act === 'cut') {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' })
        response.write('{"jsonrpc": "2.0", "res')
        setImmediate(() => request.socket.destroy())
      } else {
        response.writeHead(act.status, { 'content-type': 'application/json', ...act.headers })
        response.end(act.body)
      }
    })
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => {
          resolve()
        })
      }),
  }
}

/** A JSON-RPC reply with the id of its request. */
export const rpcReply = (request: Seen, content: Record<string, unknown>): Act => ({
  status: 200,
  body: JSON.stringify({ jsonrpc: '2.0', id: (JSON.parse(request.body) as { id: number }).id, ...content }),
})

/** Answers version and log-in as Odoo `major` does, and leaves every other request to `answer`. */
export function odooWith(answer: (request: Seen, index: number) => Act, major = 14): (request: Seen) => Act {
  let index = 0
  return (request) => {
    if (request.body.includes('"method":"version"'))
      return rpcReply(request, { result: { server_version_info: [major, 0, 0, 'final', 0, ''] } })
    if (request.body.includes('"method":"login"')) return rpcReply(request, { result: 2 })
    return answer(request, index++)
  }
}
