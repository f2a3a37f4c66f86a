import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import type { LinkOptions } from './link.ts'

/** `tsx link-server.ts OPTIONS`, as JSON, prints the port that it listens on and passes bytes until it is ended. */
const { port, megabitsPerSecond, roundTripMs } = JSON.parse(process.argv[2] ?? '{}') as LinkOptions
const bytesPerMs = (megabitsPerSecond * 1e6) / 8 / 1000
/** What a connection may send ahead, so that timers that fire late leave no gap. */
const AHEAD_MS = 10

/** One way of the link, which all connections share: what comes waits until what came before has passed. */
function openLane(): (from: Socket, to: Socket) => void {
  let freeAt = 0
  return (from, to) => {
    // Timers that are due together may fire in any order; bytes may not.
    const onTheWay: (() => void)[] = []
    const arrive = (arrival: () => void): void => {
      onTheWay.push(arrival)
      setTimeout(() => onTheWay.shift()?.(), freeAt - performance.now() + roundTripMs / 2)
    }
    from.on('data', (chunk: Buffer) => {
      const now = performance.now()
      freeAt = Math.max(now, freeAt) + chunk.length / bytesPerMs
      arrive(() => to.write(chunk))
      from.pause()
      setTimeout(() => from.resume(), freeAt - now - AHEAD_MS)
    })
    from.on('end', () => {
      arrive(() => to.end())
    })
    from.on('error', () => to.destroy())
  }
}

const [up, down] = [openLane(), openLane()]
const server = createServer({ allowHalfOpen: true }, (client) => {
  const onward = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  up(client, onward)
  down(onward, client)
})
server.listen(0, '127.0.0.1', () => {
  console.log((server.address() as AddressInfo).port)
})
