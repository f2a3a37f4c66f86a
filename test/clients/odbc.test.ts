import { expect } from 'chai'
import { loadCatalog } from '../../src/catalog/load.ts'
import { describeBridges, fileHere, jsonOf, rowsOf, runProgram } from './bridge.ts'

const PYTHON = '/usr/bin/python3'
const NEEDS = ['isql', '/usr/share/psqlodbc', PYTHON, '/usr/lib/python3/dist-packages/pyodbc.pyi']

/** What a person sets in the data source: nothing, or cursors and statements prepared on the server. */
const OPTIONS = {
  plain: '',
  'cursors and server-side prepare': 'UseDeclareFetch=1;UseServerSidePrepare=1;Fetch=100;',
}

describeBridges('psqlODBC', NEEDS, (bridge) => {
  const dataSource = (options: string): string => {
    const { host, port, database, user, password } = bridge()
    return `Driver={PostgreSQL Unicode};Server=${host};Port=${port};Database=${database};Uid=${user};Pwd=${password};BoolsAsChar=0;${options}`
  }

  for (const [title, options] of Object.entries(OPTIONS))
    it(`reads, binds, cancels and describes through pyodbc: ${title}`, async () => {
      const { foreign_keys, tables, types_known, ...got } = (await jsonOf(bridge(), PYTHON, [
        fileHere('python/odbc_client.py'),
        dataSource(options),
      ])) as { foreign_keys: unknown; tables: unknown; types_known: number }
      const table = (await loadCatalog()).tables.find(({ model }) => model === 'ir.mail_server')!
      expect(tables).to.deep.include(['ir', 'mail_server'])
      expect(foreign_keys).to.deep.include(['country_id', 'res', 'country', 'id'])
      expect(types_known).to.be.above(20)
      expect(got).to.deep.equal({
        rows: rowsOf(bridge()),
        types: ['int', 'str', 'str', 'int', 'bool', 'datetime'],
        description: [
          ['id', 'int'],
          ['name', 'str'],
          ['smtp_host', 'str'],
          ['smtp_port', 'int'],
          ['active', 'bool'],
          ['create_date', 'datetime'],
        ],
        by_id: bridge()
          .servers.filter(({ id }) => id >= 2 && id < 5)
          .map(({ id }) => [id]),
        echoed: ['7', "it's €", '1.50', '0.5', '2024-02-29', 'True', '2024-02-29 01:02:03'],
        columns: [...table.columns.map(({ name, type }) => [name, type]), ['_partition', 'text']],
        primary_keys: bridge().key,
        statistics: [...bridge().key].sort(),
        dbms: 'PostgreSQL',
        fetched: [100, 100, 50, 0],
        error: '42703',
        write: '25006',
        cancelled: '57014',
        after_cancel: [[1]],
      })
    })

  it('answers isql', async () => {
    const { code, out, err } = await runProgram(bridge(), 'isql', ['-b', '-k', '-d|', dataSource('')], {
      input: 'SELECT id, name FROM ir.mail_server ORDER BY id\n',
    })
    expect(err).to.equal('')
    expect(code).to.equal(0)
    expect(out.trimEnd().split('\n')).to.include.members(
      bridge().servers.flatMap(({ id, name }) => `${id}|${name}`.split('\n')),
    )
  })
})
