import { qualifiedName } from '../catalog/spec.ts'
import type { TableSpec } from '../catalog/spec.ts'
import { sqlErrorFrom, SqlError, wrongState } from '../errors.ts'
import { FIRST_FETCH_ROWS, openCursor } from './cursor.ts'
import type { EngineColumn, EngineCursor } from './cursor.ts'
import { dropTableDdl, foreignKeyDdl, tableDdl } from './ddl.ts'
import type { TableDdl } from './ddl.ts'
import { openDeadline } from './deadline.ts'
import type { Deadline } from './deadline.ts'
import { typeOfOid } from './decode.ts'
import { findImage } from './image.ts'
import { ENGINE_LIMITS } from './limits.ts'
import type { EngineLimits } from './limits.ts'
import type { Load } from './load.ts'
import { evaluateExpressions, explainStatement } from './plan.ts'
import type { EngineValue } from './plan.ts'
import { queryMessage } from './protocol.ts'
import type { EngineParam, Field } from './protocol.ts'
import { settingCommands } from './settings.ts'
import { stageLoads } from './staging.ts'
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
  /** The client's settings (settings.ts lists which may be set). */
  readonly settings?: Readonly<Record<string, string>> | undefined
}

export interface Explained {
  /** What EXPLAIN (VERBOSE, COSTS OFF, FORMAT JSON) says: an array of one object with a `Plan`. */
  readonly plan: unknown
  /** Types of `$1` and so on, as given or inferred. */
  readonly parameterOids: readonly number[]
  readonly columns: readonly EngineColumn[]
}

export interface EngineStatement {
  /** One SELECT or VALUES. */
  readonly sql: string
  readonly params?: readonly EngineParam[]
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
  /** Values of expressions without columns, such as `now() - '7 days'::interval`; an error for one that has none. */
  evaluate(
    expressions: readonly string[],
    options?: StatementOptions,
  ): Promise<readonly (EngineValue | SqlError)[]>
  /**
   * Loads rows and runs the statement over them. Rows are staged while they are fetched and the engine is taken when
   * all are there, or as many as `stagedBytesMax` allows; from there it is held to the end of the fetch. Resolves with
   * the first rows.
   */
  run(
    statement: EngineStatement & { readonly loads: readonly Load[] },
    options?: StatementOptions,
  ): Promise<EngineCursor>
  /** Makes further tables, or makes them anew where their description has changed. */
  addTables(
    tables: readonly TableSpec[],
    options?: Pick<StatementOptions, 'signal' | 'timeoutMs'>,
  ): Promise<void>
  close(): Promise<void>
}

/** Starts PostgreSQL in the background and returns at once. Calls wait until it is ready. */
export function startEngine(options: EngineOptions): Engine {
  const limits = { ...ENGINE_LIMITS, ...options.limits }
  const keys = { isPartitioned: options.isPartitioned ?? false }
  const turns = openTurns(limits.waitingMax)
  const tables = new Map(options.tables.map((table) => [qualifiedName(table), table]))
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
    await applyDdl(worker, worker.tables, [...tables.values()])
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

  /** Makes what is missing, and makes anew what differs. `present`: table → hash of its DDL. */
  async function applyDdl(
    worker: EngineWorker,
    present: Readonly<Record<string, string>>,
    wanted: readonly TableSpec[],
    deadline: Deadline = openDeadline(undefined, undefined),
  ): Promise<void> {
    const all = new Map<string, TableDdl>([...tables].map(([name, table]) => [name, tableDdl(table, keys)]))
    const made = wanted.filter((table) => {
      const ddl = all.get(qualifiedName(table))
      return ddl !== undefined && present[ddl.name] !== ddl.hash
    })
    const madeNames = new Set(made.map(qualifiedName))
    const dropped = Object.keys(present).filter((name) => madeNames.has(name) || !all.has(name))
    const others = [...tables.values()].filter((table) => !madeNames.has(qualifiedName(table)))
    const sql = [
      ...dropped.map(dropTableDdl),
      ...made.map((table) => all.get(qualifiedName(table))?.sql ?? ''),
      foreignKeyDdl(made, [...tables.values()], keys),
      foreignKeyDdl(others, made, keys),
    ]
    await request(worker, [queryMessage(sql.join('\n'))], transactionOptions({}, deadline))
  }

  const transactionOptions = (given: StatementOptions, deadline: Deadline): TransactionOptions => ({
    deadline,
    now: given.now,
    settings: settingCommands(given.settings ?? {}),
    replyBytesMax: limits.replyBytesMax,
  })

  const ownOptions = (): TransactionOptions => transactionOptions({}, openDeadline(undefined, undefined))

  /** Waits for the turn and the worker. The caller gives the turn back. */
  async function take(deadline: Deadline): Promise<{ worker: EngineWorker; giveBack: () => Promise<void> }> {
    if (isClosed()) throw closed()
    const giveBack = await turns.take(deadline.signal, deadline.error)
    try {
      const worker = await abortable(startedWorker(), deadline)
      if (isClosed()) throw closed()
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
      const { worker, giveBack } = await take(deadline)
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
    return fields.map((field) => ({
      ...field,
      type: typeOfOid(field.oid),
      typeName: typeNames.get(field.oid) ?? 'unknown',
    }))
  }

  async function run(
    statement: EngineStatement & { readonly loads: readonly Load[] },
    given: StatementOptions = {},
  ): Promise<EngineCursor> {
    const deadline = openDeadline(given.signal, given.timeoutMs)
    const within = transactionOptions(given, deadline)
    const staging = stageLoads(statement.loads, limits, deadline.signal)
    const stop = (): void => {
      staging.stop()
      deadline.stop()
    }
    try {
      if (statement.loads.length > 0) await staging.filled
      const { worker, giveBack } = await take(deadline)
      const transaction = openTransaction(worker, within)
      const release = async (): Promise<void> => {
        stop()
        await transaction.rollBack()
        await giveBack()
      }
      try {
        if (statement.loads.length > 0) await transaction.load(statement.loads, staging)
        const first = await transaction.open(statement.sql, statement.params ?? [], FIRST_FETCH_ROWS)
        const columns = await columnsOf(worker, first.fields, within)
        const { signal, error: abortError, cancel } = deadline
        return openCursor(
          { transaction, first, signal, abortError, cancel, isEngineAwaited: turns.isAwaited, release },
          columns,
          limits,
        )
      } catch (thrown) {
        await release()
        throw thrown
      }
    } catch (thrown) {
      stop()
      throw sqlErrorFrom(thrown)
    }
  }

  return {
    ready,
    run,
    explain: (statement, given = {}) =>
      withTurn(given, async (worker, within) => {
        const { fields, ...explained } = await explainStatement(worker, statement, within)
        return { ...explained, columns: await columnsOf(worker, fields, within) }
      }),
    evaluate: (expressions, given = {}) =>
      withTurn(given, (worker, within) => evaluateExpressions(worker, expressions, within)),
    addTables: (added, given = {}) =>
      withTurn(given, async (worker, { deadline }) => {
        const present = Object.fromEntries(
          [...tables].map(([name, table]) => [name, tableDdl(table, keys).hash]),
        )
        for (const table of added) tables.set(qualifiedName(table), table)
        await applyDdl(worker, present, added, deadline)
      }),
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

/** The promise, or the deadline's error where that comes first. */
function abortable<Value>(promise: Promise<Value>, deadline: Deadline): Promise<Value> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      reject(deadline.error())
    }
    deadline.signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => {
      deadline.signal.removeEventListener('abort', abort)
    })
  })
}
