import { qualifiedName, type TableSpec } from '../catalog/spec.ts'
import type { Catalog } from '../catalog/catalog.ts'
import { limitExceeded, sqlErrorFrom, undefinedTable, wrongState } from '../errors.ts'
import type { CallOptions, CallRecord } from '../odoo/call.ts'
import { loadGrammar } from '../sql/gate.ts'
import { arrowBatches, type ArrowBatch, type ArrowOptions } from './arrow.ts'
import { startDeadline, type Deadline } from './cancel.ts'
import type { ConnectOptions } from './config.ts'
import type { Cursor, Notice, RowBatch } from './cursor.ts'
import type { ListedTable } from './discovery.ts'
import type { Progress } from './execute.ts'
import { resultFromCursor, rowMaker, type Result, type Row } from './result.ts'
import { openService, type Service } from './service.ts'
import type { Session } from './session.ts'
import { boundText, sqlTag, type SqlStatement, type SqlTag } from './sql-template.ts'
import { runText, type ValueRows } from './statement.ts'
import type { Tolerance } from './tolerance.ts'

export type { ConnectOptions, PartitionOptions } from './config.ts'
export type { ListedTable } from './discovery.ts'
export type { Progress } from './execute.ts'

/** What holds for one statement, over what holds for the connection. */
export interface QueryOptions {
  /** Cancels the statement and the calls under way: 57014. */
  readonly signal?: AbortSignal | undefined
  /** Bound on the whole statement, in milliseconds: 57014. */
  readonly timeoutMs?: number | undefined
  /** A result with more rows is an error (54000), never cut. */
  readonly maxRows?: number | undefined
  /** Told of each batch that was fetched. */
  readonly onProgress?: ((progress: Progress) => void) | undefined
}

/** What a look at the tables takes. */
export type Cancelable = Pick<QueryOptions, 'signal'>

/** A session: one or more partitions, logged in. Every method throws SqlError only. */
export interface Connection {
  /** Makes statements of templates that bind their values: `` await odoo.sql`SELECT … WHERE id = ${id}` ``. */
  readonly sql: SqlTag
  /**
   * Runs one statement and holds its whole result. `params` are `$1`, `$2`, …: numbers, texts, booleans, Date (UTC),
   * Uint8Array, arrays and null; a template has its own. `R` is what a row is: the interface of a published table,
   * such as IrMailServer, one that `odoo-sql catalog types` wrote, or one of yours. It is not checked. Throws 42601
   * (syntax), 42P01 and 42703 (no such table, column), 25006 (anything that writes), 57014 (timeout, cancelled), 54000
   * (more than `maxRows`), 08006 (connection lost) and PostgreSQL's own.
   */
  query<R = Row>(
    sql: string | SqlStatement<R>,
    params?: readonly unknown[],
    options?: QueryOptions,
  ): Promise<Result<R>>
  /** Rows one by one in constant memory, as `query` gives them. Leaving the loop ends the calls under way. */
  stream<R = Row>(
    sql: string | SqlStatement<R>,
    params?: readonly unknown[],
    options?: QueryOptions,
  ): AsyncIterable<R>
  /**
   * The result as Arrow record batches of about 2,000 rows, in constant memory. Needs the package apache-arrow: 0A000
   * without. A result without rows gives one empty batch.
   */
  batches(
    sql: string | SqlStatement<unknown>,
    params?: readonly unknown[],
    options?: QueryOptions & ArrowOptions,
  ): AsyncIterable<ArrowBatch>
  /** Batches of values, with the columns' types: what `query` and `stream` are made of. */
  cursor(sql: string, params?: readonly unknown[], options?: QueryOptions): Promise<Cursor>
  /** The plan as text, as the statement EXPLAIN gives it; with `analyze` the statement is run. */
  explain(
    sql: string | SqlStatement<unknown>,
    params?: readonly unknown[],
    options?: QueryOptions & { analyze?: boolean },
  ): Promise<string>
  /** Selects the partitions that statements read from now on. Unknown: 22023. */
  use(...names: readonly string[]): Promise<void>
  /** Every table of the selected partitions that can be read, published and discovered. */
  tables(options?: Cancelable): Promise<readonly ListedTable[]>
  /** One table by its SQL name, such as `ir.mail_server`. Unknown: 42P01. */
  table(name: string, options?: Cancelable): Promise<TableSpec>
  /** The selected partitions. */
  readonly partitions: readonly PartitionInfo[]
  /** Every configured partition, selected or not. */
  readonly configured: readonly PartitionInfo[]
  /** The published tables, and those of a `catalog` directory. */
  readonly catalog: Catalog
  /** Forgets what `cache` keeps, so that the next statement reads anew. False: there is no cache. */
  clearCache(): boolean
  /** Ends the statements under way (55000) and the embedded engine. */
  close(): Promise<void>
}

/** A partition: one Odoo database, and the user whose rights hold in it. */
export interface PartitionInfo {
  /** As in USE and in the column `_partition`. */
  readonly name: string
  /** Address of the server. */
  readonly url: string
  /** Odoo's name of the database. */
  readonly database: string
  /** The user's login. */
  readonly login: string
  /** Odoo's version, such as `19.0`; empty where the partition is not open. */
  readonly version: string
  /** Interface of Odoo's that the calls go through; undefined where the partition is not open. */
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
  const service = await openService(given)
  try {
    const session = service.openSession()
    const notices: Notice[] = []
    const tolerance = {
      partitionErrors: session.partitionErrors,
      onNotice: (notice: Notice) => notices.push(notice),
    }
    const logIn = session.openSelected({ signal: given.signal, onCall: session.record }, tolerance)
    await Promise.all([logIn, loadGrammar()])
    return new OpenConnection(service, session, notices)
  } catch (thrown) {
    await service.close()
    throw sqlErrorFrom(thrown)
  }
}

class OpenConnection implements Connection {
  readonly sql = sqlTag((statement) => this.query(statement))
  readonly #service: Service
  readonly #session: Session
  /** Statements under way; `close` ends them. */
  readonly #running = new Set<Deadline>()
  /** What was to be said at the log-in; the first statement says it. */
  #notices: Notice[]
  #isClosed = false

  constructor(service: Service, session: Session, notices: Notice[]) {
    this.#service = service
    this.#session = session
    this.#notices = notices
  }

  get catalog(): Catalog {
    return this.#session.catalog
  }

  get partitions(): readonly PartitionInfo[] {
    const { selected } = this.#session
    return this.configured.filter(({ name }) => selected.includes(name))
  }

  get configured(): readonly PartitionInfo[] {
    const { partitions } = this.#session
    return partitions.configs.map(({ name, url, database, login }) => {
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
    sql: string | SqlStatement<R>,
    params: readonly unknown[] = [],
    options: QueryOptions = {},
  ): Promise<Result<R>> {
    const maxRows = options.maxRows ?? this.#session.options.maxRows ?? QUERY_ROWS_MAX
    const bound = boundText(sql, params)
    return resultFromCursor<R>(await this.cursor(bound.text, bound.params, { ...options, maxRows }))
  }

  async *stream<R = Row>(
    sql: string | SqlStatement<R>,
    params: readonly unknown[] = [],
    options: QueryOptions = {},
  ): AsyncIterable<R> {
    const bound = boundText(sql, params)
    const cursor = await this.cursor(bound.text, bound.params, options)
    const toRow = rowMaker(cursor.columns)
    for await (const batch of cursor) for (const values of batch) yield toRow(values) as unknown as R
  }

  async *batches(
    sql: string | SqlStatement<unknown>,
    params: readonly unknown[] = [],
    options: QueryOptions & ArrowOptions = {},
  ): AsyncIterable<ArrowBatch> {
    const bound = boundText(sql, params)
    yield* arrowBatches(await this.cursor(bound.text, bound.params, options), options)
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
      const rows = await runText(sql, params, scope)
      const batches = maxRows === undefined ? rows.batches : refuseBeyond(rows.batches, maxRows)
      return this.#openCursor({ ...rows, batches }, { calls, notices }, deadline)
    } catch (thrown) {
      throw this.#ended(deadline, thrown)
    }
  }

  async explain(
    sql: string | SqlStatement<unknown>,
    params: readonly unknown[] = [],
    options: QueryOptions & { analyze?: boolean } = {},
  ): Promise<string> {
    const bound = boundText(sql, params)
    const lines: string[] = []
    const explain = options.analyze === true ? 'EXPLAIN ANALYZE' : 'EXPLAIN'
    for await (const batch of await this.cursor(`${explain} ${bound.text}`, bound.params, options))
      for (const [line] of batch) lines.push(String(line))
    return lines.join('\n')
  }

  async use(...names: readonly string[]): Promise<void> {
    const change = (): void => {
      this.#session.select(names)
    }
    await this.#told({}, (tolerance, options) => this.#session.reselect(change, options, tolerance))
  }

  /** Work outside of a statement; the next one tells what is to be said of it. */
  async #told<T>(
    { signal }: Cancelable,
    work: (tolerance: Tolerance, options: CallOptions) => Promise<T>,
  ): Promise<T> {
    const tolerance: Tolerance = {
      partitionErrors: this.#session.partitionErrors,
      onNotice: (notice) => this.#notices.push(notice),
    }
    try {
      return await work(tolerance, { signal, onCall: this.#session.record })
    } catch (thrown) {
      throw sqlErrorFrom(thrown)
    }
  }

  tables(options: Cancelable = {}): Promise<readonly ListedTable[]> {
    return this.#told(options, (tolerance, given) => this.#session.listTables(given, tolerance))
  }

  async table(name: string, options: Cancelable = {}): Promise<TableSpec> {
    const [first = '', second] = name.split('.')
    const [schema, bare] = second === undefined ? [undefined, first] : [first, second]
    const found = await this.#told(options, (tolerance, given) =>
      this.#session.findTable(schema, bare, given, tolerance),
    )
    if (found === undefined) throw undefinedTable(name, (await this.tables(options)).map(qualifiedName))
    return found
  }

  clearCache(): boolean {
    this.#session.cache?.clear()
    return this.#session.cache !== undefined
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    for (const deadline of this.#running) deadline.end()
    await this.#service.close()
  }

  /** The error that a statement ends with, whatever was thrown on the way. */
  #ended(deadline: Deadline, thrown: unknown): Error {
    this.#running.delete(deadline)
    const error =
      deadline.error() ?? (this.#isClosed ? wrongState('the connection is closed') : sqlErrorFrom(thrown))
    // What ran beside that which failed has nobody to answer to any more.
    deadline.end()
    return error
  }

  #openCursor(
    { columns, batches }: ValueRows,
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
