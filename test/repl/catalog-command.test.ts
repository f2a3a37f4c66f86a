import { expect } from 'chai'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { catalogOf } from '../../src/catalog/catalog.ts'
import { checkCatalog, loadCatalog } from '../../src/catalog/load.ts'
import { startDemo, type DemoServer } from '../../src/demo/server.ts'
import { openDiscovery } from '../../src/driver/discovery.ts'
import { syncCatalog, tablesOf } from '../../src/repl/catalog-sync.ts'
import { listedTables, requireTable } from '../../src/repl/catalog-text.ts'
import { runCli } from '../support/cli.ts'
import { sqlErrorOf } from '../support/errors.ts'
import { fakeClient, fakeField, fakeServer } from '../support/fake-client.ts'

const none = catalogOf([])
const fields = [
  fakeField('id', 'integer'),
  fakeField('owner_id', 'many2one', { relation: 'res.users', required: true }),
  fakeField('access_token', 'char'),
  fakeField('Odd', 'selection', { selection: [['a', 'A']] }), // prettier-ignore
]
const server = () => ({
  partition: 'fake',
  published: none,
  discovery: openDiscovery(
    fakeClient(
      fakeServer({
        models: {
          'a.b': { fields },
          'a.b.c': { fields },
          'a.b_c': { fields },
          'd.e': { fields: [], isBroken: true },
        },
      }),
    ),
    undefined,
    none,
  ),
  close: () => undefined,
})
const { signal } = new AbortController()

describe('catalog sync', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'odoo-sql-sync-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  it('writes files that check accepts and that load as the same tables', async () => {
    const source = server()
    const { written, failed } = await syncCatalog(source, folder, signal)
    expect(written).to.equal(3)
    // A model whose own code fails does not hold up the others, and is not passed over in silence.
    expect(failed.map(({ table, error }) => `${table} ${error.code}`)).to.deep.equal(['d.e 58000'])
    expect(await checkCatalog(folder)).to.deep.equal([])
    const loaded = await loadCatalog([folder])
    const { tables } = await tablesOf(source, { signal, withPublished: false })
    for (const table of tables)
      expect(loaded.find(table.schema, table.name)).to.deep.equal(JSON.parse(JSON.stringify(table)))
    expect(tables.map(({ model, name }) => `${model} ${name}`)).to.deep.equal([
      'a.b b',
      'a.b.c b_c',
      'a.b_c b_c_2',
    ])
  })

  it('leaves what goes without saying out of the files, and other files alone', async () => {
    await writeFile(join(folder, 'notes.txt'), 'mine')
    await syncCatalog(server(), folder, signal)
    const text = await readFile(join(folder, 'a', 'b.json'), 'utf8')
    expect(text).not.to.match(/"(required|secret)": false|"examples"/)
    expect(text).to.contain('"secret": true').and.to.contain('"required": true')
    expect(await readFile(join(folder, 'notes.txt'), 'utf8')).to.equal('mine')
  })

  it('says where it cannot write', async () => {
    await writeFile(join(folder, 'a'), '')
    expect(await sqlErrorOf(syncCatalog(server(), folder, signal))).to.include({ code: '58000' })
  })
})

describe('catalog list and show', () => {
  it('name the nearest table of the server', async () => {
    expect((await requireTable('A."B"', none, server(), signal)).model).to.equal('a.b')
    const error = await sqlErrorOf(requireTable('a.bb', none, server(), signal))
    expect(error).to.include({ code: '42P01', hint: 'Did you mean "a.b"?' })
  })

  it('list the tables of the server', async () => {
    const text = listedTables(await server().discovery.list({ signal }), none)
    expect(text).to.match(/a\.b_c_2 .*a\.b_c .*Label of a\.b_c/)
  })
})

describe('catalog on a server', function () {
  // Each run compiles the sources anew.
  this.timeout(60_000)
  let demo: DemoServer
  let folder: string
  let config: string
  const cacheHome = process.env['XDG_CACHE_HOME']
  before(async () => {
    demo = await startDemo()
    folder = await mkdtemp(join(tmpdir(), 'odoo-sql-catalog-'))
    const { url, databases, login, apiKey } = demo
    config = join(folder, 'config.json')
    const partitions = Object.fromEntries(
      databases.map((database) => [database, { url, database, login, apiKey }]),
    )
    await writeFile(config, JSON.stringify({ partitions, default: [databases[0]] }))
    // The cache of whoever runs the tests is left alone.
    process.env['XDG_CACHE_HOME'] = folder
  })
  after(async () => {
    if (cacheHome === undefined) delete process.env['XDG_CACHE_HOME']
    else process.env['XDG_CACHE_HOME'] = cacheHome
    await demo.close()
    await rm(folder, { recursive: true })
  })
  const run = (...args: string[]) => runCli(args)

  it('lists, shows, types and syncs', async () => {
    const files = join(folder, 'files')
    const [list, show, types, sync] = await Promise.all([
      run('catalog', 'list', '--config', config),
      run('catalog', 'show', 'res.partnr', '--config', config),
      run('catalog', 'types', 'ir.mail_server', 'res.partner', '--config', config),
      run('catalog', 'sync', files, '--config', config),
    ])
    for (const { code, err } of [list, types, sync]) expect({ code, err }).to.deep.equal({ code: 0, err: '' })
    expect(list.out).to.contain('ir.mail_server').and.to.contain('res.partner')
    expect(types.out)
      .to.contain('export interface IrMailServer {')
      .and.to.contain('export interface ResPartner {')
    expect(sync.out).to.match(/^Wrote \d+ tables of \w+ to /)
    expect(show.code).to.equal(1)
    expect(show.err).to.contain('42P01').and.to.contain('Did you mean "res.partner"?')
    expect(await checkCatalog(files)).to.deep.equal([])
    const query = await run(
      '--config',
      config,
      '--catalog',
      files,
      '-c',
      'SELECT id FROM res.partner ORDER BY id LIMIT 1',
    )
    expect(query).to.deep.include({ code: 0, err: '' })
  })

  it('ends with 3 where nothing answers, and with 2 where a server is needed and none is named', async () => {
    const [gone, unnamed, show] = await Promise.all([
      run('catalog', 'list', 'odoo://u:p@127.0.0.1:1/d'),
      run('catalog', 'sync', join(folder, 'none')),
      // What a file describes needs no server.
      run('catalog', 'show', 'ir.mail_server', 'odoo://u@127.0.0.1:1/d'),
    ])
    expect(gone.code, gone.err).to.equal(3)
    expect(unnamed.code, unnamed.err).to.equal(2)
    expect(show.code, show.err).to.equal(0)
  })
})
