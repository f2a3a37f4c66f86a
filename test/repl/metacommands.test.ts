import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { connect, type Connection } from '../../src/driver/connection.ts'
import { METACOMMANDS, metacommandHelp } from '../../src/repl/metacommands.ts'
import { runSource } from '../../src/repl/run-source.ts'
import { ENDING_COMMANDS } from '../../src/repl/script.ts'
import type { Shell } from '../../src/repl/shell.ts'
import { openTestShell } from '../support/shell.ts'

describe('repl/metacommands on the demo', function () {
  this.timeout(60_000)
  let connection: Connection
  let folder: string
  before(async () => {
    connection = await connect({ demo: true })
    folder = await mkdtemp(join(tmpdir(), 'odoo-sql-metacommands-'))
  })
  after(async () => {
    await connection.close()
    await rm(folder, { recursive: true })
  })

  /** Runs a script, and gives what it wrote and said. */
  async function ran(
    script: string,
    settings: Partial<Shell> = {},
    signal = new AbortController().signal,
  ): Promise<{ out: string; err: string; outcome: unknown; shell: Shell }> {
    const { shell, results, messages } = openTestShell(connection, settings)
    const outcome = await runSource(shell, { kind: 'command', text: script }, { signal })
    return { out: results(), err: messages(), outcome, shell }
  }

  describe('describing', () => {
    it('lists every table, published, discovered and the driver’s own', async () => {
      const { out } = await ran('\\d')
      expect(out)
        .to.match(/^ +Table +\| +Model +\| +Label\n-+\+-+\+-+\n/)
        .and.to.match(/^ ir\.mail_server +\| ir\.mail_server +\| Mail Server$/m)
        .and.to.match(/^ res\.partner_category +\| res\.partner\.category +\| Partner Tags$/m)
        .and.to.match(/^ system\.calls /m)
      const count = out.split('\n').filter((line) => line.includes(' | ')).length - 1
      expect(out).to.contain(`(${count} tables)`)
    })

    it('describes a table, with types, nullability and foreign keys', async () => {
      const { out } = await ran('\\d res.users')
      expect(out)
        .to.match(/^Table "res\.users": User, Odoo’s res\.users\n/)
        .and.to.match(/^ id +\| integer +\| not null \| /m)
        .and.to.match(/^ company_id +\| integer +\| not null \| Company\. Id of a record of res\.company\.$/m)
        .and.to.match(/^ _partition +\| text +\| not null \| /m)
        .and.to.match(/^Foreign keys:\n(.*\n)* {4}company_id → res\.company\(id\)$/m)
    })

    it('tells more with a plus', async () => {
      const { out } = await ran('\\d+ ir.mail_server')
      const text = out.replace(/\s*\n[ |]*(?=\S)/g, ' ')
      expect(out).to.match(/^ smtp_pass +\| text +\| +\| Password for smtp_user/m)
      expect(text).to.contain('[secret, ').and.to.contain('none = Clear text; starttls = Starts in clear')
    })

    it('takes names and patterns as psql does', async () => {
      expect((await ran('\\dt res.*_category')).out)
        .to.contain('res.partner_category')
        .and.to.contain('(1 table)')
      expect((await ran('\\d MAIL_SERVER')).out).to.contain('Table "ir.mail_server"')
      expect((await ran('\\d ir.mail_s?rver')).out).to.contain('Table "ir.mail_server"')
      expect((await ran('\\dt "RES".*')).err).to.contain('42P01')
      const { out } = await ran('\\dt crm.*')
      expect(out.match(/^ crm\.\w+/gm)).to.deep.equal([' crm.lead', ' crm.stage', ' crm.tag', ' crm.team'])
    })

    it('names the nearest for one that is not there', async () => {
      const { err, out } = await ran('\\d res.partnr')
      expect(err).to.equal(
        'ERROR:  42P01: relation "res.partnr" does not exist\nHINT:  Did you mean "res.partner"?\n',
      )
      expect(out).to.equal('')
    })

    it('counts the tables of schemas', async () => {
      expect((await ran('\\dn crm')).out).to.equal(
        ' Tables | Schema\n--------+--------\n      4 | crm\n(1 schema)\n\n',
      )
    })
  })

  describe('the session', () => {
    it('lists partitions, and selects others', async () => {
      const { out, err } = await ran('\\l\n\\use demo_eu\n\\use\n\\l\n\\use default')
      const lines = out.split('\n').filter((line) => line.startsWith(' demo'))
      expect(
        lines.map((line) =>
          line
            .split('|')
            .slice(0, 3)
            .map((cell) => cell.trim()),
        ),
      ).to.deep.equal([
        ['demo', 'yes', '19.0'],
        ['demo_eu', '', ''],
        ['demo', '', '19.0'],
        ['demo_eu', 'yes', '19.0'],
      ])
      expect(err).to.contain('selected: demo_eu').and.to.contain('Selected: demo_eu.')
    })

    it('examines the selected partitions', async () => {
      const checks = [{ subject: 'reach', verdict: 'ok', found: 'answers' }] as const
      const diagnosis = { partition: 'p', url: 'u', database: 'd', login: 'l', isConnected: true, checks }
      // eslint-disable-next-line @typescript-eslint/require-await -- in the shape of a diagnosis
      async function* diagnose() {
        yield { ...diagnosis, proof: undefined }
      }
      expect((await ran('\\doctor', { diagnose })).out).to.equal(
        'p: database d at u, as l\n  ok    reach  answers\n  1 ok, 0 warnings, 0 failed\n',
      )
      expect((await ran('\\doctor')).err).to.contain('nothing can be examined here')
    })

    it('tells who is asked', async () => {
      expect((await ran('\\conninfo')).out).to.match(
        /^Partition "demo": database "demo" at http:\/\/127\.0\.0\.1:\d+ as "admin", Odoo 19\.0 by JSON-2\.\n$/,
      )
    })
  })

  describe('statements', () => {
    const ONE = 'SELECT id, name FROM ir.mail_server WHERE id = 1'

    it('runs the last one again, or the one before it, also on a line of its own', async () => {
      expect((await ran('SELECT 1 AS a;\n\\g\nSELECT 2 AS a \\g', { format: 'csv' })).out).to.equal(
        'a\n1\na\n1\na\n2\n',
      )
      expect((await ran('SELECT 1 AS a \\gx\nSELECT 2 AS a;')).out).to.equal(
        '-[ RECORD 1 ]\na | 1\n\n a\n---\n 2\n(1 row)\n\n',
      )
      expect((await ran('\\g')).err).to.equal('ERROR:  55000: no statement was run yet\n')
    })

    it('writes to a file that appears when all went well', async () => {
      // Names of files need not read as SQL.
      for (const name of ['g.csv', '1a.csv', '0x.csv']) {
        const path = join(folder, name)
        expect((await ran(`SELECT 1 AS a \\g ${path}\nSELECT 2 AS b;`)).err).to.equal('')
        expect(await readFile(path, 'utf8')).to.equal('a\n1\n')
      }
    })

    it('tells the calls of the last statement', async () => {
      const { out } = await ran(`${ONE};\n${ONE};\n\\calls`)
      expect(out).to.match(
        /^ demo +\| ir\.mail_server \| search_read \| +1 \| +\d+ \| +\d+\.\d \| +1 \| ok\n\(1 call, 1 row, \d+ bytes\)$/m,
      )
    })

    it('explains the last one, or one that is given, and runs it with analyze', async () => {
      const { out, shell } = await ran(`${ONE};\n\\explain\n\\explain analyze\n\\explain SELECT 1`)
      expect(out.match(/Domain: \[\["id","=",1\]\]/g)).to.have.length(2)
      expect(out.match(/Rows Returned: 1/g)).to.have.length(1)
      expect(shell.last.statement).to.equal(ONE)
      expect((await ran(`${ONE} \\explain`)).out).to.contain('Domain: [["id","=",1]]')
    })

    it('watches so often, and until it is interrupted', async () => {
      const { out } = await ran('SELECT 7 AS a \\watch 0.01 3', { format: 'csv' })
      expect(out.match(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \(every 0\.01s\)\n\na\n7$/gm)).to.have.length(3)
      const interrupt = new AbortController()
      setTimeout(() => {
        interrupt.abort()
      }, 300)
      const { err, outcome } = await ran('SELECT 7 AS a;\n\\watch 60', {}, interrupt.signal)
      expect([err.trim(), outcome]).to.deep.equal(['', 'stay'])
      const named = await ran('SELECT 7 AS a \\watch c=2 i=0.01', { format: 'csv' })
      expect(named.out.match(/every 0\.01s/g)).to.have.length(2)
      expect((await ran('SELECT 1;\n\\watch often')).err).to.contain('not "often"')
    })

    it('shows all of the last error', async () => {
      const { out } = await ran('SELECT nme FROM ir.mail_server;\n\\errverbose', {
        variables: new Map([['ON_ERROR_STOP', 'off']]),
      })
      expect(out).to.equal(
        [
          'ERROR:  42703: column "nme" does not exist',
          'LINE 1: SELECT nme FROM ir.mail_server',
          '               ^',
          'HINT:  Perhaps you meant to reference the column "mail_server.name".',
          'CONDITION:  undefined_column',
          'POSITION:  8',
          'STATEMENT:  SELECT nme FROM ir.mail_server',
          '',
        ].join('\n'),
      )
      expect((await ran('\\errverbose')).out).to.equal('There was no error.\n')
    })

    it('draws the last result, or that of the statement before it', async () => {
      const values = "SELECT * FROM (VALUES ('a', 1), ('b', 2)) t (x, y)"
      const { out } = await ran(`${values};\n\\chart`, { format: 'csv' })
      expect(out)
        .to.match(/^x,y\na,1\nb,2\n x \| +y \|\n/)
        .and.to.match(/^ a \| 1 \| █+▌?\n b \| 2 \| █+$/m)
      expect((await ran(`${values} \\chart`)).out).not.to.contain('(2 rows)')
      expect((await ran('\\chart')).err).to.contain('there is no result to draw')
      expect((await ran(`${values} \\chart bar z`)).err).to.contain('column "z" does not exist')
    })
  })

  it('go on after a result that no terminal can show', async () => {
    const { shell, results, messages } = openTestShell(connection, {
      format: 'parquet',
      variables: new Map([['ON_ERROR_STOP', 'off']]),
      screen: { columns: 80, rows: 24 },
    })
    const text = 'SELECT n FROM generate_series(1, 500000) n;\n\\format csv\nSELECT 2 AS a;'
    await runSource(shell, { kind: 'command', text }, { signal: new AbortController().signal })
    expect(messages()).to.contain('22023: parquet is no text for a terminal')
    expect(results()).to.equal('a\n2\n')
  })

  describe('display', () => {
    it('switches, and says how it is now', async () => {
      const { err, shell } = await ran(
        '\\x\n\\x\n\\x auto\n\\timing\n\\timing off\n\\pager on\n\\format json\n\\format',
      )
      expect(err.trimEnd().split('\n')).to.deep.equal([
        'Expanded display is on.',
        'Expanded display is off.',
        'Expanded display is auto.',
        'Timing is on.',
        'Timing is off.',
        'Pager is on.',
        'Output format is json.',
        'Output format is json.',
      ])
      expect(shell).to.include({ expanded: 'auto', isTimed: false, isPaged: true, format: 'json' })
    })

    it('refuses what makes no sense', async () => {
      expect((await ran('\\format jsn')).err)
        .to.contain('22023')
        .and.to.contain('Did you mean "json"?')
      expect((await ran('\\x maybe')).err).to.contain('not "maybe"')
      expect((await ran('\\timing on off')).err).to.contain('extra argument "off"')
      expect((await ran('\\frmat')).err).to.contain('Did you mean "\\format"?')
      expect((await ran('\\c other')).err).to.contain('It is \\use here.')
    })
  })

  describe('files', () => {
    it('writes results to a file until it is told to stop, in the format of its ending', async () => {
      const path = join(folder, 'o.json')
      const { out, shell } = await ran(`SELECT 0 AS a;\n\\o ${path}\nSELECT 1 AS a;\n\\o\nSELECT 2 AS a;`, {
        format: 'csv',
      })
      expect(out).to.equal('a\n0\na\n2\n')
      expect(await readFile(path, 'utf8')).to.equal('[\n{"a":1}\n]\n')
      expect(shell.format).to.equal('csv')
    })

    it('leaves no file of a result that breaks off, and none but whole ones', async () => {
      const path = join(folder, 'broken.csv')
      await writeFile(path, 'earlier')
      const breaks = 'SELECT 1 / (1000 - n) AS a FROM generate_series(1, 1000) n'
      const { err, shell } = await ran(`\\o ${path}\n${breaks};\nSELECT 1;`)
      expect(err).to.contain('22012: division by zero')
      expect(await readFile(path, 'utf8')).to.equal('earlier')
      await shell.output.discard()
      expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).to.deep.equal([])
    })

    it('copies a query or a table to a file', async () => {
      const [csv, json] = [join(folder, 'a b.csv'), join(folder, 'copy')]
      const { err, out } = await ran(
        `\\copy (SELECT id FROM ir.mail_server WHERE id IN (1, 2) ORDER BY id) to '${csv}' with csv header\n` +
          `\\copy crm.team TO ${json} ndjson\n\\copy (SELECT ')' AS p) to stdout`,
        { isTimed: true },
      )
      expect(await readFile(csv, 'utf8')).to.equal('id\n1\n2\n')
      const teams = (await readFile(json, 'utf8')).trimEnd().split('\n')
      expect(teams[0]).to.match(/^\{"id":1,/)
      expect(err).to.equal(`COPY 2\nCOPY ${teams.length}\nCOPY 1\n`)
      expect(out).to.equal('p\n)\n')
    })

    it('copies nothing into Odoo, and nothing half', async () => {
      expect((await ran('\\copy res.partner from x.csv')).err).to.contain('25006: cannot execute \\copy FROM')
      expect((await ran('\\copy (SELECT 1)')).err).to.contain('42601')
      const path = join(folder, 'half.csv')
      const { err } = await ran(`\\copy (SELECT 1 / (1000 - n) FROM generate_series(1, 1000) n) to ${path}`)
      expect(err).to.contain('22012')
      expect(await readdir(folder)).not.to.contain('half.csv')
      expect((await ran('\\copy (SELECT 1) to /nowhere/x.csv')).err).to.contain('58000: could not open file')
      expect((await ran('\\copy (SELECT 1) to /dev/full')).err).to.contain(
        '58000: could not write the result',
      )
    })

    it('puts one result into a binary file', async () => {
      const path = join(folder, 'one.parquet')
      const { err, shell } = await ran(`\\o ${path}\nSELECT 1 AS a;\nSELECT 2 AS a;`)
      await shell.output.discard()
      expect(err).to.contain('55000: a parquet file holds one result')
    })

    it('runs a file, names it where it fails, and ends a file that reads itself', async () => {
      const path = join(folder, 'i.sql')
      await writeFile(path, 'SELECT 1 AS a;\n\n\\set x 2\nSELECT :x AS a;\nSELECT\n oops;\nSELECT 3;\n')
      const { out, err, outcome } = await ran(`\\i ${path}\nSELECT 4;`, { format: 'csv' })
      expect(out).to.equal('a\n1\na\n2\n')
      expect(err).to.contain(`${path}:6: ERROR:  42703: column "oops" does not exist\nLINE 2:  oops\n`)
      expect(outcome).to.have.property('code', '42703')
      await writeFile(path, `\\i ${path}\n`)
      expect((await ran(`\\i ${path}`)).err).to.contain('54000: files read files without end')
      expect((await ran('\\i /nowhere/x.sql')).err).to.contain('58000: could not read "/nowhere/x.sql"')
    })

    it('runs no file that is no text', async () => {
      const path = join(folder, 'binary')
      for (const bytes of [
        [0x7f, 0x45, 0x4c, 0x46, 0],
        [0x53, 0xff, 0xfe],
        [0x53, 0xc3],
      ]) {
        await writeFile(path, Buffer.from(bytes))
        expect((await ran(`\\i ${path}`)).err).to.equal(`ERROR:  22021: "${path}" is no UTF-8 text\n`)
      }
    })

    it('edits on a terminal only', async () => {
      expect((await ran('SELECT 1;\n\\e')).err).to.contain('\\e needs a terminal')
    })
  })

  describe('variables', () => {
    it('are set, used, shown and taken away', async () => {
      const { out, err } = await ran(
        [
          "\\set id 1\n\\set word 'O''x'\n\\set parts a b c",
          'SELECT :id AS id, :\'word\' AS w, :"parts" FROM (SELECT 5 AS abc) t;',
          '\\echo :id, :word\n\\set\n\\unset id\n\\unset nothing',
          'SELECT :id;',
        ].join('\n'),
        { format: 'csv' },
      )
      expect(out).to.equal("id,w,abc\n1,O'x,5\n1, O'x\nid = '1'\nword = 'O'x'\nparts = 'abc'\n")
      expect(err).to.equal(
        [
          'Variable "nothing" was not set.',
          'ERROR:  42601: syntax error at or near ":"',
          'LINE 1: SELECT :id',
          '               ^',
          'HINT:  Variable "id" is not set. Set it with \\set id VALUE.',
          '',
        ].join('\n'),
      )
      expect((await ran('\\set a-b 1')).err).to.contain('22023: invalid variable name: "a-b"')
    })

    it('let a file go on after an error', async () => {
      const { out, err, outcome } = await ran('\\set ON_ERROR_STOP off\nSELECT oops;\nSELECT 1 AS a;', {
        format: 'csv',
      })
      expect(out).to.equal('a\n1\n')
      expect(err).to.contain('42703')
      expect(outcome).to.have.property('code', '42703')
      expect((await ran('SELECT oops;\nSELECT 1 AS a;')).out).to.equal('')
    })
  })

  describe('help', () => {
    it('lists every metacommand, and wraps for the terminal', async () => {
      const { out } = await ran('\\?')
      for (const { name, argument = '' } of METACOMMANDS)
        expect(out).to.contain(`\n  ${`${name} ${argument}`.trim()}`)
      const narrow = metacommandHelp(70).split('\n').slice(1)
      expect(Math.max(...narrow.map((line) => line.length))).to.be.at.most(70)
    })

    it('tells the form of statements', async () => {
      expect((await ran('\\h use')).out)
        .to.match(/^USE: /)
        .and.to.contain('    USE north, south\n')
      expect((await ran('\\h')).out)
        .to.contain('SELECT: ')
        .and.to.contain('EXPLAIN: ')
      expect((await ran('\\h selct')).err).to.contain('Did you mean "SELECT"?')
    })

    it('leaves', async () => {
      const { out, outcome } = await ran('SELECT 1 AS a;\n\\q\nSELECT 2;', { format: 'csv' })
      expect([out, outcome]).to.deep.equal(['a\n1\n', 'leave'])
    })

    it('has a metacommand for each that may end a statement', () => {
      const names = METACOMMANDS.map(({ name }) => name)
      expect([...ENDING_COMMANDS].filter((name) => !names.includes(`\\${name}`))).to.deep.equal([])
      expect(new Set(names).size).to.equal(names.length)
    })
  })
})
