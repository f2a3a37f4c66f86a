import type { TableSpec } from '../catalog/spec.ts'
import { sqlErrorFrom, SqlError, wrongState } from '../errors.ts'
import { FIRST_FETCH_ROWS, openCursor } from './cursor.ts'
import type { Cursor, EncodedCursor, EngineColumn, EngineCursor } from './cursor.ts'
import { abortable, openDeadline } from './deadline.ts'
import type { Deadline } from './deadline.ts'
import { decodeRows, typeOfOid } from './decode.ts'
import { findImage } from './image.ts'
import { createRole, ROLE, roleOfUser } from './lockdown.ts'
import { ENGINE_LIMITS } from './limits.ts'
import type { EngineLimits } from './limits.ts'
import type { Load } from './load.ts'
import { describeStatement, evaluateExpressions, explainStatement } from './plan.ts'
import type { EngineValue } from './plan.ts'
import { originsOf } from './origins.ts'
import { queryMessage } from './protocol.ts'
import type { EncodedRows, EngineParam, Field, Format } from './protocol.ts'
import { settingCommands } from './settings.ts'
import { stageLoads } from './staging.ts'
import type { Staged } from './staging.ts'
import { openTables } from './tables.ts'
import { openTransaction, request, rollBack, typeNamesOf } from './transaction.ts'
import type { TransactionOptions } from './transaction.ts'
import { openTurns } from './turns.ts'
import { startWorker } from './worker-host.ts'
import type { EngineWorker } from './worker-host.ts'

export interface EngineOptions {
  /** Tables that exist from the start. */
  readonly tables: readonly TableSpec[]
  /** Rows of several partitions may meet in one statement: the primary key is then (id, _partition). */
  readonly isPartitioned?: boolean
  /** Name of the user, which is what current_user says; default `odoo`. */
  readonly user?: string | undefined
  readonly limits?: Partial<EngineLimits>
  readonly onEvent?: (event: EngineEvent) => void
}

/** What happened to the engine, for whoever watches. */
export type EngineEvent =
  | { readonly kind: 'started'; readonly milliseconds: number }
  | { readonly kind: 'ended'; readonly willRestart: boolean }

export interface StatementOptions {
  readonly signal?: AbortSignal | undefined
  /** From the call to the end of the result, waiting for the engine and for rows included. */
  readonly timeoutMs?: number | undefined
  /** What now() is. Give `explain`, `evaluate` and `run` of one statement the same, and they agree on it. */
  readonly now?: Date | undefined
  /**
   * The tables that the statement may be about. What is missing, or described otherwise, is made first, in the same
   * turn: sessions that see a table differently do not get in each other's way.
   */
  readonly tables?: readonly TableSpec[] | undefined
  /** The client's settings (settings.ts lists which may be set). */
  readonly settings?: Readonly<Record<string, string>> | undefined
}

/** What a statement takes and gives. */
export interface Described {
  /** Types of `$1` and so on, as given or inferred. */
  readonly parameterOids: readonly number[]
  readonly columns: readonly EngineColumn[]
}

export interface Explained extends Described {
  /** What EXPLAIN (VERBOSE, COSTS OFF, FORMAT JSON) says: an array of one object with a `Plan`. */
  readonly plan: unknown
}

export interface EngineStatement {
  /** One SELECT or VALUES. */
  readonly sql: string
  readonly params?: readonly EngineParam[]
}

export interface EngineRun extends EngineStatement {
  readonly loads: readonly Load[]
}

/**
 * The embedded PostgreSQL: it plans statements over empty tables, and finishes them over rows that were fetched.
 * Any number of sessions share one; it does one thing at a time, in the order of the calls. No transaction outlives
 * its call, so nothing of one statement is seen by another. A statement is abandoned by its signal or time limit with
 * 57014; should PostgreSQL not react, its thread is ended and another started.
 */
export interface Engine {
  /** Resolves when the first statement could run; rejects when PostgreSQL does not start. Need not be awaited. */
  readonly ready: Promise<void>
  /** Throws PostgreSQL's own error with its position in `sql`. */
  explain(statement: EngineStatement, options?: StatementOptions): Promise<Explained>
  /** Types alone, without values and without a plan. An object id of 0 leaves a parameter's type to PostgreSQL. */
  describe(
    statement: { readonly sql: string; readonly parameterOids: readonly number[] },
    options?: StatementOptions,
  ): Promise<Described>
  /** Values of expressions without columns, such as `now() - '7 days'::interval`; an error for one that has none. */
  evaluate(
    expressions: readonly string[],
    options?: StatementOptions,
  ): Promise<readonly (EngineValue | SqlError)[]>
  /**
   * Loads rows and runs the statement over them, which can only be a SELECT or VALUES. The engine is taken when all rows
   * are there, and given back when the result is computed: neither a slow source nor a slow reader holds it. Resolves
   * with the first rows. The cursor must be read or closed.
   */
  run(statement: EngineRun, options?: StatementOptions): Promise<EngineCursor>
  /** The same, as PostgreSQL's own messages. `formats`: none for all text, one for all columns, or one for each. */
  runEncoded(
    statement: EngineRun & { readonly formats: readonly Format[] },
    options?: StatementOptions,
  ): Promise<EncodedCursor>
  /** How many statements have the engine or wait for it. */
  pending(): number
  close(): Promise<void>
}

/** Starts PostgreSQL in the background and returns at once. Calls wait until it is ready. */
export function startEngine(options: EngineOptions): Engine {
  const limits = { ...ENGINE_LIMITS, ...options.limits }
  const role = roleOfUser(options.user ?? ROLE)
  const turns = openTurns(limits.waitingMax)
  const tables = openTables(options.tables, { isPartitioned: options.isPartitioned ?? false })
  const typeNames = new Map<number, string>()
  const state = { isClosed: false }
  const isClosed = (): boolean => state.isClosed
  let statements = 0
  let started = start()
  const ready = started.then(() => undefined)
  // Whoever uses the engine gets the error; nobody need await `ready`.
  ready.catch(() => undefined)

  async function start(): Promise<EngineWorker> {
    const startedAt = performance.now()
    const worker = await startWorker({
      kind: 'serve',
      imagePath: await findImage(),
      temporaryBytesMax: limits.temporaryBytesMax,
      memoryBytesMax: limits.memoryBytesMax,
    })
    if (isClosed()) await worker.terminate()
    await execute(
      worker,
      createRole(role) + tables.ddlOfStart(worker.tables),
      openDeadline(undefined, undefined),
    )
    options.onEvent?.({ kind: 'started', milliseconds: performance.now() - startedAt })
    void worker.ended.then(async () => {
      options.onEvent?.({ kind: 'ended', willRestart: !isClosed() })
      // A statement that came at once may have started the next one already.
      if (!isClosed() && (await started.catch(() => undefined)) === worker) restart()
    })
    return worker
  }

  function restart(): void {
    started = start()
    started.catch(() => undefined)
  }

  /** A start that failed is tried again by the next statement, not before. */
  async function startedWorker(): Promise<EngineWorker> {
    const current = started
    const worker = await current.catch(() => undefined)
    if (worker?.hasEnded() === false) return worker
    if (started === current) restart()
    return started
  }

  const execute = (worker: EngineWorker, sql: string, deadline: Deadline): Promise<unknown> =>
    request(worker, [queryMessage(sql)], transactionOptions({}, deadline))

  const transactionOptions = (given: StatementOptions, deadline: Deadline): TransactionOptions => ({
    deadline,
    now: given.now,
    role,
    settings: settingCommands(given.settings ?? {}),
    replyBytesMax: limits.replyBytesMax,
  })

  const ownOptions = (): TransactionOptions => transactionOptions({}, openDeadline(undefined, undefined))

  /** Waits for the turn, the worker and the tables. The caller gives the turn back. */
  async function take(
    given: StatementOptions,
    deadline: Deadline,
  ): Promise<{ worker: EngineWorker; giveBack: () => Promise<void> }> {
    if (isClosed()) throw closed()
    const giveBack = await turns.take(deadline.signal, deadline.error)
    try {
      const worker = await abortable(startedWorker(), deadline)
      if (isClosed()) throw closed()
      const ddl = tables.ddlOf(given.tables ?? [])
      if (ddl !== undefined) {
        await execute(worker, ddl.sql, deadline)
        ddl.keep()
      }
      return {
        worker,
        giveBack: async () => {
          await tidy(worker)
          giveBack()
        },
      }
    } catch (thrown) {
      giveBack()
      throw isClosed() ? closed() : thrown
    }
  }

  /** What PostgreSQL's own background processes would do, and what gives memory back. */
  async function tidy(worker: EngineWorker): Promise<void> {
    statements++
    // A cancel that comes late may have hit the rollback itself.
    if (worker.isInTransaction()) await rollBack(worker, ownOptions())
    if (worker.memoryBytes() > limits.memoryBytesKept) await worker.terminate()
    else if (statements % STATEMENTS_PER_VACUUM === 0 && !isClosed())
      await request(worker, VACUUM_MESSAGES, ownOptions()).catch(() => worker.terminate())
  }

  async function withTurn<Result>(
    given: StatementOptions,
    work: (worker: EngineWorker, transaction: TransactionOptions) => Promise<Result>,
  ): Promise<Result> {
    const deadline = openDeadline(given.signal, given.timeoutMs)
    try {
      const within = transactionOptions(given, deadline)
      const { worker, giveBack } = await take(given, deadline)
      try {
        return await work(worker, within)
      } finally {
        await giveBack()
      }
    } finally {
      deadline.stop()
    }
  }

  async function columnsOf(
    worker: EngineWorker,
    fields: readonly Field[],
    within: TransactionOptions,
  ): Promise<EngineColumn[]> {
    const unknown = [...new Set(fields.map((field) => field.oid))].filter((oid) => !typeNames.has(oid))
    if (unknown.length > 0)
      for (const [oid, name] of await typeNamesOf(worker, unknown, within)) typeNames.set(oid, name)
    const origins = await originsOf(worker, fields, within)
    return fields.map(({ name, oid, typmod }, index) => {
      const column = { name, oid, typmod, type: typeOfOid(oid), typeName: typeNames.get(oid) ?? 'unknown' }
      const origin = origins[index]
      return origin === undefined ? column : { ...column, origin }
    })
  }

  async function open<Batch>(
    { sql, params = [], loads }: EngineRun,
    formats: readonly Format[],
    batchReader: (columns: readonly EngineColumn[]) => (rows: EncodedRows) => Batch,
    given: StatementOptions = {},
  ): Promise<Cursor<Batch>> {
    const deadline = openDeadline(given.signal, given.timeoutMs)
    let staged: Staged | undefined
    try {
      const within = transactionOptions(given, deadline)
      // Without a wait where there is nothing to wait for: statements run in the order of their calls.
      if (loads.length > 0) staged = await stageLoads(loads, limits, deadline)
      const { worker, giveBack } = await take(given, deadline)
      const transaction = openTransaction(worker, within)
      const release = async (): Promise<void> => {
        deadline.stop()
        await transaction.rollBack()
        await giveBack()
      }
      try {
        if (staged !== undefined) await transaction.load(loads, staged)
        const first = await transaction.open({ sql, params, formats }, FIRST_FETCH_ROWS)
        const columns = await columnsOf(worker, first.fields, within)
        return openCursor({ transaction, first, deadline, release }, columns, batchReader(columns), limits)
      } catch (thrown) {
        await release()
        throw thrown
      }
    } catch (thrown) {
      deadline.stop()
      throw sqlErrorFrom(thrown)
    } finally {
      await staged?.close()
    }
  }

  return {
    ready,
    pending: turns.pending,
    run: (statement, given) => open(statement, [], (columns) => (rows) => decodeRows(columns, rows), given),
    runEncoded: (statement, given) => open(statement, statement.formats, () => (rows) => rows, given),
    explain: (statement, given = {}) =>
      withTurn(given, async (worker, within) => {
        const { fields, ...explained } = await explainStatement(worker, statement, within)
        return { ...explained, columns: await columnsOf(worker, fields, within) }
      }),
    describe: (statement, given = {}) =>
      withTurn(given, async (worker, within) => {
        const { fields, parameterOids } = await describeStatement(worker, statement, within)
        return { parameterOids, columns: await columnsOf(worker, fields, within) }
      }),
    evaluate: (expressions, given = {}) =>
      withTurn(given, (worker, within) => evaluateExpressions(worker, expressions, within)),
    async close() {
      state.isClosed = true
      await started.then(
        (worker) => worker.terminate(),
        () => undefined,
      )
    },
  }
}

/** Loads and rollbacks leave dead rows in these catalogs, and there is no autovacuum. */
const VACUUM_MESSAGES = ['pg_class', 'pg_statistic', 'pg_index'].map((name) => queryMessage(`VACUUM ${name}`))
const STATEMENTS_PER_VACUUM = 500

const closed = (): SqlError => wrongState('the engine is closed')
