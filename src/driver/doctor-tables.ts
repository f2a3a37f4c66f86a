import { qualifiedName, type ColumnSpec, type TableSpec } from '../catalog/spec.ts'
import { SqlError } from '../errors.ts'
import type { CallOptions } from '../odoo/call.ts'
import type { OdooClient } from '../odoo/client.ts'
import { sourceOf, type TableOnServer } from '../planner/server.ts'
import type { Check } from './doctor.ts'

/** The right to read a published table, and which of its columns this server and this user lack. */
export async function tableChecks(
  client: OdooClient,
  table: TableSpec,
  options: CallOptions,
): Promise<readonly Check[]> {
  const subject = `table ${qualifiedName(table)}`
  const { model } = table
  const fields = await fieldsOrNone(client, model, options)
  if (fields === undefined)
    return [
      {
        subject,
        verdict: 'warning',
        found: `this Odoo has no model ${model}`,
        remedy: 'Install the Odoo module that brings it, or leave the table alone.',
      },
    ]
  if (!(await client.canRead(model, options)))
    return [
      {
        subject,
        verdict: 'failed',
        found: `this user may not read ${model}`,
        remedy: 'Ask an administrator of that Odoo for the right to read it, or log in as a user who has it.',
      },
    ]
  await client.search(model, { domain: { kind: 'all' }, order: 'id', limit: 1 }, options)
  const server = onServer(client, table, fields)
  return [{ subject, verdict: 'ok', found: 'readable' }, columnsCheck(table, server)]
}

async function fieldsOrNone(
  client: OdooClient,
  model: string,
  options: CallOptions,
): Promise<TableOnServer['fields'] | undefined> {
  try {
    return await client.fieldsGet(model, options)
  } catch (thrown) {
    if (thrown instanceof SqlError && thrown.condition === 'undefined_table') return undefined
    // Some models tell their fields only to those who may read them; whether this user may is asked next.
    if (thrown instanceof SqlError && thrown.condition === 'insufficient_privilege') return new Map()
    throw thrown
  }
}

const onServer = (
  { name, version, capabilities }: OdooClient,
  table: TableSpec,
  fields: TableOnServer['fields'],
): TableOnServer => ({ table, partition: name, version, capabilities, fields, ordersBytewise: false })

function columnsCheck(table: TableSpec, server: TableOnServer): Check {
  const subject = `columns of ${qualifiedName(table)}`
  const missing = table.columns.flatMap((column): [ColumnSpec, string][] => {
    const source = sourceOf(column, server)
    return source.kind === 'missing' ? [[column, source.reason]] : []
  })
  if (missing.length === 0) return { subject, verdict: 'ok', found: `all ${table.columns.length} are there` }
  const byReason = new Map<string, string[]>()
  for (const [{ name }, reason] of missing) byReason.set(reason, [...(byReason.get(reason) ?? []), name])
  const reasons = [...byReason].map(([reason, names]) => `${names.join(', ')} (${reason})`)
  const found = `${missing.length} of ${table.columns.length} are NULL: ${reasons.join('; ')}`
  const major = server.version.major
  const isOfOtherVersions = missing.every(
    ([column]) => (column.since ?? major) > major || (column.until ?? major) < major,
  )
  if (isOfOtherVersions) return { subject, verdict: 'ok', found }
  return {
    subject,
    verdict: 'warning',
    found,
    remedy: 'Where they are wanted: add the Odoo user to the group, or install the module, that is named.',
  }
}
