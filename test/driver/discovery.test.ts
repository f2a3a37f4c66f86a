import { expect } from 'chai'
import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { catalogOf } from '../../src/catalog/catalog.ts'
import { tableFromFields } from '../../src/catalog/discover.ts'
import { cacheRoot, openCatalogCache, type CacheIndex } from '../../src/driver/catalog-cache.ts'
import { openDiscovery } from '../../src/driver/discovery.ts'
import { sqlErrorOf } from '../support/errors.ts'
import { fakeClient, fakeField, fakeServer, type FakeServer } from '../support/fake-client.ts'

const char = { fields: [fakeField('id', 'integer'), fakeField('name', 'char')] }
const published = catalogOf([
  tableFromFields(
    { model: 'ir.mail_server', label: 'Mail Server', name: { schema: 'ir', name: 'mail_server' } },
    [],
  ),
])
const namesOf = (tables: readonly { schema: string; name: string }[]) =>
  tables.map(({ schema, name }) => `${schema}.${name}`)

describe('discovery', () => {
  const open = (server: FakeServer) => openDiscovery(fakeClient(server), undefined, published)

  it('asks nothing before it is asked, and each thing once', async () => {
    const server = fakeServer({ models: { 'a.b': char, 'c.d': char } })
    const discovery = open(server)
    expect(server.calls).to.deep.equal([])
    const [one, same] = await Promise.all([discovery.table('a', 'b', {}), discovery.table('a', 'b', {})])
    expect(one)
      .to.equal(same)
      .and.to.equal(await discovery.table('a', 'b', {}))
    expect(one?.columns.map(({ name }) => name)).to.deep.equal(['id', 'name'])
    expect(one?.label).to.equal('Label of a.b')
    expect(server.calls).to.deep.equal(['available ir.model', 'fields_get a.b'])
  })

  it('lists what may be read, published tables under their own names', async () => {
    const models = { 'c.d': char, 'ir.mail_server': char, 'a.b': char, 'h.i': { ...char, isReadable: false } }
    for (const major of [14, 19]) {
      const listed = await open(fakeServer({ major, models })).list({})
      expect(namesOf(listed), `${major}`).to.deep.equal(['a.b', 'c.d', 'ir.mail_server'])
      expect(listed.map(({ isPublished }) => isPublished)).to.deep.equal([false, false, true])
    }
  })

  it('leaves published tables and the schemas of others alone, without a call', async () => {
    const server = fakeServer({ models: { 'ir.mail_server': char, 'pg_catalog.x': char } })
    const discovery = open(server)
    expect(await discovery.table('ir', 'mail_server', {})).to.equal(undefined)
    expect(await discovery.table(undefined, 'mail_server', {})).to.equal(undefined)
    expect(await discovery.table('pg_catalog', 'x', {})).to.equal(undefined)
    expect(await discovery.table('system', 'tables', {})).to.equal(undefined)
    expect(server.calls).to.deep.equal([])
  })

  it('looks along the search path, and asks for nothing that the list answers', async () => {
    const server = fakeServer({ models: { 'res.partner': char, partner: char } })
    const found = await open(server).table(undefined, 'partner', {})
    expect(found?.schema).to.equal('res')
    expect(server.calls).to.deep.equal(['available ir.model', 'fields_get res.partner'])
  })

  it('tells a model that may not be read from one that is not there', async () => {
    const models = {
      'crm.lead': { ...char, isReadable: false },
      'base.wizard_x': { ...char, isTransient: true },
    }
    for (const major of [14, 19]) {
      const discovery = open(fakeServer({ major, models }))
      const denied = await sqlErrorOf(discovery.table('crm', 'lead', {}))
      expect(denied).to.include({ code: '42501', message: 'permission denied for table crm.lead' })
      expect(await discovery.table('crm', 'leads', {})).to.equal(undefined)
      // A wizard stands in no list, and can be read all the same.
      expect((await discovery.table('base', 'wizard_x', {}))?.model).to.equal('base.wizard_x')
      expect(namesOf(await discovery.list({}))).to.deep.equal([])
    }
  })

  it('gives both tables of a collision, in every order of asking', async () => {
    for (const major of [14, 19]) {
      const discovery = open(fakeServer({ major, models: { 'a.b_c': char, 'a.b.c': char } }))
      expect((await discovery.table('a', 'b_c_2', {}))?.model).to.equal('a.b_c')
      const first = await discovery.table('a', 'b_c', {})
      expect(first?.model).to.equal('a.b.c')
      expect(namesOf(await discovery.list({}))).to.deep.equal(['a.b_c', 'a.b_c_2'])
    }
  })

  it('finds tables and follows relations where no list may be asked for', async () => {
    const models = {
      'ir.mail_server': {
        fields: [fakeField('create_uid', 'many2one', { relation: 'res.users' })],
        isReadable: false,
      },
      'res.users': { fields: [fakeField('partner_id', 'many2one', { relation: 'res.partner' })] },
      'res.partner': { fields: [fakeField('gone_ids', 'one2many', { relation: 'gone.model' })] },
      'far.away': char,
    }
    const server = fakeServer({ major: 14, models, mayListModels: false })
    const discovery = open(server)
    expect((await discovery.table('far', 'away', {}))?.model).to.equal('far.away')
    expect(namesOf(await discovery.list({}))).to.deep.equal(['res.partner', 'res.users'])
    expect(server.calls.filter((call) => call.endsWith('ir.model.access'))).to.deep.equal([])
  })

  it('ends in the error of fields_get where that fails, and lists the model all the same', async () => {
    const discovery = open(fakeServer({ models: { 'a.b': { ...char, isBroken: true }, 'c.d': char } }))
    expect(await sqlErrorOf(discovery.table('a', 'b', {}))).to.include({ code: '58000' })
    expect(namesOf(await discovery.list({}))).to.deep.equal(['a.b', 'c.d'])
    expect((await discovery.table('c', 'd', {}))?.model).to.equal('c.d')
  })

  it('does not let the cancellation of one end the others', async () => {
    const server = fakeServer({ models: { 'a.b': char } })
    const discovery = open(server)
    const cancelled = new AbortController()
    const first = discovery.table('a', 'b', { signal: cancelled.signal })
    const second = discovery.table('a', 'b', {})
    cancelled.abort()
    let isFailed = false
    await first.catch(() => (isFailed = true))
    expect(isFailed).to.equal(true)
    expect((await second)?.model).to.equal('a.b')
  })
})

describe('the cache of discovery', () => {
  let root: string
  beforeEach(async () => {
    root = join(await mkdtemp(join(tmpdir(), 'odoo-sql-cache-')), 'odoo-sql')
  })
  afterEach(() => rm(join(root, '..'), { recursive: true }))

  const identity = { url: 'http://h', database: 'd', userId: 7, version: '19.0', lang: 'en_US' }
  const cache = (more: Partial<typeof identity> = {}) => openCatalogCache({ ...identity, ...more }, root)
  const session = (server: FakeServer) => openDiscovery(fakeClient(server), cache(), published)
  const indexPath = async () => join(root, (await readdir(root))[0] ?? '', 'index.json')
  /** Makes the last check look older, as if that time had passed. */
  const ageBy = async (milliseconds: number, key = 'checkedAt') => {
    const path = await indexPath()
    const index = JSON.parse(await readFile(path, 'utf8')) as Record<string, number>
    await writeFile(path, JSON.stringify({ ...index, [key]: Number(index[key]) - milliseconds }))
  }
  const CHECKS = ['search res.groups', 'search_read ir.module.module']

  it('saves every call where nothing changed, and all but the check after a while', async () => {
    const server = fakeServer({ models: { 'a.b': char } })
    await session(server).table('a', 'b', {})
    expect([...server.calls].sort()).to.deep.equal(['available ir.model', 'fields_get a.b', ...CHECKS])
    server.calls.length = 0
    const again = session(server)
    expect((await again.table('a', 'b', {}))?.columns).to.have.length(2)
    expect(namesOf(await again.list({}))).to.deep.equal(['a.b'])
    expect(server.calls).to.deep.equal([])
    await ageBy(61_000)
    await session(server).table('a', 'b', {})
    expect([...server.calls].sort()).to.deep.equal(CHECKS)
  })

  it('notices a module and a change of the user’s groups', async () => {
    for (const change of [{ lastModuleAt: '2026-02-02 00:00:00' }, { groups: [1, 2] }]) {
      const server = fakeServer({ models: { 'a.b': char } })
      await session(server).table('a', 'b', {})
      Object.assign(server, change)
      server.models['a.b'] = { fields: [...char.fields, fakeField('more', 'char')] }
      await ageBy(61_000)
      expect((await session(server).table('a', 'b', {}))?.columns).to.have.length(3)
    }
  })

  it('remembers who may read what, and never a refusal', async () => {
    const server = fakeServer({ major: 14, models: { 'a.b': char, 'c.d': { ...char, isReadable: false } } })
    await session(server).table('a', 'b', {})
    await sqlErrorOf(session(server).table('c', 'd', {}))
    server.calls.length = 0
    await session(server).table('a', 'b', {})
    expect(server.calls).to.deep.equal([])
    await session(server).list({})
    server.models['c.d'] = char
    expect((await session(server).table('c', 'd', {}))?.model).to.equal('c.d')
  })

  it('does not believe what another process wrote before a change', async () => {
    const server = fakeServer({ models: { 'a.b': char } })
    await session(server).list({})
    const stale = { fingerprint: 'of before', savedAt: Date.now(), fields: [] }
    await cache().writeFields('a.b', stale)
    expect((await session(server).fields('a.b', {})).size).to.equal(2)
  })

  it('checks before it says that there is no such table', async () => {
    const server = fakeServer({ models: { 'a.b': char } })
    await session(server).list({})
    const after = session(server)
    server.models['new.model'] = char
    server.lastModuleAt = '2026-03-03 00:00:00'
    expect((await after.table('new', 'model', {}))?.model).to.equal('new.model')
  })

  it('holds for an hour where modules may not be looked at, and does not ask for them again', async () => {
    const server = fakeServer({ major: 14, models: { 'a.b': char }, maySeeModules: false })
    await session(server).table('a', 'b', {})
    expect(server.calls).to.include('search ir.model.fields')
    server.calls.length = 0
    await ageBy(61_000)
    await session(server).fields('a.b', {})
    expect(server.calls).to.deep.equal(['search res.groups'])
    server.calls.length = 0
    const folder = join(await indexPath(), '..', 'fields', 'a.b.json')
    const kept = JSON.parse(await readFile(folder, 'utf8')) as { savedAt: number }
    await writeFile(folder, JSON.stringify({ ...kept, savedAt: kept.savedAt - 3_600_001 }))
    await session(server).fields('a.b', {})
    expect(server.calls).to.deep.equal(['fields_get a.b'])
  })

  it('is nobody else’s: user, database, server, version and language', async () => {
    await session(fakeServer({ models: { 'a.b': char } })).table('a', 'b', {})
    expect(await cache().readFields('a.b')).to.be.an('object')
    for (const other of [
      { url: 'http://i' },
      { database: 'e' },
      { userId: 8 },
      { version: '20.0' },
      { lang: 'fr_FR' },
    ])
      expect(await cache(other).readFields('a.b'), JSON.stringify(other)).to.equal(undefined)
  })

  it('lies in files that only the user can read', async () => {
    await session(fakeServer({ models: { 'a.b': char } })).table('a', 'b', {})
    const entries = await readdir(root, { recursive: true, withFileTypes: true })
    expect(entries.filter((entry) => entry.isFile())).to.have.length(2)
    for (const entry of entries) {
      const mode = (await stat(join(entry.parentPath, entry.name))).mode & 0o777
      expect(mode, entry.name).to.equal(entry.isDirectory() ? 0o700 : 0o600)
    }
    expect((await stat(root)).mode & 0o777).to.equal(0o700)
  })

  it('is passed over where it is broken, and where it cannot be written', async () => {
    const server = fakeServer({ models: { 'a.b': char } })
    await session(server).table('a', 'b', {})
    const path = await indexPath()
    const fields = join(path, '..', 'fields', 'a.b.json')
    for (const text of ['', '{', '[]', '{"format":2}', '{"format":1,"fingerprint":7}']) {
      await Promise.all([writeFile(path, text), writeFile(fields, text)])
      expect((await session(server).table('a', 'b', {}))?.columns, text).to.have.length(2)
    }
    await rm(root, { recursive: true })
    await writeFile(root, 'a file where the folder should be')
    expect((await session(server).table('a', 'b', {}))?.columns).to.have.length(2)
  })

  it('writes no file for a model whose name leads elsewhere', async () => {
    await cache().writeFields('../../x', { fingerprint: '', savedAt: 0, fields: [] })
    await cache().writeFields('..', { fingerprint: '', savedAt: 0, fields: [] })
    expect(await readdir(join(root, '..'))).to.deep.equal([])
  })

  it('forgets the databases that were used longest ago', async () => {
    const index: CacheIndex = { format: 1, fingerprint: '', isWhole: true, refused: [], checkedAt: 0 }
    await cache({ userId: 100 }).writeIndex(index)
    await utimes(await indexPath(), 1, 1)
    for (let userId = 101; userId <= 150; userId++) await cache({ userId }).writeIndex(index)
    expect(await readdir(root)).to.have.length(50)
    expect(await cache({ userId: 100 }).readIndex()).to.equal(undefined)
    expect(await cache({ userId: 150 }).readIndex()).to.deep.equal(index)
  })

  it('lies in the user’s cache folder', () => {
    expect(cacheRoot({ XDG_CACHE_HOME: '/c' })).to.equal('/c/odoo-sql')
    expect(cacheRoot({ XDG_CACHE_HOME: '' })).to.match(/\.cache\/odoo-sql$/)
  })
})
