import { expect } from 'chai'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { openInput } from '../../src/bridge/socket-input.ts'
import { openSocketWire } from '../../src/bridge/socket-wire.ts'
import type { SocketWire } from '../../src/bridge/socket-wire.ts'
import { adminShutdown, queryCanceled } from '../../src/errors.ts'
import { sqlErrorOf } from '../support/errors.ts'

const SYNC = Buffer.from('5300000004', 'hex')
const TERMINATE = Buffer.from('5800000004', 'hex')
const BATCH = Buffer.alloc(262_144, 0x78)
const never = new AbortController().signal

describe('a wire over a socket', () => {
  let server: Server
  let client: Socket
  let socket: Socket
  let wire: SocketWire
  beforeEach(async () => {
    server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    client = connect((server.address() as AddressInfo).port, '127.0.0.1')
    client.on('error', () => undefined)
    ;[socket] = (await once(server, 'connection')) as [Socket]
    wire = openSocketWire(socket, openInput(socket))
  })
  afterEach(async () => {
    client.destroy()
    socket.destroy()
    server.close()
    await once(server, 'close')
  })

  const next = async () => (await wire.messages[Symbol.asyncIterator]().next()).value as unknown

  /** Sends batches until the wire waits, or `count` have gone; the bytes that it took. */
  async function fill(count: number): Promise<number> {
    for (let sent = 1; sent <= count; sent++) {
      wire.send(BATCH)
      const isTaken = await Promise.race([
        wire.flush(never).then(() => true, () => true),
        new Promise<boolean>((resolve) => setTimeout(resolve, 200, false)),
      ])
      if (!isTaken) return sent * BATCH.length
    }
    return count * BATCH.length
  } // prettier-ignore

  it('waits for a client that does not read, and then goes on', async () => {
    client.pause()
    const took = await fill(400)
    // What the kernel keeps, and no more.
    expect(took).to.be.lessThan(400 * BATCH.length)
    expect(socket.writableLength).to.be.lessThan(2 * BATCH.length)
    let received = 0
    client.on('data', (bytes: Buffer) => (received += bytes.length))
    client.resume()
    await wire.flush(never)
    wire.finish()
    socket.end()
    await once(client, 'end')
    expect(received).to.equal(took)
  })

  it('stops to wait when its work is cancelled, and when the client is gone', async () => {
    client.pause()
    await fill(400)
    const work = wire.beginWork()
    const waiting = sqlErrorOf(wire.flush(work))
    const reason = queryCanceled('canceled')
    wire.cancel(reason)
    expect(await waiting).to.equal(reason)
    const again = wire.beginWork()
    const lost = sqlErrorOf(wire.flush(again))
    client.resetAndDestroy()
    expect((await lost).code).to.equal('08006')
    expect(again.aborted).to.equal(true)
    expect((await sqlErrorOf(wire.flush(never))).code).to.equal('08006')
    expect(wire.beginWork().aborted).to.equal(true)
    expect(await next()).to.equal(undefined)
  })

  it('gives messages in order, and ends with the leave of the client', async () => {
    client.write(Buffer.concat([SYNC, SYNC, TERMINATE, SYNC]))
    const kinds: string[] = []
    for await (const message of wire.messages) kinds.push(message.kind)
    expect(kinds).to.deep.equal(['sync', 'sync'])
  })

  it('reads no further than so far, while nobody asks', async () => {
    const query = Buffer.concat([Buffer.from('5100080005', 'hex'), Buffer.alloc(524_288, 0x78), Buffer.of(0)])
    let sent = 0
    while (sent < 100 && !client.writableNeedDrain) {
      client.write(query)
      sent++
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    expect(sent).to.be.lessThan(100)
    expect(socket.isPaused()).to.equal(true)
    let count = 0
    for await (const message of wire.messages) {
      expect(message.kind).to.equal('query')
      if (++count === sent) break
    }
  })

  it('ends a session at rest, and lets one that is not go on', async () => {
    const shutdown = adminShutdown('shutdown')
    const messages = wire.messages[Symbol.asyncIterator]()
    wire.send({ kind: 'readyForQuery', status: 'T' })
    const first = messages.next()
    wire.drain(shutdown)
    client.write(SYNC)
    expect((await first).value).to.deep.equal({ kind: 'sync' })
    wire.send({ kind: 'readyForQuery', status: 'I' })
    expect(await sqlErrorOf(messages.next())).to.equal(shutdown)
  })

  it('stops what runs, and then the session wherever it is', async () => {
    const shutdown = adminShutdown('shutdown')
    const work = wire.beginWork()
    wire.send({ kind: 'readyForQuery', status: 'T' })
    const waiting = sqlErrorOf(next())
    wire.stop(shutdown)
    expect(work.reason).to.equal(shutdown)
    expect(await waiting).to.equal(shutdown)
    expect(wire.beginWork().reason).to.equal(shutdown)
  })
})
