import { isDeepStrictEqual } from 'node:util'
import type { Catalog } from '../catalog/catalog.ts'
import { mergeTables } from '../catalog/merge-tables.ts'
import { LOCAL_TABLES } from '../catalog/system.ts'
import { qualifiedName, type TableSpec } from '../catalog/spec.ts'
import { SqlError, wrongState } from '../errors.ts'
import type { CallOptions, CallRecord } from '../odoo/call.ts'
import type { OdooClient } from '../odoo/client.ts'
import type { ConnectOptions } from './config.ts'
import type { RowBatch } from './cursor.ts'
import type { ListedTable, LookUpOptions } from './discovery.ts'
import type { NativeRequest } from './native.ts'
import type { Partition } from './partition.ts'
import type { Partitions } from './partitions.ts'
import type { PlanningContext } from './plan.ts'
import type { ScanCache } from './scan-cache.ts'
import type { Service } from './service.ts'
import {
  changeSetting,
  changesTextForms,
  PARTITIONS_SETTING,
  partitionNamesFrom,
  searchPathOf,
  type Settings,
} from './settings.ts'
import { eachOf } from './shared.ts'
import { systemRows } from './system-rows.ts'
import { tolerate, type Tolerance } from './tolerance.ts'

/** Calls that `system.calls` remembers. */
const REMEMBERED_CALLS_MAX = 10_000

/** Models that are described at a time, where a client asks for all tables. */
const DESCRIBED_AT_ONCE = 8

/** What outlives a statement: which partitions are selected, settings, tables, the calls made. */
export class Session {
  readonly options: ConnectOptions
  readonly catalog: Catalog
  readonly partitions: Partitions
  readonly calls: CallRecord[] = []
  readonly nativeRequests: NativeRequest[] = []
  /** Tables that no file describes, as the selected partitions have them. */
  readonly discovered = new Map<string, TableSpec>()
  readonly #settings: Settings = new Map()
  readonly #service: Service
  #selected: readonly string[]

  constructor(service: Service, selected: readonly string[]) {
    this.#service = service
    this.options = service.options
    this.catalog = service.catalog
    this.partitions = service.partitions
    this.#selected = selected
  }

  get cache(): ScanCache | undefined {
    return this.#service.cache
  }

  /** Names of the partitions that statements read. */
  get selected(): readonly string[] {
    return this.#selected
  }

  /** Throws 22023 for a name that is not configured. */
  select(names: readonly string[]): void {
    this.partitions.check(names)
    this.#selected = [...new Set(names)]
  }

  /** Remembers a call, for `system.calls`. */
  readonly record = (call: CallRecord): void => {
    if (this.calls.push(call) > REMEMBERED_CALLS_MAX) this.calls.shift()
  }

  get partitionErrors(): Tolerance['partitionErrors'] {
    return this.options.partitionErrors ?? 'fail'
  }

  /** Opens what is selected; with partitionErrors skip, those that fail are opened by the statements that need them. */
  async openSelected(options: CallOptions, tolerance: Tolerance): Promise<void> {
    await Promise.all(
      this.#selected.map((name) =>
        tolerate(name, tolerance, () => this.partitions.open(name, options), undefined),
      ),
    )
  }

  /** Selects other partitions and opens them. Where one cannot be opened, the session reads what it read before. */
  async reselect(change: () => void, options: CallOptions, tolerance: Tolerance): Promise<void> {
    const before = this.#selected
    change()
    try {
      await this.openSelected(options, tolerance)
    } catch (thrown) {
      this.#selected = before
      throw thrown
    }
  }

  clientOf(partition: string): OdooClient {
    const client = this.partitions.opened(partition)?.client
    if (client === undefined) throw wrongState(`partition "${partition}" is not open`)
    return client
  }

  /** Sets `name`, or takes it back to its default. Throws 22023 for a setting that there is not. */
  set(name: string, value: string | undefined): void {
    if (name !== PARTITIONS_SETTING) changeSetting(this.#settings, name, value)
    else this.select(value === undefined ? this.partitions.defaults : partitionNamesFrom(value))
  }

  /** Value of a setting of ours; undefined: it is PostgreSQL's. */
  show(name: string): string | undefined {
    return name === PARTITIONS_SETTING ? this.#selected.join(',') : undefined
  }

  /** PostgreSQL's settings, as this session has changed them. */
  get settings(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#settings)
  }

  /** All that the engine is told, so that current_setting knows ours too. */
  get engineSettings(): Readonly<Record<string, string>> {
    return { ...this.settings, [PARTITIONS_SETTING]: this.#selected.join(',') }
  }

  systemRows(table: TableSpec, options: CallOptions, tolerance: Tolerance): Promise<RowBatch> {
    return systemRows(table, this, () => this.listTables(options, tolerance))
  }

  planningContext(tolerance: Tolerance): PlanningContext {
    return {
      findTable: (schema, name, options) => this.findTable(schema, name, options, tolerance),
      tableNames: async (options) => [
        ...this.catalog.names,
        ...LOCAL_TABLES.map(qualifiedName),
        ...(await this.listTables(options, tolerance)).map(qualifiedName),
      ],
      engine: () => this.#service.engines.least(),
      everyTable: (options) => this.#everyTable(options, tolerance),
      selected: this.#selected,
      cache: this.cache,
      serverOf: (name, table, options) =>
        tolerate(
          name,
          tolerance,
          async () => (await this.partitions.open(name, options)).tableOnServer(table, options),
          undefined,
        ),
      openPartitions: () => this.#selected.flatMap((name) => this.partitions.opened(name) ?? []),
      revealSecrets: this.options.revealSecrets ?? false,
      usePushdown: this.options.pushdown ?? true,
      isPartitioned: this.#service.isPartitioned,
      settings: this.engineSettings,
      changesTextForms: changesTextForms(this.#settings),
    }
  }

  /** One of the driver's own tables, a published one, or one that the selected partitions have. */
  async findTable(
    schema: string | undefined,
    name: string,
    options: LookUpOptions,
    tolerance: Tolerance,
  ): Promise<TableSpec | undefined> {
    // PostgreSQL's own catalog comes first on every search path.
    if (schema === undefined && name.startsWith('pg_')) return undefined
    for (const searched of schema === undefined ? searchPathOf(this.#settings) : [schema]) {
      const found = await this.#tableIn(searched, name, options, tolerance)
      if (found !== undefined) return found
    }
    return undefined
  }

  async #tableIn(
    schema: string,
    name: string,
    options: LookUpOptions,
    tolerance: Tolerance,
  ): Promise<TableSpec | undefined> {
    const own = LOCAL_TABLES.find((table) => table.schema === schema && table.name === name)
    const described = own ?? this.catalog.find(schema, name)
    if (described !== undefined) return described
    const found = await this.#onEachSelected(options, tolerance, ({ discovery }) =>
      discovery.table(schema, name, options),
    )
    const [first, ...others] = found.filter((table) => table !== undefined)
    if (first === undefined) return undefined
    const merged = mergeTables(first, ...others)
    const known = this.discovered.get(qualifiedName(merged))
    // The same object as long as it says the same: the engine keeps a table for each.
    if (known !== undefined && isDeepStrictEqual(known, merged)) return known
    this.discovered.set(qualifiedName(merged), merged)
    return merged
  }

  /** Every table, described: a client that reads the system catalogs is to find them there. */
  async #everyTable(options: CallOptions, tolerance: Tolerance): Promise<TableSpec[]> {
    const listed = await this.listTables(options, tolerance)
    const tables = await eachOf(listed, DESCRIBED_AT_ONCE, ({ schema, name }) =>
      this.findTable(schema, name, options, tolerance).catch((thrown: unknown) => {
        // A model that cannot be described, by right or by a fault of its own, is no reason to show no other.
        if (thrown instanceof SqlError && LEFT_OUT.has(thrown.condition)) return undefined
        throw thrown
      }),
    )
    return tables.filter((table) => table !== undefined)
  }

  /** Every table of the selected partitions, by name. */
  async listTables(options: CallOptions, tolerance: Tolerance): Promise<readonly ListedTable[]> {
    const lists = await this.#onEachSelected(options, tolerance, ({ discovery }) => discovery.list(options))
    const byName = new Map(lists.flatMap((list) => list ?? []).map((table) => [qualifiedName(table), table]))
    for (const { schema, name, model, label } of this.catalog.tables)
      byName.set(qualifiedName({ schema, name }), { schema, name, model, label, isPublished: true })
    return [...byName.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, table]) => table)
  }

  #onEachSelected<T>(
    options: CallOptions,
    tolerance: Tolerance,
    ask: (partition: Partition) => Promise<T>,
  ): Promise<readonly (T | undefined)[]> {
    return Promise.all(
      this.#selected.map((name) =>
        tolerate(name, tolerance, async () => ask(await this.partitions.open(name, options)), undefined),
      ),
    )
  }
}

const LEFT_OUT: ReadonlySet<string> = new Set(['insufficient_privilege', 'undefined_table', 'system_error'])
