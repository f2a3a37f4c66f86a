import { expect } from 'chai'
import { execFile } from 'node:child_process'
import dns from 'node:dns'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startDemo, type DemoServer } from '../../src/demo/server.ts'
import { connect } from '../../src/driver/connection.ts'
import { sqlErrorOf } from '../support/errors.ts'
import { closeKept, keep } from '../support/keep.ts'
import { startProxy } from '../support/proxy.ts'

const run = promisify(execFile)

/** `ok` and an answer, or an error; and how many requests reached the server. */
interface Attempt {
  readonly code: string
  readonly message: string
  readonly requests: number
}

describe('names that are not found', () => {
  const { lookup } = dns
  let lookups = 0
  let failures = 0
  /** The next so many look-ups fail. */
  const failNext = (count: number): void => {
    lookups = 0
    failures = count
  }
  before(() => {
    const failing = (...given: Parameters<typeof lookup>): void => {
      const tell = given.at(-1) as unknown as (error: Error) => void
      if (lookups++ < failures) tell(Object.assign(new Error('no such host'), { code: 'ENOTFOUND' }))
      else lookup(...given)
    }
    // Where Node itself looks for it, at each connection.
    dns.lookup = failing as typeof lookup
  })
  after(() => {
    dns.lookup = lookup
  })
  afterEach(closeKept)

  it('are said at the log-in, and asked for again in mid-session', async () => {
    const demo = keep(await startDemo())
    // Each reply ends its connection, so that each call looks for the name.
    const proxy = keep(await startProxy(demo.url, { fault: () => ({ kind: 'hangUp' }) }))
    const url = proxy.url.replace('127.0.0.1', 'localhost')
    const options = { url, database: 'demo', login: demo.login, apiKey: demo.apiKey, catalogCache: false }
    failNext(1)
    expect(await sqlErrorOf(connect(options))).to.include({ code: '08001' })
    expect(lookups).to.equal(1)
    failNext(0)
    const connection = keep(await connect(options))
    const count = async () =>
      (await connection.query('SELECT count(*) AS n FROM ir.mail_server')).rows[0]?.['n']
    expect(await count()).to.equal('12')
    failNext(2)
    expect(await count()).to.equal('12')
    expect(lookups).to.be.greaterThan(2)
    failNext(Infinity)
    expect(await sqlErrorOf(count())).to.include({ code: '08006', partition: 'demo' })
    expect(lookups).to.equal(5)
  })
})

describe('certificates', function () {
  this.timeout(120_000)
  let folder: string
  let demo: DemoServer
  const at = (name: string): string => join(folder, name)

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'odoo-sql-certificates-'))
    demo = await startDemo()
    const authority = `-x509 -days 2 -subj /CN=authority -out ${at('authority.pem')}`
    await openssl(`${newKey('authority')} ${authority}`)
    await sign('good', 'DNS:localhost', 2)
    await sign('other', 'DNS:elsewhere.example.com', 2)
    await sign('expired', 'DNS:localhost', -1)
  })
  after(async () => {
    await demo.close()
    await rm(folder, { recursive: true })
  })

  const openssl = (words: string) => run('openssl', words.split(' '))
  const newKey = (name: string): string =>
    `req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout ${at(`${name}.key`)}`

  /** A certificate of the authority's for that name, and its key. */
  async function sign(file: string, name: string, days: number): Promise<void> {
    const [request, extensions] = [at(`${file}.csr`), at(`${file}.txt`)]
    await openssl(`${newKey(file)} -subj /CN=${file} -out ${request}`)
    await writeFile(extensions, `subjectAltName=${name}\n`)
    const authority = `-CA ${at('authority.pem')} -CAkey ${at('authority.key')} -CAcreateserial`
    await openssl(
      `x509 -req -in ${request} ${authority} -extfile ${extensions} -days ${days} -out ${at(`${file}.pem`)}`,
    )
  }

  /** A program of its own, since Node reads the authorities that it trusts when it starts. */
  async function attempt(certificate: string, isTrusted: boolean): Promise<Attempt> {
    const cert = await readFile(at(`${certificate}.pem`), 'utf8')
    const key = await readFile(at(`${certificate}.key`), 'utf8')
    const proxy = await startProxy(demo.url, { tls: { cert, key } })
    const url = proxy.url.replace('127.0.0.1', 'localhost')
    const script = `
      import { connect } from './src/index.ts'
      const options = { url: '${url}', database: 'demo', login: 'admin', apiKey: '${demo.apiKey}', catalogCache: false }
      const told = await connect(options).then(
        async (connection) => {
          const { rows } = await connection.query('SELECT count(*) AS n FROM ir.mail_server')
          await connection.close()
          return { code: 'ok', message: rows[0].n }
        },
        ({ code, message, detail, hint }) => ({ code, message: [message, detail, hint].join(' ') }),
      )
      console.log(JSON.stringify(told))`
    const env = { ...process.env, ...(isTrusted && { NODE_EXTRA_CA_CERTS: at('authority.pem') }) }
    try {
      const words = ['--import', 'tsx', '--input-type=module', '--eval', script]
      const { stdout } = await run(process.execPath, words, { env })
      return { ...(JSON.parse(stdout) as Omit<Attempt, 'requests'>), requests: proxy.requests.length }
    } finally {
      await proxy.close()
    }
  }

  it('are held to their authority, name and time; nothing is sent where they do not hold', async () => {
    const [good, unknown, other, expired] = await Promise.all([
      attempt('good', true),
      attempt('good', false),
      attempt('other', true),
      attempt('expired', true),
    ])
    expect(good).to.include({ code: 'ok', message: '12' })
    expect(unknown).to.include({ code: '08001', requests: 0 })
    expect(unknown.message).to.contain('NODE_EXTRA_CA_CERTS')
    expect(other).to.include({ code: '08001', requests: 0 })
    expect(other.message).to.contain('another host name')
    expect(expired).to.include({ code: '08001', requests: 0 })
    expect(expired.message).to.contain('has expired')
    for (const { message } of [unknown, other, expired]) expect(message).to.not.contain(demo.apiKey)
  })
})
