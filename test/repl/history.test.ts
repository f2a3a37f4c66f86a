import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import {
  ENTRY_CHARACTERS_MAX,
  HISTORY_ENTRIES_MAX,
  historyPath,
  looksSecret,
  openHistory,
} from '../../src/repl/history.ts'

describe('repl/history', () => {
  let folder: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'odoo-sql-history-'))
  })
  after(() => rm(folder, { recursive: true }))

  it('stands in the user’s state folder', () => {
    expect(historyPath({ XDG_STATE_HOME: '/state' })).to.equal(join('/state', 'odoo-sql', 'history'))
    expect(historyPath({})).to.match(/\.local.state.odoo-sql.history$/)
  })

  it('keeps entries of several lines, newest last, in a file for the user alone', async () => {
    const path = join(folder, 'new', 'history')
    const history = await openHistory(path)
    await history.add('SELECT\n  1;\n')
    await history.add('  ')
    await history.add('\\x')
    await history.add('\\x')
    expect((await stat(path)).mode & 0o777).to.equal(0o600)
    expect((await stat(join(folder, 'new'))).mode & 0o777).to.equal(0o700)
    expect(history.entries).to.deep.equal(['SELECT\n  1;', '\\x'])
    expect(await openHistory(path)).to.deep.include({ entries: ['SELECT\n  1;', '\\x'], fault: undefined })
  })

  it('remembers for this session alone what may hold a secret, on whatever line, and what is long', async () => {
    const path = join(folder, 'secret')
    const history = await openHistory(path)
    await history.add("SELECT id FROM ir.mail_server WHERE smtp_pass =\n'hunter2';")
    await history.add("SELECT 'odoo://me:hunter2@host/db';")
    await history.add(`SELECT '${'x'.repeat(ENTRY_CHARACTERS_MAX)}';`)
    expect(await readFile(path, 'utf8')).to.equal('')
    expect(history.entries).to.have.length(3)
  })

  it('guesses secrets on the safe side', () => {
    for (const text of [
      'PASSWORD',
      'x_api_key',
      'apiKey',
      'access_token',
      'private_key',
      'smtp_pass',
      'https://a:b@c',
      `SELECT '${'0a'.repeat(20)}'`,
    ])
      expect(looksSecret(text), text).to.be.true
    for (const text of ['SELECT name FROM ir.mail_server;', 'https://host:8069/db', '\\d'])
      expect(looksSecret(text), text).to.be.false
  })

  it('closes a file that others could read, and cuts a long one', async () => {
    const path = join(folder, 'long')
    const lines = Array.from({ length: HISTORY_ENTRIES_MAX + 5 }, (_, index) => `"line ${index}"`)
    await writeFile(path, `${lines.join('\n')}\n`, { mode: 0o644 })
    const { entries } = await openHistory(path)
    expect(entries).to.have.length(HISTORY_ENTRIES_MAX)
    expect(entries.at(-1)).to.equal(`line ${HISTORY_ENTRIES_MAX + 4}`)
    expect((await readFile(path, 'utf8')).split('\n')[0]).to.equal('"line 5"')
    expect((await stat(path)).mode & 0o777).to.equal(0o600)
  })

  it('takes a line as it stands where somebody wrote it by hand', async () => {
    const path = join(folder, 'edited')
    await writeFile(path, 'SELECT 1;\n"broken\n42\n')
    expect((await openHistory(path)).entries).to.deep.equal(['SELECT 1;', '"broken', '42'])
  })

  it('remembers for this session where nothing can be written, and says why', async () => {
    const history = await openHistory(join(folder, 'long', 'below-a-file'))
    await history.add('SELECT 1;')
    expect(history.entries).to.deep.equal(['SELECT 1;'])
    expect(history.fault).to.contain('mkdir')
  })
})
