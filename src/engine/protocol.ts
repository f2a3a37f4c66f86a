import { badCharacter, internalError, limitExceeded } from '../errors.ts'

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
  /** Object id of the table and number of the column that it shows as it is; left out for an expression. */
  readonly origin?: { readonly table: number; readonly attribute: number }
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

/** How values are written: 0 is text, 1 is binary. */
export type Format = 0 | 1

/** Rows as PostgreSQL sent them: whole DataRow messages, and how many. */
export interface EncodedRows {
  readonly bytes: Uint8Array
  readonly count: number
}

export interface ReplyResult {
  readonly fields: readonly Field[]
  readonly rows: EncodedRows
}

/** What came back for one request, which may hold several messages. */
export interface Reply {
  /** The first error; what followed it is not of interest. */
  readonly fault: ServerFault | undefined
  /** Parse messages that had succeeded when the error came. */
  readonly parsed: number
  readonly parameterOids: readonly number[]
  /** One for each description, in order; a command that returns no rows has one only where it was described. */
  readonly results: readonly ReplyResult[]
  /** The last portal stopped at its limit of rows, so that there may be more. */
  readonly isSuspended: boolean
  /** False when the backend ended without saying that it is ready: it must not be used again. */
  readonly isReady: boolean
}

/** A simple query: any number of commands, no parameters. */
export const queryMessage = (sql: string): Uint8Array => message('Q', cstring(sql))

/** The protocol counts them in 16 bits. */
const PARAMS_MAX = 65_535

/** Parses one command under no name; an object id of 0 leaves the type of its parameter to PostgreSQL. */
export function parseMessage(sql: string, parameterOids: readonly number[] = []): Uint8Array {
  if (parameterOids.length > PARAMS_MAX)
    throw limitExceeded(`a statement takes at most ${PARAMS_MAX} parameters`)
  const oids = Buffer.alloc(2 + 4 * parameterOids.length)
  oids.writeUInt16BE(parameterOids.length)
  parameterOids.forEach((oid, index) => oids.writeUInt32BE(oid, 2 + 4 * index))
  return message('P', Buffer.of(0), cstring(sql), oids)
}

export interface Binding {
  readonly portal?: string
  /** Of the results: none for all text, one for all columns, or one for each. */
  readonly formats?: readonly Format[]
}

/** Binds parameters to the command parsed last. */
export function bindMessage(
  params: readonly EngineParam[] = [],
  { portal = '', formats = [] }: Binding = {},
): Uint8Array {
  const given = params.map((param) => uint16(param.value instanceof Uint8Array ? 1 : 0))
  const values = params.flatMap((param) => {
    if (param.value === null) return [int32(-1)]
    const bytes = typeof param.value === 'string' ? textBytes(param.value) : param.value
    return [int32(bytes.length), bytes]
  })
  const count = uint16(params.length)
  const asked = [uint16(formats.length), ...formats.map(uint16)]
  return message('B', cstring(portal), Buffer.of(0), count, ...given, count, ...values, ...asked)
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
  Buffer.concat([
    parseMessage(sql, oidsOf(params)),
    bindMessage(params),
    describePortalMessage(),
    executeMessage(),
  ])

export const oidsOf = (params: readonly EngineParam[]): number[] => params.map((param) => param.oid)

/** Reads the reply to one request. Rows stay as they are. Throws XX000 on bytes that are no such reply. */
export function readReply(bytes: Uint8Array): Reply {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const results: { readonly fields: readonly Field[]; readonly runs: Run[] }[] = []
  let fault: ServerFault | undefined
  let parsed = 0
  let parameterOids: readonly number[] = []
  let isSuspended = false
  let isReady = false
  for (let at = 0; at < buffer.length;) {
    if (at + 5 > buffer.length) throw internalError('The embedded PostgreSQL sent half a message.')
    const kind = buffer[at]
    const end = at + 1 + buffer.readUInt32BE(at + 1)
    if (end > buffer.length) throw internalError('The embedded PostgreSQL sent half a message.')
    const start = at + 5
    if (kind === KIND.dataRow) addRow(results.at(-1)?.runs, at, end)
    else if (kind === KIND.rowDescription) results.push({ fields: readFields(buffer, start), runs: [] })
    else if (kind === KIND.noData) results.push({ fields: [], runs: [] })
    else if (kind === KIND.parseComplete && fault === undefined) parsed++
    else if (kind === KIND.portalSuspended) isSuspended = true
    else if (kind === KIND.parameterDescription) parameterOids = readOids(buffer, start)
    else if (kind === KIND.error) fault ??= readFault(buffer, start, end)
    isReady = kind === KIND.readyForQuery
    at = end
  }
  return {
    fault,
    parsed,
    parameterOids,
    results: results.map(({ fields, runs }) => ({ fields, rows: rowsOfRuns(buffer, runs) })),
    isSuspended,
    isReady,
  }
}

/** Rows of a result that follow one another without another message, such as a notice, between them. */
interface Run {
  readonly start: number
  end: number
  count: number
}

function addRow(runs: Run[] | undefined, start: number, end: number): void {
  const run = runs?.at(-1)
  if (run?.end !== start) runs?.push({ start, end, count: 1 })
  else {
    run.end = end
    run.count++
  }
}

function rowsOfRuns(buffer: Buffer, runs: readonly Run[]): EncodedRows {
  const pieces = runs.map(({ start, end }) => buffer.subarray(start, end))
  const [only] = pieces
  return {
    bytes: pieces.length === 1 && only !== undefined ? only : Buffer.concat(pieces),
    count: runs.reduce((sum, run) => sum + run.count, 0),
  }
}

const KIND = {
  dataRow: 0x44,
  rowDescription: 0x54,
  noData: 0x6e,
  parameterDescription: 0x74,
  error: 0x45,
  readyForQuery: 0x5a,
  parseComplete: 0x31,
  portalSuspended: 0x73,
}

function readFields(buffer: Buffer, start: number): Field[] {
  const fields: Field[] = []
  let at = start + 2
  for (let left = buffer.readUInt16BE(start); left > 0; left--) {
    const end = buffer.indexOf(0, at)
    const name = buffer.toString('utf8', at, end)
    const field = { name, oid: buffer.readUInt32BE(end + 7), typmod: buffer.readInt32BE(end + 13) }
    const origin = { table: buffer.readUInt32BE(end + 1), attribute: buffer.readInt16BE(end + 5) }
    fields.push(origin.table === 0 ? field : { ...field, origin })
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
