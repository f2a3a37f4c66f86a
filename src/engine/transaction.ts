import { sqlErrorFrom, systemError } from '../errors.ts'
import type { SqlError } from '../errors.ts'
import type { Deadline } from './deadline.ts'
import { decodeRows } from './decode.ts'
import type { EngineRows } from './decode.ts'
import { emptyTableMessage, analyzeMessage, copyMessages } from './load.ts'
import type { Load } from './load.ts'
import { lowerRights } from './lockdown.ts'
import { sqlErrorFromFault } from './fault.ts'
import {
  bindMessage,
  describePortalMessage,
  executeMessage,
  oidsOf,
  parseMessage,
  queryMessage,
  readReply,
  syncMessage,
} from './protocol.ts'
import type { EncodedRows, EngineParam, Field, Format, Reply, ReplyResult, ServerFault } from './protocol.ts'
import type { Staged } from './staging.ts'
import type { EngineWorker } from './worker-host.ts'

/** What holds for every request of one statement. */
export interface TransactionOptions {
  readonly deadline: Deadline
  /** What now() is, or undefined for the time at which the transaction begins. */
  readonly now: Date | undefined
  /** Whom PostgreSQL takes the statement to come from. */
  readonly role: string
  /** Commands that make the client's settings hold, such as its time zone. */
  readonly settings: string
  /** Bytes of one reply. */
  readonly replyBytesMax: number
}

/** One transaction of the engine. Whoever opened it rolls it back. */
export interface EngineTransaction {
  /** Loads what is staged, as superuser; from `open` on the statement's own rights hold. */
  load(loads: readonly Load[], staged: Staged): Promise<void>
  /** Opens a portal over the statement, which can only be a SELECT or VALUES, and reads its first rows. */
  open(statement: PortalStatement, rows: number): Promise<FetchedRows>
  fetch(rows: number): Promise<FetchedRows>
  rollBack(): Promise<void>
}

export interface PortalStatement {
  readonly sql: string
  readonly params: readonly EngineParam[]
  /** Of the columns: none for all text, one for all, or one for each. */
  readonly formats: readonly Format[]
}

export interface FetchedRows {
  readonly fields: readonly Field[]
  readonly rows: EncodedRows
  /** It stopped at the limit, so that there may be more. */
  readonly isSuspended: boolean
}

/** Tables with fewer rows are joined well enough without statistics. */
const ANALYZED_ROWS_MIN = 1000

const PORTAL = 'result'
/**
 * PostgreSQL parses a statement behind this first, and so by its own grammar lets nothing pass but one query that
 * reads: no other command, no second one, no INTO, no WITH that writes. What then runs is the same text without it,
 * since a portal that is bound, unlike a cursor that is declared, gives each column in the format that its reader asks
 * for.
 */
const DECLARE = 'DECLARE judged NO SCROLL CURSOR FOR '

export function openTransaction(worker: EngineWorker, options: TransactionOptions): EngineTransaction {
  const begin = queryMessage(`BEGIN; ${options.settings}`)
  let hasBegun = false

  const send = (messages: readonly Uint8Array[], errorOf?: ErrorOfFault): Promise<Reply> => {
    const first = hasBegun ? [] : [begin]
    hasBegun = true
    return request(worker, [...first, ...messages], options, errorOf)
  }
  const fetched = ({ results, isSuspended }: Reply): FetchedRows => {
    const { fields = [], rows = NO_ROWS } = results.at(-1) ?? {}
    return { fields, rows, isSuspended }
  }
  const fetchMessages = (rows: number) => [
    describePortalMessage(PORTAL),
    executeMessage(PORTAL, rows),
    syncMessage(),
  ]

  return {
    async load(loads, staged) {
      const tables = [...new Map(loads.map((load) => [load.table, load])).values()]
      await send(tables.map(emptyTableMessage))
      for await (const { load, text } of staged.chunks()) await send([copyMessages(load, text)])
      const large = tables.filter((load) => staged.rowsOf(load) >= ANALYZED_ROWS_MIN)
      if (large.length > 0) await send(large.map(analyzeMessage))
    },
    open: async ({ sql, params, formats }, rows) =>
      fetched(
        await send(
          [
            queryMessage(lowerRights(options.role)),
            parseMessage(DECLARE + sql, oidsOf(params)),
            parseMessage(sql, oidsOf(params)),
            bindMessage(params, { portal: PORTAL, formats }),
            ...fetchMessages(rows),
          ],
          (fault, parsed) => sqlErrorFromFault(fault, parsed === 0 ? DECLARE.length : 0),
        ),
      ),
    fetch: async (rows) => fetched(await send(fetchMessages(rows))),
    rollBack: () => rollBack(worker, options),
  }
}

const NO_ROWS: EncodedRows = { bytes: Buffer.of(), count: 0 }

/** `parsed`: how many Parse messages had succeeded when the fault came. */
export type ErrorOfFault = (fault: ServerFault, parsed: number) => SqlError

/** Runs messages and reads the whole reply. Throws PostgreSQL's error, or the deadline's where that caused it. */
export async function request(
  worker: EngineWorker,
  messages: readonly Uint8Array[],
  options: TransactionOptions,
  errorOf: ErrorOfFault = (fault) => sqlErrorFromFault(fault),
): Promise<Reply> {
  const { deadline } = options
  if (deadline.signal.aborted) throw deadline.error()
  const bytes = await worker
    .exec(Buffer.concat(messages), {
      now: options.now?.getTime() ?? null,
      replyBytesMax: options.replyBytesMax,
      signal: deadline.signal,
    })
    .catch((thrown: unknown) => {
      throw deadline.signal.aborted ? deadline.error() : sqlErrorFrom(thrown)
    })
  const reply = readReply(bytes)
  if (!reply.isReady) {
    await worker.terminate()
    throw systemError('the embedded PostgreSQL lost its place', {
      hint: 'A new one has been started. Try again.',
    })
  }
  if (reply.fault === undefined) return reply
  throw isAborted(deadline) ? deadline.error() : errorOf(reply.fault, reply.parsed)
}

/** Takes everything back, also after an abort. A worker that cannot do even that is ended. */
export async function rollBack(worker: EngineWorker, options: TransactionOptions): Promise<void> {
  try {
    const bytes = await worker.exec(queryMessage('ROLLBACK'), {
      now: options.now?.getTime() ?? null,
      replyBytesMax: options.replyBytesMax,
      signal: undefined,
    })
    const reply = readReply(bytes)
    if (!reply.isReady || reply.fault !== undefined) await worker.terminate()
  } catch {
    await worker.terminate()
  }
}

/** PostgreSQL's names of types, by object id. Runs inside or outside of a transaction. */
export async function typeNamesOf(
  worker: EngineWorker,
  oids: readonly number[],
  within: TransactionOptions,
): Promise<ReadonlyMap<number, string>> {
  const list = oids.map(Number).join(',')
  const sql = `SELECT oid::int8::text, pg_catalog.format_type(oid, NULL) FROM pg_catalog.pg_type WHERE oid IN (${list})`
  const { results } = await request(worker, [queryMessage(sql)], within)
  return new Map(rowsOfLast(results).map(([oid, name]) => [Number(oid), String(name)]))
}

/** Rows of the last result of a reply in text format. */
export function rowsOfLast(results: readonly ReplyResult[]): EngineRows {
  const last = results.at(-1)
  return last === undefined ? [] : decodeRows(last.fields, last.rows)
}

/** Asked again after every wait, during which it may have changed. */
const isAborted = (deadline: Deadline): boolean => deadline.signal.aborted
