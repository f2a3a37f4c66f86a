import { createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { createSecureContext } from 'node:tls'
import { invalidParameterValue } from '../errors.ts'
import { loadGrammar } from '../sql/gate.ts'
import { openAuthentication } from './authentication.ts'
import type { BridgeConfiguration } from './configuration.ts'
import { serveConnection } from './connection.ts'
import { startHealth } from './health.ts'
import type { Log } from './log.ts'
import { openServices } from './services.ts'
import { openSessions } from './sessions.ts'
import { openSlowdown, SYSTEM_CLOCK, type Clock } from './slowdown.ts'

/** A bridge that takes connections. */
export interface Bridge {
  readonly host: string
  readonly port: number
  readonly healthPort: number | undefined
  /** Sessions that are there now, log-ins under way included. */
  readonly sessions: number
  /** Takes no more connections, lets running statements end within `drainMs` (the configuration's by default), and ends. */
  close(drainMs?: number): Promise<void>
}

/** Beyond the sessions: those that are told that there are too many, and requests to cancel. */
const FURTHER_CONNECTIONS_MAX = 50

/** Listens. Throws 22023 where it cannot. */
export async function startBridge(
  configuration: BridgeConfiguration,
  log: Log,
  clock: Clock = SYSTEM_CLOCK,
): Promise<Bridge> {
  const { authentication, host, tls, maxSessions, usersMax } = configuration
  await loadGrammar()
  const services = openServices(usersMax)
  const slowdown = openSlowdown(clock)
  const sessions = openSessions(maxSessions)
  const bridge = {
    ...configuration,
    sessions,
    authenticate: openAuthentication(authentication, services, slowdown),
    secureContext: tls === undefined ? undefined : createSecureContext({ ...tls, minVersion: 'TLSv1.2' }),
    log,
  }
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    void serveConnection(socket, bridge)
  })
  server.maxConnections = maxSessions + FURTHER_CONNECTIONS_MAX
  await listen(server, host, configuration.port)
  const health =
    configuration.healthPort === undefined
      ? undefined
      : await startHealth({ host, port: configuration.healthPort }, sessions, slowdown).catch(
          (thrown: unknown) => {
            server.close()
            throw cannotListen(host, configuration.healthPort ?? 0, thrown)
          },
        )
  return {
    host,
    port: (server.address() as AddressInfo).port,
    healthPort: health?.port,
    get sessions() {
      return sessions.count
    },
    async close(drainMs = configuration.drainMs) {
      const closed = new Promise<void>((resolve) =>
        server.close(() => {
          resolve()
        }),
      )
      await sessions.drain(drainMs)
      // Those that are no session, and those that did not end.
      for (const socket of sockets) socket.destroySoon()
      await services.close()
      health?.close()
      await closed
    },
  }
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      reject(cannotListen(host, port, error))
    })
    server.listen(port, host, resolve)
  })
}

const cannotListen = (host: string, port: number, cause: unknown) =>
  invalidParameterValue(`cannot listen on ${host}, port ${port}`, {
    detail: cause instanceof Error ? cause.message : undefined,
    hint: 'Another program may have the port. Choose another with --port.',
    cause,
  })
