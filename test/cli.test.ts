import { FORMATS } from '../src/repl/format-name.ts'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { realServers } from './support/real-odoo.ts'
import { firstWords, runCli, startCli } from './support/cli.ts'

const THREE = 'SELECT id, name FROM ir.mail_server ORDER BY id LIMIT 3'

describe('cli', function () {
  // Each run compiles the sources anew.
  this.timeout(60_000)
  let folder: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'odoo-sql-cli-'))
  })
  after(() => rm(folder, { recursive: true }))

  it('tells version and help on standard output', async () => {
    const [version, help] = await Promise.all([runCli(['--version']), runCli(['--help'])])
    expect(version).to.deep.include({ code: 0, err: '' })
    expect(version.out).to.match(/^odoo-sql \d+\.\d+\.\d+\n$/)
    expect(help).to.deep.include({ code: 0, err: '' })
    expect(help.out).to.contain('--reveal-secrets')
  })

  it('refuses wrong usage with 2, on standard error', async () => {
    const runs = await Promise.all([runCli(['--nonsense']), runCli(['serve']), runCli([], 'SELECT 1;')])
    for (const { code, out, err } of runs) {
      expect(code, err).to.equal(2)
      expect(out).to.equal('')
      expect(err).to.match(/^odoo-sql: .*\nTry "odoo-sql --help"\.\n$/s)
    }
    expect(runs[2].err).to.contain('--demo')
  })

  it('ends with 3 where nothing answers, and warns of a password in the URL without repeating it', async () => {
    // Port 1 of this machine: nothing listens there.
    const { code, out, err } = await runCli(['odoo://admin:hunter2@127.0.0.1:1/db', '-c', 'SELECT 1'])
    expect(code, err).to.equal(3)
    expect(out).to.equal('')
    expect(err)
      .to.match(/^WARNING: {2}the password in the URL/)
      .and.to.match(/^ERROR: {2}08001: /m)
    expect(err)
      .not.to.contain('hunter2')
      .and.not.to.match(/^ +at /m)
  })

  it('ends with 2 for a faulty configuration file', async () => {
    const path = join(folder, 'config.json')
    await writeFile(path, '{"partitions": {"north": {"uri": 1}}}')
    const { code, err } = await runCli(['--config', path, '-c', 'SELECT 1'])
    expect(code, err).to.equal(2)
    expect(err)
      .to.match(/^ERROR: {2}F0000: /)
      .and.to.contain('partitions.north')
  })

  it('lists, shows and checks the catalog without a server', async () => {
    await writeFile(join(folder, 'readme.txt'), 'no table')
    const [list, show, unknown, check] = await Promise.all([
      runCli(['catalog', 'list']),
      runCli(['catalog', 'show', 'mail_server']),
      runCli(['catalog', 'show', 'ir.mail_servr']),
      runCli(['catalog', 'check']),
    ])
    expect(list).to.deep.include({ code: 0, err: '' })
    expect(list.out).to.match(/^ ir\.mail_server \| ir\.mail_server \| +\d+ \| /m)
    expect(show).to.deep.include({ code: 0, err: '' })
    expect(show.out)
      .to.match(/^ smtp_pass +\| text .*secret/m)
      .and.to.match(/^ _partition +\| text/m)
    expect(unknown).to.deep.include({ code: 1, out: '' })
    expect(unknown.err).to.contain('42P01').and.to.contain('Did you mean "ir.mail_server"?')
    expect(check).to.deep.equal({ code: 0, out: 'No faults.\n', err: '' })
  })

  describe('on the demo', () => {
    it('writes csv when piped and nothing else', async () => {
      const { code, out, err } = await runCli(['--demo', '-c', THREE])
      expect(err).to.equal('')
      expect(code).to.equal(0)
      expect(out.split('\n')).to.have.length(5)
      expect(out).to.match(/^id,name\n\d+,/)
    })

    it('runs statements and files in order, and stops at the first error with 1', async () => {
      const path = join(folder, 'script.sql')
      await writeFile(
        path,
        `-- three\n${THREE};\n\n\\format json\nSELECT\n  nme FROM ir.mail_server;\nSELECT 4;`,
      )
      const args = ['--demo', '-c', 'SELECT count(*) FROM ir.mail_server', '-f', path, '-c', THREE]
      const { code, out, err } = await runCli(args)
      expect(code, err).to.equal(1)
      expect(out).to.match(/^count\n\d+\nid,name\n(.*\n){3}$/)
      expect(err).to.contain(`${path}:6: ERROR:  42703: column "nme" does not exist\nLINE 2:   nme FROM`)
    })

    it('goes on after an error where it is told to, and the exit status still tells of it', async () => {
      const args = ['--demo', '--continue', '-c', 'SELECT oops; SELECT 1 AS a', '-c', 'SELECT 2 AS a']
      const { code, out, err } = await runCli(args)
      expect([code, out]).to.deep.equal([1, 'a\n1\na\n2\n'])
      expect(err.match(/ERROR/g)).to.have.length(1)
      const script = '\\set ON_ERROR_STOP off\nSELECT oops;\nSELECT 1 AS a;'
      expect(await runCli(['--demo', '--quiet'], script)).to.deep.include({ code: 1, out: 'a\n1\n' })
    })

    it('runs metacommands in files, and ends quietly when its reader has seen enough', async () => {
      const { code, out } = await runCli(['--demo', '--quiet'], '\\echo one\n\\dn crm\n\\q\nSELECT 1;')
      expect(code).to.equal(0)
      expect(out).to.equal('one\n Tables | Schema\n--------+--------\n      4 | crm\n(1 schema)\n\n')
    })

    it('reads standard input, and needs no last semicolon', async () => {
      const { code, out, err } = await runCli(['--demo', '--format', 'ndjson'], `${THREE};\n${THREE}`)
      expect(code, err).to.equal(0)
      expect(out.trimEnd().split('\n')).to.have.length(6)
    })

    it('writes nothing for a command that has no result, in every format', async () => {
      for (const format of FORMATS) {
        const { code, out, err } = await runCli(['--demo', '--format', format, '-c', 'USE ALL'])
        expect([code, out], format).to.deep.equal([0, ''])
        expect(err, format).to.contain('selected: demo, demo_eu')
      }
    })

    it('refuses to write, with 1', async () => {
      const { code, out, err } = await runCli(['--demo'], 'DELETE FROM ir.mail_server;')
      expect(code).to.equal(1)
      expect(out).to.equal('')
      expect(err).to.match(/^ERROR: {2}25006: cannot execute DELETE/)
    })

    it('gives a file its name only when all has succeeded', async () => {
      const [good, bad] = [join(folder, 'good.csv'), join(folder, 'bad.csv')]
      await writeFile(bad, 'earlier')
      const [first, second] = await Promise.all([
        runCli(['--demo', '-o', good, '-c', THREE]),
        runCli(['--demo', '-o', bad, '-c', THREE, '-c', 'SELECT oops FROM ir.mail_server']),
      ])
      expect(first).to.deep.equal({ code: 0, out: '', err: '' })
      expect(await readFile(good, 'utf8')).to.match(/^id,name\n/)
      expect(second).to.deep.include({ code: 1, out: '' })
      expect(await readFile(bad, 'utf8')).to.equal('earlier')
      expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).to.deep.equal([])
    })

    it('takes the format from the ending of the file', async () => {
      const path = join(folder, 'rows.json')
      expect(await runCli(['--demo', '-o', path, '-c', THREE])).to.deep.equal({ code: 0, out: '', err: '' })
      expect(JSON.parse(await readFile(path, 'utf8'))).to.have.length(3)
    })

    it('ends quietly with 0 when the reader goes away', async () => {
      const child = startCli('--demo', '-c', 'SELECT * FROM ir.mail_server', '--quiet')
      child.stdout.destroy()
      let err = ''
      child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
      const [code] = (await once(child, 'close')) as [number | null]
      expect(err).to.equal('')
      expect(code).to.equal(0)
    })

    it('ends with 130 when interrupted', async () => {
      const child = startCli('--demo')
      child.stdin.write(`${THREE};\n`)
      // The answer is there, and the program waits for more statements.
      expect(await firstWords(child)).to.contain('id,name')
      child.kill('SIGINT')
      const [code] = (await once(child, 'close')) as [number | null]
      expect(code).to.equal(130)
    })

    it('runs alone and is asked over the network', async () => {
      const demo = startCli('demo', '--port', '0')
      const ended = once(demo, 'close')
      const [, key = '', url = ''] = /ODOO_API_KEY=(\S+) odoo-sql (\S+)/.exec(await firstWords(demo)) ?? []
      const { code, out, err } = await runCli([url.replace('@', `:${key}@`), '-c', THREE])
      expect(code, err).to.equal(0)
      expect(out).to.match(/^id,name\n/)
      demo.kill('SIGINT')
      expect(await ended).to.deep.equal([0, null])
    })
  })

  describe('on real servers', () => {
    const servers = realServers()
    if (servers.length === 0)
      it('answers from them', function () {
        this.skip()
      })
    for (const { version, url, database, login, password } of servers) {
      const target = (secret: string): string =>
        `${url.replace(/^http/, 'odoo+http').replace('://', `://${login}:${secret}@`)}/${database}`
      it(`answers from Odoo ${version}`, async () => {
        const { code, out, err } = await runCli([target(password), '--format', 'json', '-c', THREE])
        expect(code, err).to.equal(0)
        expect((JSON.parse(out) as { id: number }[]).map(({ id }) => id)).to.deep.equal([1, 2, 3])
      })
      it(`ends with 3 where Odoo ${version} refuses the log-in`, async () => {
        const { code, out, err } = await runCli([target('wrong-one'), '-c', THREE])
        expect(code, err).to.equal(3)
        expect(out).to.equal('')
        expect(err)
          .to.match(/^ERROR: {2}28/m)
          .and.not.to.contain('wrong-one')
      })
    }
  })
})
