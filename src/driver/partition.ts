import type { Catalog } from '../catalog/catalog.ts'
import type { TableSpec } from '../catalog/spec.ts'
import type { CallOptions } from '../odoo/call.ts'
import type { ServerVersion } from '../odoo/capabilities.ts'
import type { FieldInfo, OdooClient } from '../odoo/client.ts'
import { readingOneByOne } from '../odoo/one-by-one.ts'
import type { TableOnServer } from '../planner/server.ts'
import type { CatalogCache } from './catalog-cache.ts'
import type { ConnectOptions } from './config.ts'
import { openDiscovery, type Discovery } from './discovery.ts'
import { ordersBytewise } from './text-order.ts'

/** An open partition: its client, and what was learned of its tables. */
export interface Partition {
  readonly client: OdooClient
  /** Its models as tables. */
  readonly discovery: Discovery
  /** How the table stands on this server, asked once. Unknown model: 42P01. */
  tableOnServer(table: TableSpec, options: CallOptions): Promise<TableOnServer>
  /** Whether a plan has asked for the text order, and it is still to be proven. */
  readonly isTextOrderWanted: boolean
  /** Asks the server once; from then on `tableOnServer` tells the outcome. */
  proveTextOrder(options: CallOptions): Promise<boolean>
}

export interface PartitionSettings {
  readonly published: Catalog
  /** Undefined: what is learned of the models is not kept. */
  readonly cache: CatalogCache | undefined
  readonly textOrder: ConnectOptions['textOrder']
  /** On a version that was not measured, the rules that a stored proof lets be used. */
  readonly proven?: ServerVersion['proven']
}

export function openPartition(
  opened: OdooClient,
  { published, cache, textOrder = 'auto', proven }: PartitionSettings,
): Partition {
  const fieldsOfModel = new Map<string, ReadonlyMap<string, FieldInfo>>()
  const client = readingOneByOne(opened, (model) => fieldsOfModel.get(model))
  const discovery = openDiscovery(client, cache, published)
  let isBytewise = textOrder === 'auto' ? undefined : textOrder === 'server'
  let isTextOrderWanted = false
  const version: ServerVersion = { ...opened.version, proven }
  return {
    client,
    discovery,
    async tableOnServer(table, options) {
      const fields = await discovery.fields(table.model, options)
      fieldsOfModel.set(table.model, fields)
      const { name: partition, capabilities } = client
      return {
        table,
        partition,
        version,
        capabilities,
        fields,
        // Read only where a plan depends on it: most need no proof, and so no call.
        get ordersBytewise() {
          isTextOrderWanted ||= isBytewise === undefined
          return isBytewise ?? false
        },
      }
    },
    get isTextOrderWanted() {
      return isTextOrderWanted && isBytewise === undefined
    },
    async proveTextOrder(options) {
      isBytewise ??= await ordersBytewise(client, options)
      return isBytewise
    },
  }
}
