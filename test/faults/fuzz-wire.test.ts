import { expect } from 'chai'
import { once } from 'node:events'
import { connect as connectSocket } from 'node:net'
import { Client } from 'pg'
import { serialize } from 'pg-protocol'
import { openDecoder } from '../../src/bridge/codec.ts'
import type { FrontendMessage } from '../../src/bridge/messages.ts'
import { serveSession } from '../../src/bridge/session.ts'
import type { Wire } from '../../src/bridge/wire.ts'
import { openService, type Service } from '../../src/driver/service.ts'
import { SqlError } from '../../src/errors.ts'
import { loadGrammar } from '../../src/sql/gate.ts'
import { startTestBridge, until } from '../support/bridge.ts'
import { randomFrom, type Random } from '../support/generate-random.ts'
import { closeKept, keep } from '../support/keep.ts'
import { openMemoryWire } from '../support/memory-wire.ts'
import { mutateText } from './mutate.ts'
import { SEED } from './seed.ts'

const STREAMS = Number(process.env['FUZZ_RUNS'] ?? 100_000)
const SESSIONS = 3_000
const SOCKETS = 300

const TEXTS = [
  'SELECT id, name FROM ir.mail_server WHERE id = $1',
  'BEGIN', 'COMMIT', 'ROLLBACK', 'SAVEPOINT a', 'DECLARE c CURSOR FOR SELECT id FROM ir.mail_server', 'FETCH 2 FROM c',
  'CLOSE c', 'PREPARE p AS SELECT 1', 'EXECUTE p', 'DEALLOCATE p', 'SET DateStyle = German', 'SHOW all', 'DISCARD ALL',
  'COPY (SELECT id FROM ir.mail_server) TO STDOUT', 'SELECT 1; SELECT 2', '', 'LISTEN x',
] // prettier-ignore

/** A message that a client might send. */
function drawMessage(random: Random): Buffer {
  const name = random.pick(['', '', 's', 'p'])
  const text = random.chance(70) ? random.pick(TEXTS) : mutateText(random, random.pick(TEXTS), TEXTS)
  const sql = text.replaceAll('\0', '')
  return random.pick<() => Buffer>([
    () => serialize.query(sql),
    () => serialize.parse({ name, text: sql, types: [random.pick([0, 23, 25, 1184, 4_000_000_000])] }),
    () => serialize.bind({ portal: name, statement: name, values: [random.pick(['1', 'x', null])], binary: random.chance(50) }),
    () => serialize.describe({ type: random.pick(['S', 'P']), name }),
    () => serialize.execute({ portal: name, rows: random.below(4) }),
    () => serialize.close({ type: random.pick(['S', 'P']), name }),
    () => serialize.flush(),
    () => serialize.sync(),
    () => serialize.copyData(Buffer.from('1\n')),
    () => serialize.copyFail('no'),
  ])() // prettier-ignore
}

/** Some messages, most of the time with bytes that are changed, gone or too many. */
function drawStream(random: Random): Buffer {
  let stream = Buffer.concat(Array.from({ length: 1 + random.below(8) }, () => drawMessage(random)))
  while (random.chance(60)) {
    const at = random.below(stream.length + 1)
    const [head, tail] = [stream.subarray(0, at), stream.subarray(at)]
    stream = Buffer.concat(
      random.pick<() => Buffer[]>([
        () => [head, Buffer.of(random.below(256)), tail.subarray(1)],
        () => [head, Buffer.of(random.below(256)), tail],
        () => [head, tail.subarray(1 + random.below(6))],
        () => [head, tail, tail],
      ])(),
    )
  }
  return stream
}

/** What a decoder makes of a stream that comes in pieces. */
function* messagesOf(stream: Buffer, random: Random): Generator<FrontendMessage> {
  const decoder = openDecoder()
  for (let rest = stream; rest.length > 0;) {
    const size = 1 + random.below(stream.length)
    decoder.push(rest.subarray(0, size))
    rest = rest.subarray(size)
    for (let message = decoder.next(); message !== undefined; message = decoder.next()) yield message
  }
}

describe(`fuzz: messages of PostgreSQL's protocol (FAULT_SEED=${SEED})`, function () {
  this.timeout(300_000)
  afterEach(closeKept)

  it(`${STREAMS} streams are read as messages, or end in an error of the protocol`, () => {
    let [whole, ended] = [0, 0]
    for (let run = 0; run < STREAMS; run++) {
      const random = randomFrom(SEED + run)
      try {
        for (const message of messagesOf(drawStream(random), random))
          if (message.kind === 'malformed')
            expect(message.error.code).to.be.oneOf(['08P01', '22021', '0A000'])
        whole++
      } catch (thrown) {
        expect(thrown, `seed ${SEED + run}`).to.be.instanceOf(SqlError)
        expect((thrown as SqlError).code, `seed ${SEED + run}`).to.be.oneOf(['08P01', '54000'])
        ended++
      }
    }
    expect(whole).to.be.greaterThan(STREAMS / 10)
    expect(ended).to.be.greaterThan(STREAMS / 10)
  })

  it(`${SESSIONS} sessions answer them, and end when their client does`, async () => {
    await loadGrammar()
    const service = keep(await openService({ demo: true }))
    const codes = new Set<string>()
    for (let run = 0; run < SESSIONS; run++)
      for (const code of await serveStream(service, SEED + run)) codes.add(code)
    // Statements that are right or wrong, and messages out of turn.
    expect([...codes]).to.include.members(['', '42601', '26000', '34000', '08P01'])
  })

  it(`${SOCKETS} connections that say anything at all leave the bridge as it was`, async () => {
    const bridge = await startTestBridge({}, { authenticationTimeoutMs: 500 })
    keep({ close: () => bridge.close(0) })
    for (let run = 0; run < SOCKETS; run++) {
      const random = randomFrom(SEED + run)
      const socket = connectSocket(bridge.port, '127.0.0.1')
      socket.on('error', () => undefined).resume()
      const startup = random.chance(50) ? [serialize.startup({ user: 'demo' })] : []
      socket.end(Buffer.concat([...startup, drawStream(random)]))
      if (run % 20 === 0) await once(socket, 'close')
    }
    await until(() => bridge.sessions === 0, 'all sessions end')
    const client = new Client(`postgresql://demo:demo@127.0.0.1:${bridge.port}/odoo`)
    keep({ close: () => client.end() })
    await client.connect()
    const { rows } = await client.query('SELECT count(*)::int AS n FROM ir.mail_server')
    expect(rows).to.deep.equal([{ n: 12 }])
    expect(bridge.logText()).to.not.contain('XX000')
  })
})

/** Codes of the errors that a session tells of, and the empty one if it answers a statement. */
async function serveStream(service: Service, seed: number): Promise<ReadonlySet<string>> {
  const random = randomFrom(seed)
  const messages: FrontendMessage[] = []
  try {
    for (const message of messagesOf(drawStream(random), random)) messages.push(message)
  } catch {
    // The server would end the connection here.
  }
  const memory = openMemoryWire()
  const codes = new Set<string>()
  const wire: Wire = {
    ...memory.wire,
    send(message) {
      if ('kind' in message && message.kind === 'errorResponse') codes.add(message.error.code)
      if ('kind' in message && message.kind === 'commandComplete') codes.add('')
      memory.wire.send(message)
    },
  }
  const done = serveSession(wire, service.openSession(), {
    user: 'demo',
    database: 'odoo',
    settings: new Map(),
    statementTimeoutMs: 10_000,
    onStatement: () => undefined,
  }).catch((thrown: unknown) => {
    expect(thrown, `seed ${seed}`).to.be.instanceOf(SqlError)
    codes.add((thrown as SqlError).code)
  })
  memory.tell(...messages)
  memory.leave()
  await done
  expect([...codes], `seed ${seed}: ${JSON.stringify(messages)}`).to.not.include.oneOf(['XX000', '57014'])
  return codes
}
