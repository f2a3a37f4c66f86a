import { expect } from 'chai'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect as connectSocket } from 'node:net'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { promisify } from 'node:util'
import pg from 'pg'
import type { ClientConfig } from 'pg'
import Cursor from 'pg-cursor'
import type { Clock } from '../../src/bridge/slowdown.ts'
import { startDemo } from '../../src/demo/server.ts'
import { startTestBridge, until } from '../support/bridge.ts'
import type { TestBridge } from '../support/bridge.ts'

const run = promisify(execFile)

/** Keeps PostgreSQL busy until it is told to stop. */
const ENDLESS = 'WITH RECURSIVE t AS (SELECT 1 AS a UNION ALL SELECT 1 FROM t) SELECT count(*) FROM t'

const SSL_REQUEST = Buffer.from('0000000804d2162f', 'hex')
const GSS_REQUEST = Buffer.from('0000000804d21630', 'hex')

function startupPacket(parameters: Readonly<Record<string, string>>, protocol = 196_608): Buffer {
  const text = Object.entries(parameters).flat().map((part) => `${part}\0`).join('') // prettier-ignore
  const packet = Buffer.concat([Buffer.alloc(8), Buffer.from(`${text}\0`)])
  packet.writeInt32BE(packet.length, 0)
  packet.writeInt32BE(protocol, 4)
  return packet
}

/** What the bridge says to these bytes, up to its end of the connection or `bytesMin`. `isPolite`: each piece waits for an answer. */
async function answerTo(
  port: number,
  pieces: readonly Buffer[],
  { bytesMin = Infinity, isPolite = false } = {},
): Promise<Buffer> {
  const socket = connectSocket(port, '127.0.0.1')
  socket.setNoDelay(true)
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  let received = Buffer.alloc(0)
  socket.on('data', (bytes: Buffer) => (received = Buffer.concat([received, bytes])))
  const closed = once(socket, 'close')
  for (const piece of pieces) {
    const answered = isPolite
      ? Promise.race([once(socket, 'data'), closed])
      : new Promise((resolve) => setImmediate(resolve))
    socket.write(piece)
    await answered
  }
  while (received.length < bytesMin && !socket.closed) await Promise.race([once(socket, 'data'), closed])
  socket.destroy()
  return received
}

/** The fields of the ErrorResponse among these messages, of which there is one. */
function errorFrom(bytes: Buffer): Record<string, string> {
  for (let at = 0; at < bytes.length; at += 1 + bytes.readInt32BE(at + 1)) {
    if (bytes[at] !== 0x45) continue
    const fields = bytes
      .toString('utf8', at + 5)
      .split('\0')
      .filter((field) => field !== '')
    return Object.fromEntries(fields.map((field) => [field.slice(0, 1), field.slice(1)]))
  }
  return expect.fail(`no error in ${JSON.stringify(bytes.toString('latin1'))}`)
}

describe('the bridge', function () {
  this.timeout(120_000)
  let bridge: TestBridge
  before(async () => {
    bridge = await startTestBridge({ healthPort: 0 })
  })
  after(() => bridge.close(0))

  const config = (changed: ClientConfig = {}): ClientConfig => ({
    host: '127.0.0.1', port: bridge.port, user: 'demo', password: 'demo', database: 'odoo', ...changed,
  }) // prettier-ignore

  async function connected(changed: ClientConfig = {}): Promise<pg.Client> {
    const client = new pg.Client(config(changed))
    client.on('error', () => undefined)
    await client.connect()
    return client
  }

  /** The SQLSTATE and message that a connection ends in. */
  async function refusal(changed: ClientConfig): Promise<[string, string]> {
    const error = (await connected(changed).then(
      async (client) => {
        await client.end()
        return { code: 'none', message: 'connected' }
      },
      (thrown: unknown) => thrown,
    )) as { code: string; message: string }
    return [error.code, error.message]
  }

  const health = async (): Promise<[number, Record<string, unknown>]> => {
    const response = await fetch(`http://127.0.0.1:${bridge.healthPort ?? 0}/health`)
    return [response.status, (await response.json()) as Record<string, unknown>]
  }

  it('lets node-postgres in and answers', async () => {
    const client = await connected()
    const { rows } = await client.query('SELECT id, name FROM ir.mail_server WHERE id <= $1 ORDER BY id', [2])
    expect(rows).to.deep.equal([
      { id: 1, name: 'Demo Trading outgoing' },
      { id: 2, name: 'Backup relay' },
    ])
    await client.end()
  })

  it('tells of an error before the client has said Sync', async () => {
    const client = await connected()
    // A cursor waits for its columns with a Flush, and says Sync only once it knows of the error.
    const cursor = client.query(new Cursor('SELECT nothing_of_the_kind FROM ir.mail_server'))
    const error = await cursor.read(1).catch((thrown: unknown) => thrown)
    expect(error).to.include({ code: '42703' })
    expect((await client.query('SELECT 1 AS one')).rows).to.deep.equal([{ one: 1 }])
    await client.end()
  })

  it('lets psql in and answers', async () => {
    const url = `postgresql://demo@127.0.0.1:${bridge.port}/odoo?sslmode=prefer`
    const { stdout } = await run('psql', [url, '-XAtc', 'SELECT name FROM ir.mail_server WHERE id = 1'], {
      env: { ...process.env, PGPASSWORD: 'demo' },
    })
    expect(stdout).to.equal('Demo Trading outgoing\n')
  })

  it('tells a wrong password and an unknown user the same way', async () => {
    const other = await startTestBridge({}, {}, { now: () => 0, wait: () => Promise.resolve() })
    const at = { port: other.port }
    expect(await refusal({ ...at, password: 'wrong' })).to.deep.equal(['28P01', 'password authentication failed for user "demo"'])
    expect(await refusal({ ...at, user: 'nobody' })).to.deep.equal(['28P01', 'password authentication failed for user "nobody"'])
    expect(other.log.map(({ event, user, code }) => [event, user, code])).to.deep.equal([['refused', 'demo', '28P01'], ['refused', 'nobody', '28P01']])
    await other.close(0)
  }) // prettier-ignore

  it('slows down who fails, and nobody else', async () => {
    const waits: number[] = []
    const clock: Clock = { now: () => 0, wait: (milliseconds) => (waits.push(milliseconds), Promise.resolve()) }
    const other = await startTestBridge({ healthPort: 0 }, {}, clock)
    for (let turn = 0; turn < 7; turn++) await refusal({ port: other.port, password: 'wrong' })
    await refusal({ port: other.port, user: 'nobody' })
    expect(waits).to.deep.equal([250, 500, 1_000, 2_000, 4_000, 8_000])
    const client = await connected({ port: other.port })
    expect(waits.slice(6)).to.deep.equal([8_000])
    await client.end()
    await (await connected({ port: other.port })).end()
    expect(waits).to.have.length(7)
    const response = await fetch(`http://127.0.0.1:${other.healthPort ?? 0}/health`)
    expect(await response.json()).to.include({ failedLogIns: 8 })
    await other.close(0)
  }) // prettier-ignore

  it('takes `odoo` and the names of partitions for databases', async () => {
    const current = async (changed: ClientConfig) => {
      const client = await connected(changed)
      const { rows } = await client.query<{ name: string }>('SELECT DISTINCT _partition AS name FROM ir.mail_server ORDER BY name')
      await client.end()
      return rows.map(({ name }) => name)
    }
    expect(await current({})).to.deep.equal(['demo'])
    expect(await current({ database: 'demo' })).to.deep.equal(['demo'])
    const [, second = ''] = await partitionNames()
    expect(await current({ database: second })).to.deep.equal([second])
    expect(await current({ options: `-c odoo.partitions=demo,${second}` })).to.have.members(['demo', second])
    expect(await refusal({ database: 'nowhere' })).to.deep.equal(['3D000', 'database "nowhere" does not exist'])
    expect((await refusal({ options: '-c odoo.partitions=nowhere' }))[0]).to.equal('22023')
  }) // prettier-ignore

  async function partitionNames(): Promise<string[]> {
    const client = await connected()
    const { rows } = await client.query<{ name: string }>('SELECT name FROM system.partitions ORDER BY name')
    await client.end()
    return rows.map(({ name }) => name)
  }

  it('refuses encryption that it does not have, and goes on', async () => {
    const packet = startupPacket({ user: 'demo' })
    const answer = await answerTo(bridge.port, [GSS_REQUEST, SSL_REQUEST, packet], {
      bytesMin: 2 + 24,
      isPolite: true,
    })
    expect(answer.subarray(0, 3).toString()).to.equal('NNR')
    expect(answer.includes('SCRAM-SHA-256\0')).to.equal(true)
    const refused = await answerTo(bridge.port, [Buffer.concat([SSL_REQUEST, packet])])
    expect(errorFrom(refused)).to.include({ C: '08P01', M: 'received unencrypted data after a request for encryption' })
    const endless = await answerTo(bridge.port, [SSL_REQUEST, SSL_REQUEST, SSL_REQUEST], { isPolite: true })
    expect(errorFrom(endless.subarray(3))['C']).to.equal('08P01')
  }) // prettier-ignore

  it('reads a start-up packet that comes byte by byte', async () => {
    const packet = startupPacket({ user: 'demo', database: 'odoo' })
    const bytes = Array.from(packet, (byte) => Buffer.of(byte))
    const answer = await answerTo(bridge.port, bytes, { bytesMin: 24 })
    expect(answer.toString('latin1', 0, 1)).to.equal('R')
  }) // prettier-ignore

  it('negotiates a newer protocol, and options that it does not know', async () => {
    const newer = await answerTo(bridge.port, [startupPacket({ user: 'demo', '_pq_.x': '1' }, 196_610)], { bytesMin: 40 })
    expect(newer.toString('hex', 0, 20)).to.equal('760000001300030000000000015f70715f2e7800')
    const older = await answerTo(bridge.port, [startupPacket({ user: 'demo' }, 131_072)])
    expect(errorFrom(older)).to.include({ S: 'FATAL', C: '0A000', M: 'unsupported frontend protocol 2.0: server supports 3.0' })
  }) // prettier-ignore

  it('answers what is no client with an error, and ends', async () => {
    const garbage: [string | Buffer, string][] = [
      ['GET / HTTP/1.1\r\n\r\n', '08P01'],
      [Buffer.alloc(64, 0xff), '08P01'],
      [Buffer.from('00000004', 'hex'), '08P01'],
      [startupPacket({}), '28000'],
      [Buffer.concat([startupPacket({ user: 'demo' }), Buffer.from('5100000008787878', 'hex')]), '08P01'],
      [Buffer.concat([startupPacket({ user: 'demo' }), Buffer.from('7000ffffff', 'hex')]), '54000'],
      [Buffer.concat([startupPacket({ user: 'demo' }), Buffer.from('7000000007787800', 'hex')]), '08P01'],
    ]
    for (const [bytes, code] of garbage) {
      const answer = await answerTo(bridge.port, [Buffer.from(bytes)])
      expect(errorFrom(answer)['C'], String(bytes)).to.equal(code)
    }
    expect(bridge.sessions).to.equal(0)
  })

  it('gives up a client that does not log in', async () => {
    const other = await startTestBridge({}, { authenticationTimeoutMs: 50 })
    const silent = await answerTo(other.port, [])
    expect(errorFrom(silent)).to.include({ C: '57014', M: 'canceling authentication due to timeout' })
    const half = await answerTo(other.port, [startupPacket({ user: 'demo' })])
    expect(errorFrom(half)['C']).to.equal('57014')
    expect(other.sessions).to.equal(0)
    await other.close(0)
  })

  it('ends a session that idles, outside of a transaction only', async () => {
    const other = await startTestBridge({}, { idleTimeoutMs: 100 })
    const [idle, busy] = [await connected({ port: other.port }), await connected({ port: other.port })]
    await busy.query('BEGIN')
    const [error] = (await once(idle, 'error')) as [{ code?: string }]
    expect(error.code).to.equal('57P05')
    expect((await busy.query('SELECT 1 AS one')).rows).to.deep.equal([{ one: 1 }])
    await busy.end()
    await other.close(0)
  })

  it('has so many sessions and no more, and tells so before the log-in', async () => {
    const other = await startTestBridge({ maxSessions: 2 })
    const clients = [await connected({ port: other.port }), await connected({ port: other.port })]
    expect(await refusal({ port: other.port, password: 'wrong' })).to.deep.equal(['53300', 'sorry, too many clients already'])
    await clients[0]?.end()
    await until(() => other.sessions === 1, 'a session ends')
    await (await connected({ port: other.port })).end()
    await clients[1]?.end()
    await other.close(0)
  }) // prettier-ignore

  it('cancels what one session runs, by its own key only', async () => {
    const [client, bystander] = [await connected(), await connected()]
    const { processID: pid, secretKey } = client as unknown as { processID: number; secretKey: number }
    const running = client.query(ENDLESS).catch((thrown: unknown) => thrown)
    const request = (secret: number) => {
      const packet = Buffer.from('0000001004d2162e0000000000000000', 'hex')
      packet.writeInt32BE(pid, 8)
      packet.writeInt32BE(secret, 12)
      return packet
    }
    expect(await answerTo(bridge.port, [request(secretKey ^ 1)])).to.have.length(0)
    const isOver = await Promise.race([running.then(() => true), bystander.query('SELECT id FROM ir.mail_server').then(() => false)])
    expect(isOver).to.equal(false)
    expect(await answerTo(bridge.port, [request(secretKey)])).to.have.length(0)
    expect(await running).to.include({ code: '57014', message: 'canceling statement due to user request' })
    expect((await client.query('SELECT 1 AS one')).rows).to.deep.equal([{ one: 1 }])
    await Promise.all([client.end(), bystander.end()])
  }) // prettier-ignore

  it('serves 64 sessions at once', async () => {
    const clients = await Promise.all(Array.from({ length: 64 }, () => connected()))
    expect((await health())[1]).to.include({ status: 'ok', sessions: 64 })
    const answers = await Promise.all(
      clients.map((client, index) => client.query('SELECT name, $1::int AS n FROM ir.mail_server WHERE id = 1', [index])),
    )
    expect(answers.map(({ rows }) => rows as unknown[])).to.deep.equal(
      clients.map((_, index) => [{ name: 'Demo Trading outgoing', n: index }]),
    )
    await Promise.all(clients.map((client) => client.end()))
    await until(() => bridge.sessions === 0, 'all sessions end')
  }) // prettier-ignore

  it('keeps nothing of 1,000 connects and disconnects', async () => {
    const sockets = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length
    await until(() => bridge.sessions === 0, 'all sessions end')
    const before = sockets()
    for (let round = 0; round < 50; round++) {
      const clients = await Promise.all(Array.from({ length: 10 }, () => connected()))
      // Half of them say goodbye, the others vanish; and as many never log in.
      const ends = clients.map((client, index) =>
        index % 2 === 0
          ? client.end()
          : (client as unknown as { connection: { stream: Socket } }).connection.stream.destroy(),
      )
      const strangers = Array.from({ length: 10 }, () => answerTo(bridge.port, [startupPacket({ user: 'demo' })], { bytesMin: 1 }))
      await Promise.all([...ends, ...strangers])
    }
    await until(() => bridge.sessions === 0 && sockets() <= before, 'all sessions and sockets end')
    expect((await health())[1]).to.include({ sessions: 0 })
  }) // prettier-ignore

  it('stops what it does for a client that vanishes in mid-result', async () => {
    const client = await connected()
    const { stream } = (client as unknown as { connection: { stream: Socket } }).connection
    stream.once('data', () => stream.destroy())
    client.query("SELECT repeat('x', 1000) FROM generate_series(1, 60000)").catch(() => undefined)
    await until(() => bridge.sessions === 0, 'the session ends')
    const other = await connected()
    const running = other.query(ENDLESS).catch(() => undefined)
    await until(() => bridge.sessions === 1, 'the session is there')
    await new Promise((resolve) => setTimeout(resolve, 200))
    ;(other as unknown as { connection: { stream: Socket } }).connection.stream.destroy()
    await running
    await until(() => bridge.sessions === 0, 'the session ends')
    const last = bridge.log.filter(({ event }) => event === 'session_ended').at(-1)
    expect(last).to.include({ reason: 'the client closed the connection' })
    // The engine is free again.
    const third = await connected()
    expect((await third.query('SELECT sum(n)::int AS sum FROM generate_series(1, 3) AS n')).rows).to.deep.equal([{ sum: 6 }])
    await third.end()
  }) // prettier-ignore

  it('tells of health, and of nothing else', async () => {
    expect(await health()).to.deep.equal([
      200,
      { ...(await health())[1], status: 'ok', sessions: 0, sessionsMax: 100 },
    ])
    for (const path of ['/', '/health/x', '/metrics'])
      expect((await fetch(`http://127.0.0.1:${bridge.healthPort ?? 0}${path}`)).status).to.equal(404)
  })

  it('ends sessions at rest at once, lets others finish, and stops what takes too long', async () => {
    const other = await startTestBridge({ healthPort: 0 })
    const at = { port: other.port }
    const [idle, finishing, endless, open] = [await connected(at), await connected(at), await connected(at), await connected(at)]
    const ends = [idle, finishing, endless, open].map(async (client) => {
      const [error] = (await once(client, 'error')) as [{ code?: string }]
      return error.code
    })
    await open.query('BEGIN')
    // The engine takes its time to start.
    await finishing.query('SELECT 1')
    const finished = finishing.query('SELECT count(*)::int AS n FROM generate_series(1, 1000000)')
    await until(() => other.log.length >= 4, 'all are there')
    const stopped = endless.query(ENDLESS).catch((thrown: unknown) => thrown)
    await new Promise((resolve) => setTimeout(resolve, 100))
    const closing = other.close(4_000)
    expect(await ends[0]).to.equal('57P01')
    expect((await open.query('SELECT id FROM ir.mail_server WHERE id = 1')).rows).to.deep.equal([{ id: 1 }])
    const response = await fetch(`http://127.0.0.1:${other.healthPort ?? 0}/health`)
    expect([response.status, ((await response.json()) as { status: string }).status]).to.deep.equal([503, 'draining'])
    expect((await finished).rows).to.deep.equal([{ n: 1_000_000 }])
    expect(await stopped).to.include({ code: '57P01' })
    await closing
    expect(await Promise.all(ends)).to.deep.equal(['57P01', '57P01', '57P01', '57P01'])
    expect(other.sessions).to.equal(0)
    expect((await refusal(at))[0]).to.equal('ECONNREFUSED')
  }) // prettier-ignore

  it('never logs a password, and no literal', async () => {
    const client = await connected()
    await client.query("SELECT 'very secret' AS a")
    await client.end()
    await until(() => bridge.sessions === 0, 'the session ends')
    const [started, statement, ended] = bridge.log.slice(-3)
    expect(started).to.include({ event: 'session_started', user: 'demo', address: '127.0.0.1', database: 'odoo', isSecure: false })
    expect(statement).to.include({ event: 'statement', statement: 'SELECT ? AS a', rows: 1, calls: 0 })
    expect(ended).to.include({ event: 'session_ended', reason: 'the client left', statements: 1 })
    expect(bridge.logText()).to.not.include('secret')
  }) // prettier-ignore
})

describe('the bridge with a certificate', function () {
  this.timeout(60_000)
  let folder: string
  let demo: Awaited<ReturnType<typeof startDemo>>
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'odoo-sql-tls-'))
    const files = ['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'certificate.pem')]
    await run('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1', ...files])
    demo = await startDemo()
  }) // prettier-ignore
  after(async () => {
    await rm(folder, { recursive: true })
    await demo.close()
  })

  const files = () => ({ certificate: join(folder, 'certificate.pem'), key: join(folder, 'key.pem') })
  const authority = () => readFile(join(folder, 'certificate.pem'), 'utf8')

  async function bridgeOf(section: object): Promise<TestBridge> {
    const [first = '', second = ''] = demo.databases
    const path = join(folder, 'config.json')
    const partition = (database: string) => ({ url: demo.url, database, login: demo.login, apiKey: demo.apiKey })
    const partitions = { [first]: partition(first), [second]: partition(second) }
    await writeFile(path, JSON.stringify({ partitions, bridge: section }))
    return startTestBridge({ ...files(), connect: { config: path, catalogCache: false } }, {}, { now: () => 0, wait: () => Promise.resolve() })
  } // prettier-ignore

  it('encrypts for node-postgres and psql, which hold it to its certificate', async () => {
    const bridge = await startTestBridge(files())
    const client = new pg.Client({
      host: '127.0.0.1', port: bridge.port, user: 'demo', password: 'demo', database: 'odoo', ssl: { ca: await authority() },
    }) // prettier-ignore
    await client.connect()
    expect((await client.query('SELECT count(*)::int AS n FROM ir.mail_server WHERE id = 1')).rows).to.deep.equal([{ n: 1 }])
    await client.end()
    const url = `postgresql://demo@127.0.0.1:${bridge.port}/odoo?sslmode=verify-full&sslrootcert=${join(folder, 'certificate.pem')}`
    const { stdout } = await run('psql', [url, '-XAtc', '\\conninfo', '-c', 'SELECT 1'], { env: { ...process.env, PGPASSWORD: 'demo' } })
    expect(stdout).to.match(/SSL connection \(protocol: TLSv1\.3/).and.match(/\n1\n$/)
    expect(bridge.log[0]).to.include({ event: 'session_started', isSecure: true })
    await bridge.close(0)
  }) // prettier-ignore

  it('reads nothing that came in plain text before', async () => {
    const bridge = await startTestBridge(files())
    const answer = await answerTo(bridge.port, [
      Buffer.concat([SSL_REQUEST, startupPacket({ user: 'demo' })]),
    ])
    expect(errorFrom(answer)['C']).to.equal('08P01')
    await bridge.close(0)
  })

  it('survives a handshake that is none', async () => {
    const bridge = await startTestBridge(files())
    const answer = await answerTo(
      bridge.port,
      [SSL_REQUEST, Buffer.from('no handshake at all, whatever it says')],
      { isPolite: true },
    )
    expect(answer.toString('latin1', 0, 1)).to.equal('S')
    const socket = connectSocket(bridge.port, '127.0.0.1')
    socket.write(SSL_REQUEST)
    await once(socket, 'data')
    const secure = connectTls({ socket, rejectUnauthorized: false })
    await once(secure, 'secureConnect')
    secure.destroy()
    await bridge.close(0)
  })

  it('lets Odoo decide who may come, and what they read', async () => {
    const bridge = await bridgeOf({ auth: 'odoo' })
    const attempt = async (user: string, password: string, changed: ClientConfig = {}) => {
      const client = new pg.Client({ host: '127.0.0.1', port: bridge.port, user, password, database: 'odoo', ssl: { ca: await authority() }, ...changed })
      await client.connect()
      const { rows } = await client.query<{ n: number }>('SELECT count(*)::int AS n FROM ir.mail_server')
      await client.end()
      return rows[0]?.n
    }
    const codeOf = (promise: Promise<unknown>) => promise.then(() => 'none', (thrown: unknown) => (thrown as { code: string }).code)
    expect(await attempt(demo.login, demo.apiKey)).to.be.greaterThan(0)
    expect(await codeOf(attempt(demo.login, 'wrong'))).to.equal('28P01')
    expect(await codeOf(attempt('nobody', demo.apiKey))).to.equal('28P01')
    expect(await codeOf(attempt(demo.login, demo.apiKey, { ssl: false }))).to.equal('28000')
    expect(await codeOf(attempt(demo.login, demo.apiKey, { database: 'nowhere' }))).to.equal('3D000')
    expect(bridge.logText()).to.not.include(demo.apiKey).and.not.include('wrong')
    await bridge.close(0)
  }) // prettier-ignore

  it('keeps a user to their partitions', async () => {
    const [, second = ''] = demo.databases
    const bridge = await bridgeOf({ users: [{ name: 'bi', password: 'x', partitions: [second] }] })
    const client = new pg.Client({ host: '127.0.0.1', port: bridge.port, user: 'bi', password: 'x', database: 'odoo', ssl: { ca: await authority() } })
    await client.connect()
    expect((await client.query('SELECT name FROM system.partitions')).rows).to.deep.equal([{ name: second }])
    const error = await client.query(`USE ${demo.databases[0] ?? ''}`).catch((thrown: unknown) => thrown)
    expect(error).to.include({ code: '22023' })
    await client.end()
    await bridge.close(0)
  }) // prettier-ignore
})
