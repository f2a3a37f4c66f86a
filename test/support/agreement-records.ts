import { Client } from 'pg'
import type { RealServer } from './real-odoo.ts'
import type { DemoDatabase } from '../../src/demo/server.ts'
import { fieldsOf } from '../../src/demo/fields.ts'
import type { DemoField } from '../../src/demo/fields.ts'

type Row = DemoDatabase['records'][string][number]

/** Ids that the calls on a large model keep to; the records these lead to are loaded too. */
export interface Slice {
  readonly records: DemoDatabase['records']
  readonly ids: Readonly<Record<string, readonly number[]>>
}

const SLICES: Readonly<Record<string, string>> = {
  'res.partner': 'id <= 60 OR id BETWEEN 400 AND 640',
  'crm.lead': 'id <= 60 OR id BETWEEN 500 AND 740',
}

/** Many2many fields: table, column of this side, column of the other. */
const LINKS: Readonly<Record<string, readonly [string, string, string]>> = {
  'res.partner.category_id': ['res_partner_res_partner_category_rel', 'partner_id', 'category_id'],
  'res.partner.category.partner_ids': ['res_partner_res_partner_category_rel', 'category_id', 'partner_id'],
  'res.users.company_ids': ['res_company_users_rel', 'user_id', 'cid'],
  'res.company.user_ids': ['res_company_users_rel', 'cid', 'user_id'],
  'crm.lead.tag_ids': ['crm_tag_rel', 'lead_id', 'tag_id'],
}

/**
 * The stored values under a real Odoo, read from its PostgreSQL: NULL is NULL there, and times have microseconds.
 * Two large models are cut to a slice, and to what the slice refers to.
 */
export async function storedRecords(server: RealServer): Promise<Slice> {
  const client = new Client({ connectionString: server.pgUrl })
  await client.connect()
  try {
    const models = fieldsOf(server.version)
    const wanted: Record<string, string> = { ...SLICES }
    wanted['crm.lead'] = SLICES['crm.lead'] ?? ''
    const near = SLICES['res.partner'] ?? ''
    // Partners of users, companies and leads; parents and children of all of these.
    const core = `SELECT id FROM res_partner WHERE ${near} UNION SELECT partner_id FROM res_users
      UNION SELECT partner_id FROM res_company UNION SELECT partner_id FROM crm_lead WHERE ${wanted['crm.lead']}`
    wanted['res.partner'] = `id IN (${core}) OR parent_id IN (${core})
      OR id IN (SELECT parent_id FROM res_partner WHERE id IN (${core}))
      OR id IN (SELECT commercial_partner_id FROM res_partner WHERE id IN (${core}))`
    const records: Record<string, readonly Row[]> = {}
    const ids: Record<string, readonly number[]> = {}
    for (const [model, fields] of models)
      records[model] = await rowsOf(client, model, fields, wanted[model] ?? 'TRUE')
    for (const [model, where] of Object.entries(SLICES)) {
      const { rows } = await client.query<{ id: number }>(
        `SELECT id FROM ${tableOf(model)} WHERE ${where} ORDER BY id`,
      )
      ids[model] = rows.map((row) => row.id)
    }
    return { records, ids }
  } finally {
    await client.end()
  }
}

const tableOf = (model: string): string => model.replaceAll('.', '_')

async function rowsOf(
  client: Client,
  model: string,
  fields: ReadonlyMap<string, DemoField>,
  where: string,
): Promise<Row[]> {
  const table = tableOf(model)
  const { rows: columns } = await client.query<{ column_name: string; data_type: string }>(
    'SELECT column_name, data_type FROM information_schema.columns WHERE table_name = $1',
    [table],
  )
  const types = new Map(columns.map((column) => [column.column_name, column.data_type]))
  const selected = [...fields.values()].flatMap((field) => {
    const expression = expressionFor(model, table, field, types.get(field.name))
    return expression === undefined ? [] : [`${expression} AS "${field.name}"`]
  })
  const { rows } = await client.query<Row>(
    `SELECT ${selected.join(', ')} FROM ${table} WHERE ${where} ORDER BY id`,
  )
  return rows
}

function expressionFor(
  model: string,
  table: string,
  field: DemoField,
  type: string | undefined,
): string | undefined {
  const link = LINKS[`${model}.${field.name}`]
  if (link !== undefined) {
    const [relation, here, there] = link
    return `ARRAY(SELECT ${there} FROM ${relation} WHERE ${here} = ${table}.id ORDER BY 1)`
  }
  if (field.attachment)
    return `(SELECT 'cHJlc2VudA==' FROM ir_attachment WHERE res_model = '${model}' AND res_field = '${field.name}' AND res_id = ${table}.id LIMIT 1)`
  if (type === undefined) return undefined
  const column = `"${field.name}"`
  if (type === 'jsonb') {
    if (field.type === 'properties') return `NULL`
    const text = `${column}->>'${field.translate ? 'en_US' : '1'}'`
    return field.type === 'float' ? `(${text})::float8` : text
  }
  switch (field.type) {
    case 'datetime':
      return `to_char(${column}, 'YYYY-MM-DD HH24:MI:SS.US')`
    case 'date':
      return `to_char(${column}, 'YYYY-MM-DD')`
    case 'float':
    case 'monetary':
      return `${column}::float8`
    case 'binary':
      return `convert_from(${column}, 'UTF8')`
    default:
      return column
  }
}
