import { expect } from 'chai'
import { loadGrammar } from '../../src/sql/gate.ts'
import { partsOf } from '../../src/sql/unfinished.ts'

describe('sql/unfinished', () => {
  before(loadGrammar)

  /** Each part as its text, with `;` where it is ended and what is open. */
  const read = (text: string): string[] =>
    partsOf(text).map((part) => {
      const whole = `${part.kind} ${text.slice(part.start, part.end)}`
      return part.kind === 'statement'
        ? `${whole}${part.isEnded ? ';' : ''} ${part.open ?? ''}`.trimEnd()
        : whole
    })

  const OPEN: readonly (readonly [text: string, open: string])[] = [
    ["SELECT 'abc", 'string'],
    ["SELECT E'a\\", 'string'],
    ["SELECT 'it''s", 'string'],
    ['SELECT "', 'identifier'],
    ['SELECT "a ""b', 'identifier'],
    ["SELECT /* it's", 'comment'],
    ['SELECT /* a /* b */', 'comment'],
    ["SELECT $$ it's", 'dollar'],
    ['SELECT $tag$ $$ "', 'dollar'],
    ["SELECT 1a, 'b", 'string'],
  ]
  for (const [text, open] of OPEN)
    it(`finds the open ${open} in ${text}`, () => {
      expect(read(text)).to.deep.equal([`statement ${text} ${open}`])
    })

  it('cuts a text into statements, metacommands and comments', () => {
    expect(read("\\format don't\nselect 'x;' ;-- c\n \\d x\n select (1")).to.deep.equal([
      "metacommand \\format don't",
      "statement select 'x;' ;",
      'comment -- c',
      'metacommand \\d x',
      'statement select (1',
    ])
    expect(read(' ;; ')).to.deep.equal([])
  })

  it('counts UTF-16 units, not bytes', () => {
    const text = "SELECT 'é😀', naïve"
    const [part] = partsOf(text)
    expect(part?.kind === 'statement' && part.tokens.map((token) => token.text)).to.deep.equal([
      'SELECT',
      "'é😀'",
      ',',
      'naïve',
    ])
  })

  it('ends a statement that the scanner cannot read', () => {
    expect(read('select 12ab;')).to.deep.equal(['statement select 12ab;'])
    expect(read('select \0 x;')).to.deep.equal(['statement select \0 x;;'])
  })
})
