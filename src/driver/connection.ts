import { qualifiedName, type TableSpec } from '../catalog/spec.ts'
import { loadCatalog } from '../catalog/load.ts'
import type { Catalog } from '../catalog/catalog.ts'
import { limitExceeded, sqlErrorFrom, undefinedTable, wrongState } from '../errors.ts'
import type { CallRecord } from '../odoo/call.ts'
import { loadGrammar } from '../sql/gate.ts'
import { startDeadline, type Deadline } from './cancel.ts'
import { settle, type ConnectOptions } from './config.ts'
import type { Cursor, Notice, RowBatch } from './cursor.ts'
import type { ListedTable } from './discovery.ts'
import type { Progress } from './execute.ts'
import { resultFromCursor, rowMaker, type Result, type Row } from './result.ts'
import { Session } from './session.ts'
import { runStatement, type ResultRows } from './statement.ts'
import type { Tolerance } from './tolerance.ts'

export type { ConnectOptions, PartitionOptions } from './config.ts'
export type { ListedTable } from './discovery.ts'
export type { Progress } from './execute.ts'

export interface QueryOptions {
  /** Cancels the statement and the calls under way: 57014. */
  readonly signal?: AbortSignal | undefined
  /** Bound on the whole statement: 57014. */
  readonly timeoutMs?: number | undefined
  /** A result with more rows is an error (54000), never cut. */
  readonly maxRows?: number | undefined
  readonly onProgress?: ((progress: Progress) => void) | undefined
}

/** A session: one or more partitions, logged in. Every method throws SqlError only. */
export interface Connection {
  /** Runs one statement and holds its whole result. `params` are `$1`, `$2`, … */
  query<R = Row>(sql: string, params?: readonly unknown[], options?: QueryOptions): Promise<Result<R>>
  /** Rows one by one in constant memory. */
  stream<R = Row>(sql: string, params?: readonly unknown[], options?: QueryOptions): AsyncIterable<R>
  /** Batches of values, with the columns' types: what `query` and `stream` are made of. */
  cursor(sql: string, params?: readonly unknown[], options?: QueryOptions): Promise<Cursor>
  /** The plan as text, as the statement EXPLAIN gives it; with `analyze` the statement is run. */
  explain(
    sql: string,
    params?: readonly unknown[],
    options?: QueryOptions & { analyze?: boolean },
  ): Promise<string>
  /** Selects the partitions that statements read from now on. */
  use(...names: readonly string[]): Promise<void>
  /** Every table of the selected partitions that can be read, published and discovered. */
  tables(): Promise<readonly ListedTable[]>
  /** One table by its SQL name, such as `ir.mail_server`. Unknown: 42P01. */
  table(name: string): Promise<TableSpec>
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
  /** Odoo's version, such as `19.0`; empty where the partition is not open. */
  readonly version: string
  readonly transport: 'json-rpc' | 'json-2' | undefined
}

/** `query` holds its result in memory. */
const QUERY_ROWS_MAX = 1_000_000

/**
 * Connects to Odoo and logs in. A string is a URL, `odoo://login:secret@host:port/database`.
 * Throws 08001 (no server, not an Odoo), 28P01 (log-in), 3D000 (database), 22023 and F0000 (options).
 */
export async function connect(options: ConnectOptions | string): Promise<Connection> {
  const given = typeof options === 'string' ? { url: options } : options
  const demo = given.demo === true ? await startEmbeddedDemo(given) : undefined
  let session: Session | undefined
  try {
    const settled = await settle({ ...given, ...demo?.options })
    const [catalog] = await Promise.all([
      loadCatalog(settled.options.catalog === undefined ? [] : [settled.options.catalog]),
      loadGrammar(),
    ])
    session = new Session(settled, catalog)
    const notices: Notice[] = []
    const tolerance = {
      partitionErrors: session.partitionErrors,
      onNotice: (notice: Notice) => notices.push(notice),
    }
    await session.openSelected({ signal: given.signal }, tolerance)
    return new OpenConnection(session, notices, demo?.close)
  } catch (thrown) {
    await session?.close()
    await demo?.close()
    throw sqlErrorFrom(thrown)
  }
}

/** The demo is loaded on demand: no other part of the driver knows of it. */
export async function startEmbeddedDemo(
  given: ConnectOptions,
): Promise<{ options: Partial<ConnectOptions>; close: () => Promise<void> }> {
  const { startDemo } = await import('../demo/server.ts')
  const server = await startDemo()
  const { url, databases, login, apiKey } = server
  const partitions = Object.fromEntries(
    databases.map((database) => [database, { url, database, login, apiKey }]),
  )
  const [first = ''] = databases
  return {
    // A demo is another one each time: there is nothing to remember of it.
    options: { partitions, partition: given.partition ?? [first], catalogCache: false },
    close: () => server.close(),
  }
}

class OpenConnection implements Connection {
  readonly #session: Session
  readonly #closeDemo: (() => Promise<void>) | undefined
  /** Statements under way; `close` ends them. */
  readonly #running = new Set<Deadline>()
  /** What was to be said at the log-in; the first statement says it. */
  #notices: Notice[]
  #isClosed = false

  constructor(session: Session, notices: Notice[], closeDemo: (() => Promise<void>) | undefined) {
    this.#session = session
    this.#notices = notices
    this.#closeDemo = closeDemo
  }

  get catalog(): Catalog {
    return this.#session.catalog
  }

  get partitions(): readonly PartitionInfo[] {
    const { partitions } = this.#session
    return partitions.configs
      .filter(({ name }) => partitions.selected.includes(name))
      .map(({ name, url, database, login }) => {
        const client = partitions.opened(name)?.client
        return {
          name,
          url,
          database,
          login,
          version: client?.version.text ?? '',
          transport: client?.transport,
        }
      })
  }

  async query<R = Row>(
    sql: string,
    params: readonly unknown[] = [],
    options: QueryOptions = {},
  ): Promise<Result<R>> {
    const maxRows = options.maxRows ?? this.#session.options.maxRows ?? QUERY_ROWS_MAX
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
    const { timeoutMs, maxRows } = { ...this.#session.options, ...present(options) }
    const deadline = startDeadline(options.signal, timeoutMs)
    this.#running.add(deadline)
    const calls: CallRecord[] = []
    const notices = this.#notices
    this.#notices = []
    try {
      const scope = {
        session: this.#session,
        signal: deadline.signal,
        calls,
        notices,
        onProgress: options.onProgress,
      }
      const rows = await runStatement(sql, params, scope)
      const batches = maxRows === undefined ? rows.batches : refuseBeyond(rows.batches, maxRows)
      return this.#openCursor({ ...rows, batches }, { calls, notices }, deadline)
    } catch (thrown) {
      throw this.#ended(deadline, thrown)
    }
  }

  async explain(
    sql: string,
    params: readonly unknown[] = [],
    options: QueryOptions & { analyze?: boolean } = {},
  ): Promise<string> {
    const lines: string[] = []
    const explain = options.analyze === true ? 'EXPLAIN ANALYZE' : 'EXPLAIN'
    for await (const batch of await this.cursor(`${explain} ${sql}`, params, options))
      for (const [line] of batch) lines.push(String(line))
    return lines.join('\n')
  }

  async use(...names: readonly string[]): Promise<void> {
    const { partitions } = this.#session
    const change = (): void => {
      partitions.select(names)
    }
    await this.#told((tolerance) => this.#session.reselect(change, {}, tolerance))
  }

  /** Work outside of a statement; the next one tells what is to be said of it. */
  async #told<T>(work: (tolerance: Tolerance) => Promise<T>): Promise<T> {
    try {
      return await work({
        partitionErrors: this.#session.partitionErrors,
        onNotice: (notice) => this.#notices.push(notice),
      })
    } catch (thrown) {
      throw sqlErrorFrom(thrown)
    }
  }

  tables(): Promise<readonly ListedTable[]> {
    return this.#told((tolerance) => this.#session.listTables({}, tolerance))
  }

  async table(name: string): Promise<TableSpec> {
    const [first = '', second] = name.split('.')
    const [schema, bare] = second === undefined ? [undefined, first] : [first, second]
    const found = await this.#told((tolerance) => this.#session.findTable(schema, bare, {}, tolerance))
    if (found === undefined) throw undefinedTable(name, (await this.tables()).map(qualifiedName))
    return found
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    for (const deadline of this.#running) deadline.end()
    await this.#session.close()
    await this.#closeDemo?.()
  }

  /** The error that a statement ends with, whatever was thrown on the way. */
  #ended(deadline: Deadline, thrown: unknown): Error {
    this.#running.delete(deadline)
    return (
      deadline.error() ?? (this.#isClosed ? wrongState('the connection is closed') : sqlErrorFrom(thrown))
    )
  }

  #openCursor(
    { columns, batches }: ResultRows,
    told: Pick<Cursor, 'calls' | 'notices'>,
    deadline: Deadline,
  ): Cursor {
    const running = this.#running
    const ended = (thrown: unknown): Error => this.#ended(deadline, thrown)
    async function* read(): AsyncGenerator<RowBatch> {
      try {
        for await (const batch of batches) {
          // A batch that came before the end is still no whole answer.
          deadline.signal.throwIfAborted()
          yield batch
        }
      } catch (thrown) {
        throw ended(thrown)
      } finally {
        running.delete(deadline)
        deadline.end()
      }
    }
    const rows = read()
    return { ...told, columns, [Symbol.asyncIterator]: () => rows }
  }
}

/** Without the entries that are undefined, so that they hide no default. */
const present = <T extends object>(options: T): Partial<T> =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>

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
