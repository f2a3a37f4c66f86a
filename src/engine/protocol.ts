import type { Datum } from '../catalog/types.ts'
import { badCharacter, internalError, limitExceeded } from '../errors.ts'
import { decoderOfOid } from './decode.ts'

/** A value for `$1` and so on. `oid` 0 leaves the type to PostgreSQL; text is text format, bytes are binary format. */
export interface EngineParam {
  readonly oid: number
  readonly value: string | Uint8Array | null
}

/** A column of a result as PostgreSQL describes it. */
export interface Field {
  readonly name: string
  readonly oid: number
  readonly typmod: number
}

/** PostgreSQL's own error, still with its code. */
export interface ServerFault {
  readonly code: string
  readonly message: string
  readonly detail?: string | undefined
  readonly hint?: string | undefined
  /** 1-based, in characters of the text that was parsed. */
  readonly position?: number | undefined
}

/** What came back for one request, which may hold several messages. */
export interface Reply {
  /** The first error; what followed it is not of interest. */
  readonly fault: ServerFault | undefined
  readonly parameterOids: readonly number[]
  /** One for each description, in order; a command that returns no rows has one only where it was described. */
  readonly results: readonly ReplyResult[]
  /** False when the backend ended without saying that it is ready: it must not be used again. */
  readonly isReady: boolean
}

/** A simple query: any number of commands, no parameters. */
export const queryMessage = (sql: string): Uint8Array => message('Q', cstring(sql))

/** The protocol counts them in 16 bits. */
const PARAMS_MAX = 65_535

/** Parses one command under no name. */
export function parseMessage(sql: string, params: readonly EngineParam[] = []): Uint8Array {
  if (params.length > PARAMS_MAX) throw limitExceeded(`a statement takes at most ${PARAMS_MAX} parameters`)
  const oids = Buffer.alloc(2 + 4 * params.length)
  oids.writeUInt16BE(params.length)
  params.forEach((param, index) => oids.writeUInt32BE(param.oid, 2 + 4 * index))
  return message('P', Buffer.of(0), cstring(sql), oids)
}

/** Binds parameters to the command parsed last; results come as text. */
export function bindMessage(params: readonly EngineParam[] = []): Uint8Array {
  const count = uint16(params.length)
  const formats = params.map((param) => uint16(param.value instanceof Uint8Array ? 1 : 0))
  const values = params.flatMap((param) => {
    if (param.value === null) return [int32(-1)]
    const bytes = typeof param.value === 'string' ? textBytes(param.value) : param.value
    return [int32(bytes.length), bytes]
  })
  return message('B', Buffer.of(0, 0), count, ...formats, count, ...values, uint16(0))
}

export const describeStatementMessage = (): Uint8Array => message('D', Buffer.from('S\0'))
export const describePortalMessage = (portal = ''): Uint8Array =>
  message('D', Buffer.from('P'), cstring(portal))
/** `rows` 0 runs it to its end. */
export const executeMessage = (portal = '', rows = 0): Uint8Array =>
  message('E', cstring(portal), int32(rows))
export const syncMessage = (): Uint8Array => message('S')
export const copyDataMessage = (bytes: Uint8Array): Uint8Array => message('d', bytes)
export const copyDoneMessage = (): Uint8Array => message('c')

/** Parse, bind, describe, execute. */
export const extendedQuery = (sql: string, params: readonly EngineParam[] = []): Uint8Array =>
  Buffer.concat([parseMessage(sql, params), bindMessage(params), describePortalMessage(), executeMessage()])

export interface ReplyResult {
  readonly fields: readonly Field[]
  readonly rows: readonly (readonly Datum[])[]
}

/** Reads the reply to one request. Throws XX000 on bytes that are no such reply. */
export function readReply(bytes: Uint8Array): Reply {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const results: ReplyResult[] = []
  let rows: (readonly Datum[])[] = []
  let decoders: ((buffer: Buffer, start: number, end: number) => Datum)[] = []
  let fault: ServerFault | undefined
  let parameterOids: readonly number[] = []
  let isReady = false
  for (let at = 0; at < buffer.length;) {
    if (at + 5 > buffer.length) throw internalError('The embedded PostgreSQL sent half a message.')
    const kind = buffer[at]
    const end = at + 1 + buffer.readUInt32BE(at + 1)
    if (end > buffer.length) throw internalError('The embedded PostgreSQL sent half a message.')
    const start = at + 5
    if (kind === KIND.dataRow) rows.push(readRow(buffer, start, decoders))
    else if (kind === KIND.rowDescription) {
      const fields = readFields(buffer, start)
      results.push({ fields, rows: (rows = []) })
      decoders = fields.map((field) => decoderOfOid(field.oid))
    } else if (kind === KIND.noData) results.push({ fields: [], rows: (rows = []) })
    else if (kind === KIND.parameterDescription) parameterOids = readOids(buffer, start)
    else if (kind === KIND.error) fault ??= readFault(buffer, start, end)
    isReady = kind === KIND.readyForQuery
    at = end
  }
  return { fault, parameterOids, results, isReady }
}

const KIND = {
  dataRow: 0x44,
  rowDescription: 0x54,
  noData: 0x6e,
  parameterDescription: 0x74,
  error: 0x45,
  readyForQuery: 0x5a,
}

function readRow(
  buffer: Buffer,
  start: number,
  decoders: readonly ((buffer: Buffer, start: number, end: number) => Datum)[],
): Datum[] {
  const row = new Array<Datum>(decoders.length)
  let at = start + 2
  for (const [index, decode] of decoders.entries()) {
    const length = buffer.readInt32BE(at)
    at += 4
    if (length < 0) row[index] = null
    else row[index] = decode(buffer, at, (at += length))
  }
  return row
}

function readFields(buffer: Buffer, start: number): Field[] {
  const fields: Field[] = []
  let at = start + 2
  for (let left = buffer.readUInt16BE(start); left > 0; left--) {
    const end = buffer.indexOf(0, at)
    const name = buffer.toString('utf8', at, end)
    fields.push({ name, oid: buffer.readUInt32BE(end + 7), typmod: buffer.readInt32BE(end + 13) })
    at = end + 19
  }
  return fields
}

const readOids = (buffer: Buffer, start: number): number[] =>
  Array.from({ length: buffer.readUInt16BE(start) }, (_, index) => buffer.readUInt32BE(start + 2 + 4 * index))

function readFault(buffer: Buffer, start: number, end: number): ServerFault {
  const fields: Record<string, string> = {}
  for (let at = start; at < end && buffer[at] !== 0;) {
    const stop = buffer.indexOf(0, at)
    fields[String.fromCharCode(buffer[at] ?? 0)] = buffer.toString('utf8', at + 1, stop)
    at = stop + 1
  }
  return {
    code: fields['C'] ?? 'XX000',
    message: fields['M'] ?? 'unknown error',
    detail: fields['D'],
    hint: fields['H'],
    position: fields['P'] === undefined ? undefined : Number(fields['P']),
  }
}

function message(kind: string, ...parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 4)
  return Buffer.concat([Buffer.from(kind), int32(length), ...parts])
}

function textBytes(text: string): Buffer {
  if (text.includes('\0')) throw badCharacter('invalid byte sequence for encoding "UTF8": 0x00')
  return Buffer.from(text)
}

const cstring = (text: string): Buffer => Buffer.concat([textBytes(text), Buffer.of(0)])

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(value)
  return bytes
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}
