import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { startDemo, type DemoServer } from '../../src/demo/server.ts'
import { startProxy, type Proxy } from '../support/proxy.ts'
import { hasTmux, openTerminal, type Terminal } from '../support/terminal.ts'

describe('results in a real terminal (needs tmux)', function () {
  this.timeout(120_000)
  let folder: string
  let terminal: Terminal | undefined
  before(async function () {
    if (!hasTmux()) this.skip()
    folder = await mkdtemp(join(tmpdir(), 'odoo-sql-output-'))
  })
  afterEach(async () => {
    await terminal?.close()
    terminal = undefined
  })
  after(async () => {
    if (hasTmux()) await rm(folder, { recursive: true })
  })

  const open = async (
    args: readonly string[],
    environment: NodeJS.ProcessEnv = {},
    columns = 100,
  ): Promise<Terminal> => {
    terminal = await openTerminal(args, {
      stateHome: folder,
      columns,
      environment: { XDG_CONFIG_HOME: folder, PAGER: undefined, LESS: undefined, ...environment },
    })
    return terminal
  }
  const enter = async (screen: Terminal, text: string): Promise<void> => {
    await screen.type(text)
    await screen.press('Enter')
  }

  it('shows what is longer than the screen in a pager, which ends early without a word', async () => {
    const screen = await open(['--demo'])
    await screen.shows('demo=>')
    await enter(screen, 'SELECT n, n * n AS square FROM generate_series(1, 9000) n;')
    const page = await screen.shows(/\n:$/)
    expect(page).to.match(/^ +n +\| +square *\n-+\+-+\n +1 \| +1\n +2 \| +4\n/)
    await screen.press('G')
    expect(await screen.shows('(9000 rows)')).to.contain('9000 | 81000000')
    await screen.press('q')
    expect(await screen.shows(/9,000 rows, .*\nadmin@demo=>$/)).to.match(/\n9,000 rows, \d.*\nadmin@demo=>$/)
    // The read is not over when the user leaves, and the prompt has the terminal again.
    await enter(screen, '\\format csv')
    await enter(screen, 'SELECT n FROM generate_series(1, 900000) n;')
    await screen.shows(/\n:$/)
    await screen.press('q')
    await screen.shows(/\nadmin@demo=>$/)
    await enter(screen, 'SELECT 12 * 12 AS dozen;')
    expect(await screen.shows('dozen\n144')).to.contain('dozen\n144\n1 row')
  })

  it('shows a wide row column by column, or cut, and fits what is narrow', async () => {
    const screen = await open(['--demo'], {}, 60)
    await screen.shows('demo=>')
    await enter(screen, 'SELECT * FROM ir.mail_server WHERE id = 1;')
    expect(await screen.shows(/fetched\nadmin@demo=>$/)).to.match(/\nname +\| Demo Trading outgoing\n/)
    await enter(screen, '\\x off')
    await enter(screen, "SELECT id, repeat('long ', 40) AS text FROM ir.mail_server WHERE id = 1;")
    expect(await screen.shows('(1 row)')).to.match(/\n {2}1 \| [long ]{40,}…\n/)
  })

  it('watches until Ctrl-C', async () => {
    const screen = await open(['--demo'])
    await screen.shows('demo=>')
    await enter(screen, 'SELECT 7 AS seven \\watch 0.2')
    await screen.shows(/(every 0\.2s\)\n\n seven\n[^]*){3}/)
    await screen.press('C-c')
    await screen.shows(/\nadmin@demo=>$/)
    await enter(screen, '\\echo still here')
    expect(await screen.shows('\nstill here\n')).not.to.contain('ERROR')
  })

  it('edits the last statement and runs what was saved', async () => {
    const screen = await open(['--demo'], { EDITOR: 'sed -i s/11/22/' })
    await screen.shows('demo=>')
    await enter(screen, 'SELECT 11 AS edited;')
    await screen.shows(/\n +11\n/)
    await enter(screen, '\\e')
    expect(await screen.shows(/\n +22\n[^]*demo=>$/)).to.match(/\n edited\n-+\n +22\n\(1 row\)/)
  })

  describe('of a slow server', () => {
    let demo: DemoServer
    let proxy: Proxy
    before(async () => {
      demo = await startDemo()
      proxy = await startProxy(demo.url, { before: () => sleep(1_500) })
    })
    after(async () => {
      await proxy.close()
      await demo.close()
    })

    it('draws progress, and leaves no trace of it', async () => {
      const url = `${proxy.url.replace('http://', 'odoo://admin@')}/demo`
      const screen = await open([url], { ODOO_API_KEY: demo.apiKey })
      await screen.shows('demo=>')
      await enter(screen, 'SELECT id, name FROM res.partner ORDER BY id LIMIT 1;')
      expect(await screen.shows(/\d+ rows, \d+ s$/m)).to.match(/LIMIT 1;\n\d+ rows, \d+ s$/)
      const done = await screen.shows(/fetched\nadmin@demo=>$/)
      expect(done).to.match(/LIMIT 1;\n id \| +name\n-.*\n +1 \| .*\n\(1 row\)\n\n1 row, .*\nadmin@demo=>$/)
    })
  })

  it('tells who starts it for the first time how to begin', async () => {
    const screen = await open([], { XDG_CONFIG_HOME: join(folder, 'none') })
    expect(await screen.shows('exit')).to.match(
      /^No Odoo is named yet\. .*\n {2}odoo-sql --demo .*\n {2}odoo-sql odoo\+https:.*\n {2}odoo-sql init .*\nexit 2$/,
    )
  })

  it('asks for a server, never shows the key, and uses it from then on', async () => {
    const demo = await startDemo()
    try {
      const screen = await open(['init'])
      await screen.shows(/example\.com: $|example\.com:$/)
      await enter(screen, demo.url)
      await screen.shows(/Database \[demo\]:/)
      await screen.press('Enter')
      await screen.shows('Login:')
      await enter(screen, 'admin')
      await screen.shows('password:')
      await enter(screen, demo.apiKey)
      for (const question of ['Configuration file', 'Name of the partition', 'Keep the key in']) {
        await screen.shows(new RegExp(`${question} \\[[^\\n]*\\]:`))
        await screen.press('Enter')
      }
      const text = await screen.shows('exit')
      expect(text).to.match(/Start with: odoo-sql\nexit 0$/)
      expect(text).not.to.contain(demo.apiKey)
      expect(await readFile(join(folder, 'odoo-sql', 'config.json'), 'utf8')).not.to.contain(demo.apiKey)
      await screen.close()
      const again = await open([])
      expect(await again.shows('demo=>')).to.match(/on demo \(Odoo 19\.0\)/)
    } finally {
      await demo.close()
    }
  })
})
