import { expect } from 'chai'
import { readdirSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import type { TableSpec } from '../../src/catalog/spec.ts'
import { loadCatalog } from '../../src/catalog/load.ts'
import { SQL_TYPES } from '../../src/catalog/types.ts'
import { describeBridges, fileHere, jsonOf, type Bridge } from './bridge.ts'

/** What a named statement gave: rows, or the SQLSTATE that it failed with. */
interface Answer {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly unknown[])[]
  /** Whether binary gave the same: `same`, `different` or a SQLSTATE; left out for several statements at once. */
  readonly binary?: string
  readonly error?: string
}
type Answers = Readonly<Record<string, Answer>>

const FILES = readdirSync(fileHere('queries')).sort()
const PYTHON = '/usr/bin/python3'

/** Statements whose second run may differ from the first, and those that PostgreSQL itself cannot answer in binary. */
const NOT_TWICE = new Set(['looker processes', 'pgadmin dashboard'])
const NOT_BINARY = new Set([
  'dbeaver schemas',
  'dbeaver tables',
  'dbeaver columns',
  'dbeaver databases',
  'dbeaver tablespaces',
])

describeBridges('what tools ask', [PYTHON, '/usr/lib/python3/dist-packages/psycopg'], (bridge) => {
  let table: TableSpec
  let got: Readonly<Record<string, Answers>>
  before(async function () {
    this.timeout(120_000)
    table = (await loadCatalog()).tables.find(({ model }) => model === 'ir.mail_server')!
    const files = FILES.map((file) => fileHere(`queries/${file}`))
    got = (await jsonOf(bridge(), PYTHON, [fileHere('python/queries_client.py'), ...files])) as typeof got
  })

  for (const file of FILES) {
    const tool = basename(file, '.sql')
    it(`${tool}: every statement answers, in text and binary alike, or fails as is said of it`, () => {
      const failures = Object.entries(got[tool]!).filter(([, { error }]) => error !== undefined)
      expect(Object.fromEntries(failures.map(([name, { error }]) => [name, error]))).to.deep.equal(
        expectedFailures(file),
      )
      const unlike = Object.entries(got[tool]!).filter(
        ([name, { binary }]) =>
          !['same', undefined].includes(binary) &&
          ![NOT_TWICE, NOT_BINARY].some((set) => set.has(`${tool} ${name}`)),
      )
      expect(unlike.map(([name, { binary }]) => `${name}: ${binary ?? ''}`)).to.deep.equal([])
    })
  }

  /** Cells of some columns of each row. */
  const cells = (tool: string, name: string, ...columns: readonly string[]): unknown[][] => {
    const { columns: all, rows } = got[tool]![name]!
    return rows.map((row) => columns.map((column) => row[all.indexOf(column)]))
  }
  const names = (): string[] => [...table.columns.map(({ name }) => name), '_partition']
  const titles = (): string[] => [...table.columns.map(({ type }) => SQL_TYPES[type].title), 'text']
  const TABLE = 'ir mail_server'

  it('each tool that lists tables finds ours', () => {
    const lists: Record<string, unknown[][]> = {
      metabase: cells('metabase', 'tables', 'schema', 'name'),
      powerbi: cells('powerbi', 'tables', 'table_schema', 'table_name'),
      tableau: cells('tableau', 'tables', 'nspname', 'relname'),
      privileges: cells('metabase', 'privileges', 'schema', 'table'),
      dbeaver: cells('dbeaver', 'tables', 'relname').map((row) => ['ir', ...row]),
      pgadmin: cells('pgadmin', 'tables', 'name').map((row) => ['ir', ...row]),
      grafana: cells('grafana', 'tables', 'table').map((row) => ['ir', ...row]),
    }
    for (const [tool, found] of Object.entries(lists))
      expect(
        found.map((row) => row.join(' ')),
        tool,
      ).to.include(TABLE)
    for (const [tool, name] of [
      ['looker', 'schemas'],
      ['grafana', 'schemas'],
      ['metabase', 'schemas'],
    ] as const)
      expect(got[tool]![name]!.rows.flat(), tool).to.include.members(['ir', 'res'])
  })

  it('each tool that lists columns finds them in order, with types', () => {
    const lists: Record<string, unknown[][]> = {
      powerbi: cells('powerbi', 'columns', 'column_name', 'data_type'),
      looker: cells('looker', 'columns', 'column_name', 'data_type'),
      pgadmin: cells('pgadmin', 'columns', 'name', 'datatype'),
      grafana: cells('grafana', 'columns', 'column', 'type'),
    }
    const wanted = names().map((name, place) => [name, titles()[place]])
    for (const [tool, found] of Object.entries(lists)) expect(found, tool).to.deep.equal(wanted)
    const types = [...table.columns.map(({ type }) => type), 'text']
    expect(cells('metabase', 'fields', 'name', 'database-type', 'pk?')).to.deep.equal(
      names().map((name, place) => [name, types[place], bridge().key.includes(name)]),
    )
    expect(cells('tableau', 'columns', 'attname', 'typname')).to.deep.equal(
      names().map((name, place) => [name, types[place]]),
    )
    expect(cells('dbeaver', 'columns', 'attname').flat()).to.deep.equal(names())
  })

  it('comments of the table and of every column are there', () => {
    const comments: Record<string, unknown[][]> = {
      dbeaver: cells('dbeaver', 'columns', 'description'),
      metabase: cells('metabase', 'fields', 'field-comment'),
      pgadmin: cells('pgadmin', 'columns', 'description'),
    }
    for (const [tool, found] of Object.entries(comments))
      for (const [place, { description }] of table.columns.entries())
        expect(found[place]![0], tool).to.include(description)
    const described = cells('metabase', 'tables', 'schema', 'name', 'description')
    expect(described.find(([schema, name]) => `${String(schema)} ${String(name)}` === TABLE)![2]).to.include(
      table.description,
    )
  })

  it('primary and foreign keys are there', () => {
    expect(cells('powerbi', 'primary keys', 'column_name', 'primary_key')).to.deep.equal(
      bridge().key.map((name) => [name, 'Y']),
    )
    expect(cells('metabase', 'indexes', 'table-name', 'field-name')).to.deep.include(['mail_server', 'id'])
    const key = ['res', 'partner', 'country_id', 'res', 'country', 'id']
    expect(got['metabase']!['foreign keys']!.rows).to.deep.include(key)
    const referring = ['fk_table_schema', 'fk_table_name', 'fk_column_name', 'pk_column_name']
    expect(cells('powerbi', 'foreign keys', ...referring)).to.deep.include([
      'res',
      'partner',
      'country_id',
      'id',
    ])
    expect(cells('dbeaver', 'constraints', 'contype').flat()).to.include.members(['p', 'f'])
  })

  it('charts and previews show what is in Odoo', () => {
    const { servers } = bridge()
    expect(got['dbeaver']!['count']!.rows).to.deep.equal([[servers.length]])
    expect(got['asyncpg']!['rows']!.rows).to.deep.equal(
      servers.map(({ id, name, smtp_port, active, create_date }) => [
        id,
        name,
        smtp_port,
        active,
        create_date,
      ]),
    )
    expect(cells('powerbi', 'preview', 'id', 'name')).to.have.deep.members(
      servers.map(({ id, name }) => [id, name]),
    )
    expect(got['powerbi']!['folded step']!.rows).to.deep.equal(
      countsBy(bridge(), ({ active, smtp_port }) => (active ? smtp_port : undefined)),
    )
    expect(got['tableau']!['sheet']!.rows).to.have.deep.members(
      countsBy(bridge(), ({ active, smtp_port }) => (active ? smtp_port : undefined)),
    )
    expect(got['metabase']!['question']!.rows).to.deep.equal(
      countsBy(bridge(), ({ active, create_date }) =>
        active ? `${create_date.slice(0, 7)}-01 00:00:00` : undefined,
      ),
    )
    expect(got['tableau']!['dates']!.rows).to.deep.equal(
      countsBy(bridge(), ({ create_date }) => Number(create_date.slice(0, 4))),
    )
    expect(got['superset']!['preview']!.rows).to.have.lengthOf(Math.min(101, servers.length))
  })
})

/** The SQLSTATEs that a file says of its statements, by their names. */
function expectedFailures(file: string): Record<string, string> {
  const text = readFileSync(fileHere(`queries/${file}`), 'utf8')
  const named = text.matchAll(/^-- name: (.+)\n-- fails: (.+)$/gm)
  return Object.fromEntries([...named].map(([, name, code]) => [name!, code!]))
}

/** How many mail servers there are for each key, in the order of keys. */
function countsBy<Key extends string | number>(
  { servers }: Bridge,
  keyOf: (server: Bridge['servers'][number]) => Key | undefined,
): [Key, number][] {
  const counts = new Map<Key, number>()
  for (const key of servers.map(keyOf)) if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + 1)
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1))
}
