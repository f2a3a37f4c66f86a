import { expect } from 'chai'
import { wordsOf } from '../../src/repl/metacommand.ts'
import { stopsOnError, substituteVariables } from '../../src/repl/variables.ts'
import { loadGrammar } from '../../src/sql/gate.ts'

describe('repl/variables', () => {
  before(loadGrammar)

  const VARIABLES = new Map([
    ['n', '5'],
    ['s', `O'x "y"`],
    ['1', 'one'],
    ['self', ':n'],
  ])
  const text = (sql: string): string => substituteVariables(sql, VARIABLES).text

  it('replaces names, literals and identifiers', () => {
    expect(text(`SELECT :n, :'s', :"s", :1`)).to.equal(`SELECT 5, 'O''x "y"', "O'x ""y""", one`)
    expect(text("SELECT '日本', :n")).to.equal("SELECT '日本', 5")
  })

  it('leaves literals, comments, casts and assignments alone', () => {
    for (const sql of [
      "SELECT ':n'",
      'SELECT ":n" /* :n */ -- :n',
      'SELECT $$ :n $$',
      'SELECT x::n',
      'f(a := n)',
      'SELECT : n',
      "SELECT ':n",
    ])
      expect(text(sql), sql).to.equal(sql)
  })

  it('replaces once: a value is no statement', () => {
    expect(text('SELECT :self')).to.equal('SELECT :n')
  })

  it('leaves what is not set, and tells of it', () => {
    expect(substituteVariables('SELECT a[1:m], :x', VARIABLES)).to.deep.equal({
      text: 'SELECT a[1:m], :x',
      unset: ['m', 'x'],
    })
  })

  it('cuts lines into words', () => {
    expect(wordsOf(`a 'b  c' "d e"f 'it''s' :n x:n ::n '' `, VARIABLES)).to.deep.equal([
      'a',
      'b  c',
      'd ef',
      "it's",
      '5',
      'x5',
      '::n',
      '',
    ])
    expect(wordsOf('', VARIABLES)).to.deep.equal([])
    expect(() => wordsOf("a 'b", VARIABLES)).to.throw('unterminated quoted string')
    expect(() => wordsOf(`'`, VARIABLES)).to.throw('unterminated quoted string')
  })

  it('knows whether errors end a file', () => {
    expect(stopsOnError(new Map())).to.be.true
    for (const value of ['off', 'OFF', '0', 'false']) {
      expect(stopsOnError(new Map([['ON_ERROR_STOP', value]])), value).to.be.false
    }
    expect(stopsOnError(new Map([['ON_ERROR_STOP', 'on']]))).to.be.true
  })
})
