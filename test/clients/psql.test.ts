import { expect } from 'chai'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TableSpec } from '../../src/catalog/spec.ts'
import { loadCatalog } from '../../src/catalog/load.ts'
import { SQL_TYPES } from '../../src/catalog/types.ts'
import type { Finished } from '../support/cli.ts'
import { WRITES } from '../support/writes.ts'
import { describeBridges, runProgram, startProgram } from './bridge.ts'

const BARE = ['-X', '-q', '-A', '-t']

describeBridges('psql', ['psql'], (bridge) => {
  let table: TableSpec
  before(async () => {
    table = (await loadCatalog()).tables.find(({ model }) => model === 'ir.mail_server')!
  })

  const run = (args: readonly string[], script = ''): Promise<Finished> =>
    runProgram(bridge(), 'psql', [...BARE, ...args, ...(script === '' ? [] : ['-f', '-'])], { input: script })
  /** What a script prints, bare: a row a line, cells apart by a bar. Nothing of it may fail. */
  const linesOf = async (script: string, ...args: readonly string[]): Promise<string[]> => {
    const { out, err } = await run(args, script)
    expect(err).to.equal('')
    return out.trimEnd().split('\n')
  }
  /** Lines of `SELECT id, name … ORDER BY id`, as `linesOf` gives them: a name may go over several. */
  const idsAndNames = (from = 0): string[] =>
    bridge()
      .servers.slice(from)
      .flatMap(({ id, name }) => `${id}|${name}`.split('\n'))
  const SERVERS = 'SELECT id, name FROM ir.mail_server ORDER BY id'

  describe('describes', () => {
    it('the columns of a table, its key, and in \\d+ its comments', async () => {
      const described = await linesOf('\\d ir.mail_server')
      const columns = table.columns.map(({ name, type }) => `${name}|${SQL_TYPES[type].title}||`)
      expect(
        described.slice(0, columns.length + 1).map((line) => line.replace('not null', '')),
      ).to.deep.equal([...columns, '_partition|text||'].map((line) => `${line}|`))
      expect(described).to.include('id|integer||not null|')
      const titled = await run(['-P', 'tuples_only=off'], '\\d ir.mail_server')
      expect(titled.out).to.include(
        `Indexes:\n    "mail_server_pkey" PRIMARY KEY, btree (${bridge().key.join(', ')})`,
      )
      const commented = await linesOf('\\d+ ir.mail_server')
      for (const [place, { description }] of table.columns.entries())
        expect(commented[place]).to.include(description)
    })

    it('tables, views, schemas and indexes', async () => {
      const tables = await linesOf('\\dt ir.*\n\\dt res.*')
      expect(tables.map(withoutOwner)).to.include.members(['ir|mail_server|table', 'res|partner|table'])
      expect((await linesOf('\\dt')).map(withoutOwner)).to.include('ir|mail_server|table')
      expect((await linesOf('\\dn')).map(first)).to.include.members(['ir', 'res', 'public'])
      expect(await linesOf('\\dv ir.*')).to.deep.equal([''])
      expect((await linesOf('\\di ir.mail_server_pkey')).map(first)).to.deep.equal(['ir'])
    })

    it('functions, types, operators, roles, rights and the rest of its family', async () => {
      expect(await linesOf('\\df pg_catalog.btrim')).to.include('pg_catalog|btrim|text|text|func')
      expect((await linesOf('\\dT pg_catalog.int4')).map(first)).to.deep.equal(['pg_catalog'])
      expect(await linesOf('\\do pg_catalog.||')).to.include('pg_catalog||||text|text|text|concatenate')
      expect((await linesOf('\\du')).map(first)).to.include(bridge().user)
      expect(await linesOf('\\dp ir.mail_server')).to.satisfy((lines: string[]) =>
        lines.some((line) => /=rx\//.test(line)),
      )
      expect((await linesOf('\\db')).map(first)).to.include('pg_default')
      for (const quiet of [
        '\\dd',
        '\\dx',
        '\\dm',
        '\\ds',
        '\\dD',
        '\\dC',
        '\\des',
        '\\drds',
        '\\dRp',
        '\\sf lower(text)',
      ])
        await linesOf(quiet)
    })

    it('the connection, and the columns of a statement that it does not run', async () => {
      const { host, port, user, database } = bridge()
      expect((await linesOf('\\conninfo')).join()).to.include(
        `connected to database "${database}" as user "${user}" on host "${host}" at port "${port}"`,
      )
      expect(
        await linesOf('SELECT id, name, active, create_date, 1.5 AS n FROM ir.mail_server \\gdesc'),
      ).to.deep.equal([
        'id|integer',
        'name|text',
        'active|boolean',
        'create_date|timestamp without time zone',
        'n|numeric',
      ])
    })

    it('no databases in \\l, for psql 15 asks for a column that PostgreSQL 17 renamed', async () => {
      const { out, err } = await run([], '\\l\n\\echo still here\n')
      expect(out).to.equal('still here\n')
      expect(err).to.match(/^psql:<stdin>:1: ERROR: {2}column d.daticulocale does not exist/)
    })
  })

  describe('reads', () => {
    it('rows, also one column a line, in batches of FETCH_COUNT, and again by \\watch', async () => {
      expect(await linesOf(`${SERVERS};`)).to.deep.equal(idsAndNames())
      const [one] = bridge().servers
      expect(await linesOf('SELECT id, name FROM ir.mail_server ORDER BY id LIMIT 1 \\gx')).to.deep.equal([
        `id|${one!.id}`,
        `name|${one!.name}`,
      ])
      expect(await linesOf(`\\set FETCH_COUNT 5\n${SERVERS};`)).to.deep.equal(idsAndNames())
      expect(await linesOf(`\\set FETCH_COUNT 5\n${SERVERS} OFFSET (SELECT 1);`)).to.deep.equal(
        idsAndNames(1),
      )
    })

    it('text, numbers, times, booleans and NULL as PostgreSQL prints them', async () => {
      const rows = bridge().servers.map((server) =>
        [server.id, server.smtp_host, server.smtp_port, server.active ? 't' : 'f', server.create_date].join(
          '|',
        ),
      )
      const columns = 'id, smtp_host, smtp_port, active, create_date'
      expect(await linesOf(`SELECT ${columns} FROM ir.mail_server ORDER BY id;`)).to.deep.equal(rows)
      expect(
        await linesOf(
          `SELECT NULL, '\\xff00'::bytea, 1.50::numeric, 'NaN'::float8, ARRAY[1,NULL], '{"a": 1}'::jsonb;`,
        ),
      ).to.deep.equal(['|\\xff00|1.50|NaN|{1,NULL}|{"a": 1}'])
    })

    it('into a file by \\copy, and to standard output by COPY', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'odoo-sql-psql-'))
      try {
        const file = join(folder, 'servers.csv')
        await linesOf(`\\copy (${SERVERS}) to '${file}' csv header`)
        const rows = bridge().servers.map(({ id, name }) => `${id},${csv(name)}\n`)
        expect(await readFile(file, 'utf8')).to.equal(['id,name\n', ...rows].join(''))
        await linesOf(`\\copy ir.mail_server (id) to '${file}'`)
        const ids = (await readFile(file, 'utf8')).trimEnd().split('\n').map(Number)
        expect(ids.sort((a, b) => a - b)).to.deep.equal(bridge().servers.map(({ id }) => id))
      } finally {
        await rm(folder, { recursive: true })
      }
      expect(
        await linesOf(`COPY (SELECT 1 AS a, NULL AS b, E'x\\ty' AS c) TO STDOUT (NULL '-')`),
      ).to.deep.equal(['1\t-\tx\\ty'])
      expect(
        await linesOf(`COPY (SELECT 1 AS a, NULL AS b, 'x"y' AS c) TO STDOUT (FORMAT csv, HEADER)`),
      ).to.deep.equal(['a,b,c', '1,,"x""y"'])
    })

    it('several statements of one -c, of which the last still counts after an error of the first', async () => {
      const { out } = await run(['-c', 'SELECT 1; SELECT 2', '-c', 'SELECT 3'])
      expect(out).to.equal('1\n2\n3\n')
      const failed = await run(['-c', 'SELECT 1; SELECT nope; SELECT 2', '-c', 'SELECT 3'])
      expect(failed.out).to.equal('1\n3\n')
    })

    it('in a transaction, which an error spoils until it is rolled back', async () => {
      const { out, err } = await run(
        [],
        'BEGIN; SELECT 1; SAVEPOINT s; SELECT nope; SELECT 2; ROLLBACK TO s; SELECT 3; SELECT nope; COMMIT; SELECT 4;',
      )
      expect(out).to.equal('1\n3\n4\n')
      expect(err).to.include(
        'current transaction is aborted, commands ignored until end of transaction block',
      )
    })

    it('with \\timing and variables', async () => {
      const lines = await linesOf(
        '\\timing on\n\\set low 2\nSELECT min(id) FROM ir.mail_server WHERE id >= :low;',
      )
      expect(lines[0]).to.equal(String(bridge().servers.find(({ id }) => id >= 2)!.id))
      expect(lines[1]).to.match(/^Time: \d+\.\d+ ms/)
    })
  })

  describe('is told', () => {
    it('what is wrong, where, and by which SQLSTATE', async () => {
      const { err } = await run(
        [],
        'SELECT id,\n  nope FROM ir.mail_server;\n\\errverbose\nSELECT * FROM ir.nothing;\n\\warn :SQLSTATE\nSELEC 1;',
      )
      const lines = err.split('\n').map((line) => line.replace(/^psql:<stdin>:\d+: (error: )?/, ''))
      expect(lines.slice(0, 3)).to.deep.equal([
        'ERROR:  column "nope" does not exist',
        'LINE 2:   nope FROM ir.mail_server;',
        '          ^',
      ])
      expect(lines).to.include.members([
        'ERROR:  42703: column "nope" does not exist',
        'ERROR:  relation "ir.nothing" does not exist',
        '42P01',
        'ERROR:  syntax error at or near "SELEC"',
        'LINE 1: SELEC 1;',
      ])
    })

    it('that nothing can be written', async () => {
      const { out } = await run(WRITES.flatMap((write) => ['-c', write, '-c', '\\echo state :SQLSTATE']))
      const states = out.split('\n').filter((line) => line.startsWith('state '))
      expect(states).to.deep.equal(WRITES.map(() => 'state 25006'))
    })
  })

  describe('is interrupted', () => {
    it('while a slow statement runs', async () => {
      const slow = 'SELECT count(*) FROM generate_series(1, 1000000) a, generate_series(1, 1000000) b;'
      const child = startProgram(bridge(), 'psql', [...BARE, '-f', '-'])
      child.stdin.end(`\\echo started\n${slow}`)
      let err = ''
      child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
      await once(child.stdout, 'data')
      setTimeout(() => child.kill('SIGINT'), 500)
      await once(child, 'close')
      expect(err).to.match(/ERROR: {2}canceling statement due to user request/)
    })

    it('while it watches', async () => {
      const child = startProgram(bridge(), 'psql', [...BARE, '-f', '-'])
      child.stdin.end('SELECT 6 AS six \\watch 0.1')
      let out = ''
      for await (const chunk of child.stdout) {
        out += String(chunk)
        if (out.split('6\n').length > 2) child.kill('SIGINT')
      }
      expect(out.match(/^6$/gm)?.length).to.be.at.least(2)
    })
  })
})

const first = (line: string): string => line.split('|')[0]!
const withoutOwner = (line: string): string => line.split('|').slice(0, 3).join('|')
const csv = (text: string): string =>
  text === '' || /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
