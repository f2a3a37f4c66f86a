import { expect } from 'chai'
import { Client } from 'pg'
import { PARTITION_COLUMN_NAME, fieldOf, qualifiedName } from '../../src/catalog/spec.ts'
import type { ColumnSpec, TableSpec } from '../../src/catalog/spec.ts'
import { connect } from '../../src/driver/connection.ts'
import type { Connection } from '../../src/driver/connection.ts'
import { connectOdoo } from '../support/odoo-rpc.ts'
import { textOf } from '../support/oracle.ts'
import { describeReal } from '../support/real-odoo.ts'
import type { RealServer } from '../support/real-odoo.ts'

/** Fields that Odoo computes and stores nowhere: their values are asked for one record at a time, without our code. */
const COMPUTED = ['smtp_authentication_info', 'google_gmail_uri']

type Values = Record<string, string | null>

describeReal(
  'SELECT * FROM ir.mail_server equals the table ir_mail_server in the database under Odoo',
  (server) => {
    const { version, url, database, login, password, apiKey } = server
    const transports = {
      'JSON-RPC': { url, database, login, password },
      ...(version === 14 ? {} : { 'JSON-2': { url, database, login, apiKey } }),
    }
    let under: Client
    before(async () => {
      under = new Client({
        connectionString: server.pgUrl,
        types: { getTypeParser: () => (text: string) => text },
      })
      await under.connect()
      await under.query("SET TimeZone = 'UTC'; SET DateStyle = 'ISO'")
    })
    after(() => under.end())

    for (const [transport, options] of Object.entries(transports))
      it(`value by value over ${transport}, archived rows included`, async function () {
        this.timeout(120_000)
        const connection = await connect({ ...options, revealSecrets: true })
        try {
          const table = connection.catalog.find('ir', 'mail_server')!
          const given = await readByName(connection, table)
          const stored = await readStored(under, table, server)
          expect(given.length).to.be.at.least(300)
          expect(given.filter(({ active }) => active === 'f').length).to.be.above(0)
          expect(given.map(({ id }) => id)).to.deep.equal(stored.map(({ id }) => id))
          given.forEach((row, at) => {
            expect(row, `server ${String(row.id)}`).to.deep.equal(stored[at])
          })
        } finally {
          await connection.close()
        }
      })
  },
)

async function readByName(connection: Connection, table: TableSpec): Promise<Values[]> {
  const cursor = await connection.cursor(`SELECT * FROM ${qualifiedName(table)} ORDER BY id`)
  const rows: Values[] = []
  for await (const batch of cursor)
    for (const row of batch)
      rows.push(
        Object.fromEntries(cursor.columns.map(({ name, type }, at) => [name, textOf(row[at] ?? null, type)])),
      )
  return rows
}

/**
 * The same rows from the database itself, with the mapping of Odoo's API written out: a NULL number reads 0 and a NULL
 * boolean false, microseconds are cut off, labels come from the tables behind the links.
 */
async function readStored(client: Client, table: TableSpec, server: RealServer): Promise<Values[]> {
  const { rows: found } = await client.query<{ column_name: string }>(
    "SELECT column_name FROM information_schema.columns WHERE table_name = 'ir_mail_server'",
  )
  const present = new Set(found.map(({ column_name }) => column_name))
  const { rows: tables } = await client.query<{ table_name: string }>(
    "SELECT table_name FROM information_schema.tables WHERE table_name = 'mailing_mailing'",
  )
  const hasMailings = tables.length > 0
  const items = table.columns.map(
    (column) => `${stored(column, present, hasMailings, server)} AS ${column.name}`,
  )
  const { rows } = await client.query<Values>(`
    SELECT ${items.join(', ')}, '${server.database}' AS ${PARTITION_COLUMN_NAME}
    FROM ir_mail_server AS s
    LEFT JOIN res_users AS create_user ON create_user.id = s.create_uid
    LEFT JOIN res_partner AS create_uid_partner ON create_uid_partner.id = create_user.partner_id
    LEFT JOIN res_users AS write_user ON write_user.id = s.write_uid
    LEFT JOIN res_partner AS write_uid_partner ON write_uid_partner.id = write_user.partner_id
    ORDER BY s.id`)
  return addComputed(rows, server)
}

/** The SQL of one column's value, as the API shows it. */
function stored(
  column: ColumnSpec,
  present: ReadonlySet<string>,
  hasMailings: boolean,
  { version }: RealServer,
) {
  const field = fieldOf(column)
  // Odoo 19 has no display name for an empty name; 14 has an empty one.
  if (field === 'display_name') return version === 14 ? 's.name' : "nullif(s.name, '')"
  if (column.part === 'label') return `${field}_partner.name`
  if (field === 'mail_template_ids' && version >= 16)
    return links('SELECT id FROM mail_template WHERE mail_server_id = s.id')
  if (field === 'active_mailing_ids' && version >= 16 && hasMailings)
    return links("SELECT id FROM mailing_mailing WHERE mail_server_id = s.id AND state <> 'done' AND active")
  if (!present.has(field)) return 'NULL'
  switch (column.fieldType) {
    case 'integer':
      return `coalesce(s.${field}, 0)`
    case 'boolean':
      return `coalesce(s.${field}, false)`
    case 'datetime':
      return `date_trunc('second', s.${field})`
    case 'binary':
      // Odoo keeps the base64 text in a bytea column.
      return `decode(convert_from(s.${field}, 'UTF8'), 'base64')`
    default:
      return `s.${field}::text`
  }
}

const links = (select: string) =>
  `coalesce((SELECT json_agg(id ORDER BY id)::text FROM (${select}) AS linked), '[]')`

async function addComputed(rows: Values[], server: RealServer): Promise<Values[]> {
  const odoo = await connectOdoo(server)
  const known = (await odoo.call('ir.mail_server', 'fields_get', [[], ['type']])).result as Record<
    string,
    unknown
  >
  const fields = COMPUTED.filter((field) => field in known)
  const added: Values[] = []
  for (const row of rows) {
    const { result } =
      fields.length === 0
        ? { result: [{}] }
        : await odoo.call('ir.mail_server', 'read', [[Number(row.id)], fields])
    const [record = {}] = result as Record<string, string | false>[]
    const computed = COMPUTED.map((field) => [
      field,
      record[field] === false ? null : (record[field] ?? null),
    ])
    added.push({ ...row, ...(Object.fromEntries(computed) as Values) })
  }
  return added
}
