import { expect } from 'chai'
import { startDemo, type DemoServer } from '../../src/demo/server.ts'
import { diagnose, type Check, type Diagnosis, type DoctorOptions } from '../../src/driver/doctor.ts'
import { diagnosisText } from '../../src/repl/doctor-text.ts'
import { runCli } from '../support/cli.ts'
import { startFakeHttp } from '../support/fake-http.ts'
import { startProxy } from '../support/proxy.ts'
import { describeReal } from '../support/real-odoo.ts'

async function diagnosesOf(options: DoctorOptions): Promise<Diagnosis[]> {
  const found: Diagnosis[] = []
  for await (const diagnosis of diagnose({ catalogCache: false, ...options })) found.push(diagnosis)
  return found
}

const checkOf = (diagnosis: Diagnosis | undefined, subject: string): Check | undefined =>
  diagnosis?.checks.find((check) => check.subject === subject)
const withVerdict = (diagnosis: Diagnosis | undefined, verdict: Check['verdict']): string[] =>
  (diagnosis?.checks ?? []).filter((check) => check.verdict === verdict).map(({ subject }) => subject)

describe('doctor', () => {
  describeReal('on a real server', (server) => {
    const { version, url, database, login, password, apiKey } = server
    const admin = { url, database, login }

    it('finds nothing failed for an administrator', async () => {
      const [diagnosis] = await diagnosesOf({ ...admin, apiKey })
      expect(withVerdict(diagnosis, 'failed')).to.deep.equal([])
      expect(diagnosis?.checks.map(({ subject }) => subject)).to.deep.equal([
        'reach',
        'version',
        'transport',
        'log-in',
        'language',
        'table ir.mail_server',
        'columns of ir.mail_server',
        'archived records',
        'text order',
        'latency',
        'clock',
        'rules',
      ])
      expect(checkOf(diagnosis, 'transport')?.found).to.match(version === 14 ? /^JSON-RPC/ : /^JSON-2/)
      expect(checkOf(diagnosis, 'text order')?.found).to.match(/proven/)
      expect(checkOf(diagnosis, 'clock')?.verdict).to.equal('ok')
      expect(checkOf(diagnosis, 'archived records')?.found).to.match(/^\d+ of res\.partner/)
      expect(checkOf(diagnosis, 'columns of ir.mail_server')?.found).to.match(
        version === 14
          ? /from_filter.*came with Odoo 15/
          : /google_gmail_authorization_code.*18 was the last/,
      )
    })

    it('hints at a key where a password is used', async () => {
      const [diagnosis] = await diagnosesOf({ ...admin, password })
      expect(checkOf(diagnosis, 'log-in')).to.include({ verdict: 'ok' })
      expect(checkOf(diagnosis, 'log-in')?.remedy).to.match(/API key/)
      expect(checkOf(diagnosis, 'transport')?.found).to.match(/^JSON-RPC/)
    })

    it('says what a user may not read, and goes on', async () => {
      const { analystLogin, analystApiKey } = server
      const [diagnosis] = await diagnosesOf({ url, database, login: analystLogin, apiKey: analystApiKey })
      expect(withVerdict(diagnosis, 'failed')).to.deep.equal(['table ir.mail_server'])
      expect(checkOf(diagnosis, 'table ir.mail_server')?.remedy).to.match(/right to read/)
      expect(checkOf(diagnosis, 'rules')?.verdict).to.equal('ok')
    })

    it('tells a wrong secret from a wrong database, without the secret', async () => {
      const wrong = 'not-the-key-of-anyone'
      const [byKey] = await diagnosesOf({ ...admin, apiKey: wrong })
      expect(byKey?.isConnected).to.equal(false)
      expect(withVerdict(byKey, 'ok')).to.deep.equal(['reach'])
      expect(checkOf(byKey, 'log-in')?.found).to.match(/rejected/)
      const [byName] = await diagnosesOf({ ...admin, database: 'no_such_database', apiKey: wrong })
      expect(checkOf(byName, 'log-in')?.found).to.match(/no_such_database.*does not exist/)
      expect(JSON.stringify([byKey, byName])).to.not.include(wrong)
    })

    it('finds a language that the database lacks, and says which it has', async () => {
      const partitions = { only: { ...admin, apiKey, lang: 'xx_XX' } }
      const [diagnosis] = await diagnosesOf({ partitions })
      expect(checkOf(diagnosis, 'language')?.verdict).to.equal('warning')
      expect(checkOf(diagnosis, 'language')?.remedy).to.include('en_US')
      // 19 refuses what is asked in it, and the examination goes on all the same.
      expect(checkOf(diagnosis, 'table ir.mail_server')?.verdict).to.equal(version === 14 ? 'ok' : 'failed')
      expect(checkOf(diagnosis, 'clock')?.verdict).to.equal('ok')
    })
  })

  describe('on the demo', () => {
    let demo: DemoServer
    before(async () => {
      demo = await startDemo()
    })
    after(() => demo.close())
    const through = (url: string): DoctorOptions => ({
      url,
      database: demo.databases[0] ?? '',
      login: demo.login,
      apiKey: demo.apiKey,
    })

    for (const [what, date, found] of [
      ['ahead', 7200, /^(7199|7200) s ahead of ours/],
      ['behind', -7200, /^720[01] s behind ours/],
    ] as const)
      it(`warns of a clock that is ${what}`, async () => {
        const proxy = await startProxy(demo.url, { date: new Date(Date.now() + date * 1000).toUTCString() })
        try {
          const [diagnosis] = await diagnosesOf(through(proxy.url))
          expect(checkOf(diagnosis, 'clock')?.verdict).to.equal('warning')
          expect(checkOf(diagnosis, 'clock')?.found).to.match(found)
        } finally {
          await proxy.close()
        }
      })

    it('warns of a server that tells no time', async () => {
      const proxy = await startProxy(demo.url, { date: '' })
      try {
        const [diagnosis] = await diagnosesOf(through(proxy.url))
        expect(checkOf(diagnosis, 'clock')?.verdict).to.equal('warning')
      } finally {
        await proxy.close()
      }
    })

    it('says that a version was not measured, and what to do', async () => {
      const proxy = await startProxy(demo.url, { major: 21 })
      try {
        const [diagnosis] = await diagnosesOf(through(proxy.url))
        expect(checkOf(diagnosis, 'version')?.found).to.match(/21\.0, which has not been measured/)
        expect(checkOf(diagnosis, 'rules')?.verdict).to.equal('warning')
        expect(checkOf(diagnosis, 'rules')?.remedy).to.match(/--prove/)
      } finally {
        await proxy.close()
      }
    })

    it('examines every partition, also after one that cannot be reached', async () => {
      const fake = await startFakeHttp(() => ({
        status: 200,
        headers: { 'content-type': 'text/html' },
        body: '<p>',
      }))
      try {
        const { url, ...account } = through(demo.url)
        const partitions = {
          nobody: { url: fake.url, database: 'd', login: 'l', apiKey: 'k' },
          demo: { url: url ?? '', database: account.database ?? '', login: 'admin', apiKey: demo.apiKey },
        }
        const [nobody, somebody] = await diagnosesOf({ partitions })
        expect(nobody?.isConnected).to.equal(false)
        expect(withVerdict(nobody, 'failed')).to.deep.equal(['reach'])
        expect(somebody?.isConnected).to.equal(true)
        expect(diagnosisText(nobody!)).to.match(/FAIL {2}reach {2}.*page instead of JSON/)
      } finally {
        await fake.close()
      }
    })
  })

  describe('as a subcommand', () => {
    it('prints text with marks, and ends with 0 where nothing failed', async () => {
      const { code, out, err } = await runCli(['doctor', '--demo'])
      expect(err).to.equal('')
      expect(code).to.equal(0)
      expect(out).to.match(/^demo: database demo at http/)
      expect(out).to.match(/\n {2}ok {4}log-in {2,}"admin" is user 2, by an API key\n/)
      expect(out).to.match(/0 failed\n$/)
    })

    it('prints JSON', async () => {
      const { code, out } = await runCli(['doctor', '--demo', '--format', 'json'])
      expect(code).to.equal(0)
      const [diagnosis] = JSON.parse(out) as Diagnosis[]
      expect(diagnosis).to.include({ partition: 'demo', login: 'admin', isConnected: true })
      expect(checkOf(diagnosis, 'version')).to.deep.equal({
        subject: 'version',
        verdict: 'ok',
        found: 'Odoo 19.0, measured',
      })
    })

    it('ends with 3 where nothing answers, and 2 where it makes no sense', async () => {
      const url = 'odoo://admin:x@127.0.0.1:1/demo'
      const unreachable = await runCli(['doctor', url])
      expect(unreachable.code).to.equal(3)
      expect(unreachable.out).to.match(/FAIL {2}reach/)
      const nothing = await runCli(['doctor'])
      expect(nothing.code).to.equal(2)
      expect(nothing.err).to.match(/no server named/)
    })
  })
})
