import type { TableSpec } from '../catalog/spec.ts'
import type { CallOptions } from '../odoo/call.ts'
import type { FieldInfo, OdooClient } from '../odoo/client.ts'
import { readingOneByOne } from '../odoo/one-by-one.ts'
import type { TableOnServer } from '../planner/server.ts'

/** An open partition: its client, and what was learned of its tables. */
export interface Partition {
  readonly client: OdooClient
  /** How the table stands on this server, asked once. Unknown model: 42P01. */
  tableOnServer(table: TableSpec, options: CallOptions): Promise<TableOnServer>
}

export function openPartition(opened: OdooClient, ordersBytewise: boolean): Partition {
  const fieldsOfModel = new Map<string, ReadonlyMap<string, FieldInfo>>()
  const client = readingOneByOne(opened, (model) => fieldsOfModel.get(model))
  return {
    client,
    async tableOnServer(table, options) {
      const fields = fieldsOfModel.get(table.model) ?? (await client.fieldsGet(table.model, options))
      fieldsOfModel.set(table.model, fields)
      const { name: partition, version, capabilities } = client
      return { table, partition, version, capabilities, fields, ordersBytewise }
    },
  }
}
