import { expect } from 'chai'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import * as z from 'zod'
import type { Catalog } from '../../src/catalog/catalog.ts'
import { loadCatalog, publishedDirectory } from '../../src/catalog/load.ts'
import { fieldOf, tableSchema } from '../../src/catalog/spec.ts'
import type { ColumnSpec, SqlTypeName } from '../../src/catalog/spec.ts'
import { connectOdoo } from '../support/odoo-rpc.ts'
import { describeReal } from '../support/real-odoo.ts'

/**
 * The contract of ir.mail_server, noted from its published description: names in their order, type, label
 * (none where the description is silent).
 */
const MAIL_SERVER: readonly (readonly [string, SqlTypeName, string?])[] = [
  ['active_mailing_ids', 'text'],
  ['active', 'bool', 'Active'],
  ['create_date', 'timestamp', 'Created on'],
  ['create_uid_label', 'text'],
  ['create_uid', 'text'],
  ['display_name', 'text', 'Display Name'],
  ['from_filter', 'text', 'FROM Filtering'],
  ['google_gmail_access_token_expiration', 'int4', 'Access Token Expiration Timestamp'],
  ['google_gmail_access_token', 'text', 'Access Token'],
  ['google_gmail_authorization_code', 'text', 'Authorization Code'],
  ['google_gmail_refresh_token', 'text', 'Refresh Token'],
  ['google_gmail_uri', 'text', 'URI'],
  ['id', 'int4', 'ID'],
  ['mail_template_ids', 'text'],
  ['name', 'text', 'Name'],
  ['sequence', 'int4', 'Priority'],
  ['smtp_authentication_info', 'text', 'Authentication Info'],
  ['smtp_authentication', 'text', 'Authenticate with'],
  ['smtp_debug', 'bool', 'Debugging'],
  ['smtp_encryption', 'text', 'Connection Encryption'],
  ['smtp_host', 'text', 'SMTP Server'],
  ['smtp_pass', 'text', 'Password'],
  ['smtp_port', 'int4', 'SMTP Port'],
  ['smtp_ssl_certificate', 'bytea', 'SSL Certificate'],
  ['smtp_ssl_private_key', 'bytea', 'SSL Private Key'],
  ['smtp_user', 'text', 'Username'],
  ['write_date', 'timestamp', 'Last Updated on'],
  ['write_uid_label', 'text'],
  ['write_uid', 'text'],
]

const SECRETS = [
  'google_gmail_access_token',
  'google_gmail_authorization_code',
  'google_gmail_refresh_token',
  'smtp_pass',
  'smtp_ssl_private_key',
]

describe('the published catalog', () => {
  let catalog: Catalog
  before(async () => {
    catalog = await loadCatalog()
  })
  const columns = () => catalog.find('ir', 'mail_server')!.columns

  it('offers the columns of ir.mail_server by name, type and order', () => {
    expect(columns().map(({ name, type }) => `${name} ${type}`)).to.deep.equal(
      MAIL_SERVER.map(([name, type]) => `${name} ${type}`),
    )
  })

  it('labels them as published', () => {
    for (const [name, , label] of MAIL_SERVER)
      if (label !== undefined)
        expect(columns().find((column) => column.name === name)?.label, name).to.equal(label)
  })

  it('masks every secret, and nothing else', () => {
    const secret = columns().filter((column) => column.secret)
    expect(secret.map(({ name }) => name)).to.deep.equal(SECRETS)
    for (const { name, restricted } of secret) expect(restricted, name).to.equal('base.group_system')
  })

  it('has a table, a description and examples for each file that reads as sentences', () => {
    for (const table of catalog.tables) {
      expect(table.examples.length, table.name).to.be.at.least(6)
      for (const { name, description } of table.columns)
        expect(description, `${table.name}.${name}`).to.match(/^[A-Z].*\.$/s)
    }
  })

  it('goes with a JSON Schema that is current (ACCEPT=1 writes it anew)', async () => {
    const path = join(publishedDirectory(), 'schema.json')
    const options = await resolveConfig(path)
    const current = await format(JSON.stringify(z.toJSONSchema(tableSchema, { io: 'input' })), {
      ...options,
      parser: 'json',
    })
    if (process.env.ACCEPT === '1' && process.env.CI === undefined) await writeFile(path, current)
    expect(await readFile(path, 'utf8')).to.equal(current)
  })
})

describeReal('the published catalog against fields_get', (server) => {
  it('knows each field by its type, label, target, group and codes', async () => {
    for (const table of (await loadCatalog()).tables) {
      const { result } = await (await connectOdoo(server)).call(table.model, 'fields_get', [[]])
      const fields = result as Record<string, FieldFacts>
      for (const column of table.columns) {
        const field = fields[fieldOf(column)]
        expect(field !== undefined, `${column.name} is there`).to.equal(isOffered(column, server.version))
        if (field === undefined) continue
        expect(field.type, column.name).to.equal(column.fieldType)
        // Odoo 14 calls a few fields otherwise ("Description" for the name).
        if (server.version > 14) expect(field.string, column.name).to.equal(column.label)
        expect(field.relation, column.name).to.equal(column.relation)
        expect(field.groups, column.name).to.equal(column.restricted)
        const codes = (field.selection ?? []).map(([code]) => code)
        expect(Object.keys(column.values ?? {}), column.name).to.include.members(codes)
      }
    }
  })
})

/** What fields_get tells of one field, as far as it is looked at here. */
interface FieldFacts {
  readonly type: string
  readonly string: string
  readonly relation?: string
  readonly groups?: string
  readonly selection?: readonly (readonly [string, string])[]
}

/** The modules that the servers of the tests have, of those that add columns. */
const MODULES: Record<14 | 19, readonly string[]> = {
  14: ['mail'],
  19: ['mail', 'google_gmail', 'microsoft_outlook', 'mass_mailing'],
}

const isOffered = (column: ColumnSpec, version: 14 | 19): boolean =>
  (column.since ?? 0) <= version &&
  (column.until ?? Infinity) >= version &&
  (column.module === undefined || MODULES[version].includes(column.module))
