import type { TableSpec } from '../catalog/spec.ts'
import type { CallOptions } from '../odoo/call.ts'
import type { FieldInfo, OdooClient } from '../odoo/client.ts'
import { readingOneByOne } from '../odoo/one-by-one.ts'
import type { TableOnServer } from '../planner/server.ts'
import type { ConnectOptions } from './config.ts'
import { ordersBytewise } from './text-order.ts'

/** An open partition: its client, and what was learned of its tables. */
export interface Partition {
  readonly client: OdooClient
  /** How the table stands on this server, asked once. Unknown model: 42P01. */
  tableOnServer(table: TableSpec, options: CallOptions): Promise<TableOnServer>
  /** Whether a plan has asked for the text order, and it is still to be proven. */
  readonly isTextOrderWanted: boolean
  /** Asks the server once; from then on `tableOnServer` tells the outcome. */
  proveTextOrder(options: CallOptions): Promise<boolean>
}

export function openPartition(
  opened: OdooClient,
  textOrder: ConnectOptions['textOrder'] = 'auto',
): Partition {
  const fieldsOfModel = new Map<string, ReadonlyMap<string, FieldInfo>>()
  const client = readingOneByOne(opened, (model) => fieldsOfModel.get(model))
  let isBytewise = textOrder === 'auto' ? undefined : textOrder === 'server'
  let isTextOrderWanted = false
  return {
    client,
    async tableOnServer(table, options) {
      const fields = fieldsOfModel.get(table.model) ?? (await client.fieldsGet(table.model, options))
      fieldsOfModel.set(table.model, fields)
      const { name: partition, version, capabilities } = client
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
