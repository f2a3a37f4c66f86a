import { expect } from 'chai'
import { openClient, type CallRecord, type ClientConfig, type OdooClient } from '../../src/odoo/client.ts'
import { ALL, NONE } from '../../src/odoo/domain.ts'
import { restFromHeader, type RetryPolicy } from '../../src/odoo/exchange.ts'
import { sqlErrorOf, textOf } from '../support/errors.ts'
import {
  odooWith,
  rpcReply,
  startFakeHttp,
  type Act,
  type FakeHttp,
  type Seen,
} from '../support/fake-http.ts'

const QUICK: RetryPolicy = { retriesMax: 2, firstWaitMs: 1, waitMaxMs: 2, retryAfterMaxMs: 5 }
const SECRET = 'pass"wörd/ü'

describe('odoo transport', () => {
  const open: (FakeHttp | OdooClient)[] = []
  afterEach(async () => {
    for (const one of open.splice(0)) await one.close()
  })

  const serve = async (answer: (request: Seen, index: number) => Act): Promise<FakeHttp> => {
    const server = await startFakeHttp(answer)
    open.push(server)
    return server
  }
  const configFor = (url: string, more: Partial<ClientConfig> = {}): ClientConfig => ({
    name: 'north',
    url,
    database: 'demo',
    login: 'alice',
    password: SECRET,
    retry: QUICK,
    ...more,
  })
  const connect = async (url: string, more: Partial<ClientConfig> = {}): Promise<OdooClient> => {
    const client = await openClient(configFor(url, more))
    open.push(client)
    return client
  }
  const countWith = async (
    answer: (request: Seen, index: number) => Act,
    more: Partial<ClientConfig> = {},
  ) => {
    const server = await serve(odooWith(answer))
    const calls: CallRecord[] = []
    const client = await connect(server.url, { ...more, onCall: (call) => calls.push(call) })
    return { client, calls, server, count: () => client.searchCount('res.partner', ALL) }
  }
  const html = (status: number): Act => ({
    status,
    headers: { 'content-type': 'text/html; charset=utf-8' },
    body: '<html><body>Welcome</body></html>',
  })

  describe('the first call', () => {
    it('says at once that nothing answers', async () => {
      const server = await startFakeHttp(() => 'hang')
      await server.close()
      const error = await sqlErrorOf(openClient(configFor(server.url)))
      expect(error.code).to.equal('08001')
      expect(error.partition).to.equal('north')
      expect(error.message).to.equal(`could not connect to Odoo at ${server.url}: nothing answers there`)
    })

    it('says at once that the host is not known', async () => {
      const error = await sqlErrorOf(openClient(configFor('http://no-such-host.invalid')))
      expect(error.code).to.equal('08001')
      expect(error.message).to.contain('"no-such-host.invalid"')
    })

    for (const [name, url] of [
      ['no URL', 'localhost:8069'],
      ['another scheme', 'ftp://localhost'],
      ['nothing', ''],
      ['a password in it', `http://alice:${encodeURIComponent(SECRET)}@localhost`],
    ] as const)
      it(`refuses a URL that is ${name}`, async () => {
        const error = await sqlErrorOf(openClient(configFor(url)))
        expect(error.code).to.equal('08001')
        expect(textOf(error)).not.to.contain(encodeURIComponent(SECRET))
      })

    it('tells a web page from an Odoo', async () => {
      const server = await serve(() => html(200))
      const error = await sqlErrorOf(openClient(configFor(server.url)))
      expect(error.code).to.equal('08001')
      expect(error.message).to.contain('a page instead of JSON (HTTP 200)')
      expect(textOf(error)).not.to.contain('Welcome')
      const withPath = await sqlErrorOf(openClient(configFor(`${server.url}/web/login`)))
      expect(withPath.hint).to.contain('without the path')
      expect(server.requests.at(-1)?.path).to.equal('/web/login/jsonrpc')
    })

    for (const body of [
      '{}',
      'null',
      '[1]',
      '"x"',
      '{"jsonrpc":"2.0","id":1,"result":{"server_version_info":[]}}',
    ])
      it(`tells other JSON from an Odoo: ${body}`, async () => {
        const server = await serve(() => ({ status: 200, body }))
        const error = await sqlErrorOf(openClient(configFor(server.url)))
        expect(error.code).to.equal('08001')
      })

    it('follows no redirect, and names where it leads', async () => {
      const server = await serve(() => ({
        status: 301,
        headers: { location: 'https://odoo.example.com/jsonrpc' },
        body: '',
      }))
      const error = await sqlErrorOf(openClient(configFor(server.url)))
      expect(error.code).to.equal('08001')
      expect(error.hint).to.contain('https://odoo.example.com as the URL')
      expect(server.requests).to.have.length(1)
    })

    it('does not try again what is more likely a wrong URL', async () => {
      const server = await serve(() => 'reset')
      const error = await sqlErrorOf(openClient(configFor(server.url)))
      expect(error.code).to.equal('08001')
      expect(server.requests).to.have.length(1)
    })

    it('gives up on a server that is silent', async () => {
      const server = await serve(() => 'hang')
      const error = await sqlErrorOf(openClient(configFor(server.url, { timeoutMs: 30 })))
      expect(error.code).to.equal('08001')
      expect(error.message).to.contain('did not answer within 0.03 s')
    })

    it('says that https was asked of a server without it', async () => {
      const server = await serve(() => html(200))
      const error = await sqlErrorOf(openClient(configFor(server.url.replace('http:', 'https:'))))
      expect(error.code).to.equal('08001')
      expect(error.message).to.contain('secure connection')
    })

    it('asks /web/version where JSON-RPC is gone', async () => {
      const server = await serve((request) => {
        if (request.path === '/jsonrpc') return html(404)
        const body = request.path.endsWith('context_get')
          ? { uid: 7 }
          : { version_info: [23, 0, 0, 'final', 0, ''] }
        return { status: 200, body: JSON.stringify(body) }
      })
      const client = await connect(server.url, { login: '', apiKey: 'key' })
      expect(client).to.include({ transport: 'json-2', userId: 7 })
      expect(client.version).to.deep.equal({ major: 23, text: '23.0', family: 'unproven' })
    })

    it('is 28000 without any secret, before a call', async () => {
      const server = await serve(() => html(200))
      const error = await sqlErrorOf(openClient(configFor(server.url, { password: undefined })))
      expect(error.code).to.equal('28000')
      expect(server.requests).to.have.length(0)
    })

    it('is 0A000 for JSON-2 on a version without it, and 28000 for JSON-2 without a key', async () => {
      const old = await serve(odooWith(() => 'hang', 18))
      expect(
        await sqlErrorOf(openClient(configFor(old.url, { apiKey: 'k', transport: 'json-2' }))),
      ).to.include({
        code: '0A000',
      })
      const young = await serve(odooWith(() => 'hang', 19))
      expect(await sqlErrorOf(openClient(configFor(young.url, { transport: 'json-2' })))).to.include({
        code: '28000',
      })
    })
  })

  describe('passing trouble', () => {
    const passing: Record<string, Act> = {
      'a reset connection': 'reset',
      'a reply cut off': 'cut',
      'a 502 page': html(502),
      'a 503 with JSON that is not Odoo’s': { status: 503, body: '{"error": "overloaded"}' },
      'a 429': { status: 429, headers: { 'retry-after': '1' }, body: '' },
      'a 429 until a date': {
        status: 429,
        headers: { 'retry-after': new Date(Date.now() + 3_600_000).toUTCString() },
        body: '',
      },
      'JSON that ends too early': { status: 200, body: '{"jsonrpc": "2.0", "result": 1' },
    }
    for (const [name, act] of Object.entries(passing)) {
      it(`is repeated: ${name}`, async () => {
        const { count, calls } = await countWith((request, index) =>
          index === 0 ? act : rpcReply(request, { result: 41 }),
        )
        expect(await count()).to.equal(41)
        expect(calls.at(-1)).to.include({
          method: 'search_count',
          tries: 2,
          outcome: 'ok',
          partition: 'north',
        })
      })

      it(`ends in 08006 when it does not pass: ${name}`, async () => {
        const { count, calls, server } = await countWith(() => act)
        const error = await sqlErrorOf(count())
        expect(error.code).to.equal('08006')
        expect(error.partition).to.equal('north')
        expect(calls.at(-1)).to.include({ tries: 3, outcome: '08006' })
        expect(server.requests).to.have.length(2 + 3)
      })
    }

    it('reads Retry-After in seconds and as a date, and caps it', () => {
      const now = Date.parse('2026-01-01T00:00:00Z')
      expect(restFromHeader('2', 60_000, now)).to.equal(2_000)
      expect(restFromHeader('Thu, 01 Jan 2026 00:00:05 GMT', 60_000, now)).to.equal(5_000)
      expect(restFromHeader('Wed, 31 Dec 2025 00:00:00 GMT', 60_000, now)).to.equal(0)
      expect(restFromHeader('99999999', 60_000, now)).to.equal(60_000)
      expect(restFromHeader('soon', 60_000, now)).to.equal(undefined)
      expect(restFromHeader(undefined, 60_000, now)).to.equal(undefined)
    })
  })

  describe('lasting trouble', () => {
    it('a slow reply ends in 57014, and is not repeated', async () => {
      const { count, server } = await countWith(() => 'hang', { timeoutMs: 200 })
      expect(await sqlErrorOf(count())).to.include({ code: '57014' })
      expect(server.requests).to.have.length(3)
    })

    const wrong: Record<string, readonly [code: string, (request: Seen) => Act]> = {
      'a page instead of JSON': ['08006', () => html(200)],
      'a reply to another call': [
        '08006',
        () => ({ status: 200, body: '{"jsonrpc":"2.0","id":-1,"result":1}' }),
      ],
      'a count that is none': ['58000', (request) => rpcReply(request, { result: 'many' })],
      'no result': ['58000', (request) => rpcReply(request, {})],
      'a bare list': ['58000', () => ({ status: 200, body: '[]' })],
      'an error that is none': ['58000', (request) => rpcReply(request, { error: 3 })],
      'an error without data': [
        '58000',
        (request) => rpcReply(request, { error: { message: 'odd', code: 1 } }),
      ],
      'a request that is too large': ['54000', () => html(413)],
    }
    for (const [name, [code, act]] of Object.entries(wrong))
      it(`${name} is ${code}`, async () => {
        const { count, server } = await countWith(act)
        expect(await sqlErrorOf(count())).to.include({ code, partition: 'north' })
        expect(server.requests).to.have.length(3)
      })

    it('shows Odoo’s message, never its traceback and no form of the secret', async () => {
      const leak = [SECRET, encodeURIComponent(SECRET), JSON.stringify(SECRET)].join(' and ')
      const { count } = await countWith((request) =>
        rpcReply(request, {
          error: {
            code: 200,
            message: 'Odoo Server Error',
            data: {
              name: 'builtins.ValueError',
              message: `Invalid field ${leak}\n\nsecond paragraph`,
              debug: 'Traceback (most recent call last): …',
            },
          },
        }),
      )
      const error = await sqlErrorOf(count())
      expect(error.code).to.equal('58000')
      expect(error.message).to.equal(
        'Odoo could not answer search_count on res.partner: Invalid field *** and *** and "***"',
      )
      for (const form of [SECRET, encodeURIComponent(SECRET), 'Traceback', 'second'])
        expect(textOf(error)).not.to.contain(form)
    })

    it('keeps nothing of the request in the error of a lost connection', async () => {
      const { count } = await countWith(() => 'reset')
      const error = await sqlErrorOf(count())
      expect(error.cause).to.equal(undefined)
      expect(textOf(error)).not.to.contain(JSON.stringify(SECRET).slice(1, -1))
    })
  })

  describe('an abort', () => {
    it('ends a call that is under way, with the reason given or 57014', async () => {
      const { client } = await countWith(() => 'hang')
      const controller = new AbortController()
      const promise = sqlErrorOf(client.searchCount('res.partner', ALL, { signal: controller.signal }))
      controller.abort()
      expect(await promise).to.include({
        code: '57014',
        message: 'canceling statement due to user request',
        partition: 'north',
      })
    })

    it('ends one that waits for its turn, and nothing is sent', async () => {
      const { client, server, calls } = await countWith(() => 'hang', { concurrency: 1 })
      const first = new AbortController()
      const second = new AbortController()
      const running = sqlErrorOf(client.searchCount('a', ALL, { signal: first.signal }))
      const waiting = sqlErrorOf(client.searchCount('b', ALL, { signal: second.signal }))
      second.abort()
      expect(await waiting).to.include({ code: '57014' })
      first.abort()
      await running
      expect(server.requests.filter(({ body }) => body.includes('"b"'))).to.have.length(0)
      expect(calls.map(({ model }) => model)).not.to.contain('b')
    })

    it('ends the log-in', async () => {
      const server = await serve(() => 'hang')
      const controller = new AbortController()
      const promise = sqlErrorOf(openClient(configFor(server.url), { signal: controller.signal }))
      controller.abort()
      expect(await promise).to.include({ code: '57014' })
    })

    it('close() ends what is under way and what comes after', async () => {
      const { client, count } = await countWith(() => 'hang')
      const promise = sqlErrorOf(count())
      client.close()
      expect(await promise).to.include({ code: '08006', partition: 'north' })
      expect(await sqlErrorOf(count())).to.include({ code: '08006' })
    })
  })

  it('makes no call for what finds nothing', async () => {
    const { client, server } = await countWith(() => 'hang')
    const request = { fields: ['name'], labels: false }
    expect(await client.searchRead('res.partner', { ...request, domain: NONE })).to.deep.equal([])
    expect(await client.searchRead('res.partner', { ...request, domain: ALL, limit: 0 })).to.deep.equal([])
    expect(await client.search('res.partner', { domain: NONE })).to.deep.equal([])
    expect(await client.read('res.partner', [], request)).to.deep.equal([])
    expect(await client.searchCount('res.partner', NONE)).to.equal(0)
    expect(server.requests).to.have.length(2)
  })

  it('sends the same context in every call', async () => {
    const { client, server } = await countWith((request) => rpcReply(request, { result: [] }), {
      companies: [1, 3],
      lang: 'fr_FR',
    })
    await client.searchRead('ir.mail_server', { domain: ALL, fields: [], labels: true, binarySizes: true })
    await client.search('ir.mail_server', { domain: ALL })
    const contexts = server.requests.slice(2).map(({ body }) => {
      const { params } = JSON.parse(body) as { params: { args: unknown[] } }
      return (params.args[6] as { context: unknown }).context
    })
    const shared = { active_test: false, lang: 'fr_FR', allowed_company_ids: [1, 3] }
    expect(contexts).to.deep.equal([{ ...shared, bin_size: true }, shared])
  })
})
