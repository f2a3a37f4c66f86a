import { expect } from 'chai'
import { startDemo, type DemoServer } from '../../src/demo/server.ts'
import { connect, type Connection, type ConnectOptions } from '../../src/driver/connection.ts'
import { recordTraffic, type Recorder } from '../support/recorder.ts'
import { describeReal, realServers } from '../support/real-odoo.ts'
import { sqlErrorOf } from '../support/errors.ts'
import { WRITES } from '../support/writes.ts'

/** Every method that may leave the driver; all of them read. */
const READ_METHODS = new Set([
  'common.version',
  'common.login',
  'context_get',
  'fields_get',
  'search',
  'search_read',
  'search_count',
  'read',
  'read_group',
  'formatted_read_group',
])

/** What leaves the driver, seen on the wire between it and Odoo. */
function suite(open: () => Promise<{ options: ConnectOptions; close?: () => Promise<void> }>): void {
  let recorder: Recorder
  let connection: Connection
  let close: (() => Promise<void>) | undefined

  before(async () => {
    const { options, close: end } = await open()
    close = end
    recorder = await recordTraffic(options.url ?? '')
    connection = await connect({ ...options, url: recorder.url })
    // The fields of the table are asked for once.
    await connection.query('SELECT id FROM ir.mail_server LIMIT 1')
  })
  beforeEach(() => {
    recorder.calls.length = 0
  })
  after(async () => {
    await connection.close()
    await recorder.close()
    await close?.()
  })

  it('is nothing at all for a statement that could write', async () => {
    for (const sql of WRITES) {
      const error = await sqlErrorOf(connection.query(sql, sql.includes('$1') ? ['x'] : []))
      expect(error.code, sql).to.equal('25006')
      expect(error.hint, sql).to.be.a('string')
    }
    expect(recorder.calls).to.deep.equal([])
  })

  it('is nothing for a filter that no record can pass', async () => {
    const { rows } = await connection.query(
      "SELECT id FROM ir.mail_server WHERE smtp_port = 25 AND id < 0 OR id = 1 AND _partition = 'nowhere'",
    )
    expect(rows).to.deep.equal([])
    await connection.query('SELECT id FROM ir.mail_server LIMIT 0')
    await connection.query('SELECT id FROM ir.mail_server WHERE smtp_port IS NULL')
    expect(recorder.calls).to.deep.equal([])
  })

  it('asks for the columns of the statement only', async () => {
    await connection.query('SELECT id, name FROM ir.mail_server LIMIT 3')
    await connection.query('SELECT name FROM ir.mail_server WHERE smtp_port > 1 ORDER BY id DESC LIMIT 3')
    expect(recorder.calls.map((call) => call.fields)).to.deep.equal([['id', 'name'], ['name']])
  })

  it('asks for no labels unless they are selected', async () => {
    await connection.query('SELECT create_uid FROM ir.mail_server LIMIT 2')
    for (const call of recorder.calls.filter((one) => one.fields !== undefined))
      expect(call).to.deep.include({ fields: ['create_uid'], load: null })
    recorder.calls.length = 0
    await connection.query('SELECT create_uid_label FROM ir.mail_server LIMIT 2')
    expect(recorder.calls).to.have.length(1)
    expect(recorder.calls[0]).to.deep.include({ fields: ['create_uid'], load: undefined })
  })

  it('counts by one search_count, groups by one group call and a count to check it', async () => {
    const methods = () => recorder.calls.map((call) => call.method.replace('formatted_', '')).sort()
    await connection.query('SELECT count(*) FROM ir.mail_server WHERE smtp_port = 25')
    expect(methods()).to.deep.equal(['search_count'])
    await connection.query('SELECT smtp_encryption, count(*) FROM ir.mail_server GROUP BY 1')
    expect(methods()).to.deep.equal(['read_group', 'search_count', 'search_count'])
  })

  it('carries the same context in every call', async () => {
    await connection.query('SELECT id FROM ir.mail_server LIMIT 1')
    await connection.query('SELECT count(*) FROM ir.mail_server')
    for (const call of recorder.calls)
      expect(call.context).to.deep.equal({ active_test: false, lang: 'en_US' })
  })

  it('is read methods and nothing else, whatever is selected', async () => {
    for (const sql of [
      'SELECT * FROM ir.mail_server ORDER BY name LIMIT 2',
      "SELECT upper(name) FROM ir.mail_server WHERE name ILIKE '%a%'",
      'SELECT a.id FROM ir.mail_server a JOIN ir.mail_server b ON b.id = a.sequence',
      'EXPLAIN ANALYZE SELECT max(smtp_port) FROM ir.mail_server',
      'SELECT nothing_here FROM ir.mail_server',
      'SELECT pg_sleep(1) FROM ir.mail_server',
    ])
      await connection.query(sql).catch(() => undefined)
    expect(recorder.calls.length).to.be.greaterThan(3)
    expect(recorder.calls.filter((call) => !READ_METHODS.has(call.method))).to.deep.equal([])
  })
}

describe('traffic', () => {
  describe('to the demo', () => {
    suite(async () => {
      const demo: DemoServer = await startDemo()
      const { url, login, apiKey } = demo
      return { options: { url, login, apiKey, database: 'demo' }, close: () => demo.close() }
    })
  })

  describeReal('to real servers', ({ url, database, login, password, apiKey }) => {
    describe('by password', () => {
      suite(() => Promise.resolve({ options: { url, database, login, password } }))
    })
    if (realServers().length > 0)
      describe('by API key', () => {
        suite(() => Promise.resolve({ options: { url, database, login, apiKey } }))
      })
  })
})
