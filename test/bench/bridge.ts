import { readFile } from 'node:fs/promises'
import pg from 'pg'
import QueryStream from 'pg-query-stream'
import { connect } from '../../src/driver/connection.ts'
import { endBridges, fileHere, isInstalled, runProgram, startBridge, type Bridge } from '../clients/bridge.ts'
import {
  compare,
  inMilliseconds,
  mediansOf,
  mediansOfTimes,
  millisecondsOf,
  REPEATS,
  verdictOn,
  type Line,
} from './measure.ts'
import type { BenchTarget } from './targets.ts'

const ROWS = 'SELECT id, name, email, city, create_date FROM res.partner'
const USER = { user: 'bench', password: 'bench' }
const JDBC = '/usr/share/java/postgresql.jar'
const SESSIONS = 100
/** The difference is small: it takes more rounds than others do to stand out from what else the machine does. */
const ROUNDS = 7

/** A read of every partner, and what a session costs, through the bridge against the library. */
export async function benchBridge({ title, options }: BenchTarget): Promise<Line[]> {
  const { login = '', database = '', apiKey = '', password = '' } = options
  const env = {
    ODOO_API_KEY: apiKey,
    ODOO_PASSWORD: password,
    ODOO_BRIDGE_USER: USER.user,
    ODOO_BRIDGE_PASSWORD: USER.password,
  }
  const url = `odoo://${login}@${new URL(options.url!).host}/${database}`
  const bridge = await startBridge([url, '--max-sessions', String(2 * SESSIONS)], USER, env)
  const connection = await connect(options)
  try {
    const rows = await countOf(connection.stream(ROWS))
    const hasJdbc = isInstalled('java') && isInstalled(JDBC)
    const works = {
      library: () => millisecondsOf(() => countOf(connection.stream(ROWS))),
      copy: () => throughPsql(bridge, `COPY (${ROWS}) TO STDOUT;`),
      select: () => throughPsql(bridge, `\\set FETCH_COUNT 2000\n${ROWS};`),
      jdbc: () => (hasJdbc ? throughJdbc(bridge) : Promise.resolve(NaN)),
    }
    const { library, copy, select, jdbc } = await mediansOfTimes(works, ROUNDS)
    const first = await mediansOf({
      library: () => firstOf(connection.stream(ROWS)),
      bridge: () => firstThrough(bridge),
    })
    const line = (what: string, ours: number): Line => ({
      what: `${title}: ${rows} rows through the bridge by ${what}`,
      ours: `${inMilliseconds(ours)}, ${perSecond(rows, ours)}`,
      against: 'the library',
      theirs: `${inMilliseconds(library)}, ${perSecond(rows, library)}`,
      ratio: `${(library / ours).toFixed(2)} × as fast`,
      verdict: verdictOn(library / ours, { atLeast: 0.9 }),
    })
    return [
      line('psql, COPY', copy),
      line('psql, FETCH_COUNT', select),
      ...(hasJdbc ? [line('pgjdbc', jdbc)] : []),
      compare(`${title}: first row of them, through the bridge`, first.bridge, {
        name: 'the library',
        milliseconds: first.library,
      }),
      await idleSessions(bridge, title),
    ]
  } finally {
    await connection.close()
    await endBridges()
  }
}

const perSecond = (rows: number, milliseconds: number): string =>
  `${Math.round(rows / milliseconds)} k rows/s`

async function countOf(rows: AsyncIterable<unknown>): Promise<number> {
  let count = 0
  for await (const row of rows) if (row !== undefined) count++
  return count
}

async function firstOf(rows: AsyncIterable<unknown>): Promise<void> {
  for await (const row of rows) if (row !== undefined) return
}

/** By psql's own clock: the library, too, has connected before it is measured. */
async function throughPsql(bridge: Bridge, script: string): Promise<number> {
  const args = ['-X', '-q', '-A', '-t', '-o', '/dev/null', '-f', '-']
  const { out, err } = await runProgram(bridge, 'psql', args, { input: `\\timing on\n${script}` })
  if (err !== '') throw new TypeError(err)
  return Number(/^Time: ([\d.]+) ms/m.exec(out)![1])
}

/** By the program's own clock; the last of several reads, for a virtual machine takes its time to warm up. */
async function throughJdbc(bridge: Bridge): Promise<number> {
  const { host, port, user, password, database } = bridge
  const url = `jdbc:postgresql://${host}:${port}/${database}?user=${user}&password=${password}`
  const { out, err } = await runProgram(bridge, 'java', [
    '-cp',
    JDBC,
    fileHere('java/Reader.java'),
    url,
    ROWS,
    String(REPEATS),
  ])
  if (err !== '') throw new TypeError(err)
  return Number(out.trimEnd().split('\n').at(-1)!.split('\t')[0])
}

async function firstThrough(bridge: Bridge): Promise<void> {
  const client = new pg.Client(bridge.url)
  await client.connect()
  const stream = client.query(new QueryStream(ROWS, [], { batchSize: 1 }))
  await firstOf(stream)
  await client.end()
}

/** Resident memory that each of many idle sessions adds. */
async function idleSessions(bridge: Bridge, title: string): Promise<Line> {
  const before = await memoryOf(bridge.pid)
  const clients: pg.Client[] = []
  const milliseconds = await millisecondsOf(async () => {
    for (let n = 0; n < SESSIONS; n++) {
      const client = new pg.Client(bridge.url)
      await client.connect()
      await client.query('SELECT id FROM ir.mail_server WHERE id = 1')
      clients.push(client)
    }
  })
  const after = await memoryOf(bridge.pid)
  await Promise.all(clients.map((client) => client.end()))
  return {
    what: `${title}: memory of an idle session, of ${SESSIONS}; and to open one`,
    ours: `${Math.round((after - before) / SESSIONS)} kB; ${inMilliseconds(milliseconds / SESSIONS)}`,
  }
}

/** Resident memory of a process in kB. */
async function memoryOf(pid: number): Promise<number> {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))![1])
}
