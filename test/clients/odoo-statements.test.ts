import { expect } from 'chai'
import pg from 'pg'
import { describeBridges, runProgram } from './bridge.ts'

/** What only this server knows: its plans, partitions and tables about itself, by way of ordinary clients. */
describeBridges('statements of ours', ['psql'], (bridge) => {
  let client: pg.Client
  before(async () => {
    client = new pg.Client(bridge().url)
    await client.connect()
  })
  after(() => client.end())

  const rowsOf = async (text: string, values: readonly unknown[] = []): Promise<unknown[][]> =>
    (await client.query({ text, values: [...values], rowMode: 'array' })).rows as unknown[][]
  const stateOf = (text: string): Promise<unknown> =>
    client.query(text).then(
      () => 'no error',
      (error: unknown) => (error as pg.DatabaseError).code,
    )
  const countOf = async (): Promise<number> => (await rowsOf('SELECT id FROM ir.mail_server')).length

  it('EXPLAIN shows the calls to Odoo, with bounds written out and with bounds bound', async () => {
    const plan = (await rowsOf('EXPLAIN SELECT id, name FROM ir.mail_server WHERE id >= 3 AND id < 7')).flat()
    expect(plan).to.include('        Domain: [["id",">=",3],["id","<",7]]')
    expect(plan).to.include('        Fields: id, name')
    const bound = await rowsOf(
      'EXPLAIN SELECT id, name FROM ir.mail_server WHERE id >= $1 AND id < $2',
      [3, 7],
    )
    expect(bound.flat()).to.include('        Domain: [["id",">=",3],["id","<",7]]')
    const [[json] = []] = await rowsOf('EXPLAIN (FORMAT JSON) SELECT id FROM ir.mail_server WHERE id = 3')
    expect(JSON.stringify(json)).to.include('mail_server')
    const analyzed = (await rowsOf('EXPLAIN ANALYZE SELECT id FROM ir.mail_server WHERE id < 3'))
      .flat()
      .join('\n')
    expect(analyzed).to.match(/search_read/)
  })

  it('USE and SET odoo.partitions choose what is read, in this session only', async () => {
    const names = (await rowsOf('SELECT name FROM system.partitions ORDER BY id')).flat() as string[]
    const [first = ''] = names
    const counts: number[] = []
    for (const name of names) {
      await client.query(`USE ${name}`)
      counts.push(await countOf())
      expect(await rowsOf('SHOW odoo.partitions')).to.deep.equal([[name]])
    }
    await client.query(`SET odoo.partitions = ${names.map((name) => `'${name}'`).join(', ')}`)
    expect(await countOf()).to.equal(counts.reduce((sum, count) => sum + count))
    const read = await rowsOf('SELECT DISTINCT _partition FROM ir.mail_server ORDER BY 1')
    expect(read.flat()).to.deep.equal([...names].sort())
    const other = await runProgram(bridge(), 'psql', ['-XAtc', 'SHOW odoo.partitions'])
    expect(other.out).to.equal(`${first}\n`)
    await client.query('RESET odoo.partitions')
    expect(await countOf()).to.equal(bridge().servers.length)
    expect(await stateOf('USE nowhere')).to.equal('22023')
    expect(await stateOf("SET odoo.partitions = 'nowhere'")).to.equal('22023')
  })

  it('a connection can choose partitions by its options', async () => {
    const names = (await rowsOf('SELECT name FROM system.partitions ORDER BY id')).flat() as string[]
    const last = names.at(-1)!
    const env = { PGOPTIONS: `-c odoo.partitions=${last}` }
    const query = 'SELECT DISTINCT _partition FROM ir.mail_server'
    const { out, err } = await runProgram(bridge(), 'psql', ['-XAtc', query], { env })
    expect([out, err]).to.deep.equal([`${last}\n`, ''])
  })

  it('tables of the system schema tell of calls, tables, columns and settings', async () => {
    await client.query('SELECT name FROM ir.mail_server WHERE id = 1')
    const calls = await rowsOf(
      "SELECT method, outcome, rows FROM system.calls WHERE model = 'ir.mail_server' ORDER BY id DESC LIMIT 1",
    )
    expect(calls).to.deep.equal([['search_read', 'ok', bridge().servers.some(({ id }) => id === 1) ? 1 : 0]])
    const tables = await rowsOf(
      "SELECT schema, name, is_published FROM system.tables WHERE name IN ('mail_server', 'partner') ORDER BY 1",
    )
    expect(tables).to.deep.include.members([
      ['ir', 'mail_server', true],
      ['res', 'partner', false],
    ])
    const settings = (await rowsOf('SELECT name FROM system.settings')).flat()
    expect(settings).to.include('odoo.partitions')
  })

  it('says of itself what tools accept', async () => {
    const [[version] = []] = await rowsOf('SELECT version()')
    expect(version).to.match(/^PostgreSQL 1\d/)
    const [[number] = []] = await rowsOf('SHOW server_version_num')
    expect(Number(number)).to.be.at.least(150_000)
    const shown = [
      'server_encoding',
      'client_encoding',
      'DateStyle',
      'TimeZone',
      'standard_conforming_strings',
    ]
    const values = []
    for (const name of shown) values.push(...(await rowsOf(`SHOW ${name}`)).flat())
    expect(values.slice(0, 2)).to.deep.equal(['UTF8', 'UTF8'])
    expect(values[2]).to.match(/^ISO/)
    expect(values[4]).to.equal('on')
    expect(
      await rowsOf('SELECT current_user::text, session_user::text, current_database()::text'),
    ).to.deep.equal([[bridge().user, bridge().user, bridge().database]])
    expect(await rowsOf('SELECT current_schemas(false)::text')).to.deep.equal([['{ir,res,public}']])
  })
})
