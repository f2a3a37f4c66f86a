import { expect } from 'chai'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openTerminalOf, type Terminal } from '../support/terminal.ts'
import { describeBridges, environmentOf } from './bridge.ts'

/** How long pgcli may take to ask for names. */
const LEARNING_MS = 3_000

describeBridges('in a terminal', ['tmux', 'psql', 'pgcli'], (bridge) => {
  let home: string
  let terminal: Terminal | undefined
  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'odoo-sql-terminal-'))
  })
  afterEach(async () => {
    await terminal?.close()
    terminal = undefined
  })
  after(() => rm(home, { recursive: true, force: true }))

  const open = (...words: readonly string[]): Promise<Terminal> =>
    openTerminalOf(words, { ...environmentOf(bridge()), HOME: home, PAGER: 'cat', PSQLRC: '/dev/null' })

  it('psql completes schemas, tables and columns, and is interrupted without leaving', async () => {
    terminal = await open('psql', '-X', '-A', '-t')
    await terminal.shows('odoo=>')
    await terminal.type('SELECT id FROM ir.mail_s')
    await terminal.press('Tab')
    expect(await terminal.shows('ir.mail_server')).to.include('SELECT id FROM ir.mail_server')
    await terminal.type('WHERE smtp_por')
    await terminal.press('Tab')
    expect(await terminal.shows('smtp_port')).to.include('WHERE smtp_port')
    await terminal.press('C-u')
    await terminal.type('SELECT count(*) FROM generate_series(1, 1000000) a, generate_series(1, 1000000) b;')
    await terminal.press('Enter')
    await new Promise((resolve) => setTimeout(resolve, 500))
    await terminal.press('C-c')
    expect(await terminal.shows('user request')).to.include('canceling statement due to user request')
    await terminal.type('SELECT 40 + 2;')
    await terminal.press('Enter')
    expect(await terminal.shows(/^42$/m)).to.match(/^42$/m)
  })

  it('pgcli loads its completions and runs statements', async () => {
    terminal = await open('pgcli', '--less-chatty')
    await terminal.shows('odoo>')
    // It learns the names in the background; Tab asks for the menu again.
    await terminal.type('SELECT smtp_port FROM ir.mail_se')
    await new Promise((resolve) => setTimeout(resolve, LEARNING_MS))
    await terminal.press('Tab')
    expect(await terminal.shows('ir.mail_server')).to.include('ir.mail_server')
    await terminal.press('C-u')
    await terminal.type('\\dt ir.mail_server')
    await terminal.press('Enter')
    expect(await terminal.shows(/\|\s*mail_server\s*\| table/)).to.match(/\|\s*mail_server\s*\| table/)
    await terminal.type('SELECT count(*) + 4000 AS n FROM ir.mail_server;')
    await terminal.press('Enter')
    const count = String(4000 + bridge().servers.length)
    expect(await terminal.shows(count)).to.include(count)
  })
})
