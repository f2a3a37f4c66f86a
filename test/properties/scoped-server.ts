import { Agent, createServer, request as send } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What every search of a model is narrowed by: one leaf of an Odoo domain. */
export type Scopes = Readonly<Record<string, readonly [string, string, unknown]>>

export interface ScopedServer {
  readonly url: string
  close(): Promise<void>
}

/** Methods that take a domain, first among what goes by position. */
const SEARCHES = new Set(['search', 'search_read', 'search_count', 'read_group', 'formatted_read_group'])

/**
 * A real Odoo of which only a part is seen: passes every call on, and adds the model's leaf to its domain. So that
 * whole tables can be read thousands of times, although those of the server are large.
 */
export async function startScopedServer(target: string, scopes: Scopes): Promise<ScopedServer> {
  const agent = new Agent({ keepAlive: true })
  const server = createServer((request, response) => {
    void forward(request, response, { target, scopes, agent }).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        agent.destroy()
        server.close(() => {
          resolve()
        })
        server.closeAllConnections()
      }),
  }
}

async function forward(
  request: IncomingMessage,
  response: ServerResponse,
  { target, scopes, agent }: { target: string; scopes: Scopes; agent: Agent },
): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  const path = request.url ?? '/'
  const body = Buffer.from(scoped(path, Buffer.concat(chunks).toString('utf8'), scopes))
  const headers = { ...request.headers, 'content-length': String(body.length) }
  await new Promise<void>((resolve, reject) => {
    const passed = send(new URL(path, target), { method: request.method, headers, agent }, (reply) => {
      response.writeHead(reply.statusCode ?? 502, reply.headers)
      reply.pipe(response).on('finish', resolve)
    })
    passed.on('error', reject)
    passed.end(body)
  })
}

interface JsonRpcBody {
  readonly params?: {
    readonly service?: string
    readonly args?: readonly [
      string,
      number,
      string,
      string,
      string,
      readonly unknown[],
      Record<string, unknown>,
    ]
  }
}

/** The body of a call with the leaf in its domain; `[leaf, ...domain]` means that both hold. */
function scoped(path: string, body: string, scopes: Scopes): string {
  const [, model, method] = /^\/json\/2\/([^/]+)\/([^/?]+)/.exec(path) ?? []
  if (model !== undefined && method !== undefined) {
    const leaf = scopes[model]
    if (leaf === undefined || !SEARCHES.has(method)) return body
    const named = JSON.parse(body) as { domain?: readonly unknown[] }
    return JSON.stringify({ ...named, domain: [leaf, ...(named.domain ?? [])] })
  }
  if (path !== '/jsonrpc') return body
  const { params, ...envelope } = JSON.parse(body) as JsonRpcBody
  if (params?.service !== 'object' || params.args === undefined) return body
  const [database, uid, secret, called, name, positional, named] = params.args
  const leaf = scopes[called]
  if (leaf === undefined || !SEARCHES.has(name)) return body
  const domain = (positional[0] ?? named['domain'] ?? []) as readonly unknown[]
  const kept = Object.fromEntries(Object.entries(named).filter(([key]) => key !== 'domain'))
  const args = [database, uid, secret, called, name, [[leaf, ...domain], ...positional.slice(1)], kept]
  return JSON.stringify({ ...envelope, params: { ...params, args } })
}
