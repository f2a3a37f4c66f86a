import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { startDemo, type DemoServer } from '../../src/demo/server.ts'
import { startProxy, type Proxy } from '../support/proxy.ts'
import { hasTmux, openTerminal } from '../support/terminal.ts'
import type { Terminal } from '../support/terminal.ts'

describe('the prompt in a real terminal (needs tmux)', function () {
  this.timeout(120_000)
  let folder: string
  let terminal: Terminal
  before(async function () {
    if (!hasTmux()) this.skip()
    folder = await mkdtemp(join(tmpdir(), 'odoo-sql-terminal-'))
    terminal = await openTerminal(['--demo'], { stateHome: folder })
  })
  after(async () => {
    // Nothing was opened where the suite was skipped.
    if (!hasTmux()) return
    await terminal.close()
    await rm(folder, { recursive: true })
  })
  afterEach(async () => {
    await terminal.press('C-c')
    await terminal.press('C-l')
    await terminal.shows(/^admin@demo=>$/)
  })

  it('greets and asks', async () => {
    expect(await terminal.shows('demo=>')).to.match(
      /^odoo-sql \S+, read-only, on demo .*\n(.*\n)*admin@demo=>$/,
    )
  })

  it('takes a statement over several lines and draws a table', async () => {
    await terminal.type('SELECT id, name')
    await terminal.press('Enter')
    await terminal.type('FROM ir.mail_server WHERE id IN (1, 2) AND name IS NOT NULL ORDER BY id;')
    await terminal.press('Enter')
    const screen = await terminal.shows(/fetched\nadmin@demo=>$/)
    expect(screen).to.contain('admin@demo=> SELECT id, name\n          -> FROM ir.mail_server')
    expect(screen).to.match(/\n id \| +name\n----\+-+\n {2}1 \| .+\n {2}2 \| .+\n\(2 rows\)\n\n2 rows, \d/)
  })

  it('colours what is typed', async () => {
    await terminal.type("SELECT 'x', 1 -- why")
    await terminal.shows('why')
    const screen = await terminal.colored()
    for (const piece of ['\u001b[34mSELECT', "\u001b[32m'x'", '\u001b[36m1', '\u001b[90m-- why'])
      expect(screen).to.contain(piece)
  })

  it('shows an error with its caret and goes on', async () => {
    await terminal.type('SELECT nme FROM ir.mail_server;')
    await terminal.press('Enter')
    const screen = await terminal.shows(/HINT.*\nadmin@demo=>$/)
    expect(screen).to.contain('LINE 1: SELECT nme FROM ir.mail_server')
    expect(screen).to.match(/\n {15}\^\nHINT:/)
  })

  it('drops what was typed with Ctrl-C', async () => {
    await terminal.type('SELECT never')
    await terminal.press('C-c')
    expect(await terminal.shows(/\^C\nadmin@demo=>$/)).to.match(/demo=> SELECT never\^C\nadmin@demo=>$/)
  })

  it('completes tables, columns by alias, and the values of a selection', async () => {
    await terminal.type('SELECT s.smtp_encr FROM ir.mail_s')
    await terminal.press('Tab')
    await terminal.shows('ir.mail_server')
    await terminal.type(' s WHERE s.smtp_encr')
    await terminal.press('Tab')
    await terminal.shows('s.smtp_encryption')
    await terminal.type(" = '")
    await terminal.press('Tab')
    expect(await terminal.shows('ssl_strict')).to.match(/\n'starttls' +Starts in clear text/)
    await terminal.press('BTab')
    const chosen =
      "admin@demo=> SELECT s.smtp_encr FROM ir.mail_server s WHERE s.smtp_encryption = 'ssl_strict'"
    expect(await terminal.shows(chosen)).to.contain(chosen)
  })

  it('edits with the keys of Emacs, by words and by lines', async () => {
    await terminal.type('SELECT two words')
    await terminal.press('M-b', 'M-b', 'M-d', 'C-e', 'C-y', 'C-a', 'C-Right', 'C-w')
    await terminal.type('VALUES')
    expect(await terminal.shows('VALUES  wordstwo')).to.contain('admin@demo=> VALUES  wordstwo')
  })

  it('goes back in the history, and searches it', async () => {
    await terminal.press('Up')
    const recalled = /demo=> SELECT nme FROM ir\.mail_server;$/
    expect(await terminal.shows(recalled)).to.match(recalled)
    await terminal.press('C-c', 'C-r')
    await terminal.type('name is')
    const found = "(reverse-i-search)'name is': SELECT id, name"
    expect(await terminal.shows(found)).to.contain(found)
    await terminal.press('C-r')
    expect(await terminal.shows('failed')).to.contain("(failed reverse-i-search)'name is': ")
    await terminal.press('C-g')
  })

  it('runs every statement of a paste, in their order', async () => {
    const statements = Array.from(
      { length: 40 },
      (_, index) => `SELECT ${index} AS n,\n  id FROM res.users LIMIT 0;`,
    )
    await terminal.paste(
      `\\timing off\n\\format csv\n${statements.join('\n')}\nSELECT 'last' AS last;\n\\format table\n\\timing on\n`,
    )
    const screen = await terminal.shows(/Timing is on\.\nadmin@demo=>$/)
    expect(screen).to.match(
      /Timing is off\.\nOutput format is csv\.\n(n,id\n){40}last\nlast\nOutput format is table\./,
    )
  })

  it('draws anew when its size changes', async () => {
    const text = `SELECT '${'wide text '.repeat(12)}'`
    await terminal.type(text)
    await terminal.resize(60)
    await terminal.shows(/\n/)
    await terminal.type(', 1')
    const narrow = (await terminal.shows(/, 1$/)).split('\n')
    expect(narrow.join('')).to.contain(`admin@demo=> ${text}, 1`)
    await terminal.resize(100)
    await terminal.press('C-a')
    await terminal.type('x')
    const wide = await terminal.shows(/demo=> xSELECT/)
    expect(wide.replaceAll('\n', '')).to.contain(`admin@demo=> x${text}, 1`)
    expect(wide.match(/SELECT/g), wide).to.have.length(1)
  })

  it('stops and comes back, as programs do', async () => {
    await terminal.type('SELECT 1')
    await terminal.press('C-z')
    // Nothing started it but the terminal, so that nothing can stop it: it goes on.
    await terminal.type(' + 1 AS sum;')
    await terminal.press('Enter')
    expect(await terminal.shows('sum\n')).to.match(/\n sum\n-----\n {3}2\n/)
  })

  it('leaves with Ctrl-D, and the next session has the history', async () => {
    await terminal.press('C-d')
    expect(await terminal.shows('exit')).to.match(/exit 0$/)
    const path = join(folder, 'odoo-sql', 'history')
    expect((await stat(path)).mode & 0o777).to.equal(0o600)
    expect(await readFile(path, 'utf8'))
      .to.contain('"SELECT id, name\\nFROM ir')
      .and.not.to.contain('never')
    await terminal.close()
    terminal = await openTerminal(['--demo'], { stateHome: folder })
    await terminal.shows('demo=>')
    await terminal.press('Up')
    expect(await terminal.shows('sum')).to.contain('SELECT 1 + 1 AS sum;')
  })
})

describe('the prompt on a slow server (needs tmux)', function () {
  this.timeout(120_000)
  let folder: string
  let demo: DemoServer
  let proxy: Proxy
  let terminal: Terminal
  let isSlow = false
  before(async function () {
    if (!hasTmux()) this.skip()
    folder = await mkdtemp(join(tmpdir(), 'odoo-sql-terminal-'))
    demo = await startDemo()
    proxy = await startProxy(demo.url, {
      before: () => (isSlow ? new Promise(() => undefined) : Promise.resolve()),
    })
    const { port } = new URL(proxy.url)
    terminal = await openTerminal([`odoo://${demo.login}@127.0.0.1:${port}/${String(demo.databases[0])}`], {
      stateHome: folder,
      environment: { ODOO_API_KEY: demo.apiKey, XDG_CACHE_HOME: folder },
    })
    await terminal.shows('demo=>')
    isSlow = true
  })
  after(async () => {
    if (!hasTmux()) return
    await terminal.close()
    await proxy.close()
    await demo.close()
    await rm(folder, { recursive: true })
  })

  for (const line of ['SELECT name FROM res.partner;', '\\d crm.lead'])
    it(`cancels ${line} with Ctrl-C: the call is aborted, and the prompt is back`, async () => {
      await terminal.press('C-l')
      await terminal.type(line)
      const aborted = proxy.aborted
      await terminal.press('Enter')
      while (proxy.waiting === 0) await new Promise((resolve) => setTimeout(resolve, 50))
      await terminal.press('C-c')
      const screen = await terminal.shows(/57014.*\nadmin@demo=>$/)
      expect(screen).to.match(/canceling statement due to user request\nadmin@demo=>$/)
      while (proxy.waiting > 0) await new Promise((resolve) => setTimeout(resolve, 50))
      expect(proxy.aborted).to.be.greaterThan(aborted)
    })

  it('types on while a completion waits', async () => {
    await terminal.type('SELECT na')
    await terminal.press('Tab')
    await terminal.type('me FROM res.par')
    await terminal.press('Tab')
    await terminal.type('tner')
    expect(await terminal.shows('res.partner')).to.contain('SELECT name FROM res.partner')
    await terminal.press('C-c')
  })
})

describe('the prompt where it is cramped (needs tmux)', function () {
  this.timeout(120_000)
  let folder: string
  let terminal: Terminal | undefined
  before(async function () {
    if (!hasTmux()) this.skip()
    folder = await mkdtemp(join(tmpdir(), 'odoo-sql-terminal-'))
  })
  afterEach(async () => {
    await terminal?.close()
    terminal = undefined
  })
  after(async () => {
    if (hasTmux()) await rm(folder, { recursive: true })
  })

  it('does with 20 columns', async () => {
    terminal = await openTerminal(['--demo', '--quiet'], { stateHome: folder, columns: 20 })
    await terminal.shows('=>')
    await terminal.type('SELECT id, name FROM ir.mail_s')
    await terminal.press('Tab')
    await terminal.shows('mail_server')
    await terminal.type(' LIMIT 0;')
    await terminal.press('Enter')
    expect(await terminal.shows('(0 rows)')).to.contain(
      '=> SELECT id, name F\nROM ir.mail_server L\nIMIT 0;\n',
    )
  })

  it('does without a file for the history, without colours, and with what is no text', async () => {
    terminal = await openTerminal(['--demo'], { stateHome: '/dev/null', environment: { NO_COLOR: '1' } })
    expect(await terminal.shows('demo=>')).to.contain('NOTICE:  the history is not kept: ENOTDIR')
    await terminal.paste(`SELECT "\u0001\u0007\ufffd\u001b[31m${'x'.repeat(100_000)}`)
    await terminal.shows(/x$/)
    expect(await terminal.colored()).not.to.contain('\u001b[')
    await terminal.press('C-c')
    await terminal.type('SELECT 1 AS one;')
    await terminal.press('Enter')
    await terminal.shows(/fetched|calls\nadmin@demo=>$/)
    await terminal.press('Up')
    expect(await terminal.shows(/one;$/)).to.match(/admin@demo=> SELECT 1 AS one;$/)
  })
})
