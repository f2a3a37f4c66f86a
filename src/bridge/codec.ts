import { limitExceeded, protocolViolation } from '../errors.ts'
import { openByteQueue } from './byte-queue.ts'
import { BODY_READERS, readStartup } from './frontend-bodies.ts'
import type { FrontendMessage, StartupMessage } from './messages.ts'

/** Bounds on what a client may send, in bytes of one message's body. */
export interface DecoderLimits {
  readonly startupBytesMax: number
  readonly passwordBytesMax: number
  /** Query and Parse. */
  readonly statementBytesMax: number
  /** Bind, with all its values, and function calls. */
  readonly bindBytesMax: number
  /** CopyData, which is thrown away. */
  readonly copyDataBytesMax: number
  /** Everything else, which holds names at most. */
  readonly otherBytesMax: number
}

export const DECODER_LIMITS: DecoderLimits = {
  startupBytesMax: 10_000,
  passwordBytesMax: 65_535,
  statementBytesMax: 4_194_304,
  bindBytesMax: 16_777_216,
  copyDataBytesMax: 1_048_576,
  otherBytesMax: 10_000,
}

/**
 * Reads what a client sends, in whatever pieces it comes. Each function throws a SqlError that ends the connection where
 * the frame itself is wrong, and goes on throwing it; a message whose contents are wrong comes as `malformed`.
 */
export interface Decoder {
  push(bytes: Uint8Array): void
  /** Bytes that were pushed and not read. */
  readonly buffered: number
  /** The next packet of a connection that has not started, or undefined: it is not whole yet. */
  nextStartup(): StartupMessage | undefined
  /** The next step of a log-in, which is all that a client may send before it is known. */
  nextPassword(): Extract<FrontendMessage, { kind: 'password' | 'terminate' }> | undefined
  next(): FrontendMessage | undefined
}

/** The length field counts itself. */
const LENGTH_BYTES = 4
const HEADER_BYTES = 1 + LENGTH_BYTES
/** PostgreSQL's own bound on any message: more is no message. */
const ANY_BYTES_MAX = 0x3fff_ffff
const STARTUP_BYTES_MIN = 8

const PASSWORD = 0x70
const TERMINATE = 0x58

export function openDecoder(limits: DecoderLimits = DECODER_LIMITS): Decoder {
  const queue = openByteQueue()

  /** The type and body of the next message, or undefined: not whole yet. */
  function nextFrame(judge: (type: number) => void): { type: number; body: Buffer } | undefined {
    const header = queue.peek(HEADER_BYTES)
    if (header === undefined) return undefined
    const type = header.readUInt8(0)
    judge(type)
    const length = header.readInt32BE(1) - LENGTH_BYTES
    // Judged before a byte of the body is waited for.
    checkLength(type, length, limits)
    if (queue.length < HEADER_BYTES + length) return undefined
    queue.take(HEADER_BYTES)
    return { type, body: queue.take(length) }
  }

  return {
    push: (bytes) => {
      queue.push(bytes)
    },
    get buffered() {
      return queue.length
    },
    nextStartup() {
      const header = queue.peek(LENGTH_BYTES)
      if (header === undefined) return undefined
      const length = header.readInt32BE(0)
      if (length < STARTUP_BYTES_MIN || length > limits.startupBytesMax)
        throw protocolViolation('invalid length of startup packet')
      if (queue.length < length) return undefined
      return readStartup(queue.take(length).subarray(LENGTH_BYTES))
    },
    nextPassword() {
      const frame = nextFrame((type) => {
        if (type !== PASSWORD && type !== TERMINATE)
          throw protocolViolation(`expected password response, got message type ${type}`)
      })
      if (frame === undefined) return undefined
      return frame.type === PASSWORD ? { kind: 'password', bytes: frame.body } : { kind: 'terminate' }
    },
    next() {
      const frame = nextFrame(() => undefined)
      if (frame === undefined) return undefined
      const read = BODY_READERS[frame.type]
      return read === undefined ? { kind: 'unknown', type: frame.type } : read(frame.body)
    },
  }
}

function checkLength(type: number, length: number, limits: DecoderLimits): void {
  if (length < 0 || length > ANY_BYTES_MAX) throw protocolViolation('invalid message length')
  const bytesMax = bytesMaxOf(type, limits)
  if (length <= bytesMax) return
  // What is no message has no length either: another protocol is spoken, or the client has lost the thread.
  if (BODY_READERS[type] === undefined) throw protocolViolation(`invalid frontend message type ${type}`)
  throw limitExceeded(`a message of ${length} bytes is too long`, {
    hint: `At most ${bytesMax} bytes are taken in a message of type "${String.fromCharCode(type)}".`,
  })
}

function bytesMaxOf(type: number, limits: DecoderLimits): number {
  switch (String.fromCharCode(type)) {
    case 'Q':
    case 'P':
      return limits.statementBytesMax
    case 'B':
    case 'F':
      return limits.bindBytesMax
    case 'd':
      return limits.copyDataBytesMax
    case 'p':
      return limits.passwordBytesMax
    default:
      return limits.otherBytesMax
  }
}
