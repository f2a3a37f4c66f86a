import { isUtf8 } from 'node:buffer'
import { badCharacter, notSupported, protocolViolation, sqlErrorFrom } from '../errors.ts'
import type { Format, FrontendMessage, StartupMessage } from './messages.ts'

/** A version of the protocol, as the start-up message has it. */
const protocolVersion = (major: number, minor: number): number => major * 65_536 + minor

/** The newest version that is spoken here. */
export const PROTOCOL = protocolVersion(3, 0)

const SSL_REQUEST = protocolVersion(1234, 5679)
const GSS_REQUEST = protocolVersion(1234, 5680)
const CANCEL_REQUEST = protocolVersion(1234, 5678)

/** Reads a start-up packet without its length. Throws 08P01, 0A000 or 22021, each of which ends the connection. */
export function readStartup(body: Buffer): StartupMessage {
  const code = body.readUInt32BE(0)
  if (code === SSL_REQUEST) return { kind: 'sslRequest' }
  if (code === GSS_REQUEST) return { kind: 'gssRequest' }
  if (code === CANCEL_REQUEST) {
    if (body.length < 12) throw protocolViolation('invalid length of cancel request')
    return { kind: 'cancelRequest', pid: body.readUInt32BE(4), secret: body.subarray(8) }
  }
  const major = code >>> 16
  if (major !== 3)
    throw notSupported(`unsupported frontend protocol ${major}.${code & 0xffff}: server supports 3.0`)
  const reader = readerOf(body.subarray(4))
  const parameters = new Map<string, string>()
  for (let name = reader.string(); name !== ''; name = reader.string()) parameters.set(name, reader.string())
  reader.end()
  return { kind: 'startup', protocol: code, parameters }
}

type Read = (reader: Reader) => FrontendMessage

const readers: Readonly<Record<string, Read>> = {
  Q: (reader) => ({ kind: 'query', text: reader.string() }),
  P: (reader) => ({
    kind: 'parse',
    name: reader.string(),
    text: reader.string(),
    parameterOids: reader.list(() => reader.uint32()),
  }),
  B: readBind,
  D: (reader) => ({ kind: 'describe', target: targetFrom(reader), name: reader.string() }),
  E: (reader) => ({ kind: 'execute', portal: reader.string(), rowsMax: Math.max(0, reader.int32()) }),
  C: (reader) => ({ kind: 'close', target: targetFrom(reader), name: reader.string() }),
  H: () => ({ kind: 'flush' }),
  S: () => ({ kind: 'sync' }),
  X: () => ({ kind: 'terminate' }),
  p: (reader) => ({ kind: 'password', bytes: reader.rest() }),
  // Nothing of these is used: they are known so that they can be answered.
  F: (reader) => (reader.rest(), { kind: 'functionCall' }),
  d: (reader) => (reader.rest(), { kind: 'copyData' }),
  c: () => ({ kind: 'copyDone' }),
  f: (reader) => (reader.rest(), { kind: 'copyFail' }),
}

/** After an error in one of these, everything up to the next Sync is skipped. */
const EXTENDED = 'PBDEC'

/** By a message's first byte: reads its body; what does not fit comes as kind `malformed`. */
export const BODY_READERS: Readonly<Record<number, (body: Buffer) => FrontendMessage>> = Object.fromEntries(
  Object.entries(readers).map(([letter, read]) => [
    letter.charCodeAt(0),
    (body: Buffer): FrontendMessage => {
      const reader = readerOf(body)
      try {
        const message = read(reader)
        reader.end()
        return message
      } catch (thrown) {
        return { kind: 'malformed', isExtended: EXTENDED.includes(letter), error: sqlErrorFrom(thrown) }
      }
    },
  ]),
)

function readBind(reader: Reader): FrontendMessage {
  const portal = reader.string()
  const statement = reader.string()
  const formats = reader.list(() => formatFrom(reader))
  const values = reader.list(() => reader.value())
  if (formats.length > 1 && formats.length !== values.length)
    throw protocolViolation(
      `bind message has ${formats.length} parameter formats but ${values.length} parameters`,
    )
  const formatOf = (index: number): Format => formats[formats.length === 1 ? 0 : index] ?? 0
  const parameters = values.map((value, index) =>
    value === null || formatOf(index) === 1 ? value : textFrom(value),
  )
  return { kind: 'bind', portal, statement, parameters, resultFormats: reader.list(() => formatFrom(reader)) }
}

function targetFrom(reader: Reader): 'statement' | 'portal' {
  const letter = String.fromCharCode(reader.uint8())
  if (letter === 'S') return 'statement'
  if (letter === 'P') return 'portal'
  throw protocolViolation(`invalid message subtype "${letter}"`)
}

function formatFrom(reader: Reader): Format {
  const code = reader.uint16()
  if (code === 0 || code === 1) return code
  throw protocolViolation(`unsupported format code: ${code}`)
}

function textFrom(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw badCharacter('invalid byte sequence for encoding "UTF8"')
  return bytes.toString('utf8')
}

/** Reads a body from its start to its end; each function throws 08P01 where it ends before. */
interface Reader {
  uint8(): number
  uint16(): number
  uint32(): number
  int32(): number
  string(): string
  /** A length, then as many bytes; -1 is NULL. */
  value(): Buffer | null
  /** A 16-bit count, then as many items. */
  list<T>(item: () => T): T[]
  rest(): Buffer
  /** Throws where something is left. */
  end(): void
}

function readerOf(body: Buffer): Reader {
  let at = 0
  const advance = (count: number): number => {
    if (at + count > body.length) throw protocolViolation('insufficient data left in message')
    at += count
    return at - count
  }
  const reader: Reader = {
    uint8: () => body.readUInt8(advance(1)),
    uint16: () => body.readUInt16BE(advance(2)),
    uint32: () => body.readUInt32BE(advance(4)),
    int32: () => body.readInt32BE(advance(4)),
    string() {
      const end = body.indexOf(0, at)
      if (end < 0) throw protocolViolation('invalid string in message')
      const start = advance(end + 1 - at)
      return textFrom(body.subarray(start, end))
    },
    value() {
      const length = reader.int32()
      if (length === -1) return null
      if (length < 0) throw protocolViolation('invalid length of a parameter value')
      const start = advance(length)
      return body.subarray(start, at)
    },
    list: (item) => Array.from({ length: reader.uint16() }, item),
    rest() {
      const start = advance(body.length - at)
      return body.subarray(start)
    },
    end() {
      if (at < body.length) throw protocolViolation('invalid message format')
    },
  }
  return reader
}
