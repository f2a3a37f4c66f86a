import { expect } from 'chai'
import { SqlError } from '../../src/errors.ts'
import { scriptReader, UNFINISHED_CHARACTERS_MAX } from '../../src/repl/script.ts'
import type { ScriptItem } from '../../src/repl/script.ts'
import { loadGrammar, splitStatements } from '../../src/sql/gate.ts'

describe('repl/script', () => {
  before(loadGrammar)

  const read = (...pieces: string[]): ScriptItem[] => {
    const reader = scriptReader(splitStatements)
    return [...pieces.flatMap((piece) => reader.push(piece)), ...reader.end()]
  }
  const texts = (items: readonly ScriptItem[]): string[] => items.map((item) => item.text)

  it('gives statements with their lines, without the comments before them', () => {
    expect(read('\n\nSELECT 1;\n-- why\nSELECT\n 2 ; SELECT 3')).to.deep.equal([
      { kind: 'statement', text: 'SELECT 1', line: 3 },
      { kind: 'statement', text: 'SELECT\n 2', line: 5 },
      { kind: 'statement', text: 'SELECT 3', line: 6 },
    ])
  })

  it('gives the same however the text is cut into pieces', () => {
    const script =
      "SELECT ';' AS \"a;b\"; /* ; */ SELECT $$;\n$$; -- ;\n\\x\nSELECT 'it''s\n\\q';\n\\timing\nSELECT 4"
    const whole = read(script)
    expect(whole.map((item) => item.kind)).to.deep.equal([
      'statement',
      'statement',
      'metacommand',
      'statement',
      'metacommand',
      'statement',
    ])
    for (const size of [1, 2, 3, 7, 20])
      expect(
        read(...(script.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [])),
        `pieces of ${size}`,
      ).to.deep.equal(whole)
  })

  it('takes a backslash line between statements only', () => {
    expect(texts(read('\\d ir.mail_server\nSELECT 1;\n  \\x  \nSELECT\n\\x\n;'))).to.deep.equal([
      '\\d ir.mail_server',
      'SELECT 1',
      '\\x',
      'SELECT\n\\x',
    ])
    expect(texts(read("SELECT 1;\n\\format don't\nSELECT 2;"))).to.deep.equal([
      'SELECT 1',
      "\\format don't",
      'SELECT 2',
    ])
  })

  it('takes a metacommand that ends a statement', () => {
    expect(read('SELECT 1 \\gx\nSELECT\n 2\n\\g out.csv\nSELECT 3; \\watch 5\n')).to.deep.equal([
      { kind: 'metacommand', text: '\\gx', line: 1, query: 'SELECT 1' },
      { kind: 'metacommand', text: '\\g out.csv', line: 4, query: 'SELECT\n 2' },
      { kind: 'statement', text: 'SELECT 3', line: 5 },
      { kind: 'metacommand', text: '\\watch 5', line: 5 },
    ])
    // Not in a literal or comment, and no other metacommand.
    expect(texts(read("SELECT '\\gx' -- \\gx\n;\nSELECT \\x 1;"))).to.deep.equal([
      "SELECT '\\gx' -- \\gx",
      'SELECT \\x 1',
    ])
  })

  it('takes one too that is not of the first statement in a text, or stands before an open quote', () => {
    expect(read('SELECT 1; SELECT 2 \\g\nSELECT 3;\n')).to.deep.equal([
      { kind: 'statement', text: 'SELECT 1', line: 1 },
      { kind: 'metacommand', text: '\\g', line: 1, query: 'SELECT 2' },
      { kind: 'statement', text: 'SELECT 3', line: 2 },
    ])
    expect(read("SELECT 1\n\\g\n\\echo it's\nSELECT 2;\n")).to.deep.equal([
      { kind: 'metacommand', text: '\\g', line: 2, query: 'SELECT 1' },
      { kind: 'metacommand', text: "\\echo it's", line: 3 },
      { kind: 'statement', text: 'SELECT 2', line: 4 },
    ])
  })

  it('drops what is empty', () => {
    expect(read('')).to.deep.equal([])
    expect(read(' ;; \n ; -- only words\n/* more */\n')).to.deep.equal([])
  })

  it('hands on what never ends, for the parser to refuse', () => {
    expect(texts(read("SELECT 1;\nSELECT 'open"))).to.deep.equal(['SELECT 1', "SELECT 'open"])
  })

  it('knows whether a statement has begun, and can drop it', () => {
    const reader = scriptReader(splitStatements)
    expect(reader.push('SELECT\n')).to.deep.equal([])
    expect(reader.isPending).to.be.true
    reader.clear()
    expect(reader.isPending).to.be.false
    expect(texts(reader.push('SELECT 2;\n-- done\n'))).to.deep.equal(['SELECT 2'])
    expect(reader.isPending).to.be.false
  })

  it('refuses a statement without end', () => {
    const reader = scriptReader(splitStatements)
    const push = (): void => {
      for (let at = 0; at <= UNFINISHED_CHARACTERS_MAX; at += 2 ** 16) reader.push('x'.repeat(2 ** 16))
      reader.push('x')
    }
    expect(push).to.throw(SqlError).with.property('code', '54000')
  })
})
