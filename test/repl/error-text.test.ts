import { expect } from 'chai'
import {
  insufficientPrivilege,
  internalError,
  syntaxError,
  undefinedColumn,
  undefinedTable,
} from '../../src/errors.ts'
import type { Paint } from '../../src/repl/colors.ts'
import { errorText, noticeText } from '../../src/repl/error-text.ts'

describe('repl/error-text', () => {
  it('puts a caret below the position', () => {
    const text = 'SELECT id\nFROM ir.mail_servr'
    expect(errorText(undefinedTable('ir.mail_servr', ['ir.mail_server'], 16), { text })).to.equal(
      [
        'ERROR:  42P01: relation "ir.mail_servr" does not exist',
        'LINE 2: FROM ir.mail_servr',
        '             ^',
        'HINT:  Did you mean "ir.mail_server"?',
        '',
      ].join('\n'),
    )
  })

  it('counts characters, and lines up tabs and wide ones', () => {
    const text = "\tSELECT '日本😀', nam FROM t"
    const position = Array.from(text).indexOf('m') - 1
    const [, line = '', caret = ''] = errorText(undefinedColumn('nam', [], position), { text }).split('\n')
    expect(line).to.equal("LINE 1:  SELECT '日本😀', nam FROM t")
    // Before the name stand 15 characters, three of which take two columns.
    expect(caret).to.equal(`${' '.repeat('LINE 1: '.length + 15 + 3)}^`)
  })

  it('shows the part of a long line that matters', () => {
    const text = `SELECT ${'x, '.repeat(100)}oops, ${'y, '.repeat(100)}z`
    const position = text.indexOf('oops') + 1
    const [, line = '', caret = ''] = errorText(undefinedColumn('oops', [], position), { text }).split('\n')
    expect(line).to.match(/^LINE 1: \.\.\..*oops.*\.\.\.$/)
    expect(line.length).to.be.at.most(80)
    expect(line.slice(caret.length - 1)).to.match(/^oops/)
  })

  it('points behind the end of the text', () => {
    expect(
      errorText(syntaxError('syntax error at end of input', { position: 7 }), { text: 'SELECT' }),
    ).to.equal('ERROR:  42601: syntax error at end of input\nLINE 1: SELECT\n              ^\n')
  })

  it('names the file and the line of the fault', () => {
    const source = { text: 'SELECT\n  x', file: { name: 'report.sql', line: 12 } }
    expect(errorText(undefinedColumn('x', [], 10), source)).to.match(/^report\.sql:13: ERROR: {2}42703: /)
    expect(errorText(syntaxError('bad'), source)).to.equal('report.sql:12: ERROR:  42601: bad\n')
  })

  it('tells detail, hint and partition, and never a stack trace', () => {
    const error = insufficientPrivilege('no', { detail: 'd', hint: 'h', partition: 'north' })
    expect(errorText(error)).to.equal(
      'ERROR:  42501: no\nDETAIL:  d\nHINT:  h\nCONTEXT:  partition "north"\n',
    )
    expect(errorText(internalError('oops', { cause: new TypeError('inner') }))).to.equal(
      'ERROR:  XX000: oops\n',
    )
  })

  it('colours the label and the caret, and nothing of what a server said', () => {
    const paint: Paint = (color, text) => `<${color}>${text}</>`
    const text = errorText(undefinedColumn('x', [], 8), { text: 'SELECT x' }, paint)
    expect(text).to.equal(
      '<error>ERROR:</>  42703: column "x" does not exist\nLINE 1: SELECT x\n<error>               ^</>\n',
    )
    expect(noticeText({ severity: 'WARNING', message: 'm' }, paint)).to.equal('<warning>WARNING:</>  m\n')
    expect(noticeText({ severity: 'NOTICE', message: 'm' }, paint)).to.equal('NOTICE:  m\n')
  })

  it('lets no terminal escape of a server through', () => {
    expect(errorText(insufficientPrivilege('\u001b[2Jgone\r'))).to.equal('ERROR:  42501: \\x1B[2Jgone\\r\n')
    expect(noticeText({ severity: 'WARNING', message: '\u001b[2J', hint: 'h' })).to.equal(
      'WARNING:  \\x1B[2J\nHINT:  h\n',
    )
  })
})
