import { text } from 'node:stream/consumers'
import { connect, type ConnectOptions } from '../../src/driver/connection.ts'

/** Rows between two looks at the memory. */
const STEP = 50_000

/** A process of its own: streams all of ir.mail_server as standard input says, and tells its memory on the way. */
export interface MemoryAt {
  readonly rows: number
  /** Bytes of live objects, after a full collection. */
  readonly heap: number
  /** Bytes that the process takes of the machine. */
  readonly resident: number
}

const options = JSON.parse(await text(process.stdin)) as ConnectOptions
const connection = await connect(options)
const profile: MemoryAt[] = []
let rows = 0
for await (const row of connection.stream<{ id: number }>(
  'SELECT id, name, smtp_host, smtp_port, active, create_date FROM ir.mail_server',
)) {
  rows++
  if (row.id !== rows) throw new TypeError(`row ${rows} has the id ${row.id}`)
  if (rows % STEP !== 0) continue
  globalThis.gc?.()
  const { heapUsed, rss } = process.memoryUsage()
  profile.push({ rows, heap: heapUsed, resident: rss })
}
await connection.close()
console.log(JSON.stringify(profile))
