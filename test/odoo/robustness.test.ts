import { expect } from 'chai'
import { startDemo, type DemoServer } from '../../src/demo/server.ts'
import { connect, type Connection } from '../../src/driver/connection.ts'
import { SQL_CHARACTERS_MAX } from '../../src/sql/gate.ts'
import { sqlErrorOf } from '../support/errors.ts'

/** Long enough for a slow machine to be well inside the query, which has no end in sight. */
const TIMEOUT_MS = 2_000
const SERVERS = 'ir.mail_server'
const NO_END = 'WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r)'

describe('queries that ask for too much end in an error, and the session goes on', () => {
  let demo: DemoServer
  let connection: Connection

  before(async function () {
    this.timeout(60_000)
    demo = await startDemo()
    const [database = ''] = demo.databases
    connection = await connect({ url: demo.url, database, login: demo.login, apiKey: demo.apiKey })
  })
  after(async () => {
    await connection.close()
    await demo.close()
  })
  // Whatever went before, the next statement is answered, by the engine too.
  afterEach(async function () {
    this.timeout(60_000)
    const { rows } = await connection.query(`SELECT count(DISTINCT id) AS n, 1 + 1 AS two FROM ${SERVERS}`)
    expect(rows).to.deep.equal([{ n: '12', two: 2 }])
  })

  /** The table beside itself so many times: 12 rows to that power. */
  const product = (count: number): string =>
    Array.from({ length: count }, (_, index) => `${SERVERS} t${index}`).join(', ')

  const ENDLESS: readonly (readonly [title: string, sql: string])[] = [
    [
      'a count of 10^12 rows that are made',
      'SELECT count(*) FROM generate_series(1, 1000000) a, generate_series(1, 1000000) b',
    ],
    ['a count of 12^11 rows of a table beside itself', `SELECT count(*) FROM ${product(11)}`],
    [
      'a sort of 10^12 rows',
      'SELECT a FROM generate_series(1, 1000000) a, generate_series(1, 1000000) b ORDER BY random() LIMIT 1',
    ],
    ['recursion without end', `${NO_END} SELECT count(*) FROM r`],
    [
      'recursion without end over a table',
      `WITH RECURSIVE r AS (SELECT id FROM ${SERVERS} UNION ALL SELECT id FROM r) SELECT max(id) FROM r`,
    ],
  ]
  for (const [title, sql] of ENDLESS)
    it(`${title}: 57014 when its time is over, or the bound that it meets before`, async function () {
      this.timeout(60_000)
      const error = await sqlErrorOf(connection.query(sql, [], { timeoutMs: TIMEOUT_MS }))
      expect(error.code).to.be.oneOf(['57014', '53400', '53200', '54000'])
      expect(error.message).to.not.match(/undefined|\[object/)
    })

  it('12^11 rows as a result: 54000 at the bound of rows', async function () {
    this.timeout(60_000)
    const error = await sqlErrorOf(
      connection.query(`SELECT t0.id FROM ${product(11)}`, [], { maxRows: 10_000 }),
    )
    expect(error.code).to.equal('54000')
  })

  it('12^11 rows as a stream: as many as one likes', async function () {
    this.timeout(60_000)
    let rows = 0
    for await (const row of connection.stream(`SELECT t0.id, 1 AS one FROM ${product(11)}`)) {
      expect(row).to.have.property('one', 1)
      if (++rows === 5_000) break
    }
    expect(rows).to.equal(5_000)
  })

  it('recursion without end, of which a few rows are wanted: these', async () => {
    const { rows } = await connection.query(`${NO_END} SELECT n FROM r LIMIT 3`)
    expect(rows).to.deep.equal([{ n: 1 }, { n: 2 }, { n: 3 }])
  })

  it('a list of 5 MB in the text: 54000, and nothing is called', async () => {
    const list = Array.from({ length: 5_000_000 / 8 }, (_, index) => 1_000_000 + index).join(', ')
    expect(list.length).to.be.above(SQL_CHARACTERS_MAX)
    const error = await sqlErrorOf(connection.query(`SELECT id FROM ${SERVERS} WHERE id IN (3, ${list})`))
    expect(error.code).to.equal('54000')
  })

  it('a list as long as a text may be: the rows', async function () {
    this.timeout(60_000)
    const list = Array.from({ length: 100_000 }, (_, index) => 1_000_000 + index).join(', ')
    const { rows } = await connection.query(`SELECT id FROM ${SERVERS} WHERE id IN (3, ${list})`)
    expect(rows).to.deep.equal([{ id: 3 }])
  })

  it('a list of 5 MB in a parameter: the rows, or 54000', async function () {
    this.timeout(60_000)
    const list = Array.from({ length: 5_000_000 / 8 }, (_, index) => 1_000_000 + index)
    const sql = `SELECT id FROM ${SERVERS} WHERE id = ANY ($1::int4[])`
    const answered = connection.query(sql, [`{3,${list.join(',')}}`]).then(
      ({ rows }) => rows,
      (error: unknown) => (error as { code: string }).code,
    )
    expect(await answered).to.be.deep.oneOf([[{ id: 3 }], '54000'])
  })

  for (const [title, sql] of [
    ['one value of 300 MB', "SELECT repeat('x', 300000000) AS v"],
    [
      'one value of 2 GB, put together',
      "SELECT string_agg(repeat('x', 1000000), '') AS v FROM generate_series(1, 2000)",
    ],
    ['an array of 10^8 numbers', 'SELECT array_agg(n) AS v FROM generate_series(1, 100000000) n'],
  ] as const)
    it(`${title}: out of memory, or over a bound`, async function () {
      this.timeout(120_000)
      const error = await sqlErrorOf(connection.query(sql, [], { timeoutMs: 60_000 }))
      expect(error.code).to.be.oneOf(['53200', '54000', '53400', '57014'])
    })

  it('a large value is answered whole', async function () {
    this.timeout(60_000)
    const { rows } = await connection.query<{ v: string }>("SELECT repeat('é', 5000000) AS v")
    expect(rows[0]?.v.length).to.equal(5_000_000)
  })

  it('nesting without measure: an error of its own kind', async function () {
    this.timeout(60_000)
    const deep = `SELECT id FROM ${SERVERS} WHERE ${'('.repeat(20_000)}id = 3${')'.repeat(20_000)}`
    const error = await sqlErrorOf(connection.query(deep))
    expect(error.code).to.be.oneOf(['54001', '54000', '42601'])
    const long = Array.from({ length: 5_000 }, (_, index) => `NOT (id = ${index}`).join(' OR ')
    const answered = connection.query(`SELECT id FROM ${SERVERS} WHERE ${long}${')'.repeat(5_000)}`)
    expect((await sqlErrorOf(answered)).code).to.be.oneOf(['54001', '54000', '57014'])
  })

  it('a statement that is cancelled while the engine works: 57014', async function () {
    this.timeout(60_000)
    const cancel = new AbortController()
    const answered = sqlErrorOf(connection.query(ENDLESS[0]![1], [], { signal: cancel.signal }))
    // The engine answers one at a time: that it takes this one shows by the other one waiting.
    const other = connection.query(`SELECT count(DISTINCT id) AS n FROM ${SERVERS}`)
    setTimeout(() => {
      cancel.abort()
    }, 500)
    expect((await answered).code).to.equal('57014')
    expect((await other).rows).to.deep.equal([{ n: '12' }])
  })
})
