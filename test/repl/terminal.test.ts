import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { hasTmux, openTerminal } from '../support/terminal.ts'
import type { Terminal } from '../support/terminal.ts'

describe('the prompt in a real terminal (needs tmux)', function () {
  this.timeout(120_000)
  let folder: string
  let terminal: Terminal
  before(async function () {
    if (!hasTmux()) this.skip()
    folder = await mkdtemp(join(tmpdir(), 'odoo-sql-terminal-'))
    terminal = await openTerminal(['--demo'], folder)
  })
  after(async () => {
    // Nothing was opened where the suite was skipped.
    if (!hasTmux()) return
    await terminal.close()
    await rm(folder, { recursive: true })
  })

  it('greets and asks', async () => {
    expect(await terminal.shows('demo=>')).to.match(/^odoo-sql \S+, read-only, on demo .*\ndemo=>$/)
  })

  it('takes a statement over several lines and draws a table', async () => {
    await terminal.type('SELECT id, name')
    await terminal.press('Enter')
    await terminal.shows('demo->')
    await terminal.type('FROM ir.mail_server WHERE id IN (1, 2) AND name IS NOT NULL ORDER BY id;')
    await terminal.press('Enter')
    const screen = await terminal.shows(/calls?\ndemo=>$/)
    expect(screen).to.contain('demo=> SELECT id, name\ndemo-> FROM ir.mail_server')
    expect(screen).to.match(/\n id \| +name\n----\+-+\n {2}1 \| .+\n {2}2 \| .+\n\(2 rows\)\n\n2 rows, \d/)
  })

  it('shows an error with its caret and goes on', async () => {
    await terminal.press('C-l')
    await terminal.type('SELECT nme FROM ir.mail_server;')
    await terminal.press('Enter')
    const screen = await terminal.shows(/HINT.*\ndemo=>$/)
    expect(screen).to.contain('LINE 1: SELECT nme FROM ir.mail_server\n               ^\nHINT:  ')
  })

  it('drops what was typed with Ctrl-C', async () => {
    await terminal.type('SELECT never')
    await terminal.press('C-c')
    expect(await terminal.shows(/\^C\ndemo=>$/)).to.match(/demo=> SELECT never\^C\ndemo=>$/)
  })

  it('goes back in the history', async () => {
    await terminal.press('C-l', 'Up')
    const recalled = /demo=> SELECT nme FROM ir\.mail_server;$/
    expect(await terminal.shows(recalled)).to.match(recalled)
    await terminal.press('C-c')
  })

  it('leaves with Ctrl-D, and the history is kept', async () => {
    await terminal.shows(/demo=>$/)
    await terminal.press('C-d')
    expect(await terminal.shows('exit')).to.match(/exit 0$/)
    const history = await readFile(join(folder, 'odoo-sql', 'history'), 'utf8')
    expect(history).to.contain('SELECT id, name\nFROM ir.mail_server').and.not.to.contain('never')
  })
})
