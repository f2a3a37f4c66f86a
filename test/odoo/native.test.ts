import { expect } from 'chai'
import { connect, type Connection, type ConnectOptions } from '../../src/driver/connection.ts'
import { sqlErrorOf } from '../support/errors.ts'
import { describeReal } from '../support/real-odoo.ts'

const INSERT = `INSERT INTO native.NativePlatformScalarRequests
  (MODEL, METHOD, PAYLOAD_TEXT, DRY_RUN, FAIL_ON_ERROR) VALUES ($1, $2, $3, $4, $5)`
const SELECT = `SELECT partition, model, method, result_text, successful, error_message_code, dry_run
  FROM native.NativePlatformScalarRequests ORDER BY id`

interface Requested {
  readonly method: string
  readonly result_text: string | null
  readonly successful: boolean
  readonly error_message_code: string | null
  readonly dry_run: boolean
}

describeReal('native requests', ({ url, database, login, password, apiKey, version }) => {
  const isJson2 = version >= 19
  const open = (nativeRequests: NonNullable<ConnectOptions['nativeRequests']>): Promise<Connection> =>
    connect({ url, database, login, ...(isJson2 ? { apiKey } : { password }), nativeRequests })
  const insert = (
    connection: Connection,
    model: string,
    method: string,
    payload: unknown,
    { dryRun = false, failOnError = true } = {},
  ) => connection.query(INSERT, [model, method, JSON.stringify(payload), dryRun, failOnError])

  it('are refused like any write unless they are switched on', async () => {
    const connection = await open('off')
    try {
      const before = (await connection.query('SELECT count(*) AS n FROM system.calls')).rows
      const error = await sqlErrorOf(insert(connection, 'res.partner', 'read', { ids: [1] }))
      expect(error.code).to.equal('25006')
      expect((await connection.query('SELECT count(*) AS n FROM system.calls')).rows).to.deep.equal(before)
    } finally {
      await connection.close()
    }
  })

  it('may only read at the level read', async () => {
    const connection = await open('read')
    try {
      await insert(connection, 'res.partner', 'read', { ids: [1], fields: ['id'] })
      const refused = await sqlErrorOf(insert(connection, 'res.partner', 'unlink', { ids: [1] }))
      expect(refused.code).to.equal('42501')
      await insert(connection, 'res.partner', 'no_such', {}, { failOnError: false })
      expect(
        (await sqlErrorOf(connection.query("INSERT INTO res.partner (name) VALUES ('x')"))).code,
      ).to.equal('25006')
      const { rows } = await connection.query<Requested>(SELECT)
      expect(rows.map((row) => [row.method, row.successful, row.error_message_code])).to.deep.equal([
        ['read', true, null],
        ['unlink', false, '42501'],
        ['no_such', false, '42501'],
      ])
      expect(JSON.parse(rows[0]?.result_text ?? '')).to.deep.equal([{ id: 1 }])
    } finally {
      await connection.close()
    }
  })

  it('write at the level write, once, and not in a dry run', async () => {
    const connection = await open('write')
    const named = async (): Promise<number> =>
      (await connection.query("SELECT id FROM res.partner_category WHERE name = 'Native request'")).rowCount
    const create = isJson2
      ? { vals_list: [{ name: 'Native request' }] }
      : { args: [[{ name: 'Native request' }]] }
    try {
      await insert(connection, 'res.partner.category', 'create', create, { dryRun: true })
      expect(await named()).to.equal(0)
      await insert(connection, 'res.partner.category', 'create', create)
      expect(await named()).to.equal(1)
      const { rows } = await connection.query<Requested>(SELECT)
      expect(rows.map((row) => [row.dry_run, row.successful])).to.deep.equal([
        [true, true],
        [false, true],
      ])
      const ids = JSON.parse(rows[1]?.result_text ?? '') as number[]
      await insert(connection, 'res.partner.category', 'unlink', { ids })
      expect(await named()).to.equal(0)
      const failed = await sqlErrorOf(insert(connection, 'res.partner.category', 'no_such', {}))
      expect(failed.code).to.equal('58000')
    } finally {
      await connection.close()
    }
  })
})
