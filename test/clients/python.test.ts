import { expect } from 'chai'
import { loadCatalog } from '../../src/catalog/load.ts'
import { describeBridges, fileHere, jsonOf, rowsOf, type Bridge } from './bridge.ts'

/** Debian's, for which the clients are packaged; another python3 may stand first on the PATH. */
const PYTHON = '/usr/bin/python3'
const PACKAGES = '/usr/lib/python3/dist-packages'
const SERVER_TYPES = ['int', 'str', 'str', 'int', 'bool', 'datetime']

const client = <Got>(bridge: Bridge, name: string, ...args: readonly string[]): Promise<Got> =>
  jsonOf(bridge, PYTHON, [fileHere(`python/${name}_client.py`), ...args]) as Promise<Got>

const idsOf = ({ servers }: Bridge, from = 1): number[] =>
  servers.map(({ id }) => id).filter((id) => id >= from)
const copiedOf = ({ servers }: Bridge): unknown[][] => servers.slice(0, 2).map(({ id, name }) => [id, name])

describeBridges('psycopg2', [PYTHON, `${PACKAGES}/psycopg2`], (bridge) => {
  it('reads, binds, moves in cursors, copies, cancels and keeps to its transactions', async () => {
    const { rows, by_ids, by_name, copied, undefined_column, version_number, ...others } = await client<{
      rows: unknown
      by_ids: unknown
      by_name: number[][]
      copied: string
      undefined_column: unknown
      version_number: number
    }>(bridge(), 'psycopg2')
    expect(rows).to.deep.equal(rowsOf(bridge()))
    expect(by_ids).to.deep.equal(
      idsOf(bridge())
        .filter((id) => id === 2 || id === 3)
        .map((id) => [id]),
    )
    const { servers } = bridge()
    const namesakes = servers.filter(({ name }) => name === servers[0]!.name)
    expect(by_name).to.deep.equal(namesakes.map(({ id }) => [id]))
    expect(copied).to.equal(
      copiedOf(bridge())
        .map((row) => `${row.join('\t')}\n`)
        .join(''),
    )
    expect(undefined_column).to.deep.equal(['42703', 'column "nope" does not exist', '8'])
    expect(version_number).to.be.at.least(150_000)
    expect(others).to.deep.equal({
      types: SERVER_TYPES,
      echoed: true,
      in_transaction: true,
      spoiled: true,
      named_cursor: idsOf(bridge(), 2),
      scrolled: [[1], [4], [2], [9], [10]],
      held: [[1], [2], [3]],
      write: '25006',
      division: '22012',
      cancelled: '57014',
      after_cancel: [[1]],
      isolation: [['repeatable read']],
      autocommit: true,
      encoding: 'UTF8',
    })
  })
})

describeBridges('psycopg 3', [PYTHON, `${PACKAGES}/psycopg`], (bridge) => {
  it('reads and binds in text and in binary, prepares, pipelines, streams and copies', async () => {
    const rows = rowsOf(bridge())
    expect(await client(bridge(), 'psycopg3')).to.deep.equal({
      rows_text: rows,
      types_text: SERVER_TYPES,
      rows_binary: rows,
      types_binary: SERVER_TYPES,
      echoed_t_text: true,
      echoed_t_binary: true,
      echoed_b_text: true,
      echoed_b_binary: true,
      pipeline: [[[1]], idsOf(bridge(), 2).map((id) => [id]), [['three']]],
      pipeline_error: '42703',
      after_pipeline: [3],
      server_cursor: idsOf(bridge(), 2),
      scrolled: [[5], [6]],
      savepoint_error: '42703',
      streamed: idsOf(bridge()),
      copied: copiedOf(bridge()),
      copied_binary: [[1, 'x']],
      dictionary: { one: 1, none: null },
      prepared: [1, 2, 3, 4, 5, 6, 7, 8],
      asynchronous: rows.length,
    })
  })
})

describeBridges(
  'SQLAlchemy and pandas',
  [PYTHON, `${PACKAGES}/sqlalchemy`, `${PACKAGES}/pandas`],
  (bridge) => {
    const SQLALCHEMY_TYPES: Record<string, string> = {
      text: 'TEXT',
      int4: 'INTEGER',
      bool: 'BOOLEAN',
      timestamp: 'TIMESTAMP',
      bytea: 'BYTEA',
    }
    interface Inspected {
      schemas: string[]
      tables: Record<string, string[]>
      columns: [string, string, boolean, string][]
      partner_columns: Record<string, string>
      foreign_keys: unknown[]
      table_comment: string
      [other: string]: unknown
    }
    let got: Inspected
    before(async () => {
      got = await client<Inspected>(bridge(), 'sqlalchemy')
    })

    it('inspects schemas, tables, columns with types and comments, and keys', async () => {
      const table = (await loadCatalog()).tables.find(({ model }) => model === 'ir.mail_server')!
      expect(got.schemas).to.include.members(['ir', 'res', 'public'])
      expect(got.tables['ir']).to.include('mail_server')
      expect(got.tables['res']).to.include.members(['partner', 'users', 'country', 'company'])
      const types = table.columns.map(({ name, type }) => [
        name,
        SQLALCHEMY_TYPES[type],
        !bridge().key.includes(name),
      ])
      expect(got.columns.map((column) => column.slice(0, 3))).to.deep.equal([
        ...types,
        ['_partition', 'TEXT', bridge().key.length === 1],
      ])
      for (const [place, { description }] of table.columns.entries())
        expect(got.columns[place]![3]).to.include(description)
      expect(got.table_comment).to.include(table.description)
      expect(got.partner_columns).to.include({ id: 'INTEGER', country_id: 'INTEGER', name: 'TEXT' })
      const { key } = bridge()
      expect(got.foreign_keys).to.deep.include([['country_id', ...key.slice(1)], 'res', 'country', key])
      expect(got).to.deep.include({
        default_schema: 'ir',
        views: [],
        primary_key: key,
        indexes: [],
        unique: [],
        checks: [],
        has_table: [true, false],
      })
    })

    it('reads a reflected table, streams it, and fills data frames of the right types', () => {
      const { servers } = bridge()
      const chosen = servers.filter(({ id }) => id === 2 || id === 3)
      expect(got).to.deep.include({
        selected: chosen.map(({ id, name }) => [id, name]),
        streamed: idsOf(bridge()),
        dtypes: {
          id: 'int64',
          name: 'object',
          smtp_port: 'int64',
          active: 'bool',
          create_date: 'datetime64[ns]',
          share: 'float64',
        },
        frame: servers.map(({ id, name, smtp_port, active }) => [id, name, smtp_port, active]),
        earliest: servers.map(({ create_date }) => create_date).sort()[0],
        chunks: [10, 10, 5],
      })
    })
  },
)
