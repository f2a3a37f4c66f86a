import { expect } from 'chai'
import pg from 'pg'
import Cursor from 'pg-cursor'
import QueryStream from 'pg-query-stream'
import postgres from 'postgres'
import { describeBridges, SERVER_COLUMNS, type Bridge } from './bridge.ts'

const SERVERS = `SELECT ${SERVER_COLUMNS} FROM ir.mail_server ORDER BY id`
const SLOW = 'SELECT count(*) FROM generate_series(1, 1000000) a, generate_series(1, 1000000) b'

/** Rows as both clients decode them; a timestamp is local time to them, so it is compared by its clock. */
const decoded = (rows: readonly Record<string, unknown>[]): unknown[] =>
  rows.map((row) => ({ ...row, create_date: clockOf(row['create_date'] as Date) }))
const clockOf = (date: Date): string =>
  new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 19).replace('T', ' ')
const idsFrom = ({ servers }: Bridge, from: number): number[] =>
  servers.map(({ id }) => id).filter((id) => id >= from)
const stateOf = (work: PromiseLike<unknown>): Promise<unknown> =>
  Promise.resolve(work).then(
    () => 'no error',
    (error: unknown) => (error as { code: string }).code,
  )

describeBridges('node-postgres', [], (bridge) => {
  let client: pg.Client
  before(async () => {
    client = new pg.Client(bridge().url)
    await client.connect()
  })
  after(() => client.end())

  it('reads rows, by a plain query and by a prepared one', async () => {
    expect(decoded((await client.query(SERVERS)).rows)).to.deep.equal(bridge().servers)
    for (const from of [1, 3]) {
      const text = 'SELECT id FROM ir.mail_server WHERE id >= $1 ORDER BY id'
      const { rows } = await client.query<{ id: number }>({ name: 'from', text, values: [from] })
      expect(rows.map(({ id }) => id)).to.deep.equal(idsFrom(bridge(), from))
    }
  })

  it('binds and decodes every type', async () => {
    const values = [7, "it's €", true, '-1.50', Buffer.from([0, 255]), 0.1, [1, 2], ['a', 'b,c'], null]
    const types = ['int4', 'text', 'bool', 'numeric', 'bytea', 'float8', 'int4[]', 'text[]', 'date']
    const text = `SELECT ${types.map((type, place) => `$${place + 1}::${type}`).join(', ')}`
    expect((await client.query({ text, values, rowMode: 'array' })).rows).to.deep.equal([values])
  })

  it('reads by cursor and by stream, and leaves either early', async () => {
    const cursor = client.query(new Cursor<{ id: number }>(`${SERVERS} LIMIT 11`))
    expect((await cursor.read(5)).map(({ id }) => id)).to.deep.equal(idsFrom(bridge(), 1).slice(0, 5))
    expect((await cursor.read(100)).map(({ id }) => id)).to.deep.equal(idsFrom(bridge(), 1).slice(5, 11))
    expect(await cursor.read(5)).to.deep.equal([])
    await cursor.close()

    const left = client.query(new Cursor<{ id: number }>(SERVERS))
    await left.read(2)
    await left.close()

    const ids: number[] = []
    const text = 'SELECT id FROM ir.mail_server WHERE id > $1 ORDER BY id'
    for await (const { id } of client.query(new QueryStream(text, [1], { batchSize: 4 })) as AsyncIterable<{
      id: number
    }>)
      ids.push(id)
    expect(ids).to.deep.equal(idsFrom(bridge(), 2))
    for await (const row of client.query(new QueryStream(SERVERS, [], { batchSize: 2 }))) if (row) break
    expect((await client.query('SELECT 1 AS one')).rows).to.deep.equal([{ one: 1 }])
  })

  it('serves a pool, each of whose clients keeps its own transaction and settings', async () => {
    const pool = new pg.Pool({ connectionString: bridge().url, max: 5 })
    const sums = await Promise.all(
      Array.from({ length: 20 }, async (_, n) => {
        const { rows } = await pool.query<{ n: number }>(
          'SELECT count(*)::int4 + $1 AS n FROM ir.mail_server',
          [n],
        )
        return rows[0]!.n
      }),
    )
    expect(sums).to.deep.equal(Array.from({ length: 20 }, (_, n) => bridge().servers.length + n))
    const [one, other] = [await pool.connect(), await pool.connect()]
    await one.query('BEGIN')
    await one.query("SET application_name = 'one'")
    await stateOf(one.query('SELECT nope'))
    expect(await stateOf(one.query('SELECT 1'))).to.equal('25P02')
    expect((await other.query('SHOW application_name')).rows).to.deep.equal([{ application_name: '' }])
    await one.query('ROLLBACK')
    one.release()
    other.release()
    await pool.end()
  })

  it('is told of errors with their place, and refused writes', async () => {
    const error = (await client
      .query('SELECT nope FROM ir.mail_server')
      .catch((thrown: unknown) => thrown)) as pg.DatabaseError
    expect([error.code, error.position, error.severity]).to.deep.equal(['42703', '8', 'ERROR'])
    expect(await stateOf(client.query('DELETE FROM ir.mail_server'))).to.equal('25006')
    expect(await stateOf(client.query('DELETE FROM ir.mail_server WHERE id = $1', [1]))).to.equal('25006')
  })

  it('is refused with a wrong password, told so by SQLSTATE', async () => {
    const { host, port, database, user } = bridge()
    const stranger = new pg.Client({ host, port, database, user, password: 'wrong' })
    expect(await stateOf(stranger.connect())).to.equal('28P01')
  })
})

describeBridges('postgres.js', [], (bridge) => {
  let sql: postgres.Sql
  before(() => {
    sql = postgres(bridge().url, { max: 2, onnotice: () => undefined })
  })
  after(() => sql.end())

  it('reads rows, described and by a simple query', async () => {
    const rows = await sql`SELECT id, name, smtp_port FROM ir.mail_server WHERE id >= ${2} ORDER BY id`
    const wanted = bridge().servers.filter(({ id }) => id >= 2)
    expect([...rows]).to.deep.equal(wanted.map(({ id, name, smtp_port }) => ({ id, name, smtp_port })))
    expect(rows.columns.map(({ name, type }) => [name, type])).to.deep.equal([
      ['id', 23],
      ['name', 25],
      ['smtp_port', 23],
    ])
    expect(await sql`SELECT 1 AS a; SELECT 2 AS b`.simple()).to.deep.equal([[{ a: 1 }], [{ b: 2 }]])
    expect([
      ...(await sql.unsafe('SELECT id FROM ir.mail_server WHERE id < $1 ORDER BY id', [3])),
    ]).to.deep.equal(
      bridge()
        .servers.filter(({ id }) => id < 3)
        .map(({ id }) => ({ id })),
    )
  })

  it('binds types by what the statement says of its parameters', async () => {
    const [row] = await sql`
      SELECT ${7}::int4 AS i, ${"it's"}::text AS t, ${true}::bool AS b, ${[1, 2]}::int4[] AS a,
        ${sql.json({ a: 1 })}::jsonb AS j, ${Buffer.from([0, 255])}::bytea AS y, ${null}::text AS n`
    expect({ ...row }).to.deep.equal({
      i: 7,
      t: "it's",
      b: true,
      a: [1, 2],
      j: { a: 1 },
      y: Buffer.from([0, 255]),
      n: null,
    })
  })

  it('reads by cursor and by forEach, and leaves a cursor early', async () => {
    const text = 'SELECT id FROM ir.mail_server ORDER BY id'
    const batches: number[][] = []
    for await (const rows of sql.unsafe<{ id: number }[]>(text).cursor(5))
      batches.push(rows.map(({ id }) => id))
    expect(batches.flat()).to.deep.equal(idsFrom(bridge(), 1))
    expect(batches[0]).to.have.lengthOf(5)
    for await (const rows of sql.unsafe(text).cursor(2)) if (rows.length > 0) break
    const ids: number[] = []
    await sql.unsafe<{ id: number }[]>(text).forEach(({ id }) => ids.push(id))
    expect(ids).to.deep.equal(idsFrom(bridge(), 1))
  })

  it('keeps transactions and savepoints, and cancels', async () => {
    const said = await sql.begin(async (transaction) => {
      const inner = await stateOf(transaction.savepoint((nested) => nested`SELECT nope`))
      const [row] = await transaction`SELECT 5 AS five`
      return [inner, row!['five'] as unknown]
    })
    expect(said).to.deep.equal(['42703', 5])
    const slow = sql.unsafe(SLOW)
    setTimeout(() => {
      slow.cancel()
    }, 500)
    expect(await stateOf(slow)).to.equal('57014')
    expect(await stateOf(sql`DELETE FROM ir.mail_server`)).to.equal('25006')
  })
})
