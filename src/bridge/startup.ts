import type { Socket } from 'node:net'
import { TLSSocket, type SecureContext } from 'node:tls'
import { connectionLost, protocolViolation } from '../errors.ts'
import type { FrontendMessage, StartupMessage } from './messages.ts'
import { openInput, type SocketInput } from './socket-input.ts'

/** A connection before its session: `negotiate` puts an encrypted socket in the place of the plain one. */
export interface Channel {
  socket: Socket
  input: SocketInput
  isSecure: boolean
}

export const openChannel = (socket: Socket): Channel => ({
  socket,
  input: openInput(socket),
  isSecure: false,
})

/** A client asks for each kind of encryption once. */
const REQUESTS_MAX = 3

/**
 * Reads start-up packets up to the one that matters, and goes over to TLS where the client asks for it. Throws 08P01 for what
 * is no protocol, 08006 where the client leaves, the reason of `signal`.
 */
export async function negotiate(
  channel: Channel,
  secureContext: SecureContext | undefined,
  signal: AbortSignal,
): Promise<Extract<StartupMessage, { kind: 'startup' | 'cancelRequest' }>> {
  for (let count = 0; count < REQUESTS_MAX; count++) {
    const request = await nextOf(channel, ({ decoder }) => decoder.nextStartup(), signal)
    if (request.kind === 'startup' || request.kind === 'cancelRequest') return request
    // What came in plain text before the answer would be taken for what came encrypted.
    if (channel.input.decoder.buffered > 0)
      throw protocolViolation('received unencrypted data after a request for encryption')
    if (request.kind === 'gssRequest' || secureContext === undefined || channel.isSecure)
      channel.socket.write('N')
    else await encrypt(channel, secureContext, signal)
  }
  throw protocolViolation('too many requests for encryption')
}

/** The next answer of a client that logs in. Throws as `negotiate` does. */
export async function nextPassword(channel: Channel, signal: AbortSignal): Promise<Buffer> {
  const message: Extract<FrontendMessage, { kind: 'password' | 'terminate' }> = await nextOf(
    channel,
    ({ decoder }) => decoder.nextPassword(),
    signal,
  )
  if (message.kind === 'terminate') throw connectionLost('the client left')
  return Buffer.from(message.bytes)
}

async function nextOf<T>(
  { input }: Channel,
  read: (input: SocketInput) => T | undefined,
  signal: AbortSignal,
): Promise<T> {
  signal.addEventListener('abort', input.wake, { once: true })
  try {
    for (;;) {
      signal.throwIfAborted()
      const packet = read(input)
      if (packet !== undefined) return packet
      if (input.lost !== undefined) throw input.lost
      await input.wait()
    }
  } finally {
    signal.removeEventListener('abort', input.wake)
  }
}

async function encrypt(channel: Channel, secureContext: SecureContext, signal: AbortSignal): Promise<void> {
  channel.input.detach()
  channel.socket.write('S')
  const secure = new TLSSocket(channel.socket, { isServer: true, secureContext })
  const destroy = (): void => {
    secure.destroy()
  }
  signal.addEventListener('abort', destroy, { once: true })
  try {
    await new Promise<void>((resolve, reject) => {
      secure.once('secure', resolve)
      const fail = (): void => {
        reject(connectionLost('the client made no TLS connection'))
      }
      secure.on('error', fail).once('close', fail)
    })
  } finally {
    signal.removeEventListener('abort', destroy)
  }
  channel.socket = secure
  channel.input = openInput(secure)
  channel.isSecure = true
}
