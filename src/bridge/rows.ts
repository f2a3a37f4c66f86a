import type { ResultRows } from '../driver/statement.ts'
import type { Format } from './messages.ts'
import { dataRowEncoder } from './values.ts'

/** Whole DataRow messages, and how many. */
export interface RowMessages {
  readonly bytes: Uint8Array
  readonly count: number
}

/** Rows of one result, as whole DataRow messages, in portions that the reader chooses. */
export interface RowSource {
  /** At least one row and at most `rowsMax`; undefined at the end. */
  take(rowsMax: number): Promise<RowMessages | undefined>
  /** Ends what is under way for rows that nobody will read. */
  close(): Promise<void>
}

export function rowSourceOf(result: ResultRows, formats: readonly Format[]): RowSource {
  const batches = (result.kind === 'encoded' ? result.batches : encoded(result, formats))[
    Symbol.asyncIterator
  ]()
  let rest: RowMessages | undefined
  return {
    async take(rowsMax) {
      while (rest === undefined || rest.count === 0) {
        const next = await batches.next()
        if (next.done === true) return undefined
        rest = next.value
      }
      const taken = firstRows(rest, rowsMax)
      rest = {
        bytes: rest.bytes.subarray(taken.bytes.length),
        count: rest.count - taken.count,
      }
      return taken
    },
    async close() {
      rest = undefined
      await batches.return?.()
    },
  }
}

async function* encoded(
  { columns, batches }: ResultRows & { kind: 'values' },
  formats: readonly Format[],
): AsyncGenerator<RowMessages> {
  const encode = dataRowEncoder(columns, formats)
  for await (const rows of batches) yield { bytes: encode(rows), count: rows.length }
}

const TYPE_BYTES = 1

/** Length of the message that starts at `at`, its type included. */
const messageBytes = (bytes: Uint8Array, at: number): number =>
  TYPE_BYTES + new DataView(bytes.buffer, bytes.byteOffset + at + TYPE_BYTES).getUint32(0)

function firstRows(rows: RowMessages, rowsMax: number): RowMessages {
  if (rows.count <= rowsMax) return rows
  let at = 0
  for (let row = 0; row < rowsMax; row++) at += messageBytes(rows.bytes, at)
  return { bytes: rows.bytes.subarray(0, at), count: rowsMax }
}

/** Each row's message by itself; the bytes are shared. */
export function splitRows({ bytes, count }: RowMessages): Uint8Array[] {
  const rows: Uint8Array[] = []
  for (let at = 0; rows.length < count;) {
    const length = messageBytes(bytes, at)
    rows.push(bytes.subarray(at, at + length))
    at += length
  }
  return rows
}

/** The values of a row's message; null is NULL. The bytes are shared. */
export function valuesOf(message: Uint8Array): (Uint8Array | null)[] {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength)
  const header = TYPE_BYTES + 4
  const values: (Uint8Array | null)[] = []
  let at = header + 2
  for (let count = view.getUint16(header); count > 0; count--) {
    const length = view.getInt32(at)
    at += 4
    values.push(length < 0 ? null : message.subarray(at, at + length))
    at += Math.max(0, length)
  }
  return values
}
