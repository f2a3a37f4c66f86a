import { text } from 'node:stream/consumers'
import { connect, type ConnectOptions } from '../../src/driver/connection.ts'

/** A process of its own: connects as standard input says, and tells its resident bytes without and with the engine. */
const options = JSON.parse(await text(process.stdin)) as ConnectOptions
const connection = await connect(options)
await connection.query('SELECT id FROM ir.mail_server LIMIT 1')
const without = residentBytes()
await connection.query('SELECT count(DISTINCT id) FROM ir.mail_server')
const withEngine = residentBytes()
await connection.close()
console.log(JSON.stringify({ without, withEngine }))

function residentBytes(): number {
  globalThis.gc?.()
  return process.memoryUsage.rss()
}
