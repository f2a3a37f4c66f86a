import { isDeepStrictEqual } from 'node:util'
import type { Catalog } from '../catalog/catalog.ts'
import { mergeTables } from '../catalog/merge-tables.ts'
import { LOCAL_TABLES } from '../catalog/system.ts'
import { qualifiedName, type TableSpec } from '../catalog/spec.ts'
import { startEngine, type Engine } from '../engine/engine.ts'
import { CLIENT_SETTINGS } from '../engine/settings.ts'
import { invalidParameterValue, wrongState } from '../errors.ts'
import type { CallOptions, CallRecord } from '../odoo/call.ts'
import type { OdooClient } from '../odoo/client.ts'
import type { ConnectOptions, Settled } from './config.ts'
import type { ListedTable } from './discovery.ts'
import type { NativeRequest } from './native.ts'
import type { Partition } from './partition.ts'
import { openPartitions, type Partitions } from './partitions.ts'
import type { PlanningContext } from './plan.ts'
import { systemRows } from './system-rows.ts'
import { tolerate, type Tolerance } from './tolerance.ts'
import type { RowBatch } from './cursor.ts'

/** Calls that `system.calls` remembers. */
const REMEMBERED_CALLS_MAX = 10_000

/** The setting that selects partitions; it fits into a driver's connection options, which USE does not. */
export const PARTITIONS_SETTING = 'odoo.partitions'

/** What outlives a statement: partitions and which are selected, settings, tables, the engine, the calls made. */
export class Session {
  readonly options: ConnectOptions
  readonly catalog: Catalog
  readonly partitions: Partitions
  readonly calls: CallRecord[] = []
  readonly nativeRequests: NativeRequest[] = []
  readonly #settings = new Map<string, string>()
  /** Tables that no file describes, as the selected partitions have them. */
  readonly discovered = new Map<string, TableSpec>()
  #engine: Engine | undefined
  /** The discovered tables that the engine has. */
  readonly #engineTables = new Map<string, TableSpec>()

  constructor({ partitions, selected, options }: Settled, catalog: Catalog) {
    this.options = options
    this.catalog = catalog
    this.partitions = openPartitions(partitions, selected, options, catalog, (call) => {
      if (this.calls.push(call) > REMEMBERED_CALLS_MAX) this.calls.shift()
    })
  }

  get isPartitioned(): boolean {
    return this.partitions.configs.length > 1
  }

  get partitionErrors(): Tolerance['partitionErrors'] {
    return this.options.partitionErrors ?? 'fail'
  }

  /** Opens what is selected; with partitionErrors skip, those that fail are opened by the statements that need them. */
  async openSelected(options: CallOptions, tolerance: Tolerance): Promise<void> {
    await Promise.all(
      this.partitions.selected.map((name) =>
        tolerate(name, tolerance, () => this.partitions.open(name, options), undefined),
      ),
    )
  }

  /** Selects other partitions and opens them. Where one cannot be opened, the session reads what it read before. */
  async reselect(change: () => void, options: CallOptions, tolerance: Tolerance): Promise<void> {
    const before = this.partitions.selected
    change()
    try {
      await this.openSelected(options, tolerance)
    } catch (thrown) {
      this.partitions.select(before)
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
    if (name === PARTITIONS_SETTING) {
      this.partitions.select(value === undefined ? this.partitions.defaults : namesFromSetting(value))
      return
    }
    if (!CLIENT_SETTINGS.includes(name) || name === 'search_path')
      throw invalidParameterValue(`parameter "${name}" cannot be changed`, {
        hint: `These can: ${[PARTITIONS_SETTING, ...CLIENT_SETTINGS].join(', ')}.`,
      })
    if (value === undefined) this.#settings.delete(name)
    else this.#settings.set(name, value)
  }

  /** Value of a setting of ours; undefined: it is PostgreSQL's. */
  show(name: string): string | undefined {
    return name === PARTITIONS_SETTING ? this.partitions.selected.join(',') : undefined
  }

  get settings(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#settings)
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
      engineWith: (tables, options) => this.engineWith(tables, options),
      selected: this.partitions.selected,
      serverOf: (name, table, options) =>
        tolerate(
          name,
          tolerance,
          async () => (await this.partitions.open(name, options)).tableOnServer(table, options),
          undefined,
        ),
      openPartitions: () => this.partitions.selected.flatMap((name) => this.partitions.opened(name) ?? []),
      revealSecrets: this.options.revealSecrets ?? false,
      usePushdown: this.options.pushdown ?? true,
      isPartitioned: this.isPartitioned,
      settings: this.settings,
    }
  }

  /** One of the driver's own tables, a published one, or one that the selected partitions have. */
  async findTable(
    schema: string | undefined,
    name: string,
    options: CallOptions,
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
      this.partitions.selected.map((name) =>
        tolerate(name, tolerance, async () => ask(await this.partitions.open(name, options)), undefined),
      ),
    )
  }

  /** The embedded PostgreSQL takes a second and 300 MB: the first statement that needs it starts it. */
  async engineWith(tables: readonly TableSpec[], options: CallOptions): Promise<Engine> {
    const engine = (this.#engine ??= startEngine({
      tables: [...this.catalog.tables, ...LOCAL_TABLES],
      isPartitioned: this.isPartitioned,
    }))
    const added = tables.filter(
      (table) =>
        this.discovered.get(qualifiedName(table)) === table &&
        this.#engineTables.get(qualifiedName(table)) !== table,
    )
    if (added.length > 0) {
      await engine.addTables(added, { signal: options.signal })
      for (const table of added) this.#engineTables.set(qualifiedName(table), table)
    }
    return engine
  }

  async close(): Promise<void> {
    this.partitions.close()
    await this.#engine?.close()
  }
}

function namesFromSetting(value: string): string[] {
  const names = value.split(',').map((name) => name.trim())
  if (names.includes('')) throw invalidParameterValue(`${PARTITIONS_SETTING} holds an empty name`)
  return names
}
