import { expect } from 'chai'
import fc from 'fast-check'
import { serialize } from 'pg-protocol'
import { DECODER_LIMITS, openDecoder } from '../../src/bridge/codec.ts'
import type { Decoder, DecoderLimits } from '../../src/bridge/codec.ts'
import { SqlError } from '../../src/errors.ts'
import { errorOf } from '../support/errors.ts'

/** Bytes as PostgreSQL's manual has them, written by hand: `51` is Q. Spaces are for the eye. */
const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex')

const QUERY = bytes('51 0000000d 53454c4543542031 00')
const PARSE = bytes('50 00000014 733100 2431 00 0002 00000017 00000000')
const BIND = bytes('42 00000020 7000 733100 0002 0000 0001 0002 00000002 3432 00000001 ff 0001 0001')
const DESCRIBE = bytes('44 00000008 53 733100')
const EXECUTE = bytes('45 0000000a 7000 00000064')
const CLOSE = bytes('43 00000007 50 7000')
const FLUSH = bytes('48 00000004')
const SYNC = bytes('53 00000004')
const PASSWORD = bytes('70 00000008 78797a00')
const COPY = [bytes('64 00000006 6162'), bytes('63 00000004'), bytes('66 00000007 6e6f00')]
const TERMINATE = bytes('58 00000004')

const STARTUP = bytes('00000014 00030000 7573657200 616c69636500 00')
const SSL_REQUEST = bytes('00000008 04d2162f')
const GSS_REQUEST = bytes('00000008 04d21630')
const CANCEL = bytes('00000010 04d2162e 00000007 deadbeef')

const decoded = (...pieces: readonly Uint8Array[]): unknown[] => {
  const decoder = openDecoder()
  const messages: unknown[] = []
  for (const piece of pieces) {
    decoder.push(piece)
    for (let message = decoder.next(); message !== undefined; message = decoder.next()) messages.push(message)
  }
  expect(decoder.buffered).to.equal(0)
  return messages
}

const SEQUENCE = [
  QUERY, PARSE, BIND, DESCRIBE, EXECUTE, CLOSE, FLUSH, SYNC, PASSWORD, ...COPY, TERMINATE,
] // prettier-ignore
const MESSAGES = [
  { kind: 'query', text: 'SELECT 1' },
  { kind: 'parse', name: 's1', text: '$1', parameterOids: [23, 0] },
  { kind: 'bind', portal: 'p', statement: 's1', parameters: ['42', Buffer.of(0xff)], resultFormats: [1] },
  { kind: 'describe', target: 'statement', name: 's1' },
  { kind: 'execute', portal: 'p', rowsMax: 100 },
  { kind: 'close', target: 'portal', name: 'p' },
  { kind: 'flush' },
  { kind: 'sync' },
  { kind: 'password', bytes: Buffer.from('xyz\0') },
  { kind: 'copyData' },
  { kind: 'copyDone' },
  { kind: 'copyFail' },
  { kind: 'terminate' },
]

/** A frame with nothing in it yet: its type and the length that it claims. */
const header = (type: string, length: number): Buffer => {
  const frame = Buffer.alloc(5)
  frame.write(type, 'latin1')
  frame.writeInt32BE(length, 1)
  return frame
}

describe('the decoder of frontend messages', () => {
  it('reads every message of the protocol', () => {
    expect(decoded(...SEQUENCE)).to.deep.equal(MESSAGES)
    expect(decoded(bytes('46 00000008 00000001'))).to.deep.equal([{ kind: 'functionCall' }])
  })

  it('reads the same wherever the bytes are cut in two', () => {
    const all = Buffer.concat(SEQUENCE)
    for (let at = 0; at <= all.length; at++)
      expect(decoded(all.subarray(0, at), all.subarray(at)), `cut at ${at}`).to.deep.equal(MESSAGES)
  })

  it('reads the same byte by byte', () => {
    expect(decoded(...Array.from(Buffer.concat(SEQUENCE), (byte) => Buffer.of(byte)))).to.deep.equal(MESSAGES)
  })

  it('reads start-up packets, wherever they are cut', () => {
    const all = Buffer.concat([SSL_REQUEST, GSS_REQUEST, CANCEL, STARTUP])
    for (let at = 0; at <= all.length; at++) {
      const decoder = openDecoder()
      const packets = [all.subarray(0, at), all.subarray(at)].flatMap((piece) => {
        decoder.push(piece)
        const read = []
        for (let packet = decoder.nextStartup(); packet !== undefined; packet = decoder.nextStartup())
          read.push(packet)
        return read
      })
      expect(packets).to.deep.equal([
        { kind: 'sslRequest' },
        { kind: 'gssRequest' },
        { kind: 'cancelRequest', pid: 7, secret: bytes('deadbeef') },
        { kind: 'startup', protocol: 196_608, parameters: new Map([['user', 'alice']]) },
      ])
    }
  })

  it('reads what node-postgres writes', () => {
    const text = fc.string({ unit: 'grapheme' }).filter((value) => !value.includes('\0'))
    fc.assert(
      fc.property(
        text, text, fc.array(fc.nat(0x7fff_ffff), { maxLength: 5 }),
        fc.array(fc.oneof(fc.constant(null), text, fc.uint8Array()), { maxLength: 5 }), fc.nat(), fc.boolean(),
        (name, sql, types, values, rows, binary) => {
          const given = values.map((value) => (value instanceof Uint8Array ? Buffer.from(value) : value))
          const messages = decoded(
            serialize.query(sql),
            serialize.parse({ name, text: sql, types }),
            serialize.bind({ portal: name, statement: name, values: given, binary }),
            serialize.describe({ type: 'S', name }),
            serialize.execute({ portal: name, rows }),
            serialize.close({ type: 'P', name }),
            serialize.sync(),
          )
          expect(messages).to.deep.equal([
            { kind: 'query', text: sql },
            { kind: 'parse', name, text: sql, parameterOids: types },
            { kind: 'bind', portal: name, statement: name, parameters: given, resultFormats: [binary ? 1 : 0] },
            { kind: 'describe', target: 'statement', name },
            { kind: 'execute', portal: name, rowsMax: rows },
            { kind: 'close', target: 'portal', name },
            { kind: 'sync' },
          ])
        },
      ),
    ) // prettier-ignore
  })

  it('says 08P01 for a length that cannot be, at once and ever after', () => {
    for (const length of [-1, 0, 3, -0x8000_0000, 0x7fff_ffff]) {
      const decoder = openDecoder()
      decoder.push(header('Q', length))
      for (let turn = 0; turn < 2; turn++)
        expect(errorOf(() => decoder.next()).code, String(length)).to.equal('08P01')
    }
    for (const length of [0, 7, 10_001, -5, 0x4745_5420]) {
      const decoder = openDecoder()
      const packet = Buffer.alloc(4)
      packet.writeInt32BE(length)
      decoder.push(packet)
      expect(errorOf(() => decoder.nextStartup()).code, String(length)).to.equal('08P01')
    }
  })

  it('refuses what is too long from its header, by kind', () => {
    const bounds: [string, keyof DecoderLimits][] = [
      ['Q', 'statementBytesMax'], ['P', 'statementBytesMax'], ['B', 'bindBytesMax'], ['F', 'bindBytesMax'],
      ['d', 'copyDataBytesMax'], ['p', 'passwordBytesMax'], ['D', 'otherBytesMax'], ['S', 'otherBytesMax'],
    ] // prettier-ignore
    for (const [type, bound] of bounds) {
      const within = openDecoder()
      within.push(header(type, DECODER_LIMITS[bound] + 4))
      expect(within.next(), type).to.equal(undefined)
      const beyond = openDecoder()
      beyond.push(header(type, DECODER_LIMITS[bound] + 5))
      const error = errorOf(() => beyond.next())
      expect([error.code, error.hint], type).to.deep.equal([
        '54000',
        `At most ${DECODER_LIMITS[bound]} bytes are taken in a message of type "${type}".`,
      ])
    }
  })

  it('takes nothing but a password before the client is known', () => {
    const decoder = openDecoder()
    decoder.push(PASSWORD)
    expect(decoder.nextPassword()).to.deep.equal({ kind: 'password', bytes: Buffer.from('xyz\0') })
    decoder.push(header('Q', 4_000_000))
    expect(errorOf(() => decoder.nextPassword()).message).to.equal(
      'expected password response, got message type 81',
    )
  })

  it('tells a message that is no message by its type', () => {
    expect(decoded(bytes('21 00000006 0102'), SYNC)).to.deep.equal([
      { kind: 'unknown', type: 0x21 },
      { kind: 'sync' },
    ])
    const decoder = openDecoder()
    decoder.push(header('!', 1_000_000))
    expect(errorOf(() => decoder.next()).code).to.equal('08P01')
  })

  it('goes on after contents that are wrong', () => {
    const wrong: [string, boolean, string, string][] = [
      ['51 00000006 4141', false, '08P01', 'invalid string in message'],
      ['51 00000007 41 00 41', false, '08P01', 'invalid message format'],
      ['51 00000006 ff 00', false, '22021', 'invalid byte sequence for encoding "UTF8"'],
      ['50 00000008 00 00 0001', true, '08P01', 'insufficient data left in message'],
      ['42 0000000c 00 00 0001 0002 0000', true, '08P01', 'unsupported format code: 2'],
      ['42 00000010 00 00 0000 0001 fffffffe 0000', true, '08P01', 'invalid length of a parameter value'],
      ['42 00000011 00 00 0000 0001 00000001 ff 0000', true, '22021', 'invalid byte sequence for encoding "UTF8"'],
      ['44 00000006 58 00', true, '08P01', 'invalid message subtype "X"'],
      ['45 00000005 00', true, '08P01', 'insufficient data left in message'],
      ['53 00000005 00', false, '08P01', 'invalid message format'],
    ] // prettier-ignore
    for (const [hex, isExtended, code, message] of wrong) {
      const [read, next] = decoded(bytes(hex), TERMINATE) as [{ kind: string; isExtended: boolean; error: SqlError }, unknown]
      expect([read.kind, read.isExtended, read.error.code, read.error.message], hex).to.deep.equal(['malformed', isExtended, code, message])
      expect(next).to.deep.equal({ kind: 'terminate' })
    } // prettier-ignore
  })

  it('holds a start-up packet to its layout', () => {
    const wrong: [string, string][] = [
      ['0000000d 00030000 75736572 00', '08P01'],
      ['00000009 00030000 78', '08P01'],
      ['0000000a 00030000 00 00', '08P01'],
      ['00000008 00020000', '0A000'],
      ['0000000c 04d2162e 00000007', '08P01'],
      ['0000000c 00030000 ff00 0000', '22021'],
    ]
    for (const [hex, code] of wrong) {
      const decoder = openDecoder()
      decoder.push(bytes(hex))
      expect(errorOf(() => decoder.nextStartup()).code, hex).to.equal(code)
    }
  })

  it('answers garbage with messages or a SqlError, and keeps no more than one message', () => {
    const limits: DecoderLimits = {
      startupBytesMax: 64, passwordBytesMax: 64, statementBytesMax: 64, bindBytesMax: 64, copyDataBytesMax: 64, otherBytesMax: 64,
    } // prettier-ignore
    const types = fc.constantFrom(...Buffer.from('QPBDECHSXpFdcf!'))
    const framed = fc.tuple(types, fc.uint8Array({ maxLength: 40 })).map(([type, body]) => {
      const frame = Buffer.concat([Buffer.of(type), Buffer.alloc(4), body])
      frame.writeInt32BE(body.length + 4, 1)
      return frame
    })
    const reads = fc.constantFrom<(decoder: Decoder) => unknown>(
      (decoder) => decoder.next(),
      (decoder) => decoder.nextStartup(),
      (decoder) => decoder.nextPassword(),
    )
    fc.assert(
      fc.property(fc.array(fc.oneof(framed, fc.uint8Array({ maxLength: 80 }))), reads, (pieces, read) => {
        const decoder = openDecoder(limits)
        for (const piece of pieces) {
          decoder.push(piece)
          try {
            while (read(decoder) !== undefined);
          } catch (thrown) {
            expect(thrown).to.be.instanceOf(SqlError)
            return
          }
          expect(decoder.buffered).to.be.at.most(64 + 5)
        }
      }),
      { numRuns: 2_000 },
    )
  })
})
