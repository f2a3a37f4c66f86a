import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { startDemo, type DemoServer } from '../../src/demo/server.ts'
import { connect } from '../../src/driver/connection.ts'
import { queryCanceled } from '../../src/errors.ts'
import { isApiKey } from '../../src/repl/init-file.ts'
import { runInit } from '../../src/repl/init-dialog.ts'
import { startProxy } from '../support/proxy.ts'
import { runCli } from '../support/cli.ts'

describe('repl/init', function () {
  this.timeout(60_000)
  let demo: DemoServer
  let folder: string
  before(async () => {
    demo = await startDemo()
  })
  after(() => demo.close())
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'odoo-sql-init-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  const configuration = (): string => join(folder, 'odoo-sql', 'config.json')

  /** Answers by the beginning of the question, an empty answer where none is given; the last answer given stays. */
  async function answered(answers: Readonly<Record<string, readonly string[]>>) {
    const told: string[] = []
    const left = new Map(Object.entries(answers).map(([question, given]) => [question, [...given]]))
    const answerOf = (question: string): string => {
      told.push(`${question}\n`)
      const given = [...left].find(([start]) => question.startsWith(start))?.[1]
      return given === undefined ? '' : given.length > 1 ? (given.shift() ?? '') : (given[0] ?? '')
    }
    const asker = {
      ask: (question: string, preset = '') => Promise.resolve(answerOf(question) || preset),
      askSecret: (question: string) => Promise.resolve(answerOf(question)),
      tell: (text: string) => void told.push(text),
    }
    const isWritten = await runInit(asker, configuration(), new AbortController().signal)
    return { isWritten, told: told.join('') }
  }

  it('asks, tries, and keeps the key out of the configuration', async () => {
    const { isWritten, told } = await answered({
      URL: [demo.url],
      Login: [demo.login],
      'API key': [demo.apiKey],
    })
    expect(isWritten).to.be.true
    expect(told)
      .to.contain('Databases there: demo, demo_eu.')
      .and.to.match(/ok +log-in +"admin" is user \d+, by a password/)
      .and.not.to.contain(demo.apiKey)
    const text = await readFile(configuration(), 'utf8')
    const key = join(folder, 'odoo-sql', 'demo.key')
    expect(JSON.parse(text)).to.deep.equal({
      partitions: { demo: { url: demo.url, database: 'demo', login: 'admin', password: { file: key } } },
    })
    expect((await readFile(key, 'utf8')).trim()).to.equal(demo.apiKey)
    for (const path of [key, configuration()]) expect((await stat(path)).mode & 0o777, path).to.equal(0o600)
    const connection = await connect({ config: configuration() })
    expect(connection.partitions.map(({ name }) => name)).to.deep.equal(['demo'])
    await connection.close()
  })

  it('tells keys from passwords', () => {
    expect(isApiKey('0123456789abcdef0123456789abcdef01234567')).to.be.true
    expect(['', 'hunter2', 'demo-api-key-of-admin'].some(isApiKey)).to.be.false
  })

  it('asks again where the log-in fails, and leaves the key to an environment variable', async () => {
    const { told, isWritten } = await answered({
      URL: ['nonsense://x', demo.url],
      Database: ['demo_eu'],
      Login: [demo.login],
      'API key': ['wrong', demo.password],
      'That did not work': ['y'],
      'Keep the key in': ['$MY_KEY'],
    })
    expect(isWritten).to.be.true
    expect(told)
      .to.contain('unknown protocol "nonsense:"')
      .and.to.match(/FAIL +log-in/)
      .and.to.contain('Set MY_KEY to the key')
    const { partitions } = JSON.parse(await readFile(configuration(), 'utf8')) as { partitions: object }
    expect(partitions).to.have.deep.property('demo_eu', {
      url: demo.url,
      database: 'demo_eu',
      login: 'admin',
      password: { env: 'MY_KEY' },
    })
    expect(await readdir(join(folder, 'odoo-sql'))).to.deep.equal(['config.json'])
  })

  it('runs again: adds a partition, keeps the rest, and replaces nothing unasked', async () => {
    const answers = { URL: [demo.url], Login: [demo.login], 'API key': [demo.apiKey] }
    await answered(answers)
    const first = JSON.parse(await readFile(configuration(), 'utf8')) as object
    await writeFile(configuration(), JSON.stringify({ ...first, settings: { maxRows: 5 } }))
    expect(await answered({ ...answers, Database: ['demo_eu'] })).to.have.property('isWritten', true)
    const second = JSON.parse(await readFile(configuration(), 'utf8')) as { partitions: object }
    expect(second).to.have.deep.property('settings', { maxRows: 5 })
    expect(Object.keys(second.partitions)).to.deep.equal(['demo', 'demo_eu'])
    const refused = await answered({ ...answers, 'API key': [demo.password] })
    expect(refused.isWritten).to.be.false
    expect(refused.told).to.contain('Replace "demo"?')
    expect(JSON.parse(await readFile(configuration(), 'utf8'))).to.deep.equal(second)
    expect((await answered({ ...answers, Replace: ['yes'] })).isWritten).to.be.true
  })

  it('asks for the database where the server keeps the names to itself', async () => {
    const denied = {
      jsonrpc: '2.0',
      error: {
        code: 200,
        message: 'Odoo Server Error',
        data: { name: 'odoo.exceptions.AccessDenied', message: 'Access Denied' },
      },
    }
    const proxy = await startProxy(demo.url, {
      rewrite: (reply, request) =>
        request.includes('"service":"db"')
          ? JSON.stringify({ ...denied, id: (JSON.parse(request) as { id: number }).id })
          : reply,
    })
    try {
      const { isWritten, told } = await answered({
        URL: [proxy.url],
        Database: ['', 'demo'],
        Login: [demo.login],
        'API key': [demo.apiKey],
      })
      expect(isWritten).to.be.true
      expect(told).not.to.contain('Databases there')
      expect(told.match(/^Database$/gm)).to.have.length(2)
    } finally {
      await proxy.close()
    }
  })

  it('replaces no key file of another unasked', async () => {
    const answers = { URL: [demo.url], Login: [demo.login], 'API key': [demo.apiKey] }
    await answered(answers)
    const key = join(folder, 'odoo-sql', 'demo.key')
    await writeFile(key, 'of another')
    const other = { ...answers, 'Configuration file': [join(folder, 'odoo-sql', 'other.json')] }
    const { isWritten, told } = await answered(other)
    expect(isWritten).to.be.false
    expect(told).to.contain(`${key} is there. Replace it?`)
    expect(await readFile(key, 'utf8')).to.equal('of another')
  })

  it('leaves a file alone that it cannot read, and writes nothing when the user gives up', async () => {
    const path = join(folder, 'other.json')
    await writeFile(path, 'not JSON')
    const answers = { URL: [demo.url], Login: [demo.login], 'API key': [demo.apiKey] }
    const { isWritten, told } = await answered({ ...answers, 'Configuration file': [path] })
    expect(isWritten).to.be.false
    expect(told).to.contain('it is left alone')
    expect(await readFile(path, 'utf8')).to.equal('not JSON')
    const asker = {
      ask: () => Promise.reject(queryCanceled('no answer given')),
      askSecret: () => Promise.resolve(''),
      tell: () => undefined,
    }
    const thrown = await runInit(asker, configuration(), new AbortController().signal).catch(
      (error: unknown) => error,
    )
    expect(thrown).to.have.property('code', '57014')
    expect(await readdir(folder)).to.deep.equal(['other.json'])
  })

  it('needs a terminal', async () => {
    const { code, out, err } = await runCli(['init'])
    expect([code, out]).to.deep.equal([2, ''])
    expect(err).to.match(/^odoo-sql: init asks questions and needs a terminal\.\n.*ODOO_URL/)
  })
})
