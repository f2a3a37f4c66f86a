import { expect } from 'chai'
import { serveSession } from '../../src/bridge/session.ts'
import type { ClientContext, StatementRecord } from '../../src/bridge/wire.ts'
import { openService, type Service } from '../../src/driver/service.ts'
import { protocolViolation } from '../../src/errors.ts'
import { sqlErrorOf } from '../support/errors.ts'
import { openMemoryWire, type MemoryWire } from '../support/memory-wire.ts'
import { messageFrom } from '../support/transcript.ts'

/** Rows without end, which PostgreSQL makes as long as somebody takes them. */
const MANY = 'SELECT generate_series(1, 100000000) AS n'
/** Keeps PostgreSQL busy until it is told to stop. */
const ENDLESS = 'WITH RECURSIVE t AS (SELECT 1 AS a UNION ALL SELECT 1 FROM t) SELECT count(*) FROM t'

interface Served extends MemoryWire {
  readonly greeting: string[]
  readonly records: StatementRecord[]
  readonly done: Promise<void>
}

describe('a session', () => {
  let service: Service
  const open: Served[] = []

  before(async () => {
    service = await openService({ demo: true })
  })
  afterEach(async () => {
    for (const client of open.splice(0)) {
      client.leave()
      await client.done
    }
  })
  after(() => service.close())

  async function connect(
    settings: Readonly<Record<string, string>> = {},
    context: Partial<ClientContext> = {},
  ): Promise<Served> {
    const memory = openMemoryWire()
    const records: StatementRecord[] = []
    const done = serveSession(memory.wire, service.openSession(), {
      user: 'demo',
      database: 'odoo',
      settings: new Map(Object.entries(settings)),
      statementTimeoutMs: undefined,
      onStatement: (record) => records.push(record),
      ...context,
    })
    const greeting = await Promise.race([memory.answered(), done.then(() => [])])
    const served = Object.assign(memory, { greeting, records, done })
    open.push(served)
    return served
  }

  const say = (client: MemoryWire, ...lines: readonly string[]): Promise<string[]> =>
    client.say(...lines.map(messageFrom))

  /** The single value of a query. */
  const valueOf = async (client: MemoryWire, sql: string): Promise<string | undefined> =>
    (await client.query(sql)).find((line) => line.startsWith('DataRow'))?.slice('DataRow '.length)

  describe('starts', () => {
    it('with what a tool wants to know of a server', async () => {
      const { greeting } = await connect()
      expect(greeting).to.include.members([
        'ParameterStatus server_encoding=UTF8',
        'ParameterStatus client_encoding=UTF8',
        'ParameterStatus DateStyle=ISO, MDY',
        'ParameterStatus IntervalStyle=postgres',
        'ParameterStatus TimeZone=UTC',
        'ParameterStatus integer_datetimes=on',
        'ParameterStatus standard_conforming_strings=on',
        'ParameterStatus is_superuser=off',
        'ParameterStatus session_authorization=demo',
        'ParameterStatus application_name=',
        'ParameterStatus default_transaction_read_only=on',
        'ParameterStatus in_hot_standby=off',
      ])
      expect(greeting.at(-1)).to.equal('ReadyForQuery I')
    })

    it('with the settings that its client asked for, to which RESET goes back', async () => {
      const client = await connect({
        TimeZone: 'Europe/Vienna',
        application_name: 'tool',
        'odoo.partitions': 'demo_eu',
      })
      expect(client.greeting).to.include.members([
        'ParameterStatus TimeZone=Europe/Vienna',
        'ParameterStatus application_name=tool',
      ])
      await client.query("SET TimeZone = 'UTC'; USE ALL")
      expect(await valueOf(client, 'SHOW odoo.partitions')).to.equal('demo,demo_eu')
      await client.query('DISCARD ALL')
      expect(await valueOf(client, 'SHOW TimeZone')).to.equal('Europe/Vienna')
      expect(await valueOf(client, 'SHOW odoo.partitions')).to.equal('demo_eu')
    })

    it('not at all with settings that there are not', async () => {
      for (const [settings, code] of [
        [{ client_encoding: 'LATIN1' }, '22023'],
        [{ nope: '1' }, '42704'],
        [{ statement_timeout: 'soon' }, '22023'],
        [{ server_version: '9' }, '55P02'],
        [{ 'odoo.partitions': 'west' }, '22023'],
      ] as const) {
        const memory = openMemoryWire()
        const served = serveSession(memory.wire, service.openSession(), {
          user: 'demo',
          database: 'odoo',
          settings: new Map(Object.entries(settings)),
          statementTimeoutMs: undefined,
          onStatement: () => undefined,
        })
        expect((await sqlErrorOf(served)).code, JSON.stringify(settings)).to.equal(code)
      }
    })
  })

  it('shows settings as the PostgreSQL inside has them', async () => {
    const client = await connect()
    const own = await client.query('SHOW ALL')
    const inside = await client.query(
      'SELECT name, current_setting(name), short_desc FROM pg_settings ORDER BY lower(name)',
    )
    const differing = own.filter((line) => !inside.includes(line)).map((line) => line.split('|')[0])
    expect(differing).to.have.members([
      'RowDescription name:25 setting:25 description:25',
      'CommandComplete SHOW',
      'DataRow default_transaction_read_only',
    ])
  })

  it('takes what pools and drivers set, READ WRITE included, and stays read-only', async () => {
    const client = await connect()
    for (const sql of [
      'SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE',
      'SET default_transaction_read_only = off',
      'SET lock_timeout = 1000',
      "SET search_path = ir, 'res'",
      'SET standard_conforming_strings = on',
      'SET work_mem = 4096',
      'SET enable_hashjoin = off',
      "SET my.own = 'x'",
      'SET ROLE NONE',
      'SET SESSION AUTHORIZATION demo',
      'SET default_text_search_config = english',
      "SET TIME ZONE INTERVAL '-08:00' HOUR TO MINUTE",
      "SET NAMES 'sql_ascii'",
    ])
      expect((await client.query(sql))[0], sql).to.equal('CommandComplete SET')
    expect(await valueOf(client, 'SHOW lock_timeout')).to.equal('1s')
    expect(await valueOf(client, 'SHOW my.own')).to.equal('x')
    expect(await valueOf(client, 'SHOW TimeZone')).to.equal('<-08>+08')
    expect(await valueOf(client, 'SHOW default_text_search_config')).to.equal('pg_catalog.english')
    expect(await client.query('BEGIN READ WRITE; SHOW transaction_read_only; ROLLBACK')).to.include(
      'DataRow on',
    )
    for (const [sql, code] of [
      ['SET ROLE postgres', '55P02'],
      ['SET SESSION AUTHORIZATION postgres', '55P02'],
      ['SET shared_buffers = 1', '55P02'],
      ['SET temp_file_limit = -1', '42501'],
      ['SET standard_conforming_strings = off', '55P02'],
      ["SET default_text_search_config = 'nope'", '22023'],
      ["SET client_encoding = 'WIN1252'", '22023'],
      ['COPY res.partner FROM STDIN', '25006'],
      ['NOTIFY a', '25006'],
      ['INSERT INTO res.partner (name) VALUES (1)', '25006'],
      ["PREPARE TRANSACTION 'a'", '0A000'],
    ] as const)
      expect((await client.query(sql))[0], sql).to.match(new RegExp(`^Error ${code} `))
  })

  it('gives values of Odoo in the forms that were set, like those of PostgreSQL', async () => {
    const client = await connect()
    const sql = 'SELECT create_date FROM res.partner WHERE id = 1'
    const iso = (await valueOf(client, sql)) ?? ''
    const [, year = '', month = '', day = '', time = ''] = /^(\d+)-(\d+)-(\d+) (.*)$/.exec(iso) ?? []
    await client.query("SET DateStyle = 'German'")
    expect(await valueOf(client, sql)).to.equal(`${day}.${month}.${year} ${time}`)
  })

  it('selects partitions by USE and by SET, and takes that back with the transaction', async () => {
    const client = await connect()
    const selected = (): Promise<string | undefined> => valueOf(client, 'SHOW odoo.partitions')
    expect(await client.query('USE demo_eu')).to.deep.equal([
      'NOTICE  selected: demo_eu',
      'CommandComplete USE',
      'ReadyForQuery I',
    ])
    await client.query("BEGIN; SET odoo.partitions = 'demo,demo_eu'")
    expect(await selected()).to.equal('demo,demo_eu')
    await client.query('ROLLBACK')
    expect(await selected()).to.equal('demo_eu')
    await client.query("BEGIN; SET LOCAL odoo.partitions = 'demo'; COMMIT")
    expect(await selected()).to.equal('demo_eu')
    expect((await client.query('SET odoo.partitions = west'))[0]).to.match(/^Error 22023 /)
    await client.query('RESET odoo.partitions')
    expect(await selected()).to.equal(service.partitions.defaults.join(','))
    expect(await valueOf(client, "SELECT set_config('odoo.partitions', 'demo', false)")).to.equal('demo')
  })

  it('passes on what the driver has to say, as loud as the client wants it', async () => {
    const client = await connect()
    const sql = 'SELECT id, smtp_pass FROM ir.mail_server WHERE id = 1'
    const notices = (lines: readonly string[]): string[] =>
      lines.filter((line) => /^(NOTICE|WARNING)/.test(line))
    const [notice = '', ...others] = notices(await client.query(sql))
    expect(others).to.deep.equal([])
    expect(notice).to.match(/^NOTICE {2}.*smtp_pass/)
    await client.query('SET client_min_messages = warning')
    expect(notices(await client.query(sql))).to.deep.equal([])
    expect(notices(await client.query('COMMIT'))).to.have.lengthOf(1)
    await client.query('SET client_min_messages = error')
    expect(notices(await client.query('COMMIT'))).to.deep.equal([])
  })

  describe('reads', () => {
    it('values in binary format, their types declared or not', async () => {
      const client = await connect()
      const four = Uint8Array.from([0, 0, 0, 4])
      const bind = { kind: 'bind', portal: '', resultFormats: [], parameters: [four] } as const
      for (const oids of ['', ' [23]']) {
        const answer = await client.say(
          messageFrom(`parse s${oids}: SELECT id FROM res.partner WHERE id = $1`),
          { ...bind, statement: 's' },
          ...['execute ', 'close statement s', 'sync'].map(messageFrom),
        )
        expect(answer).to.deep.equal([
          'parseComplete',
          'bindComplete',
          'DataRow 4',
          'CommandComplete SELECT 1',
          'closeComplete',
          'ReadyForQuery I',
        ])
      }
    })

    it('a cursor in the format of its first FETCH', async () => {
      const client = await connect()
      await client.query('BEGIN; DECLARE c CURSOR FOR SELECT id FROM res.partner ORDER BY id')
      const fetch = [
        'parse f: FETCH 1 FROM c',
        'bind  to f in binary',
        'describe portal ',
        'execute ',
        'sync',
      ]
      expect((await say(client, ...fetch)).slice(2, 5)).to.deep.equal([
        'RowDescription id:23 1',
        'DataRow \0\0\0\u0001',
        'CommandComplete FETCH 1',
      ])
      expect((await client.query('FETCH 1 FROM c'))[0]).to.match(/^Error 0A000 /)
    })

    it('a cursor from where it stands, whatever MOVE passed over', async () => {
      const client = await connect()
      await client.query('BEGIN; DECLARE c CURSOR FOR SELECT id FROM res.partner ORDER BY id; MOVE 2 FROM c')
      expect(await client.query('FETCH c')).to.include('DataRow 3')
      const binary = ['parse f: FETCH 1 FROM c', 'bind  to f in binary', 'execute ', 'sync']
      expect((await say(client, ...binary))[2]).to.match(/^Error 0A000 /)
    })

    it('prepared statements, whose errors are told where the client can see them', async () => {
      const client = await connect()
      expect((await client.query('PREPARE p AS SELECT nope'))[0]).to.equal(
        'Error 42703 column "nope" does not exist @21',
      )
      await client.query(
        "PREPARE p AS SELECT name FROM res.partner WHERE id = $1 AND create_date > '2001-01-01'",
      )
      expect(await client.query('EXECUTE p(2)')).to.include('DataRow System')
      expect((await client.query("EXECUTE p('two')"))[0]).to.equal(
        'Error 22P02 invalid input syntax for type integer: "two"',
      )
    })

    it('no faster than its client takes', async () => {
      const client = await connect()
      let go = (): void => undefined
      const held = new Promise<void>((resolve) => (go = resolve))
      const reached = new Promise<void>((resolve) => {
        client.onFlush = () => {
          resolve()
          return held
        }
      })
      const before = client.flushes
      client.tell({ kind: 'query', text: MANY })
      await reached
      // Time enough for many a batch, were one made.
      await new Promise((resolve) => setTimeout(resolve, 100))
      expect(client.flushes - before).to.equal(1)
      client.onFlush = () => Promise.resolve()
      client.cancel()
      go()
      const answer = await client.answered()
      expect(answer.at(-2)).to.equal('Error 57014 canceling statement due to user request')
    })

    it('backwards only where SCROLL said so, and not without bounds', async () => {
      const client = await connect()
      await client.query('BEGIN; DECLARE c CURSOR FOR SELECT 1; MOVE c')
      expect((await client.query('FETCH PRIOR FROM c'))[0]).to.equal(
        'Error 55000 cursor can only scan forward',
      )
      await client.query(
        "ROLLBACK; BEGIN; DECLARE c SCROLL CURSOR FOR SELECT n, repeat('x', 10000) FROM generate_series(1, 4000) AS n",
      )
      expect(await client.query('MOVE ALL FROM c')).to.include('CommandComplete MOVE 4000')
      expect(await client.query('MOVE BACKWARD 3000 FROM c')).to.include('CommandComplete MOVE 3000')
      expect((await client.query('FETCH FIRST FROM c'))[0]).to.match(/^Error 54000 /)
    })
  })

  describe('is stopped', () => {
    it('by a cancel, and goes on', async () => {
      const client = await connect()
      client.tell({ kind: 'query', text: `SELECT 1; ${ENDLESS}` })
      setTimeout(() => {
        client.cancel()
      }, 300)
      expect((await client.answered()).slice(-2)).to.deep.equal([
        'Error 57014 canceling statement due to user request',
        'ReadyForQuery I',
      ])
      // Nothing runs any more.
      client.cancel()
      expect(await valueOf(client, 'SELECT 1')).to.equal('1')
    })

    it('by its own time limit, and by the one of the server', async () => {
      for (const client of [
        await connect({ statement_timeout: '200ms' }),
        await connect({}, { statementTimeoutMs: 200 }),
      ]) {
        expect(await client.query(ENDLESS)).to.deep.equal([
          'Error 57014 canceling statement due to statement timeout',
          'ReadyForQuery I',
        ])
        expect(await valueOf(client, 'SHOW statement_timeout')).to.equal('200ms')
      }
    })

    it('in a portal, of which a cancel between two of its turns knows nothing', async () => {
      const client = await connect()
      await client.query('BEGIN')
      await say(client, `parse : ${MANY}`, 'bind p to ', 'execute p 2', 'sync')
      client.cancel()
      expect(await say(client, 'execute p 1', 'sync')).to.deep.equal([
        'DataRow 3',
        'portalSuspended',
        'ReadyForQuery T',
      ])
      client.onFlush = () => {
        client.cancel()
        return Promise.resolve()
      }
      const answer = await say(client, 'execute p', 'sync')
      expect(answer.slice(-2)).to.deep.equal([
        'Error 57014 canceling statement due to user request',
        'ReadyForQuery E',
      ])
    })
  })

  describe('is told', () => {
    it('of statements that failed, ran, were left early, and of how many rows and calls', async () => {
      const client = await connect()
      await client.query(' SELECT id FROM res.partner WHERE id < 3; SELECT nope')
      await client.query('SELEC')
      await say(client, 'parse : DELETE FROM a', 'sync')
      await say(client, 'parse : SELECT id FROM res.partner ORDER BY id', 'bind  to ', 'execute  5', 'sync')
      const told = client.records.map(({ text, rows, code }) => [text, rows, code])
      expect(told).to.deep.equal([
        ['SELECT id FROM res.partner WHERE id < 3', 2, undefined],
        ['SELECT nope', 0, '42703'],
        ['SELEC', 0, '42601'],
        ['DELETE FROM a', 0, '25006'],
        ['SELECT id FROM res.partner ORDER BY id', 5, undefined],
      ])
      expect(client.records[0]?.calls).to.be.greaterThan(0)
      expect(client.records[1]?.calls).to.equal(0)
      expect(client.records[0]?.durationMs).to.be.greaterThan(0)
    })
  })

  describe('refuses', () => {
    it('function calls, politely', async () => {
      const client = await connect()
      expect(await client.say({ kind: 'functionCall' })).to.deep.equal([
        'Error 0A000 function calls are not supported',
        'ReadyForQuery I',
      ])
    })

    it('messages whose contents are wrong, as what they claim to be', async () => {
      const client = await connect()
      const error = protocolViolation('no such thing')
      expect(await client.say({ kind: 'malformed', isExtended: false, error })).to.deep.equal([
        'Error 08P01 no such thing',
        'ReadyForQuery I',
      ])
      expect(
        await client.say(
          { kind: 'malformed', isExtended: true, error },
          ...['execute ', 'sync'].map(messageFrom),
        ),
      ).to.deep.equal(['Error 08P01 no such thing', 'ReadyForQuery I'])
    })

    it('what is no message, and ends', async () => {
      for (const message of [
        { kind: 'unknown', type: 0x7a },
        { kind: 'password', bytes: new Uint8Array() },
      ] as const) {
        const client = await connect()
        open.pop()
        client.tell(message)
        expect((await sqlErrorOf(client.done)).code).to.equal('08P01')
      }
    })

    it('to wait for ever in a transaction, or outside of one', async () => {
      const inside = await connect({ idle_in_transaction_session_timeout: '50' })
      const outside = await connect({ idle_session_timeout: '50' })
      open.length = 0
      await inside.query('BEGIN')
      expect((await sqlErrorOf(inside.done)).code).to.equal('25P03')
      expect((await sqlErrorOf(outside.done)).code).to.equal('57P05')
    })

    it('to hold more statements, portals and settings than there is room for', async () => {
      const client = await connect()
      const long = `SELECT '${'x'.repeat(900_000)}'`
      const full = async (one: (count: number) => Promise<string[]>, max: number): Promise<string[]> => {
        for (let count = 0; count <= max; count++) {
          const refused = (await one(count)).filter((line) => line.startsWith('Error'))
          if (refused.length > 0) return refused
        }
        return []
      }
      await client.query('BEGIN')
      expect((await full((count) => say(client, `parse s${count}: ${long}`, 'sync'), 20))[0]).to.match(
        /^Error 54000 /,
      )
      for (const sql of ['ROLLBACK', 'DISCARD ALL', 'BEGIN']) await client.query(sql)
      await say(client, 'parse one: SELECT 1', 'sync')
      expect((await full((count) => say(client, `bind p${count} to one`, 'sync'), 1000))[0]).to.match(
        /^Error 54000 /,
      )
      await client.query('ROLLBACK')
      expect((await full((count) => client.query(`SET my.own${count} = 1`), 1000))[0]).to.match(
        /^Error 54000 /,
      )
      // And it goes on.
      await client.query('DISCARD ALL')
      expect(await valueOf(client, 'SELECT 1')).to.equal('1')
    })

    it('wrong numbers of formats, and data of a COPY that there is not', async () => {
      const client = await connect()
      expect(
        await client.say(
          messageFrom('parse : SELECT 1'),
          { kind: 'bind', portal: '', statement: '', parameters: [], resultFormats: [0, 1] },
          ...['execute ', 'sync'].map(messageFrom),
        ),
      ).to.include('Error 08P01 bind message has 2 result formats but query has 1 columns')
      expect(await client.say({ kind: 'copyData' }, { kind: 'copyFail' }, { kind: 'sync' })).to.deep.equal([
        'ReadyForQuery I',
      ])
    })
  })
})
