import type { Catalog } from '../catalog/catalog.ts'
import { LOCAL_TABLES } from '../catalog/system.ts'
import { qualifiedName, type TableSpec } from '../catalog/spec.ts'
import { startEngine, type Engine } from '../engine/engine.ts'
import { CLIENT_SETTINGS } from '../engine/settings.ts'
import { invalidParameterValue, wrongState } from '../errors.ts'
import type { CallOptions, CallRecord } from '../odoo/call.ts'
import type { OdooClient } from '../odoo/client.ts'
import type { ConnectOptions, Settled } from './config.ts'
import type { NativeRequest } from './native.ts'
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
  #engine: Engine | undefined

  constructor({ partitions, selected, options }: Settled, catalog: Catalog) {
    this.options = options
    this.catalog = catalog
    this.partitions = openPartitions(partitions, selected, options, (call) => {
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

  systemRows(table: TableSpec): Promise<RowBatch> {
    return Promise.resolve(systemRows(table, this))
  }

  planningContext(tolerance: Tolerance): PlanningContext {
    return {
      findTable: (schema, name) => Promise.resolve(this.findTable(schema, name)),
      tableNames: () => [...this.catalog.names, ...LOCAL_TABLES.map(qualifiedName)],
      engineWith: () => Promise.resolve(this.engine()),
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

  findTable(schema: string | undefined, name: string): TableSpec | undefined {
    const own = LOCAL_TABLES.find((table) => table.schema === schema && table.name === name)
    return own ?? this.catalog.find(schema, name)
  }

  /** The embedded PostgreSQL takes a second and 300 MB: the first statement that needs it starts it. */
  engine(): Engine {
    return (this.#engine ??= startEngine({
      tables: [...this.catalog.tables, ...LOCAL_TABLES],
      isPartitioned: this.isPartitioned,
    }))
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
