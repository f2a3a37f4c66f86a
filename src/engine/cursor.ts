import type { SqlTypeName } from '../catalog/spec.ts'
import type { Datum } from '../catalog/types.ts'
import { queryCanceled, sqlErrorFrom } from '../errors.ts'
import type { SqlError } from '../errors.ts'
import type { EngineTransaction, FetchedRows } from './transaction.ts'

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
}

export type EngineRows = readonly (readonly Datum[])[]

/** Reads one result, once. Ending the iteration early, or `close`, gives the engine back. */
export interface EngineCursor extends AsyncIterable<EngineRows> {
  readonly columns: readonly EngineColumn[]
  close(): Promise<void>
}

export interface CursorLimits {
  /** Bytes that are read ahead of the reader; above it the engine is held until the reader goes on. */
  readonly aheadBytesMax: number
  /** How long a reader may leave the engine held while others wait for it. */
  readonly readerIdleMsMax: number
}

export interface CursorSource {
  readonly transaction: EngineTransaction
  readonly first: FetchedRows
  readonly signal: AbortSignal
  readonly abortError: () => SqlError
  /** Ends a fetch that is under way. */
  readonly cancel: () => void
  readonly isEngineAwaited: () => boolean
  /** Ends the transaction and gives the engine back. Called once. */
  readonly release: () => Promise<void>
}

/** A reply is meant to hold that much: enough to make a message cheap, little enough to hold several. */
const REPLY_BYTES = 1024 * 1024
export const FIRST_FETCH_ROWS = 100
const FETCH_ROWS_MAX = 20_000

/**
 * Reads ahead, so that the engine is free for the next statement as early as may be: a result that fits into
 * `aheadBytesMax` never makes others wait for its reader.
 */
export function openCursor(
  source: CursorSource,
  columns: readonly EngineColumn[],
  limits: CursorLimits,
): EngineCursor {
  const ahead: { readonly rows: EngineRows; readonly bytes: number }[] = []
  let aheadBytes = 0
  let isAtEnd = false
  let isClosed = false
  let failure: SqlError | undefined
  const wakers: { reader?: (() => void) | undefined; filler?: (() => void) | undefined } = {}

  const put = ({ rows, bytes }: FetchedRows): void => {
    if (rows.length === 0) return
    ahead.push({ rows, bytes })
    aheadBytes += bytes
    wakers.reader?.()
  }

  async function fill(): Promise<void> {
    let asked = FIRST_FETCH_ROWS
    put(source.first)
    let last = source.first
    while (last.rows.length === asked && !isClosed) {
      if (aheadBytes >= limits.aheadBytesMax) await room()
      asked = nextFetchRows(asked, last)
      last = await source.transaction.fetch(asked)
      put(last)
    }
  }

  /** Waits until the reader has taken something, or fails when it leaves the engine held too long. */
  function room(): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setInterval(() => {
        if (source.isEngineAwaited())
          done(() => {
            reject(
              queryCanceled('the result was not read while other statements waited', {
                hint: `Read on within ${limits.readerIdleMsMax / 1000} s, or ask for fewer rows.`,
              }),
            )
          })
      }, limits.readerIdleMsMax).unref()
      const done = (settle: () => void): void => {
        clearInterval(timer)
        source.signal.removeEventListener('abort', abort)
        wakers.filler = undefined
        settle()
      }
      const abort = (): void => {
        done(() => {
          reject(source.abortError())
        })
      }
      source.signal.addEventListener('abort', abort, { once: true })
      wakers.filler = () => {
        done(resolve)
      }
    })
  }

  const filling = fill()
    .catch((thrown: unknown) => {
      failure = sqlErrorFrom(thrown)
    })
    .then(source.release)
    .finally(() => {
      isAtEnd = true
      wakers.reader?.()
    })

  async function next(): Promise<EngineRows | undefined> {
    for (;;) {
      if (isClosed) return undefined
      const taken = ahead.shift()
      if (taken !== undefined) {
        aheadBytes -= taken.bytes
        wakers.filler?.()
        return taken.rows
      }
      if (failure !== undefined) throw failure
      if (isAtEnd) return undefined
      await new Promise<void>((resolve) => (wakers.reader = resolve))
    }
  }

  async function close(): Promise<void> {
    isClosed = true
    source.cancel()
    wakers.filler?.()
    await filling
  }

  return {
    columns,
    close,
    async *[Symbol.asyncIterator]() {
      try {
        for (let rows = await next(); rows !== undefined; rows = await next()) yield rows
      } finally {
        await close()
      }
    },
  }
}

/** As many rows as fill a reply, judged by the last ones; never much more at once, since the next may be wider. */
function nextFetchRows(asked: number, last: FetchedRows): number {
  const fitting = Math.floor((REPLY_BYTES * last.rows.length) / Math.max(1, last.bytes))
  return Math.max(1, Math.min(fitting, asked * 8, FETCH_ROWS_MAX))
}
