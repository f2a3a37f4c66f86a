import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { SecureContext } from 'node:tls'
import { queryCanceled, sqlErrorFrom } from '../errors.ts'
import type { Authenticate, LogIn } from './authentication.ts'
import { encode } from './encode.ts'
import { PROTOCOL } from './frontend-bodies.ts'
import type { Log } from './log.ts'
import type { BackendMessage, StartupMessage } from './messages.ts'
import { openClientSession } from './open-session.ts'
import { serveSession } from './session.ts'
import type { Place, Sessions } from './sessions.ts'
import { openSocketWire } from './socket-wire.ts'
import { clientFrom, type Client } from './startup-parameters.ts'
import { negotiate, nextPassword, openChannel, type Channel } from './startup.ts'

/** What all connections of a bridge share. */
export interface Bridgehead {
  readonly sessions: Sessions
  readonly authenticate: Authenticate
  readonly secureContext: SecureContext | undefined
  readonly log: Log
  /** From the first byte to the end of the log-in. */
  readonly authenticationTimeoutMs: number
  readonly idleTimeoutMs: number | undefined
  readonly statementTimeoutMs: number | undefined
}

/** A silent client's machine is asked whether it is still there. */
const KEEP_ALIVE_MS = 60_000
/** How long the last words may take to arrive. */
const GOODBYE_MS = 5_000

/** Serves one connection from its first byte to its last. Never rejects. */
export async function serveConnection(socket: Socket, bridge: Bridgehead): Promise<void> {
  const address = socket.remoteAddress ?? ''
  socket.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_MS)
  const channel = openChannel(socket)
  const deadline = openDeadline(bridge.authenticationTimeoutMs)
  let user: string | undefined
  try {
    const request = await negotiate(channel, bridge.secureContext, deadline.signal)
    if (request.kind === 'cancelRequest') bridge.sessions.cancel(request.pid, request.secret)
    else {
      user = request.parameters.get('user')
      await serveClient(channel, clientFrom(request), request, { address, deadline }, bridge)
    }
  } catch (thrown) {
    const error = sqlErrorFrom(thrown)
    // Whoever only looks whether somebody listens is told nothing, and is not worth a line.
    if (error.condition !== 'connection_failure') {
      send(channel, { kind: 'errorResponse', severity: 'FATAL', error })
      bridge.log.refused({ user, address, code: error.code, message: error.message })
    }
  } finally {
    deadline.cancel()
    channel.input.detach()
    closeSocket(channel.socket)
  }
}

interface Deadline {
  readonly signal: AbortSignal
  cancel(): void
}

function openDeadline(milliseconds: number): Deadline {
  const controller = new AbortController()
  const timer = setTimeout(() => {
    controller.abort(queryCanceled('canceling authentication due to timeout'))
  }, milliseconds)
  return {
    signal: controller.signal,
    cancel() {
      clearTimeout(timer)
    },
  }
}

interface Arrival {
  readonly address: string
  /** Of the log-in. */
  readonly deadline: Deadline
}

/** Lets a client in and serves its session. Throws where it is not let in. */
async function serveClient(
  channel: Channel,
  client: Client,
  { protocol }: Extract<StartupMessage, { kind: 'startup' }>,
  arrival: Arrival,
  bridge: Bridgehead,
): Promise<void> {
  // Told before a log-in costs anything.
  const place = bridge.sessions.enter()
  try {
    if (protocol > PROTOCOL || client.protocolOptions.length > 0)
      send(channel, {
        kind: 'negotiateProtocolVersion',
        protocol: PROTOCOL,
        unknownOptions: client.protocolOptions,
      })
    const { signal } = arrival.deadline
    const stranger = {
      user: client.user,
      address: arrival.address,
      isSecure: channel.isSecure,
      send: (message: BackendMessage) => {
        send(channel, message)
      },
      receive: () => nextPassword(channel, signal),
    }
    const logIn = await bridge.authenticate(stranger, signal)
    try {
      await runSession(channel, client, { logIn, place, arrival }, bridge)
    } finally {
      logIn.release()
    }
  } finally {
    place.leave()
  }
}

interface Entered {
  readonly logIn: LogIn
  readonly place: Place
  readonly arrival: Arrival
}

async function runSession(
  channel: Channel,
  client: Client,
  { logIn, place, arrival: { address, deadline } }: Entered,
  { log, idleTimeoutMs, statementTimeoutMs }: Bridgehead,
): Promise<void> {
  const { session, notices } = await openClientSession(logIn, client, deadline.signal)
  deadline.cancel()
  const wire = openSocketWire(channel.socket, channel.input, { idleTimeoutMs })
  wire.send({ kind: 'authenticationOk' })
  wire.send({ kind: 'backendKeyData', pid: place.pid, secret: place.secret })
  for (const notice of notices) wire.send({ kind: 'noticeResponse', ...notice })
  place.occupy(wire)

  const { user, database, applicationName, settings } = client
  const startedAt = performance.now()
  let statements = 0
  log.sessionStarted(place.pid, { user, address, database, applicationName, isSecure: channel.isSecure })
  let reason = 'the client left'
  try {
    await serveSession(wire, session, {
      user,
      database,
      settings,
      statementTimeoutMs,
      onStatement(record) {
        statements++
        log.statement(place.pid, record)
      },
    })
    wire.finish()
  } catch (thrown) {
    const error = sqlErrorFrom(thrown)
    wire.finish(error)
    reason = `${error.code} ${error.message}`
  }
  if (channel.input.lost !== undefined) reason = channel.input.lost.message
  log.sessionEnded(place.pid, { reason, durationMs: performance.now() - startedAt, statements })
}

function send({ socket, input }: Channel, message: BackendMessage): void {
  if (input.lost === undefined) socket.write(encode(message))
}

/** Lets what was written go out, within a bound. */
function closeSocket(socket: Duplex): void {
  if (socket.destroyed) return
  // What the client still says is not heard; but unread it would keep the socket from closing.
  socket.resume().end()
  const timer = setTimeout(() => socket.destroy(), GOODBYE_MS)
  socket.once('close', () => {
    clearTimeout(timer)
  })
}
