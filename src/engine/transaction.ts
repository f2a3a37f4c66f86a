import type { Datum } from '../catalog/types.ts'
import { sqlErrorFrom, systemError } from '../errors.ts'
import type { SqlError } from '../errors.ts'
import type { Deadline } from './deadline.ts'
import { emptyTableMessage, analyzeMessage, copyMessages } from './load.ts'
import type { Load } from './load.ts'
import { LOWER_RIGHTS } from './lockdown.ts'
import { sqlErrorFromFault } from './fault.ts'
import {
  describePortalMessage,
  executeMessage,
  extendedQuery,
  queryMessage,
  readReply,
  syncMessage,
} from './protocol.ts'
import type { EngineParam, Field, Reply, ServerFault } from './protocol.ts'
import type { SettingCommands } from './settings.ts'
import type { Staging } from './staging.ts'
import type { EngineWorker } from './worker-host.ts'

/** What holds for every request of one statement. */
export interface TransactionOptions {
  readonly deadline: Deadline
  /** What now() is, or undefined for the time at which the transaction begins. */
  readonly now: Date | undefined
  /** The client's settings, such as its time zone. */
  readonly settings: SettingCommands
  /** Bytes of one reply. */
  readonly replyBytesMax: number
}

/** One transaction of the engine. Whoever opened it rolls it back. */
export interface EngineTransaction {
  /** Loads what is staged, as superuser; from `run` on the statement's own rights hold. */
  load(loads: readonly Load[], staging: Staging): Promise<void>
  /** Opens a cursor over the statement, which can only be a SELECT or VALUES, and reads its first rows. */
  open(sql: string, params: readonly EngineParam[], rows: number): Promise<FetchedRows>
  fetch(rows: number): Promise<FetchedRows>
  rollBack(): Promise<void>
}

export interface FetchedRows {
  readonly fields: readonly Field[]
  readonly rows: readonly (readonly Datum[])[]
  /** Size of the reply. */
  readonly bytes: number
}

/** Tables with fewer rows are joined well enough without statistics. */
const ANALYZED_ROWS_MIN = 1000

/** DECLARE takes nothing but a query that reads: no second command, no INTO, no writing CTE. */
const CURSOR = 'result'
const DECLARE = `DECLARE ${CURSOR} NO SCROLL CURSOR FOR `

export function openTransaction(worker: EngineWorker, options: TransactionOptions): EngineTransaction {
  const begin = queryMessage(`BEGIN; ${options.settings.sql}`)
  let hasBegun = false

  const send = async (
    messages: readonly Uint8Array[],
    errorOf?: ErrorOfFault,
  ): Promise<Reply & { bytes: number }> => {
    const first = hasBegun ? [] : [begin]
    hasBegun = true
    return request(worker, [...first, ...messages], options, errorOf)
  }
  const fetched = ({ results, bytes }: Reply & { bytes: number }): FetchedRows => ({
    fields: results.at(-1)?.fields ?? [],
    rows: results.at(-1)?.rows ?? [],
    bytes,
  })
  // The cursor is a portal too. FETCH would store the rows once more before it sends them.
  const fetchMessages = (rows: number) => [
    describePortalMessage(CURSOR),
    executeMessage(CURSOR, rows),
    syncMessage(),
  ]

  return {
    async load(loads, staging) {
      const tables = [...new Map(loads.map((load) => [load.table, load])).values()]
      await send(tables.map(emptyTableMessage))
      for await (const { load, text } of staging.chunks()) await send([copyMessages(load, text)])
      if (options.deadline.signal.aborted) throw options.deadline.error()
      const large = tables.filter((load) => staging.rowsOf(load) >= ANALYZED_ROWS_MIN)
      if (large.length > 0) await send(large.map(analyzeMessage))
    },
    open: async (sql, params, rows) =>
      fetched(
        await send(
          [
            queryMessage(LOWER_RIGHTS),
            extendedQuery(DECLARE + sql, params),
            syncMessage(),
            ...fetchMessages(rows),
          ],
          (fault) => sqlErrorFromFault(fault, DECLARE.length),
        ),
      ),
    fetch: async (rows) => fetched(await send(fetchMessages(rows))),
    rollBack: () => rollBack(worker, options),
  }
}

/** `described`: how many results had been described before the fault came. */
export type ErrorOfFault = (fault: ServerFault, described: number) => SqlError

/** Runs messages and reads the whole reply. Throws PostgreSQL's error, or the deadline's where that caused it. */
export async function request(
  worker: EngineWorker,
  messages: readonly Uint8Array[],
  options: TransactionOptions,
  errorOf: ErrorOfFault = (fault) => sqlErrorFromFault(fault),
): Promise<Reply & { bytes: number }> {
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
  if (reply.fault === undefined) return { ...reply, bytes: bytes.length }
  throw isAborted(deadline) ? deadline.error() : errorOf(reply.fault, reply.results.length)
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
  const sql = `SELECT oid::int8::text, format_type(oid, NULL) FROM pg_type WHERE oid IN (${list})`
  const { results } = await request(worker, [queryMessage(sql)], within)
  return new Map((results.at(-1)?.rows ?? []).map(([oid, name]) => [Number(oid), String(name)]))
}

/** Asked again after every wait, during which it may have changed. */
const isAborted = (deadline: Deadline): boolean => deadline.signal.aborted
