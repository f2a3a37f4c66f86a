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

  it('counts positions in the text inside EXPLAIN', () => {
    const statement = parseStatement("EXPLAIN /* é */ ANALYZE SELECT 'é', x FROM t")
    expect(statement.kind === 'explain' && statement.select.text).to.equal("SELECT 'é', x FROM t")
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
    })
    expect(parseStatement('set TimeZone to DEFAULT')).to.deep.include({ name: 'timezone', value: undefined })
    expect(parseStatement('RESET timezone')).to.deep.include({ kind: 'set', value: undefined })
    expect(parseStatement('set extra_float_digits = 0')).to.deep.include({ value: '0' })
    expect(parseStatement('SHOW timezone')).to.deep.equal({ kind: 'show', name: 'timezone' })
    for (const refused of [
      'SET LOCAL timezone = 1',
      'RESET ALL',
      "SET TIME ZONE INTERVAL '1' HOUR TO MINUTE",
    ])
      expect(errorOf(() => parseStatement(refused)).code, refused).to.equal('0A000')
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
