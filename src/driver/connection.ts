import { loadCatalog } from '../catalog/load.ts'
import type { Catalog } from '../catalog/catalog.ts'
import { SQL_TYPES, type Datum } from '../catalog/types.ts'
import { invalidParameterValue, limitExceeded, sqlErrorFrom, wrongState } from '../errors.ts'
import type { EngineColumn } from '../engine/cursor.ts'
import { startEngine, type Engine } from '../engine/engine.ts'
import type { CallOptions, CallRecord } from '../odoo/call.ts'
import { openClient, type OdooClient } from '../odoo/client.ts'
import {
  explainAggregatePlan,
  explainEnginePlan,
  explainScanPlan,
  printExplainedPlan,
  type ExplainedPlan,
} from '../planner/explain.ts'
import type { EnginePlan } from '../planner/engine-plan.ts'
import type { ScanPlan } from '../planner/scan-plan.ts'
import { loadGrammar, parseStatement, type ExplainOptions } from '../sql/gate.ts'
import { startDeadline, type Deadline } from './cancel.ts'
import { settle, type ConnectOptions, type Settled } from './config.ts'
import type { Cursor, Notice, ResultColumn, RowBatch } from './cursor.ts'
import { loadsOfPlan, readOfRows } from './fetch.ts'
import { groupsOfPlan } from './groups.ts'
import { executeScanPlan, loadOfRead, type ExecuteOptions } from './execute.ts'
import { noticesOf } from './notices.ts'
import { parameterTexts } from './parameters.ts'
import { openPartition, type Partition } from './partition.ts'
import { planSelect, type FinishedPlan, type Plan } from './plan.ts'
import { resultFromCursor, rowMaker, type Result, type Row } from './result.ts'

export type { ConnectOptions, PartitionOptions } from './config.ts'

export interface QueryOptions {
  /** Cancels the statement and the calls under way: 57014. */
  readonly signal?: AbortSignal | undefined
  /** Bound on the whole statement: 57014. */
  readonly timeoutMs?: number | undefined
  /** A result with more rows is an error (54000), never cut. */
  readonly maxRows?: number | undefined
  readonly onProgress?: ((progress: { rows: number; fraction: number | undefined }) => void) | undefined
}

/** A session: one or more partitions, logged in. Every method throws SqlError only. */
export interface Connection {
  /** Runs one statement and holds its whole result. `params` are `$1`, `$2`, … */
  query<R = Row>(sql: string, params?: readonly unknown[], options?: QueryOptions): Promise<Result<R>>
  /** Rows one by one in constant memory. */
  stream<R = Row>(sql: string, params?: readonly unknown[], options?: QueryOptions): AsyncIterable<R>
  /** Batches of values, with the columns' types: what `query` and `stream` are made of. */
  cursor(sql: string, params?: readonly unknown[], options?: QueryOptions): Promise<Cursor>
  /** The selected partitions. */
  readonly partitions: readonly PartitionInfo[]
  readonly catalog: Catalog
  close(): Promise<void>
}

export interface PartitionInfo {
  readonly name: string
  readonly url: string
  readonly database: string
  readonly login: string
  /** Odoo's version, such as `19.0`. */
  readonly version: string
  readonly transport: 'json-rpc' | 'json-2'
}

/** `query` holds its result in memory. */
const QUERY_ROWS_MAX = 1_000_000

/**
 * Connects to Odoo and logs in. A string is a URL, `odoo://login:secret@host:port/database`.
 * Throws 08001 (no server, not an Odoo), 28P01 (log-in), 3D000 (database), 22023 and F0000 (options).
 */
export async function connect(options: ConnectOptions | string): Promise<Connection> {
  const given = typeof options === 'string' ? { url: options } : options
  const demo = given.demo === true ? await startEmbeddedDemo() : undefined
  const clients: OdooClient[] = []
  try {
    const settled = await settle({ ...given, ...demo?.options })
    const chosen = settled.partitions.filter(({ name }) => settled.selected.includes(name))
    const [catalog, , ...opened] = await Promise.all([
      loadCatalog(settled.options.catalog === undefined ? [] : [settled.options.catalog]),
      loadGrammar(),
      ...chosen.map(async (config) => {
        const client = await openClient(config, { signal: given.signal })
        clients.push(client)
        return client
      }),
    ])
    return new OpenConnection(settled, catalog, opened, demo?.close)
  } catch (thrown) {
    for (const client of clients) client.close()
    await demo?.close()
    throw sqlErrorFrom(thrown)
  }
}

/** The demo is loaded on demand: no other part of the driver knows of it. */
async function startEmbeddedDemo(): Promise<{
  options: Partial<ConnectOptions>
  close: () => Promise<void>
}> {
  const { startDemo } = await import('../demo/server.ts')
  const server = await startDemo()
  const { url, databases, login, apiKey } = server
  const partitions = Object.fromEntries(
    databases.map((database) => [database, { url, database, login, apiKey }]),
  )
  const [first = ''] = databases
  return { options: { partitions, partition: [first] }, close: () => server.close() }
}

class OpenConnection implements Connection {
  readonly catalog: Catalog
  readonly partitions: readonly PartitionInfo[]
  readonly #options: ConnectOptions
  readonly #opened: readonly Partition[]
  readonly #closeDemo: (() => Promise<void>) | undefined
  /** The embedded PostgreSQL takes a second and 300 MB: it is started by the first statement that needs it. */
  readonly #engine: () => Engine
  #started: Engine | undefined
  /** Statements under way; `close` ends them. */
  readonly #running = new Set<Deadline>()
  #isClosed = false

  constructor(
    { partitions, options }: Settled,
    catalog: Catalog,
    clients: readonly OdooClient[],
    closeDemo: (() => Promise<void>) | undefined,
  ) {
    this.catalog = catalog
    this.#options = options
    const isPartitioned = partitions.length > 1
    this.#engine = () => (this.#started ??= startEngine({ tables: catalog.tables, isPartitioned }))
    this.#opened = clients.map((client) => openPartition(client, options.textOrder))
    this.#closeDemo = closeDemo
    this.partitions = clients.flatMap(({ name, version, transport }) =>
      partitions
        .filter((config) => config.name === name)
        .map(({ url, database, login }) => ({
          name,
          url,
          database,
          login,
          version: version.text,
          transport,
        })),
    )
  }

  async query<R = Row>(
    sql: string,
    params: readonly unknown[] = [],
    options: QueryOptions = {},
  ): Promise<Result<R>> {
    const maxRows = options.maxRows ?? this.#options.maxRows ?? QUERY_ROWS_MAX
    return resultFromCursor<R>(await this.cursor(sql, params, { ...options, maxRows }))
  }

  async *stream<R = Row>(
    sql: string,
    params: readonly unknown[] = [],
    options: QueryOptions = {},
  ): AsyncIterable<R> {
    const cursor = await this.cursor(sql, params, options)
    const toRow = rowMaker(cursor.columns)
    for await (const batch of cursor) for (const values of batch) yield toRow(values) as unknown as R
  }

  async cursor(sql: string, params: readonly unknown[] = [], options: QueryOptions = {}): Promise<Cursor> {
    if (this.#isClosed) throw wrongState('the connection is closed')
    const deadline = startDeadline(options.signal, options.timeoutMs ?? this.#options.timeoutMs)
    this.#running.add(deadline)
    const calls: CallRecord[] = []
    const onCall = (call: CallRecord): number => calls.push(call)
    try {
      const statement = parseStatement(requireText(sql))
      const { options: explain, select } =
        statement.kind === 'explain' ? statement : { options: undefined, select: statement }
      const context = {
        catalog: this.catalog,
        partitions: this.#opened,
        revealSecrets: this.#options.revealSecrets ?? false,
        usePushdown: this.#options.pushdown ?? true,
        engine: this.#engine,
      }
      const parameters = parameterTexts(params)
      const { signal } = deadline
      const plan = await planSelect(select, parameters, context, { signal, onCall })
      const within = { ...options, signal, onCall }
      const run = (): Promise<Rows> =>
        plan.kind === 'scan'
          ? Promise.resolve({
              columns: columnsOfPlan(plan),
              batches: executeScanPlan(plan, this.#executing(within)),
            })
          : this.#runEngine(plan, { sql: select.text, parameters }, within)
      const { columns, batches } =
        explain === undefined
          ? await run()
          : { columns: EXPLAIN_COLUMNS, batches: explainRows(plan, explain, run, calls) }
      const maxRows = options.maxRows ?? this.#options.maxRows
      const bounded = maxRows === undefined ? batches : refuseBeyond(batches, maxRows)
      return this.#openCursor(
        { columns, notices: noticesOf(plan, context.revealSecrets), calls },
        bounded,
        deadline,
      )
    } catch (thrown) {
      this.#running.delete(deadline)
      throw deadline.error() ?? sqlErrorFrom(thrown)
    }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    for (const deadline of this.#running) deadline.end()
    for (const { client } of this.#opened) client.close()
    await this.#started?.close()
    await this.#closeDemo?.()
  }

  #executing({ signal, onCall, onProgress }: QueryOptions & CallOptions): ExecuteOptions {
    const clients = new Map(this.#opened.map(({ client }) => [client.name, client]))
    return {
      signal,
      onCall,
      onProgress,
      revealSecrets: this.#options.revealSecrets ?? false,
      clientOf: (partition) => {
        const client = clients.get(partition)
        if (client === undefined) throw wrongState(`partition "${partition}" is not open`)
        return client
      },
    }
  }

  async #runEngine(
    plan: FinishedPlan,
    { sql, parameters }: { sql: string; parameters: readonly (string | null)[] },
    options: QueryOptions & CallOptions,
  ): Promise<Rows> {
    const executing = this.#executing(options)
    const engine = this.#engine()
    const within = { signal: options.signal, now: plan.now }
    // The statement over groups need not use all parameters, so their types are told.
    const params = parameters.map((value, index) => ({
      oid: plan.explained.parameterOids[index] ?? 0,
      value,
    }))
    if (plan.kind === 'aggregate') {
      const groups = { oid: SQL_TYPES.jsonb.oid, value: await groupsOfPlan(plan, executing) }
      const batches = await engine.run({ sql: plan.sql, params: [...params, groups], loads: [] }, within)
      return { columns: columnsOfEngine(plan.explained.columns), batches }
    }
    let needed: EnginePlan = plan
    const [read] = plan.reads
    if (plan.late !== undefined && read !== undefined) {
      const { keys, sql: keySql } = plan.late
      const rows = await rowsOf(
        await engine.run({ sql: keySql, loads: [loadOfRead(keys, executing)] }, within),
      )
      needed = { ...plan, reads: [readOfRows(read, rows)] }
    }
    const loads = await loadsOfPlan(needed, executing)
    const batches = await engine.run({ sql, params, loads }, within)
    return { columns: columnsOfEngine(batches.columns), batches }
  }

  #openCursor(
    known: { columns: readonly ResultColumn[]; notices: readonly Notice[]; calls: readonly CallRecord[] },
    batches: AsyncIterable<RowBatch>,
    deadline: Deadline,
  ): Cursor {
    const running = this.#running
    const isClosed = (): boolean => this.#isClosed
    async function* read(): AsyncGenerator<RowBatch> {
      try {
        for await (const batch of batches) {
          // A batch that came before the end is still no whole answer.
          deadline.signal.throwIfAborted()
          yield batch
        }
      } catch (thrown) {
        throw deadline.error() ?? (isClosed() ? wrongState('the connection is closed') : sqlErrorFrom(thrown))
      } finally {
        running.delete(deadline)
        deadline.end()
      }
    }
    const rows = read()
    return { ...known, [Symbol.asyncIterator]: () => rows }
  }
}

async function rowsOf(batches: AsyncIterable<RowBatch>): Promise<(readonly Datum[])[]> {
  const rows: (readonly Datum[])[] = []
  for await (const batch of batches) rows.push(...batch)
  return rows
}

interface Rows {
  readonly columns: readonly ResultColumn[]
  readonly batches: AsyncIterable<RowBatch>
}

function requireText(sql: unknown): string {
  if (typeof sql === 'string') return sql
  throw invalidParameterValue('the statement is not a string')
}

const columnsOfEngine = (columns: readonly EngineColumn[]): ResultColumn[] =>
  columns.map(({ name, type, typeName }) => ({ name, type: type ?? 'text', typeName }))

const columnsOfPlan = ({ select }: ScanPlan): readonly ResultColumn[] =>
  select.countNames?.map((name) => ({ name, type: 'int8' as const })) ??
  select.output.map(({ name, type }) => ({ name, type }))

async function* refuseBeyond(batches: AsyncIterable<RowBatch>, maxRows: number): AsyncGenerator<RowBatch> {
  let rows = 0
  for await (const batch of batches) {
    rows += batch.length
    if (rows > maxRows)
      throw limitExceeded(`the result has more than ${maxRows} rows`, {
        hint: 'Add a LIMIT or a narrower WHERE, raise maxRows, or read it with stream.',
      })
    yield batch
  }
}

const EXPLAIN_COLUMNS: readonly ResultColumn[] = [{ name: 'QUERY PLAN', type: 'text' }]

function explainPlan(plan: Plan): ExplainedPlan {
  if (plan.kind === 'scan') return explainScanPlan(plan)
  return plan.kind === 'aggregate' ? explainAggregatePlan(plan) : explainEnginePlan(plan, plan.root)
}

async function* explainRows(
  plan: Plan,
  { analyze, format }: ExplainOptions,
  run: () => Promise<Rows>,
  calls: readonly CallRecord[],
): AsyncGenerator<RowBatch> {
  const explained = explainPlan(plan)
  const before = calls.length
  let returned = 0
  if (analyze) for await (const batch of (await run()).batches) returned += batch.length
  const made = calls.slice(before)
  if (format === 'json') {
    const measured = analyze ? { Calls: made, 'Rows Returned': returned } : {}
    yield [[JSON.stringify([{ Plan: { ...explained, ...measured } }], undefined, 2)]]
    return
  }
  yield printExplainedPlan(explained).map((line) => [line])
  if (!analyze) return
  yield made.map(({ partition, model, method, rows, bytes, milliseconds, tries }) => [
    `Call: ${partition} ${model}.${method}, ${rows ?? 0} rows, ${bytes} bytes, ${milliseconds} ms, tries ${tries}`,
  ])
  yield [[`Rows Returned: ${returned}`]]
}
