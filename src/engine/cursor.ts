import type { SqlTypeName } from '../catalog/spec.ts'
import { sqlErrorFrom } from '../errors.ts'
import type { EngineRows } from './decode.ts'
import type { Deadline } from './deadline.ts'
import type { EncodedRows } from './protocol.ts'
import type { Origin } from './origins.ts'
import { openSpool } from './spool.ts'
import type { SpoolLimits } from './spool.ts'
import type { EngineTransaction, FetchedRows } from './transaction.ts'

export type { EncodedRows }

/** A column of an engine's result. */
export interface EngineColumn {
  readonly name: string
  /** PostgreSQL's object id of the type, and its modifier (-1 for none). */
  readonly oid: number
  readonly typmod: number
  /** The driver's type; undefined where it has none: the values are PostgreSQL's text then. */
  readonly type: SqlTypeName | undefined
  /** PostgreSQL's name of the type, such as `interval`. */
  readonly typeName: string
  /** The column of a table that it shows as it is; an expression has none. */
  readonly origin?: Origin
}

/**
 * Reads one result, once. It is read to its end, left early, or closed: only then are memory and temporary file given
 * back. A pause of its reader makes no one wait.
 */
export interface Cursor<Batch> extends AsyncIterable<Batch> {
  readonly columns: readonly EngineColumn[]
  close(): Promise<void>
}

export type EngineCursor = Cursor<EngineRows>
export type EncodedCursor = Cursor<EncodedRows>

export interface CursorLimits {
  /** Bytes of a result that wait for their reader in memory. What comes beyond waits in a temporary file. */
  readonly aheadBytesMax: number
}

export interface CursorSource {
  readonly transaction: EngineTransaction
  readonly first: FetchedRows
  readonly deadline: Deadline
  /** Ends the transaction and gives the engine back. Called once. */
  readonly release: () => Promise<void>
}

/** A reply is meant to hold that much: enough to make a message cheap, little enough to hold several. */
const REPLY_BYTES = 1024 * 1024
export const FIRST_FETCH_ROWS = 100
const FETCH_ROWS_MAX = 20_000

/** Has the result computed at once, whoever reads it and when, so that the engine is free as early as may be. */
export function openCursor<Batch>(
  { transaction, first, deadline, release }: CursorSource,
  columns: readonly EngineColumn[],
  batchOf: (rows: EncodedRows) => Batch,
  limits: CursorLimits & SpoolLimits,
): Cursor<Batch> {
  const spool = openSpool<number>(limits.aheadBytesMax, limits)
  let isClosed = false

  async function fill(): Promise<void> {
    let asked = FIRST_FETCH_ROWS
    let last = first
    await spool.put(last.rows.bytes, last.rows.count)
    while (last.isSuspended && !isClosed) {
      asked = nextFetchRows(asked, last.rows)
      last = await transaction.fetch(asked)
      await spool.put(last.rows.bytes, last.rows.count)
    }
  }

  const filled = fill()
    .then(
      () => undefined,
      (thrown: unknown) => sqlErrorFrom(thrown),
    )
    .then(async (failure) => {
      await release()
      spool.end(failure)
    })

  // A cancelled result is not read on, however much of it there is already.
  const abort = (): void => void spool.close()
  deadline.signal.addEventListener('abort', abort, { once: true })

  async function next(): Promise<EncodedRows | undefined> {
    const taken = await spool.take()
    if (deadline.signal.aborted && !isClosed) throw deadline.error()
    return taken === undefined ? undefined : { bytes: taken.bytes, count: taken.label }
  }

  async function close(): Promise<void> {
    isClosed = true
    deadline.signal.removeEventListener('abort', abort)
    deadline.cancel()
    await spool.close()
    await filled
  }

  return {
    columns,
    close,
    async *[Symbol.asyncIterator]() {
      try {
        for (let rows = await next(); rows !== undefined; rows = await next()) yield batchOf(rows)
      } finally {
        await close()
      }
    },
  }
}

/** As many rows as fill a reply, judged by the last ones; never much more at once, since the next may be wider. */
function nextFetchRows(asked: number, { bytes, count }: EncodedRows): number {
  const fitting = Math.floor((REPLY_BYTES * count) / Math.max(1, bytes.length))
  return Math.max(1, Math.min(fitting, asked * 8, FETCH_ROWS_MAX))
}
