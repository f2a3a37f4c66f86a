import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import {
  connect,
  type Connection,
  type ConnectOptions,
  type PartitionOptions,
} from '../../src/driver/connection.ts'
import { sqlErrorOf } from '../support/errors.ts'
import { startProxy } from '../support/proxy.ts'
import { realServers, skipForLackOfServers } from '../support/real-odoo.ts'

const title = 'partitions on real servers'

/** Three databases on Odoo 19 and the one on 14, in one session. */
describe(title, () => {
  let partitions: Record<string, PartitionOptions>
  let connection: Connection
  /** None where the suite is skipped. */
  const opened: Connection[] = []
  const open = (options: ConnectOptions = {}): Promise<Connection> => connect({ partitions, ...options })

  before(async function () {
    const [old, recent] = [14, 19].map((version) =>
      realServers().find((server) => server.version === version),
    )
    if (old === undefined || recent === undefined) {
      skipForLackOfServers(title)
      this.skip()
    }
    const on19 = (database: string): PartitionOptions => ({
      url: recent.url,
      database,
      login: recent.login,
      password: recent.password,
    })
    const { url, database, login, password } = old
    partitions = {
      old: { url, database, login, password },
      demo: on19('demo'),
      north: on19('north'),
      south: on19('south'),
    }
    connection = await open()
    opened.push(connection)
  })
  after(async () => {
    for (const one of opened) await one.close()
  })
  beforeEach(() => connection.query('USE ALL'))

  const partitionsCalled = (calls: readonly { readonly partition: string }[]): string[] =>
    [...new Set(calls.map((call) => call.partition))].sort()

  it('are read side by side', async () => {
    const { rows, calls } = await connection.query(
      'SELECT _partition, count(*) AS n FROM ir.mail_server GROUP BY _partition ORDER BY n, 1',
    )
    expect(rows).to.deep.equal([
      { _partition: 'north', n: '12' },
      { _partition: 'south', n: '17' },
      { _partition: 'demo', n: '300' },
      { _partition: 'old', n: '300' },
    ])
    expect(
      calls
        .filter(({ model, method }) => model === 'ir.mail_server' && method !== 'fields_get')
        .map(({ method }) => method),
    ).to.deep.equal(Array(4).fill('search_count'))
    expect((await connection.query('SELECT count(*) AS n FROM ir.mail_server')).rows).to.deep.equal([
      { n: '629' },
    ])
  })

  it('are pruned before any call', async () => {
    const expected: readonly (readonly [string, readonly string[]])[] = [
      ["_partition = 'south'", ['south']],
      ["_partition <> 'south' AND id < 3", ['demo', 'north', 'old']],
      ["_partition IN ('north', 'old')", ['north', 'old']],
      ["_partition LIKE '%o%'", ['demo', 'north', 'old', 'south']],
      ["(_partition = 'north' AND id = 1) OR (_partition = 'old' AND id = 2)", ['north', 'old']],
      ["NOT (_partition = 'north' OR _partition = 'south' OR _partition = 'old')", ['demo']],
      ["_partition = 'nowhere'", []],
      ['_partition IS NULL', []],
      ["_partition = 'north' AND name ILIKE '%a%'", ['north']],
      ["_partition = 'north' AND length(name) > 3", ['north']],
    ]
    for (const [where, names] of expected) {
      const { rows, calls } = await connection.query(
        `SELECT id, _partition FROM ir.mail_server WHERE ${where}`,
      )
      expect(partitionsCalled(calls), where).to.deep.equal(names)
      for (const row of rows) expect(names).to.include(row['_partition'])
    }
    const joined = await connection.query(
      "SELECT a.id FROM ir.mail_server a JOIN ir.mail_server b USING (id) WHERE a._partition = 'north' AND b._partition = 'south'",
    )
    expect(joined.rowCount).to.equal(12)
    expect(partitionsCalled(joined.calls)).to.deep.equal(['north', 'south'])
  })

  it('are not even connected to when they are pruned', async () => {
    const dead = { url: 'http://127.0.0.1:1', database: 'x', login: 'x', password: 'x' }
    const other = await open({ partitions: { ...partitions, dead }, partition: ['north'] })
    try {
      expect((await sqlErrorOf(other.query('USE ALL'))).code).to.equal('08001')
      expect((await other.query('SHOW odoo.partitions')).rows, 'as before').to.deep.equal([
        { 'odoo.partitions': 'north' },
      ])
    } finally {
      await other.close()
    }
    const lenient = await open({ partitions: { ...partitions, dead }, partitionErrors: 'skip' })
    try {
      const { rows, calls } = await lenient.query(
        "SELECT count(*) AS n FROM ir.mail_server WHERE _partition = 'north'",
      )
      expect(rows).to.deep.equal([{ n: '12' }])
      expect(partitionsCalled(calls)).to.deep.equal(['north'])
    } finally {
      await lenient.close()
    }
  })

  it('give no more than LIMIT rows each', async () => {
    const { rowCount, calls } = await connection.query('SELECT id FROM ir.mail_server LIMIT 3')
    expect(rowCount).to.equal(3)
    for (const call of calls) expect(call.rows ?? 0).to.be.at.most(3)
    const top = await connection.query(
      'SELECT name, _partition FROM ir.mail_server ORDER BY name DESC, id, _partition LIMIT 4',
    )
    const whole = await connection.query(
      'SELECT name, _partition FROM ir.mail_server ORDER BY name DESC, id, _partition',
    )
    expect(top.rows).to.deep.equal(whole.rows.slice(0, 4))
    for (const call of top.calls) if (call.model === 'ir.mail_server') expect(call.rows ?? 0).to.be.at.most(4)
  })

  it('may run different versions: a column that one lacks is NULL there', async () => {
    const { rows, notices } = await connection.query(
      `SELECT _partition, count(from_filter) > 0 AS has_some FROM ir.mail_server
       WHERE _partition IN ('old', 'demo') GROUP BY 1 ORDER BY 1`,
    )
    expect(rows).to.deep.equal([
      { _partition: 'demo', has_some: true },
      { _partition: 'old', has_some: false },
    ])
    expect(notices.map(({ message }) => message).join('\n')).to.match(/"old".*from_filter.*Odoo 15/)
  })

  it('are selected by USE and SET in every form', async () => {
    const selected = async (): Promise<unknown> =>
      (await connection.query('SHOW odoo.partitions')).rows[0]?.['odoo.partitions']
    const after = async (sql: string): Promise<unknown> => {
      await connection.query(sql)
      return selected()
    }
    expect(await after('USE north, "south"')).to.equal('north,south')
    expect(connection.partitions.map(({ name }) => name)).to.deep.equal(['north', 'south'])
    expect((await connection.query('SELECT count(*) AS n FROM ir.mail_server')).rows).to.deep.equal([
      { n: '29' },
    ])
    expect(await after("USE SELECT name FROM system.partitions WHERE version = '14.0'")).to.equal('old')
    expect(await after('USE DEFAULT')).to.equal('old,demo,north,south')
    expect(await after("SET odoo.partitions = 'south, north'")).to.equal('south,north')
    expect(await after('RESET odoo.partitions')).to.equal('old,demo,north,south')
    await connection.use('demo')
    expect(await selected()).to.equal('demo')
    const error = await sqlErrorOf(connection.query('USE nort'))
    expect(error).to.include({ code: '22023', hint: 'Did you mean "north"?' })
    expect(
      (await sqlErrorOf(connection.query('USE SELECT name FROM system.partitions WHERE false'))).code,
    ).to.equal('22023')
    expect(await selected()).to.equal('demo')
  })

  it('tell progress by partition', async () => {
    const seen = new Map<string, number>()
    await connection.query('SELECT id FROM ir.mail_server', [], {
      onProgress: ({ partition, rows }) => seen.set(partition, rows),
    })
    expect([...seen.keys()].sort()).to.deep.equal(['demo', 'north', 'old', 'south'])
    expect(Math.max(...seen.values())).to.equal(629)
  })

  it('fail a statement, or are left out of it whole, when one stops half way', async () => {
    let left = Infinity
    const stopping = await startProxy(String(partitions['demo']?.url), {
      fault: () => (left-- > 0 ? undefined : { kind: 'reset' }),
    })
    const changed = {
      ...partitions,
      demo: { ...(partitions['demo'] as PartitionOptions), url: stopping.url },
    }
    // 20,000 partners come in ten calls; the server is gone after the first.
    const sql = 'SELECT id, _partition FROM res.partner WHERE id > 0'
    const catalog = new URL('../support/catalog', import.meta.url).pathname
    for (const partitionErrors of ['fail', 'skip'] as const) {
      left = Infinity
      const other = await open({
        partitions: changed,
        partition: ['north', 'demo'],
        partitionErrors,
        catalog,
      })
      try {
        await other.query('SELECT count(*) FROM res.partner')
        left = 1
        if (partitionErrors === 'fail') {
          const error = await sqlErrorOf(other.query(sql))
          expect(error).to.include({ code: '08006', partition: 'demo' })
          continue
        }
        for (const statement of [sql, `${sql} ORDER BY lower(name), id`]) {
          const { rows, notices } = await other.query(statement)
          expect(new Set(rows.map((row) => row['_partition'])), statement).to.deep.equal(new Set(['north']))
          expect(
            notices.filter(({ severity }) => severity === 'WARNING').map(({ message }) => message),
          ).to.have.length(1)
          expect(notices.map(({ message }) => message).join()).to.contain('"demo" is left out')
        }
      } finally {
        await other.close()
      }
    }
    await stopping.close()
  })

  it('with one name twice are a fault of the configuration', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'odoo-sql-'))
    const file = join(folder, 'config.json')
    try {
      await writeFile(
        file,
        '{\n "partitions": {\n  "a": {"url": "http://x", "databas": "d"},\n  "a": {"url": "http://y"}\n },\n "setting": 1\n}',
      )
      const error = await sqlErrorOf(connect({ config: file }))
      expect(error.code).to.equal('F0000')
      expect(error.detail).to.match(/line 4.*twice/s)
      expect(error.detail, 'all faults at once').to.contain('setting')
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('show a company’s records only to its users', async () => {
    const catalog = new URL('../support/catalog', import.meta.url).pathname
    const countIn = async (companies: readonly number[]): Promise<unknown> => {
      const demo = { ...(partitions['demo'] as PartitionOptions), companies: [...companies] }
      const other = await open({ partitions: { demo }, catalog })
      try {
        return (await other.query('SELECT count(*) > 0 AS any FROM res.partner')).rows[0]?.['any']
      } finally {
        await other.close()
      }
    }
    expect(await countIn([1])).to.equal(true)
    const error = await sqlErrorOf(countIn([987_654]))
    expect(error.code).to.equal('42501')
    expect(error.message).to.contain('compan')
  })
})
