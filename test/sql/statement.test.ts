import { expect } from 'chai'
import { loadGrammar, splitStatements } from '../../src/sql/gate.ts'
import { parseStatement } from '../../src/sql/statement.ts'
import { errorOf } from '../support/errors.ts'
import { WRITES } from '../support/writes.ts'

before(loadGrammar)

describe('statements', () => {
  for (const sql of WRITES)
    it(`refuses ${sql.replaceAll('\n', ' ')}`, () => {
      const error = errorOf(() => parseStatement(sql))
      expect(error.code).to.equal('25006')
      expect(error.hint).to.be.a('string')
    })

  it('lets SELECT and EXPLAIN of it pass', () => {
    expect(parseStatement('select 1').kind).to.equal('select')
    expect(parseStatement(' -- x\n (SELECT 1) UNION VALUES (2);').kind).to.equal('select')
    expect(parseStatement('TABLE ir.mail_server').kind).to.equal('select')
    expect(parseStatement('explain (analyze, format json) select 1')).to.deep.include({
      kind: 'explain',
      options: { analyze: true, format: 'json' },
    })
  })

  it('counts positions of what stands behind a command in the whole text', () => {
    const selectOf = (sql: string): string => {
      const statement = parseStatement(sql)
      return 'select' in statement ? statement.select.text : statement.kind
    }
    for (const sql of [
      "EXPLAIN /* é */ ANALYZE SELECT 'é', x FROM t",
      'EXPLAIN (ANALYZE, FORMAT json) SELECT 1',
      'DECLARE "for é" CURSOR WITH HOLD FOR SELECT 1',
      'PREPARE p (int, text) AS SELECT $1',
    ])
      expect(selectOf(sql)).to.equal(' '.repeat(sql.indexOf('SELECT')) + sql.slice(sql.indexOf('SELECT')))
    expect(selectOf("COPY (SELECT ')' FROM t) TO STDOUT")).to.equal("      SELECT ')' FROM t")
  })

  it('gives syntax errors a position in characters', () => {
    expect(errorOf(() => parseStatement("SELECT 'ééé' FORM a b"))).to.include({ code: '42601', position: 19 })
    expect(errorOf(() => parseStatement("SELECT 'abc"))).to.include({ code: '42601', position: 8 })
    expect(errorOf(() => parseStatement('SELECT (1'))).to.include({ code: '42601' })
  })

  it('refuses what is no statement', () => {
    for (const empty of ['', ' \n', ';', ';;', '-- nothing', '/* nothing */'])
      expect(errorOf(() => parseStatement(empty)).code, JSON.stringify(empty)).to.equal('42601')
    expect(errorOf(() => parseStatement('SELECT 1\0')).code).to.equal('22021')
    expect(errorOf(() => parseStatement("SELECT '\ud800'")).code).to.equal('22021')
    expect(errorOf(() => parseStatement(`SELECT '${'x'.repeat(2 ** 20)}'`)).code).to.equal('54000')
    expect(errorOf(() => parseStatement('SELECT 1; SELECT 2'))).to.include({ code: '42601', position: 11 })
    expect(errorOf(() => parseStatement(`SELECT ${'('.repeat(50_000)}1${')'.repeat(50_000)}`)).code).to.equal(
      '54001',
    )
    expect(parseStatement('SELECT 1').kind, 'the grammar goes on after that').to.equal('select')
  })

  it('reads USE', () => {
    const target = (sql: string) => {
      const statement = parseStatement(sql)
      return statement.kind === 'use' ? statement.target : statement.kind
    }
    expect(target('USE ALL')).to.deep.equal({ kind: 'all' })
    expect(target('use default;')).to.deep.equal({ kind: 'default' })
    expect(target(`USE north, "So,uth" , 'it''s'`)).to.deep.equal({
      kind: 'names',
      names: ['north', 'So,uth', "it's"],
    })
    expect(target('/* x */ use select name from system.partitions')).to.deep.equal({
      kind: 'query',
      text: 'select name from system.partitions',
    })
    for (const wrong of ['USE', 'USE a b', 'USE a,', 'USE ,a', 'USE ALL, a', 'USE a; DELETE FROM t'])
      expect(errorOf(() => parseStatement(wrong)).code, wrong).to.equal('42601')
  })

  it('reads SET, RESET and SHOW', () => {
    expect(parseStatement("SET odoo.partitions = 'a,b'")).to.deep.equal({
      kind: 'set',
      name: 'odoo.partitions',
      value: 'a,b',
      isLocal: false,
    })
    expect(parseStatement('SET LOCAL timezone = 1')).to.deep.include({ value: '1', isLocal: true })
    expect(parseStatement('SET search_path TO a, "B"')).to.deep.include({ value: '"a", "B"' })
    expect(parseStatement('SET datestyle = iso, mdy')).to.deep.include({ value: 'iso, mdy' })
    expect(parseStatement("SET TIME ZONE INTERVAL '+01:00' HOUR TO MINUTE")).to.deep.include({
      name: 'timezone',
      value: "INTERVAL '+01:00'",
    })
    expect(parseStatement('RESET ALL')).to.deep.include({ name: 'all', value: undefined })
    expect(parseStatement('set TimeZone to DEFAULT')).to.deep.include({ name: 'timezone', value: undefined })
    expect(parseStatement('RESET timezone')).to.deep.include({ kind: 'set', value: undefined })
    expect(parseStatement('set extra_float_digits = 0')).to.deep.include({ value: '0' })
    expect(parseStatement('SHOW timezone')).to.deep.equal({ kind: 'show', name: 'timezone' })
  })

  it('reads set_config as the SET that it is, and only where it stands alone', () => {
    expect(parseStatement("SELECT pg_catalog.set_config('Search_Path', '', false)")).to.deep.equal({
      kind: 'set',
      name: 'search_path',
      value: '',
      isLocal: false,
      column: 'set_config',
    })
    const fromSettings =
      "SELECT set_config('bytea_output', 'hex', true) AS x FROM pg_settings WHERE name = 'bytea_output'"
    expect(parseStatement(fromSettings)).to.deep.include({ kind: 'set', isLocal: true, column: 'x' })
    for (const other of [
      "SELECT set_config('a', 'b', false), 1",
      "SELECT set_config(name, 'b', false) FROM ir.mail_server",
      "SELECT set_config('a', 'b', false) FROM ir.mail_server",
    ])
      expect(parseStatement(other).kind, other).to.equal('select')
  })

  it('reads transactions', () => {
    const read = (sql: string) => parseStatement(sql)
    expect(read('BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY')).to.deep.equal({
      kind: 'transaction',
      action: 'begin',
      characteristics: { transaction_isolation: 'repeatable read', transaction_read_only: 'on' },
    })
    expect(read('END AND CHAIN')).to.deep.include({ action: 'commit', isChained: true })
    expect(read('ABORT')).to.deep.include({ action: 'rollback', isChained: false })
    expect(read('ROLLBACK TO SAVEPOINT "A b"')).to.deep.include({ action: 'rollback to', name: 'A b' })
    expect(read('SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE')).to.deep.include({
      action: 'characteristics',
      isSession: true,
      characteristics: { transaction_read_only: 'off' },
    })
    expect(read('SET TRANSACTION READ ONLY')).to.deep.include({ isSession: false })
    for (const refused of ["PREPARE TRANSACTION 'x'", "COMMIT PREPARED 'x'", "SET TRANSACTION SNAPSHOT 'x'"])
      expect(errorOf(() => read(refused)).code, refused).to.equal('0A000')
  })

  it('reads cursors', () => {
    expect(parseStatement('DECLARE c BINARY SCROLL CURSOR WITH HOLD FOR SELECT 1')).to.deep.include({
      name: 'c',
      isBinary: true,
      isScroll: true,
      isHold: true,
    })
    expect(parseStatement('DECLARE c NO SCROLL CURSOR FOR SELECT 1')).to.deep.include({ isScroll: false })
    expect(parseStatement('DECLARE c CURSOR FOR SELECT 1')).to.deep.include({ isScroll: undefined })
    const fetched = (sql: string) => {
      const statement = parseStatement(sql)
      if (statement.kind !== 'fetch') return statement.kind
      const { name, direction, count, isMove } = statement
      return [name, direction, count, isMove]
    }
    expect(fetched('FETCH FORWARD 100 FROM c')).to.deep.equal(['c', 'forward', 100, false])
    expect(fetched('FETCH ALL c')).to.deep.equal(['c', 'forward', Infinity, false])
    expect(fetched('FETCH PRIOR c')).to.deep.equal(['c', 'backward', 1, false])
    expect(fetched('FETCH LAST FROM c')).to.deep.equal(['c', 'absolute', -1, false])
    expect(fetched('FETCH -3 FROM c')).to.deep.equal(['c', 'forward', -3, false])
    expect(fetched('FETCH 0 FROM c')).to.deep.equal(['c', 'forward', 0, false])
    expect(fetched('MOVE RELATIVE -2 IN c')).to.deep.equal(['c', 'relative', -2, true])
    expect(parseStatement('CLOSE c')).to.deep.equal({ kind: 'closeCursor', name: 'c' })
    expect(parseStatement('CLOSE ALL')).to.deep.equal({ kind: 'closeCursor', name: undefined })
  })

  it('reads prepared statements', () => {
    expect(parseStatement('PREPARE p (int, numeric(5, 2), "T"[]) AS SELECT $1')).to.deep.include({
      kind: 'prepare',
      name: 'p',
      parameterTypes: ['int', 'numeric(5, 2)', '"T"[]'],
    })
    expect(parseStatement('PREPARE p AS SELECT (1)')).to.deep.include({ parameterTypes: [] })
    expect(parseStatement("EXECUTE p (1, f(2, 3), ARRAY[1, 2], 'a,)b')")).to.deep.equal({
      kind: 'execute',
      name: 'p',
      arguments: ['1', 'f(2, 3)', 'ARRAY[1, 2]', "'a,)b'"],
    })
    expect(parseStatement('EXECUTE p')).to.deep.include({ arguments: [] })
    expect(parseStatement('DEALLOCATE ALL')).to.deep.equal({ kind: 'deallocate', name: undefined })
    expect(parseStatement('DISCARD PLANS')).to.deep.equal({ kind: 'discard', what: 'plans' })
    expect(parseStatement('UNLISTEN *')).to.deep.equal({ kind: 'listen', isListening: false })
  })

  it('reads COPY to the client', () => {
    const copied = (sql: string) => {
      const statement = parseStatement(sql)
      return statement.kind === 'copy' ? statement : undefined
    }
    expect(copied('COPY ir.mail_server ("id", name) TO STDOUT')?.select.text).to.equal(
      'SELECT "id", "name" FROM "ir"."mail_server"',
    )
    expect(copied('COPY t TO STDOUT')?.options).to.deep.equal({
      format: 'text',
      header: false,
      delimiter: '\t',
      nullText: '\\N',
      quote: '"',
      escape: '"',
      forceQuote: [],
    })
    expect(
      copied("COPY (SELECT 1) TO STDOUT CSV HEADER DELIMITER ';' QUOTE '|' FORCE QUOTE *")?.options,
    ).to.deep.equal({
      format: 'csv',
      header: true,
      delimiter: ';',
      nullText: '',
      quote: '|',
      escape: '|',
      forceQuote: 'all',
    })
    expect(copied('COPY t TO STDOUT (FORMAT csv, HEADER off, FORCE_QUOTE (a, b))')?.options).to.deep.include({
      header: false,
      forceQuote: ['a', 'b'],
    })
    for (const [sql, code] of [
      ['COPY t TO STDOUT (FORMAT parquet)', '22023'],
      ["COPY t TO STDOUT (DELIMITER 'ab')", '22023'],
      ["COPY t TO STDOUT (QUOTE 'a')", '0A000'],
      ['COPY t TO STDOUT (FREEZE)', '0A000'],
      ["COPY t TO '/tmp/x'", '25006'],
      ['COPY (DELETE FROM t RETURNING *) TO STDOUT', '25006'],
    ] as const)
      expect(errorOf(() => parseStatement(sql)).code, sql).to.equal(code)
  })

  it('takes native requests only where they are switched on', () => {
    const insert = `INSERT INTO native.NativePlatformScalarRequests (MODEL, method, dry_run, payload_text)
      VALUES ('res.partner', $1, true, NULL)`
    expect(errorOf(() => parseStatement(insert)).code).to.equal('25006')
    expect(parseStatement(insert, { takesNative: true })).to.deep.equal({
      kind: 'native',
      inputs: [{ model: 'res.partner', method: { parameter: 1 }, dry_run: true, payload_text: null }],
    })
    for (const other of WRITES.filter((sql) => !sql.includes('native.')))
      expect(errorOf(() => parseStatement(other, { takesNative: true })).code, other).to.equal('25006')
    expect(errorOf(() => parseStatement(`${insert}; ${insert}`, { takesNative: true })).code).to.equal(
      '25006',
    )
  })
})

describe('scripts', () => {
  it('are cut at semicolons outside of literals and comments', () => {
    const script = `select ';é'; -- not; here\n select $$;$$ ; /* ; */ ; select 'open`
    const { statements, rest } = splitStatements(script)
    expect(statements.map(({ text }) => text.trim())).to.deep.equal([
      "select ';é'",
      '-- not; here\n select $$;$$',
    ])
    for (const { text, offset } of statements)
      expect(script.slice(offset, offset + text.length)).to.equal(text)
    expect(rest.trim()).to.equal("select 'open")
  })

  it('leave a finished script without a rest', () => {
    expect(splitStatements('select 1; -- done').rest.trim()).to.be.oneOf(['', '-- done'])
    expect(splitStatements('select 1;').rest).to.equal('')
  })
})
