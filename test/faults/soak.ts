import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { connect as connectSocket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import Cursor from 'pg-cursor'
import { serialize } from 'pg-protocol'
import { connect, type ConnectOptions, type Connection } from '../../src/driver/connection.ts'
import { SqlError } from '../../src/errors.ts'
import { endBridges, startDemo, startReal, type Bridge } from '../clients/bridge.ts'
import { randomFrom, type Random } from '../support/generate-random.ts'
import { realServers, type RealServer } from '../support/real-odoo.ts'

/**
 * `node --expose-gc --import tsx test/faults/soak.ts [MINUTES]`: mixed load on the bridge and the library, on the demo and
 * on every real server at once, run by hand. Each answer is held against the first of its statement; what differs, and
 * every error that was not provoked, is printed and ends the run with 1. A line of figures comes each half minute.
 */
const minutes = Number(process.argv[2] ?? 30)
const TELL_MS = 30_000
const BRIDGE_CLIENTS = 3
const LIBRARY_LANES = 3
/** What an analyst rests between two statements, at most. */
const REST_MS = 1_000

const STATEMENTS = [
  'SELECT id, name, smtp_port, active FROM ir.mail_server WHERE id = 3',
  "SELECT id, name FROM ir.mail_server WHERE name LIKE '%a%' AND smtp_port = 25 ORDER BY id",
  'SELECT smtp_encryption, count(*), max(smtp_port) FROM ir.mail_server GROUP BY smtp_encryption ORDER BY 1',
  'SELECT l.id, p.name FROM crm.lead l JOIN res.partner p ON p.id = l.partner_id WHERE l.id < 200 ORDER BY l.id',
  'SELECT id, name, city, active FROM res.partner ORDER BY id',
  'SELECT upper(left(name, 3)) AS start, count(*) FROM res.partner GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 5',
  'SELECT count(*) FROM res.partner',
  "SELECT table_schema, count(*) FROM information_schema.tables WHERE table_schema IN ('ir', 'res') GROUP BY 1 ORDER BY 1",
  'SELECT name, count(*) OVER (PARTITION BY stage_id) FROM crm.lead WHERE id < 100 ORDER BY id',
]

const counts = { answers: 0, rows: 0, canceled: 0, left: 0, reconnects: 0 }
const faults: string[] = []
const firstAnswers = new Map<string, string>()
const end = performance.now() + minutes * 60_000
const isOver = (): boolean => performance.now() > end || faults.length > 0

/** The first answer to a statement at a place is right; the others are the same. */
function check(place: string, sql: string, rows: readonly unknown[]): void {
  const text = JSON.stringify(rows, (_key, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  )
  const hash = createHash('sha256').update(text).digest('hex')
  const known = firstAnswers.get(place + sql) ?? hash
  firstAnswers.set(place + sql, known)
  counts.answers++
  counts.rows += rows.length
  if (known !== hash) faults.push(`${place}: another answer to ${sql}`)
}

/** Runs one kind of work after another until the time is over; an error that no work expects is a fault. */
async function lane(title: string, random: Random, works: readonly (() => Promise<void>)[]): Promise<void> {
  while (!isOver()) {
    await random
      .pick(works)()
      .catch((thrown: unknown) => faults.push(`${title}: ${String(thrown)}`))
    await sleep(random.below(REST_MS))
  }
}

function libraryLane(place: string, connection: Connection, random: Random): Promise<void> {
  const draw = (): string => random.pick(STATEMENTS)
  return lane(`library, ${place}`, random, [
    async () => {
      const sql = draw()
      check(`library, ${place}`, sql, (await connection.query(sql)).rows)
    },
    async () => {
      const sql = draw()
      const rows: unknown[] = []
      for await (const row of connection.stream(sql)) rows.push(row)
      check(`library, ${place}`, sql, rows)
    },
    async () => {
      for await (const row of connection.stream('SELECT * FROM res.partner ORDER BY id'))
        if (row['id'] !== 0) break
      counts.left++
    },
    async () => {
      const signal = AbortSignal.timeout(random.below(200))
      const error = await connection.query(draw(), [], { signal }).catch((thrown: unknown) => thrown)
      if (error instanceof SqlError && error.code === '57014') counts.canceled++
      else if (error instanceof Error) throw error
    },
  ])
}

async function bridgeLane(place: string, bridge: Bridge, random: Random): Promise<void> {
  const options = { connectionString: bridge.url }
  const open = async (): Promise<pg.Client> => {
    const client = new pg.Client(options)
    client.on('error', () => undefined)
    await client.connect()
    return client
  }
  let client = await open()
  const draw = (): string => random.pick(STATEMENTS)
  await lane(`bridge, ${place}`, random, [
    async () => {
      const sql = draw()
      check(`bridge, ${place}`, sql, (await client.query<Record<string, unknown>>(sql)).rows)
    },
    async () => {
      const sql = draw()
      const cursor = client.query(new Cursor<Record<string, unknown>>(sql))
      const rows: unknown[] = []
      for (let some = await cursor.read(500); some.length > 0; some = await cursor.read(500))
        rows.push(...some)
      await cursor.close()
      check(`bridge, ${place}`, sql, rows)
    },
    async () => {
      const running = client
        .query('SELECT * FROM res.partner ORDER BY name')
        .catch((thrown: unknown) => thrown)
      await sleep(random.below(200))
      await cancel(bridge, client)
      const error = await running
      if (error instanceof pg.DatabaseError && error.code === '57014') counts.canceled++
      else if (error instanceof Error) throw error
    },
    async () => {
      // It goes in mid-result, without a word.
      const leaving = await open()
      leaving.query('SELECT * FROM res.partner').catch(() => undefined)
      await sleep(random.below(100))
      ;(leaving as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy()
      counts.left++
    },
    async () => {
      await client.end()
      client = await open()
      counts.reconnects++
    },
  ])
  await client.end()
}

/** As libpq does it: over a connection of its own, which the server ends. */
function cancel(bridge: Bridge, client: pg.Client): Promise<void> {
  const { processID, secretKey } = client as unknown as { processID: number; secretKey: number }
  return new Promise((resolve, reject) => {
    const socket = connectSocket(bridge.port, bridge.host, () =>
      socket.end(serialize.cancel(processID, secretKey)),
    )
    socket.on('error', reject).resume().on('close', resolve)
  })
}

interface Place {
  readonly title: string
  readonly connection: Connection
  readonly bridge: Bridge
}

const optionsOf = ({ version, url, database, login, password, apiKey }: RealServer): ConnectOptions => ({
  ...{ url, database, login },
  ...(version >= 19 ? { apiKey } : { password }),
})

async function openPlaces(): Promise<Place[]> {
  const places = [
    {
      title: 'demo',
      connection: await connect({ demo: true, partition: ['demo'] }),
      bridge: await startDemo(),
    },
  ]
  for (const server of realServers())
    places.push({
      title: `Odoo ${server.version}`,
      connection: await connect(optionsOf(server)),
      bridge: await startReal(server),
    })
  return places
}

/** Resident memory of another process, in bytes. */
async function residentOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) * 1024
}

const inMegabytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)}`
const sockets = (): number =>
  process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length

async function tell(places: readonly Place[]): Promise<void> {
  globalThis.gc?.()
  const { heapUsed, rss } = process.memoryUsage()
  const bridges = await Promise.all(places.map(({ bridge }) => residentOf(bridge.pid)))
  const { answers, rows, canceled, left, reconnects } = counts
  console.log(
    `${Math.round(performance.now() / 1000)} s: ${answers} answers, ${rows} rows, ${canceled} canceled, ${left} left, ` +
      `${reconnects} reconnects; library heap ${inMegabytes(heapUsed)} resident ${inMegabytes(rss)} MB, ` +
      `bridges ${bridges.map(inMegabytes).join(' ')} MB, ${sockets()} sockets`,
  )
}

const places = await openPlaces()
let seed = 1
const lanes = places.flatMap(({ title, connection, bridge }) => [
  ...Array.from({ length: LIBRARY_LANES }, () => libraryLane(title, connection, randomFrom(seed++))),
  ...Array.from({ length: BRIDGE_CLIENTS }, () => bridgeLane(title, bridge, randomFrom(seed++))),
])
await tell(places)
const telling = setInterval(() => void tell(places), TELL_MS)
await Promise.all(lanes)
clearInterval(telling)
await tell(places)
for (const { connection } of places) await connection.close()
await endBridges()
await sleep(1000)
console.log(`at the end ${sockets()} sockets; ${faults.length === 0 ? 'no faults' : faults.join('\n')}`)
process.exitCode = faults.length === 0 ? 0 : 1
