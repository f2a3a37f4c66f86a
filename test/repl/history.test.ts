import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { HISTORY_LINES_MAX, historyPath, looksSecret, openHistory } from '../../src/repl/history.ts'

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

  it('keeps lines, newest first, in a file for the user alone', async () => {
    const path = join(folder, 'new', 'history')
    const history = await openHistory(path)
    await history.add(['SELECT', '  1;'])
    await history.add(['', '\\x'])
    expect((await stat(path)).mode & 0o777).to.equal(0o600)
    expect((await openHistory(path)).lines).to.deep.equal(['\\x', '  1;', 'SELECT'])
  })

  it('does not keep a statement that may hold a secret, on whatever line', async () => {
    const path = join(folder, 'secret')
    const history = await openHistory(path)
    await history.add(['SELECT id FROM ir.mail_server WHERE smtp_pass =', "'hunter2';"])
    await history.add(["SELECT 'odoo://me:hunter2@host/db';"])
    expect(await readFile(path, 'utf8')).to.equal('')
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
    ])
      expect(looksSecret(text), text).to.be.true
    for (const text of ['SELECT name FROM ir.mail_server;', 'https://host:8069/db', '\\d'])
      expect(looksSecret(text), text).to.be.false
  })

  it('closes a file that others could read, and cuts a long one', async () => {
    const path = join(folder, 'long')
    const lines = Array.from({ length: HISTORY_LINES_MAX + 5 }, (_, index) => `line ${index}`)
    await writeFile(path, `${lines.join('\n')}\n`, { mode: 0o644 })
    const { lines: kept } = await openHistory(path)
    expect(kept).to.have.length(HISTORY_LINES_MAX)
    expect(kept[0]).to.equal(`line ${HISTORY_LINES_MAX + 4}`)
    expect((await readFile(path, 'utf8')).split('\n')[0]).to.equal('line 5')
    expect((await stat(path)).mode & 0o777).to.equal(0o600)
  })

  it('does without where nothing can be written', async () => {
    const history = await openHistory(join(folder, 'long', 'below-a-file'))
    await history.add(['SELECT 1;'])
    expect(history.lines).to.deep.equal([])
  })
})
