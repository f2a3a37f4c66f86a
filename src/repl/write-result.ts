import type { Datum } from '../catalog/types.ts'
import type { Cursor, RowBatch } from '../driver/cursor.ts'
import { invalidParameterValue, wrongState } from '../errors.ts'
import { isBinary, type BinaryFormat, type Format, type TextFormat } from './format-name.ts'
import { formatterFor } from './format.ts'
import type { Output } from './output.ts'
import type { LastResult } from './shell.ts'

export interface ResultForm {
  readonly format: Format
  readonly expanded: 'on' | 'off' | 'auto'
}

/** Writes what a cursor reads, piece by piece; gives what is kept of it. `onWrite` is called before each piece. */
export async function writeResult(
  output: Output,
  cursor: Cursor,
  form: ResultForm,
  onWrite: () => void,
): Promise<LastResult> {
  const kept = keepRows(cursor)
  const { format, expanded } = form
  // A command such as USE has no result to write; what it did, its notices say.
  const pieces =
    cursor.columns.length === 0
      ? nothing(kept.cursor)
      : isBinary(format)
        ? binaryPieces(format, output, kept.cursor)
        : textPieces({ format, expanded }, output, kept.cursor)
  for await (const piece of pieces) {
    if (piece.length === 0) continue
    onWrite()
    await output.write(piece)
  }
  return kept.result()
}

/** Reads to the end without a word. */
async function* nothing(cursor: Cursor): AsyncGenerator<string> {
  for await (const batch of cursor) if (batch.length > 0) yield ''
}

async function* textPieces(
  { format, expanded }: ResultForm & { readonly format: TextFormat },
  output: Output,
  cursor: Cursor,
): AsyncGenerator<string> {
  const width = output.screen?.columns
  const formatter = formatterFor(format, cursor.columns, { paint: output.paint, width, expanded })
  yield formatter.begin()
  for await (const batch of cursor) yield* formatter.rows(batch)
  yield* formatter.end()
}

async function* binaryPieces(
  format: BinaryFormat,
  output: Output,
  cursor: Cursor,
): AsyncGenerator<Uint8Array> {
  if (output.isTerminal)
    throw invalidParameterValue(`${format} is no text for a terminal`, {
      hint: `Write it to a file: \\o FILE, \\copy (query) TO FILE, or --output FILE.`,
    })
  if (!output.isBlank)
    throw wrongState(`a ${format} file holds one result, and this one has another before it`)
  yield* (await BINARY_WRITERS[format]())(cursor)
}

type BinaryWriter = (cursor: Cursor) => AsyncGenerator<Uint8Array>

/** Loaded when they are asked for. */
const BINARY_WRITERS: Record<BinaryFormat, () => Promise<BinaryWriter>> = {
  arrow: async () => (await import('../driver/arrow.ts')).arrowStream,
  parquet: async () => (await import('./format-parquet.ts')).parquetBytes,
}

/** Rows of a result that are kept for charts. */
export const KEPT_ROWS_MAX = 10_000
/** Characters that are kept of a text. */
const KEPT_CHARACTERS_MAX = 100

/** The cursor, and what its rows leave behind. */
function keepRows(cursor: Cursor): { cursor: Cursor; result: () => LastResult } {
  const rows: (readonly Datum[])[] = []
  let rowCount = 0
  async function* read(): AsyncGenerator<RowBatch> {
    for await (const batch of cursor) {
      rowCount += batch.length
      for (const row of batch.slice(0, KEPT_ROWS_MAX - rows.length)) rows.push(row.map(keptDatum))
      yield batch
    }
  }
  const batches = read()
  return {
    cursor: { ...cursor, [Symbol.asyncIterator]: () => batches },
    result: () => ({ columns: cursor.columns, rows, rowCount }),
  }
}

/** Files and long texts are no subject of a chart, and would keep their memory. */
function keptDatum(datum: Datum): Datum {
  if (datum instanceof Uint8Array || Array.isArray(datum)) return null
  if (typeof datum !== 'string' || datum.length <= KEPT_CHARACTERS_MAX) return datum
  // Through bytes, since a part of a string keeps the whole alive.
  return Buffer.from(datum.slice(0, KEPT_CHARACTERS_MAX)).toString()
}
