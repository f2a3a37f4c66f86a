import { expect } from 'chai'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadCatalog } from '../../src/catalog/load.ts'
import type { TableSpec } from '../../src/catalog/spec.ts'
import { startDemo, type DemoServer } from '../../src/demo/server.ts'
import { connect } from '../../src/driver/connection.ts'
import { diagnose, type Diagnosis } from '../../src/driver/doctor.ts'
import { readProof, writeProof } from '../../src/driver/proof-cache.ts'
import { candidatesFor, prove, type ProofReport, type ProveOptions } from '../../src/driver/prove.ts'
import { versionFromInfo, type ServerVersion } from '../../src/odoo/capabilities.ts'
import { openClient, type ClientConfig } from '../../src/odoo/client.ts'
import { startProxy } from '../support/proxy.ts'
import { describeReal } from '../support/real-odoo.ts'

const PROOF_TIMEOUT_MS = 600_000

let published: readonly TableSpec[] = []

async function proofOf(
  config: Omit<ClientConfig, 'name'>,
  options: Partial<ProveOptions> = {},
): Promise<ProofReport> {
  const client = await openClient({ name: 'proven', ...config })
  try {
    return await prove(client, { published, ordersBytewise: true, ...options })
  } finally {
    client.close()
  }
}

const failedRules = (report: ProofReport): string[] =>
  report.families.flatMap(({ rules }) =>
    rules.filter(({ verdict }) => verdict === 'failed').map(({ rule }) => rule),
  )

describe('a proof of the rules', () => {
  before(async () => {
    published = (await loadCatalog([])).tables
  })

  describeReal('on a real server', (server) => {
    const { url, database, login, password } = server
    const config = { url, database, login, password, transport: 'json-rpc' } as const
    const own = `${server.version}` as const
    const wrong = server.version === 14 ? '19' : '14'

    it('holds completely for its own rules', async () => {
      const report = await proofOf(config)
      const [family] = report.families
      expect(family?.counterexamples).to.deep.equal([])
      expect(family?.family).to.equal(own)
      expect(family?.isComplete).to.equal(true)
      expect(report.isCutShort).to.equal(false)
      expect(family?.held).to.be.greaterThan(2000)
      for (const rule of [
        'char =',
        'char IS NULL',
        'text NOT LIKE',
        'integer IN',
        'rounded float <',
        'AND, OR',
      ])
        expect(report.rules.get(rule), rule).to.equal(own)
      for (const rule of [
        'date ORDER BY',
        'char GROUP BY',
        'datetime <=',
        'many2one NOT IN',
        'sized char <>',
      ])
        expect(report.rules.get(rule), rule).to.equal(own)
    }).timeout(PROOF_TIMEOUT_MS)

    it(`fails for the rules of ${wrong}, and shows a predicate`, async () => {
      const report = await proofOf(config, { candidates: [wrong], callsMax: 900 })
      expect(report.families[0]?.isComplete).to.equal(false)
      expect(failedRules(report)).to.include(server.version === 14 ? 'integer IN' : 'char IS NOT NULL')
      const [example] = report.families[0]?.counterexamples ?? []
      expect(example?.domain).to.not.deep.equal([])
      expect([...(example?.missed ?? []), ...(example?.excess ?? [])]).to.not.deep.equal([])
    }).timeout(PROOF_TIMEOUT_MS)
  })

  describe('on the demo', () => {
    let demo: DemoServer
    let cache: string
    const cacheBefore = process.env['XDG_CACHE_HOME']
    before(async () => {
      demo = await startDemo()
    })
    after(() => demo.close())
    beforeEach(async () => {
      cache = await mkdtemp(join(tmpdir(), 'odoo-sql-proof-'))
      process.env['XDG_CACHE_HOME'] = cache
    })
    afterEach(async () => {
      if (cacheBefore === undefined) delete process.env['XDG_CACHE_HOME']
      else process.env['XDG_CACHE_HOME'] = cacheBefore
      await rm(cache, { recursive: true })
    })

    const accountOf = ({ databases, login, apiKey }: DemoServer) => ({
      database: databases[0] ?? '',
      login,
      apiKey,
    })
    async function proveBy(url: string): Promise<Diagnosis> {
      const found: Diagnosis[] = []
      for await (const one of diagnose({ url, ...accountOf(demo), prove: true, textOrder: 'server' }))
        found.push(one)
      return found[0]!
    }
    const SQL = "SELECT id FROM ir.mail_server WHERE smtp_port = 587 AND name <> 'x' ORDER BY id"
    async function ask(url: string): Promise<{ ids: unknown[]; plan: string }> {
      const connection = await connect({ url, ...accountOf(demo) })
      try {
        const { rows } = await connection.query(SQL)
        return { ids: rows.map((row) => row['id']), plan: await connection.explain(SQL) }
      } finally {
        await connection.close()
      }
    }

    it('holds for the rules of its version', async () => {
      for (const version of [14, 19] as const) {
        const server = await startDemo({ version })
        try {
          const report = await proofOf({ url: server.url, ...accountOf(server) })
          expect(report.families[0]?.counterexamples).to.deep.equal([])
          expect(report.families[0]?.held).to.be.greaterThan(1000)
        } finally {
          await server.close()
        }
      }
    }).timeout(PROOF_TIMEOUT_MS)

    it('decides what is left to a version that was not measured', async () => {
      const proxy = await startProxy(demo.url, { major: 20 })
      try {
        const direct = await ask(demo.url)
        const unproven = await ask(proxy.url)
        expect(unproven.plan).to.not.match(/\["smtp_port"/)
        expect(unproven.ids).to.deep.equal(direct.ids)

        const { proof, checks } = await proveBy(proxy.url)
        expect(proof?.families[0]?.family).to.equal('19')
        expect(proof?.families[0]?.isComplete).to.equal(true)
        expect(proof?.families.find(({ family }) => family === '14')?.isComplete).to.equal(false)
        expect(checks.at(-1)?.verdict).to.equal('ok')

        const proven = await ask(proxy.url)
        expect(proven.plan).to.match(/\["smtp_port", ?"=", ?587\]/)
        expect(proven.plan).to.match(/\["name", ?"!=", ?"x"\]/)
        expect(proven.ids).to.deep.equal(direct.ids)
        expect(direct.ids).to.not.deep.equal([])
      } finally {
        await proxy.close()
      }
    }).timeout(PROOF_TIMEOUT_MS)

    it('catches a server that answers one operator wrongly, and leaves that to itself only', async () => {
      // Loses one record wherever a number is asked to be greater.
      const proxy = await startProxy(demo.url, {
        major: 20,
        rewrite: (reply, request) =>
          request.includes('">"') && /^\[\d/.test(reply) ? reply.replace(/^\[\d+(, ?)?/, '[') : reply,
      })
      try {
        const { proof } = await proveBy(proxy.url)
        expect(proof?.families.every(({ isComplete }) => !isComplete)).to.equal(true)
        expect(failedRules(proof!)).to.include('integer >')
        expect(proof?.rules.has('integer >')).to.equal(false)
        expect(
          proof?.families[0]?.counterexamples.find(({ rule }) => rule === 'integer >')?.missed,
        ).to.have.length(1)
        expect(proof?.rules.has('integer =')).to.equal(true)
        const { ids, plan } = await ask(proxy.url)
        expect(plan).to.match(/\["smtp_port", ?"=", ?587\]/)
        expect(ids).to.deep.equal((await ask(demo.url)).ids)
      } finally {
        await proxy.close()
      }
    }).timeout(PROOF_TIMEOUT_MS)

    it('keeps within its bound on calls, says so, and is not kept then', async () => {
      const report = await proofOf({ url: demo.url, ...accountOf(demo) }, { callsMax: 100 })
      expect(report.isCutShort).to.equal(true)
      // Those under way when the bound is met still end.
      expect(report.calls).to.be.lessThan(200)
      expect(await readdir(cache)).to.deep.equal([])
    })

    it('never compares a secret', async () => {
      const proxy = await startProxy(demo.url, {})
      try {
        await proofOf({ url: proxy.url, ...accountOf(demo) }, { callsMax: 400 })
        expect(proxy.requests.length).to.be.greaterThan(100)
        expect(proxy.requests.filter(({ body }) => body.includes('smtp_pass'))).to.deep.equal([])
      } finally {
        await proxy.close()
      }
    }).timeout(PROOF_TIMEOUT_MS)

    it('ends when it is cancelled', async () => {
      const abort = new AbortController()
      const work = proofOf(
        { url: demo.url, ...accountOf(demo) },
        {
          signal: abort.signal,
          onProgress: () => {
            abort.abort()
          },
        },
      )
      const error = await work.then(
        () => undefined,
        (thrown: unknown) => thrown,
      )
      expect(error).to.have.property('code', '57014')
    })
  })
})

describe('a stored proof', () => {
  const version: ServerVersion = versionFromInfo(['saas~19', 2])!
  const rules = new Map([['char =', '19' as const]])
  let root: string
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'odoo-sql-proof-'))
  })
  afterEach(() => rm(root, { recursive: true }))
  const path = (): string => join(root, 'proofs', 'saas~19.2.json')

  it('is read for its version alone, and belongs to its owner', async () => {
    await writeProof(version, rules, root)
    expect((await readProof(version, root))?.rules).to.deep.equal(rules)
    expect(await readProof(versionFromInfo(['saas~19', 3])!, root)).to.equal(undefined)
    expect((await stat(path())).mode & 0o777).to.equal(0o600)
    expect((await stat(join(root, 'proofs'))).mode & 0o777).to.equal(0o700)
  })

  it('is none where it is broken, of other rules, from the future or too old', async () => {
    expect(await readProof(version, root)).to.equal(undefined)
    await writeProof(version, rules, root)
    const written = JSON.parse(await readFile(path(), 'utf8')) as Record<string, unknown>
    const day = 86_400_000
    for (const change of [
      { rulesDigest: 'another' },
      { version: '20.0' },
      { format: 2 },
      { rules: { 'char =': '13' } },
      { provenAt: Date.now() - 91 * day },
      { provenAt: Date.now() + day },
    ]) {
      await writeFile(path(), JSON.stringify({ ...written, ...change }))
      expect(await readProof(version, root), JSON.stringify(change)).to.equal(undefined)
    }
    await writeFile(path(), '{')
    expect(await readProof(version, root)).to.equal(undefined)
    await writeFile(path(), JSON.stringify(written))
    expect(await readProof(version, root)).to.not.equal(undefined)
  })

  it('changes nothing for a version that was measured', async () => {
    const measured = versionFromInfo([19, 0])!
    await writeProof(measured, rules, root)
    expect(await readProof(measured, root)).to.equal(undefined)
  })

  it('tries the nearest version first', () => {
    const first = (...info: (string | number)[]) => candidatesFor(versionFromInfo(info)!)
    expect(first(20, 0)).to.deep.equal(['19', '18', '14'])
    expect(first('saas~18', 2)[0]).to.equal('18')
    expect(first('saas~16', 3)[0]).to.equal('14')
    expect(first(18, 0)).to.deep.equal(['18'])
  })
})
