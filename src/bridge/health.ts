import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Sessions } from './sessions.ts'
import type { Slowdown } from './slowdown.ts'

export interface HealthServer {
  readonly port: number
  close(): void
}

/** Answers `GET /health`: 200 while the bridge takes sessions, 503 while it shuts down. */
export function startHealth(
  { host, port }: { readonly host: string; readonly port: number },
  sessions: Sessions,
  slowdown: Slowdown,
): Promise<HealthServer> {
  const startedAt = performance.now()
  const server = createServer((request, response) => {
    const isAsked = request.url === '/health' && (request.method === 'GET' || request.method === 'HEAD')
    if (!isAsked) {
      response.writeHead(404).end()
      return
    }
    const report = {
      status: sessions.isDraining ? 'draining' : 'ok',
      sessions: sessions.count,
      sessionsMax: sessions.max,
      failedLogIns: slowdown.failures,
      uptimeSeconds: Math.floor((performance.now() - startedAt) / 1000),
    }
    response.writeHead(sessions.isDraining ? 503 : 200, {
      'content-type': 'application/json',
      'cache-control': 'no-store',
    })
    response.end(JSON.stringify(report))
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(port, host, () => {
      resolve({
        port: (server.address() as AddressInfo).port,
        close() {
          server.close()
          server.closeAllConnections()
        },
      })
    })
  })
}
