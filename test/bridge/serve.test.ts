import { expect } from 'chai'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'
import { commandFromArguments } from '../../src/repl/arguments.ts'
import { startTestBridge } from '../support/bridge.ts'
import { CLI, cleanEnvironment, firstWords, runCli, startCli } from '../support/cli.ts'

const run = promisify(execFile)

describe('the subcommand serve', function () {
  this.timeout(60_000)

  it('says where to connect, logs, and ends with 0 when it is told to', async () => {
    const child = startCli('serve', '--demo', '--port', '0', '--health-port', '0')
    let log = ''
    child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()))
    const words = await firstWords(child)
    const match =
      /^PostgreSQL clients connect to (postgresql:\/\/demo@127\.0\.0\.1:\d+\/odoo) until Ctrl-C\.\nThe password is demo\.\nHealth: (http:\/\/127\.0\.0\.1:\d+\/health)\n$/.exec(
        words,
      )
    const [, url = '', health = ''] = match ?? []
    expect(match, words).to.not.equal(null)
    const { stdout } = await run('psql', [url, '-XAtc', "SELECT name FROM ir.mail_server WHERE name = 'Backup relay'"], {
      env: { ...process.env, PGPASSWORD: 'demo', PGAPPNAME: 'a tool' },
    }) // prettier-ignore
    expect(stdout).to.equal('Backup relay\n')
    expect((await fetch(health)).status).to.equal(200)
    child.kill('SIGTERM')
    const [code] = (await once(child, 'close')) as [number]
    expect(code).to.equal(0)
    const events = log.trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>) // prettier-ignore
    expect(events.map(({ event }) => event)).to.deep.equal(['session_started', 'statement', 'session_ended'])
    expect(events[0]).to.include({ applicationName: 'a tool', user: 'demo' })
    expect(events[1]).to.include({ statement: 'SELECT name FROM ir.mail_server WHERE name = ?', rows: 1 })
  })

  it('takes its user and password from the environment, and logs nothing where it is to be quiet', async () => {
    const environment = { ...cleanEnvironment(), ODOO_PASSWORD: 'x', ODOO_BRIDGE_USER: 'bi', ODOO_BRIDGE_PASSWORD: 'pw' }
    const args = ['--import', 'tsx', CLI, 'serve', 'odoo://login@127.0.0.1:1/db', '--port', '0', '--quiet']
    const child = spawn(process.execPath, args, { env: environment })
    let err = ''
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
    const url = /postgresql:\/\/bi@\S+/.exec(await firstWords(child))?.[0] ?? ''
    const error = await run('psql', [url, '-c', 'SELECT 1'], { env: { ...process.env, PGPASSWORD: 'pw' } }).catch((thrown: unknown) => thrown)
    // Odoo does not answer there: that is told at the log-in.
    expect(error).to.have.property('stderr').that.contains('FATAL')
    child.kill('SIGINT')
    expect(await once(child, 'close')).to.deep.equal([0, null])
    expect(err).to.equal('')
  }) // prettier-ignore

  it('says what keeps it from starting, and ends with 2', async () => {
    const bridge = await startTestBridge()
    const [taken, open, nobody] = await Promise.all([
      runCli(['serve', '--demo', '--port', String(bridge.port)]),
      runCli(['serve', '--demo', '--host', '0.0.0.0']),
      runCli(['serve', 'odoo://login:password@127.0.0.1:1/db']),
    ])
    expect(taken).to.include({ code: 2, out: '' })
    expect(taken.err).to.contain(`22023: cannot listen on 127.0.0.1, port ${bridge.port}`)
    expect(open).to.include({ code: 2, out: '' })
    expect(open.err).to.contain('host "0.0.0.0" would be reached without encryption').and.contain('--allow-unencrypted')
    expect(nobody).to.include({ code: 2, out: '' })
    expect(nobody.err).to.contain('Set ODOO_BRIDGE_PASSWORD')
    await bridge.close(0)
  }) // prettier-ignore

  it('reads its options', () => {
    const command = commandFromArguments([
      'serve', '--demo', '--host', '::1', '--port', '0', '--health-port', '8080', '--max-sessions', '7', '--tls-certificate', 'c', '--tls-key', 'k',
      '--allow-unencrypted', '--log-literals', '--quiet', '--timeout', '5', '--partition', 'demo', '--reveal-secrets',
    ]) // prettier-ignore
    expect(command).to.deep.include({
      kind: 'serve', host: '::1', port: 0, healthPort: 8080, maxSessions: 7, certificate: 'c', key: 'k', allowUnencrypted: true, logLiterals: true,
    }) // prettier-ignore
    expect(command.kind === 'serve' && command.query).to.include({ isDemo: true, isQuiet: true, timeoutMs: 5000, revealSecrets: true })
    const wrong: [string[], string][] = [
      [['--port', '65536'], '--port takes a number from 0 to 65535, not "65536"'],
      [['--health-port', 'x'], '--health-port takes a number from 0 to 65535, not "x"'],
      [['--max-sessions', '0'], '--max-sessions takes a number from 1 to 9999, not "0"'],
      [['--format', 'csv'], 'option --format does not go with serve'],
      [['odoo://a@b/c', 'odoo://d@e/f'], 'one URL is enough: "odoo://d@e/f" is too much'],
    ]
    for (const [args, message] of wrong)
      expect(commandFromArguments(['serve', ...args])).to.deep.include({ kind: 'usage', message })
  }) // prettier-ignore
})
