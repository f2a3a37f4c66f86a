import http from 'node:http'
import type { AddressInfo } from 'node:net'

/** What the proxy changes of a reply on its way. */
export interface ProxyOptions {
  /** Odoo series that the server claims to be. */
  readonly major?: number
  /** The text of the reply to that request. */
  readonly rewrite?: (reply: string, request: string) => string
  /** The server's clock, as an HTTP date; empty for none. */
  readonly date?: string
}

export interface Proxy {
  readonly url: string
  /** Bodies of the requests so far. */
  readonly requests: readonly string[]
  close(): Promise<void>
}

/** Stands before an Odoo on 127.0.0.1 and passes on what is asked, and what is answered with some changes. */
export async function startProxy(target: string, options: ProxyOptions): Promise<Proxy> {
  const requests: string[] = []
  const server = http.createServer((request, response) => {
    void pass(request, response, target, options, requests).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve()
        })
        server.closeAllConnections()
      }),
  }
}

async function pass(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  target: string,
  { major, rewrite, date }: ProxyOptions,
  requests: string[],
): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  const body = Buffer.concat(chunks).toString()
  requests.push(body)
  const headers = Object.fromEntries(
    Object.entries(request.headers).filter(([name]) => name !== 'host' && name !== 'connection'),
  )
  const reply = await fetch(`${target}${request.url ?? '/'}`, {
    method: request.method ?? 'GET',
    headers: headers as Record<string, string>,
    ...(body !== '' && { body }),
  })
  let text = await reply.text()
  if (major !== undefined)
    text = text.replace(/("(?:server_)?version_info": ?\[)\d+/, (_all, before: string) => `${before}${major}`)
  if (rewrite !== undefined) text = rewrite(text, body)
  response.sendDate = date === undefined
  response.writeHead(reply.status, {
    'content-type': reply.headers.get('content-type') ?? 'application/json',
    ...(date !== undefined && date !== '' && { date }),
  })
  response.end(text)
}
