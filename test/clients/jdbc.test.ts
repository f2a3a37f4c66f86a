import { expect } from 'chai'
import pg from 'pg'
import { loadCatalog } from '../../src/catalog/load.ts'
import { describeBridges, fileHere, runProgram, type Bridge } from './bridge.ts'

const DRIVER = '/usr/share/java/postgresql.jar'
const MINUTES = 60_000

/** Cells of each line that a program prints. */
async function linesOf(bridge: Bridge, program: string, args: readonly string[]): Promise<string[][]> {
  const { code, out, err } = await runProgram(bridge, 'java', [
    '-Xshare:auto',
    '-XX:TieredStopAtLevel=1',
    '-Duser.timezone=UTC',
    '-cp',
    DRIVER,
    fileHere(`java/${program}.java`),
    ...args,
  ])
  expect([code, err]).to.deep.equal([0, ''])
  return out
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t'))
}

const urlOf = ({ host, port, database, user, password }: Bridge): string =>
  `jdbc:postgresql://${host}:${port}/${database}?user=${user}&password=${encodeURIComponent(password)}`

describeBridges('pgjdbc', ['java', DRIVER], (bridge, title) => {
  describe('statements', () => {
    /** How a person may set the driver: by itself; binary from the start; text only; each of its query modes. */
    const ALL_OPTIONS = [
      '',
      'prepareThreshold=1',
      'prepareThreshold=-1',
      'prepareThreshold=0&binaryTransfer=false&defaultRowFetchSize=2',
      'preferQueryMode=extendedForPrepared',
      'preferQueryMode=extendedCacheEverything',
      'preferQueryMode=simple',
    ]
    // What differs between them is the bridge's own; a real server shows the ends of the range.
    const OPTIONS = title === 'demo' ? ALL_OPTIONS : ['', 'prepareThreshold=-1', 'preferQueryMode=simple']
    let lines: string[][]
    before(async function () {
      this.timeout(3 * MINUTES)
      lines = await linesOf(bridge(), 'Statements', [`${urlOf(bridge())}&`, ...OPTIONS])
    })
    const BY_ID = ({ id }: { id: number }): number => id
    const idsOf = (isWanted: (server: Bridge['servers'][number]) => boolean): string =>
      bridge().servers.filter(isWanted).map(BY_ID).join(';')

    for (const options of OPTIONS)
      it(options === '' ? 'as the driver is set by itself' : options, () => {
        const isSimple = options.includes('simple')
        const got = lines.filter(([of]) => of === options).map(([, name, value]) => [name, unescaped(value!)])
        expect(got.filter(([name]) => name === 'server').map(([, value]) => value)).to.deep.equal(
          bridge().servers.map((server) => `${Object.values(server).map(String).join('|')}.0`),
        )
        const [{ name: firstName } = { name: '' }] = bridge().servers.filter(({ id }) => id === 1)
        expect(Object.fromEntries(got.filter(([name]) => name !== 'server'))).to.deep.equal({
          several: '1 2',
          scrolled: '9 4 4',
          escapes: 'A|2024-02-29|2024-02-29 01:02:03|3',
          copied: '3 1,\\N;2,\\N;3,\\N;',
          empty: 'false',
          ...(isSimple ? {} : DESCRIBED),
          'id = ? Integer': idsOf(({ id }) => id === 2),
          'id = ? Long': idsOf(({ id }) => id === 2),
          'id >= ? AND id < ? Integer': idsOf(({ id }) => id >= 2 && id < 5),
          'smtp_port IN (?, ?) Integer': idsOf(({ smtp_port }) => [465, 587].includes(smtp_port)),
          'name = ? String': idsOf(({ name }) => name === firstName),
          'active = ? Boolean': idsOf(({ active }) => !active),
          'create_date >= ? Timestamp': idsOf(({ create_date }) => create_date >= '2025-03-10'),
          'id = ANY (?) PgArray': idsOf(({ id }) => id === 1 || id === 3),
          'name LIKE ? String': idsOf(({ name }) => name.includes('e')),
          fetched: `${bridge().servers.map(BY_ID).join(',')} 66`,
          savepoint: '1 42703 25P02 3',
          readOnly: 'true repeatable read 4',
          valid: 'true',
          schema: 'res t odoo',
          application: 'a report',
          error: '42703 8 column "nope" does not exist',
          write: '25006',
          division: '22012',
          cancelled: '57014',
          'timed out': '57014',
          'goes on': '5',
        })
      })
  })

  describe('metadata', () => {
    let lines: string[][]
    let partition: string
    before(async function () {
      this.timeout(3 * MINUTES)
      const client = new pg.Client(bridge().url)
      await client.connect()
      const { rows } = await client.query<{ name: string }>('SELECT name FROM system.partitions ORDER BY id')
      await client.end()
      partition = rows.at(-1)!.name
      const options = `&currentSchema=res&options=-c%20odoo.partitions=${partition}`
      lines = await linesOf(bridge(), 'Metadata', [`${urlOf(bridge())}${options}`])
    })
    const rowsOf = (method: string): string[][] =>
      lines.filter(([name]) => name === method).map(([, ...cells]) => cells)

    it('lists schemas and tables with their comments', () => {
      const tables = rowsOf('getTables').map((cells) => cells.slice(0, 3).join('.'))
      expect(tables).to.include.members(['ir.mail_server.TABLE', 'res.partner.TABLE', 'res.country.TABLE'])
      expect(rowsOf('getTables').find(([, name]) => name === 'mail_server')![3]).to.match(
        /^Mail Server\. Outgoing/,
      )
      expect(rowsOf('getSchemas').flat()).to.include.members([
        'ir',
        'res',
        'pg_catalog',
        'information_schema',
      ])
      expect(rowsOf('getCatalogs')).to.deep.equal([['odoo']])
      expect(rowsOf('getTableTypes').flat()).to.include.members(['TABLE', 'VIEW'])
    })

    it('lists columns with types and comments', async () => {
      const table = (await loadCatalog()).tables.find(({ model }) => model === 'ir.mail_server')!
      const TYPES: Record<string, number> = { text: 12, bool: -7, timestamp: 93, int4: 4, bytea: -2 }
      const columns = table.columns.map(({ name, type }, place) => [
        name,
        type,
        String(TYPES[type]),
        bridge().key.includes(name) ? '0' : '1',
        String(place + 1),
      ])
      const got = rowsOf('getColumns')
      expect(got.map((cells) => cells.slice(0, 5))).to.deep.equal([
        ...columns,
        ['_partition', 'text', '12', bridge().key.length > 1 ? '0' : '1', String(columns.length + 1)],
      ])
      for (const [place, { description }] of table.columns.entries())
        expect(got[place]![5]).to.include(description)
      const partner = rowsOf('getColumns of partner')
      expect(partner).to.deep.include(['country_id', 'int4'])
      expect(partner).to.deep.include(['country_id_label', 'text'])
    })

    it('lists keys both ways, and the index of the primary key', () => {
      const { key } = bridge()
      const types = ['int4', 'text']
      expect(rowsOf('getPrimaryKeys')).to.deep.equal(
        key.map((name, place) => ['ir', 'mail_server', name, String(place + 1)]),
      )
      expect(rowsOf('getImportedKeys')).to.deep.include(['country_id', 'res', 'country', 'id'])
      expect(rowsOf('getExportedKeys')).to.deep.include(['res', 'partner', 'country_id'])
      expect(rowsOf('getCrossReference')).to.deep.equal(
        key.map((name) => ['partner', name === 'id' ? 'country_id' : name, name]),
      )
      expect(rowsOf('getIndexInfo')).to.deep.equal(key.map((name) => ['mail_server_pkey', 'f', name]))
      expect(rowsOf('getBestRowIdentifier')).to.deep.equal(key.map((name, place) => [name, types[place]]))
    })

    it('takes partition and search path from the URL', () => {
      expect(rowsOf('partitions')).to.deep.equal([[partition]])
      expect(rowsOf('path')).to.deep.equal([['res']])
    })

    it('lists rights: reading is the only one that a user has', () => {
      const granted = rowsOf('getTablePrivileges').map(([, grantee, right]) => `${grantee} ${right}`)
      expect(granted).to.satisfy((all: string[]) => all.some((one) => one.endsWith(' SELECT')))
      expect(
        granted.filter((one) => one.startsWith(`${bridge().user} `) && !/ (SELECT|REFERENCES)$/.test(one)),
      ).to.deep.equal([])
      expect(rowsOf('getColumnPrivileges').every(([column]) => column === 'name')).to.equal(true)
    })

    it('lists types and functions, and says what it is', () => {
      expect(rowsOf('getTypeInfo')).to.deep.include(['int4', '4'])
      expect(rowsOf('getFunctions')).to.deep.include(['pg_catalog', 'btrim'])
      expect(rowsOf('getFunctionColumns')).to.deep.include(['btrim', 'returnValue', 'text'])
      expect(rowsOf('getProcedures')).to.deep.equal([])
      expect(rowsOf('getProcedureColumns')).to.deep.equal([])
      expect(rowsOf('getVersionColumns')).to.deep.equal([['ctid']])
      expect(rowsOf('getClientInfoProperties')).to.deep.equal([['ApplicationName']])
      expect(rowsOf('product')).to.deep.equal([['PostgreSQL', bridge().user]])
      expect(Number(rowsOf('version')[0]![0])).to.be.at.least(15)
      expect(rowsOf('words')).to.deep.equal([['true', '63', '"', '2']])
    })
  })

  describe('Spark', () => {
    it('reads a table by eight connections at once, each of which has Odoo send its own rows only', async function () {
      this.timeout(2 * MINUTES)
      const client = new pg.Client(bridge().url)
      await client.connect()
      const { rows } = await client.query<{ id: number }>('SELECT id FROM res.partner ORDER BY id')
      await client.end()
      const ids = rows.map(({ id }) => id)
      const table = '"res"."partner"'
      const parts = await linesOf(bridge(), 'Partitions', [urlOf(bridge()), table, String(Math.max(...ids))])
      expect(parts).to.have.lengthOf(8)
      const union = parts.flatMap(([, , read = '']) => (read === '' ? [] : read.split(',').map(Number)))
      expect(union.sort((a, b) => a - b)).to.deep.equal(ids)
      for (const [predicate = '', count, , plan, sent] of parts) {
        expect(plan, predicate).to.include(` Domain: ${domainOf(predicate)} `)
        expect(plan, predicate).not.to.include('Checked')
        expect(sent, predicate).to.equal(count)
      }
    })
  })
})

/** What Odoo should be asked for bounds such as `"id" >= 7 AND "id" < 9`; NULL has no place among ids. */
const domainOf = (predicate: string): string =>
  JSON.stringify(
    Array.from(predicate.matchAll(/"id" (>=|<) (\d+)/g), ([, operator, bound]) => [
      'id',
      operator,
      Number(bound),
    ]),
  )

const unescaped = (value: string): string =>
  value.replaceAll(/\\(.)/g, (_, letter: string) => ({ t: '\t', n: '\n' })[letter] ?? letter)

const DESCRIBED = {
  maxRows: '1;2;3',
  parameters: [
    'true|-7|2147483647|-9223372036854775808|0.5|0.1|12345678901234567890.123',
    "it's €?|[0, -1]|2024-02-29|2024-02-29 01:02:03.456|1999-12-31|2024-02-29T01:02:03",
    '2024-02-28T23:02:03Z|00000000-0000-0000-0000-00000000000f|[1, null, 3]|[a, b,c]',
    '{"a": 1}|01:02:03|null|null|null|null|null',
  ].join('|'),
  columns: [
    'id:int4:java.lang.Integer',
    'title:text:java.lang.String',
    'active:bool:java.lang.Boolean',
    'create_date:timestamp:java.sql.Timestamp',
    'half:numeric:java.math.BigDecimal',
  ].join(' '),
  parameterTypes: 'int4',
}
