import { SQL_TYPES } from '../catalog/types.ts'
import { ByteWriter } from './byte-writer.ts'
import type { BackendMessage, Format } from './messages.ts'

/** Most messages are short. */
const CAPACITY_BYTES = 128

/** The bytes of one message. */
export function encode(message: BackendMessage): Uint8Array {
  const writer = new ByteWriter(CAPACITY_BYTES)
  // The table has the right writer for each kind, which TypeScript cannot follow through the union.
  const [letter, writeBody] = FORMS[message.kind] as Form<BackendMessage>
  writer.begin(letter.charCodeAt(0))
  writeBody?.(writer, message)
  writer.end()
  return writer.take()
}

type Form<Message> = readonly [letter: string, writeBody?: (writer: ByteWriter, message: Message) => void]
type MessageOf<Kind> = Extract<BackendMessage, { kind: Kind }>

/** The type of each message and how its body is written; many have none. */
const FORMS: {
  readonly [Kind in BackendMessage['kind']]: Form<MessageOf<Kind>>
} = {
  authenticationOk: ['R', (writer) => writer.int32(0)],
  authenticationCleartextPassword: ['R', (writer) => writer.int32(3)],
  authenticationSasl: [
    'R',
    (writer, { mechanisms }) => {
      writer.int32(10)
      for (const mechanism of mechanisms) writer.cstring(mechanism)
      writer.uint8(0)
    },
  ],
  authenticationSaslContinue: ['R', (writer, { text }) => writer.int32(11).text(text)],
  authenticationSaslFinal: ['R', (writer, { text }) => writer.int32(12).text(text)],
  parameterStatus: ['S', (writer, { name, value }) => writer.cstring(name).cstring(value)],
  backendKeyData: ['K', (writer, { pid, secret }) => writer.int32(pid).raw(secret)],
  negotiateProtocolVersion: [
    'v',
    (writer, { protocol, unknownOptions }) => {
      writer.int32(protocol).int32(unknownOptions.length)
      for (const option of unknownOptions) writer.cstring(option)
    },
  ],
  readyForQuery: ['Z', (writer, { status }) => writer.text(status)],
  rowDescription: ['T', writeRowDescription],
  commandComplete: ['C', (writer, { tag }) => writer.cstring(tag)],
  emptyQueryResponse: ['I'],
  errorResponse: ['E', writeError],
  noticeResponse: ['N', writeNotice],
  parameterDescription: [
    't',
    (writer, { oids }) => {
      writer.int16(oids.length)
      for (const oid of oids) writer.int32(oid)
    },
  ],
  noData: ['n'],
  parseComplete: ['1'],
  bindComplete: ['2'],
  closeComplete: ['3'],
  portalSuspended: ['s'],
  copyOutResponse: [
    'H',
    (writer, { format, columns }) => {
      writer.uint8(format).int16(columns)
      for (let column = 0; column < columns; column++) writer.int16(format)
    },
  ],
  copyData: ['d', (writer, { bytes }) => writer.raw(bytes)],
  copyDone: ['c'],
}

function writeRowDescription(writer: ByteWriter, { columns, formats }: MessageOf<'rowDescription'>): void {
  writer.int16(columns.length)
  columns.forEach((column, index) => {
    writer.cstring(column.name)
    // No table's oid and no column number: whoever looks for a table asks the catalog by name.
    writer.int32(0).int16(0)
    writer.int32(column.oid).int16(BYTES_OF_OID.get(column.oid) ?? VARIABLE_LENGTH)
    writer.int32(column.typmod).int16(formatOf(formats, index))
  })
}

/** The format of one column: none is text, one is that of all. */
export const formatOf = (formats: readonly Format[], column: number): Format =>
  formats[formats.length === 1 ? 0 : column] ?? 0

const VARIABLE_LENGTH = -1

/** Sizes of PostgreSQL's types of a fixed size, by object id; all others are of variable length. */
const BYTES_OF_OID: ReadonlyMap<number, number> = new Map([
  ...Object.entries({ bool: 1, int4: 4, int8: 8, float8: 8, date: 4, timestamp: 8 }).map(
    ([name, bytes]) => [SQL_TYPES[name as keyof typeof SQL_TYPES].oid, bytes] as const,
  ),
  // char, name, int2, regproc, oid, xid, cid, float4, unknown, time, timestamptz, interval, timetz, regclass, regtype, uuid
  [18, 1],
  [19, 64],
  [21, 2],
  [24, 4],
  [26, 4],
  [28, 4],
  [29, 4],
  [700, 4],
  [705, -2],
  [1083, 8],
  [1184, 8],
  [1186, 16],
  [1266, 12],
  [2205, 4],
  [2206, 4],
  [2950, 16],
])

function writeError(writer: ByteWriter, { severity, error }: MessageOf<'errorResponse'>): void {
  const { code, message, detail, hint, position, partition } = error
  writeFields(writer, {
    S: severity,
    // The same, never translated: clients decide by it.
    V: severity,
    C: code,
    M: message,
    D: detail,
    H: hint,
    P: position === undefined ? undefined : String(position),
    W: partition === undefined ? undefined : `partition "${partition}"`,
  })
}

const NOTICE_CODES = { NOTICE: '00000', WARNING: '01000' } as const

function writeNotice(
  writer: ByteWriter,
  { severity, code, message, hint }: MessageOf<'noticeResponse'>,
): void {
  writeFields(writer, { S: severity, V: severity, C: code ?? NOTICE_CODES[severity], M: message, H: hint })
}

function writeFields(writer: ByteWriter, fields: Readonly<Record<string, string | undefined>>): void {
  for (const [letter, text] of Object.entries(fields))
    if (text !== undefined) writer.text(letter).cstring(text)
  writer.uint8(0)
}
