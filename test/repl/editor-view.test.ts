import { expect } from 'chai'
import fc from 'fast-check'
import { paintFor, paintNothing } from '../../src/repl/colors.ts'
import { layoutOf, shown } from '../../src/repl/editor-layout.ts'
import { openView, type Frame } from '../../src/repl/editor-view.ts'
import { displayWidth } from '../../src/repl/width.ts'

describe('repl/width', () => {
  it('counts columns', () => {
    expect(['abc', '漢字', 'e\u0301', 'กำ', '\u001b[1mx\u001b[22m'].map(displayWidth)).to.deep.equal([
      3, 4, 1, 2, 1,
    ])
  })
})

describe('repl/editor-layout', () => {
  const rows = (text: string, cursor: number, prompt: number, columns: number) => {
    const layout = layoutOf(text, cursor, prompt, columns)
    return {
      rows: layout.rows.map((row) => text.slice(row.start, row.end)),
      at: [layout.cursorRow, layout.cursorColumn],
    }
  }
  it('wraps as a terminal does', () => {
    expect(rows('abcdefghij', 7, 2, 5)).to.deep.equal({ rows: ['abc', 'defgh', 'ij'], at: [1, 4] })
    expect(rows('ab\ncd', 4, 2, 10)).to.deep.equal({ rows: ['ab', 'cd'], at: [1, 3] })
  })
  it('gives the cursor a row of its own behind a full one, and nothing else', () => {
    expect(rows('abc', 3, 2, 5)).to.deep.equal({ rows: ['abc', ''], at: [1, 0] })
    expect(rows('abc', 0, 2, 5)).to.deep.equal({ rows: ['abc'], at: [0, 2] })
    expect(rows('', 0, 2, 5)).to.deep.equal({ rows: [''], at: [0, 2] })
  })
  it('never splits a wide character', () => {
    expect(rows('漢字漢字', 4, 2, 5)).to.deep.equal({ rows: ['漢', '字漢', '字'], at: [2, 2] })
    expect(rows('漢', 1, 3, 5)).to.deep.equal({ rows: ['漢', ''], at: [1, 0] })
  })
  it('writes out what would move the cursor', () => {
    expect(rows('a\tb', 2, 0, 20).at).to.deep.equal([0, 5])
    expect(rows('\u202e', 1, 0, 20).at).to.deep.equal([0, 6])
  })
  it('loses nothing, and never writes beyond the last column', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '漢', 'e\u0301', '\t', '\n', '👍🏽'), maxLength: 60 })
    fc.assert(
      fc.property(text, fc.integer({ min: 8, max: 20 }), (whole, columns) => {
        const layout = layoutOf(whole, whole.length, 3, columns)
        const lines: string[] = []
        for (const row of layout.rows)
          lines[row.line] = (lines[row.line] ?? '') + whole.slice(row.start, row.end)
        expect(lines.join('\n')).to.equal(whole)
        for (const row of layout.rows)
          expect(
            displayWidth(shown(whole.slice(row.start, row.end))) + (row.isLineStart ? 3 : 0),
          ).to.be.at.most(columns)
        expect(layout.cursorColumn).to.be.below(columns)
      }),
    )
  })
  it('takes little time for a long line, of whatever characters', () => {
    for (const character of ['x', '漢'])
      expect(layoutOf(character.repeat(100_000), 50_000, 8, 80).rows.length).to.be.greaterThan(1_000)
  })
})

describe('repl/editor-view', () => {
  const frame = (text: string, more: Partial<Frame> = {}): Frame => ({
    text,
    cursor: text.length,
    prompts: ['=> ', '-> '],
    spans: [],
    below: [],
    ...more,
  })
  function screen(columns: number, rows: number) {
    const written: string[] = []
    const size = { columns, rows, write: (text: string | Uint8Array) => written.push(String(text)) > 0 }
    return { size, written }
  }

  it('draws prompts, text and what is below, and puts the cursor in its place', () => {
    const { size, written } = screen(20, 10)
    openView(size, paintNothing).draw(frame('SELECT\n1', { cursor: 2, below: ['menu'] }))
    expect(written).to.deep.equal(['=> SELECT\r\n-> 1\r\nmenu\u001b[2A\r\u001b[5C'])
  })

  it('draws over the last drawing, also after the terminal became narrower', () => {
    const { size, written } = screen(20, 10)
    const view = openView(size, paintNothing)
    view.draw(frame('SELECT 1'))
    size.columns = 6
    view.draw(frame('S'))
    expect(written[1]?.startsWith('\u001b[1A\r\u001b[J=> S\r')).to.be.true
  })

  it('colours pieces across rows', () => {
    const { size, written } = screen(8, 10)
    const paint = paintFor({ isTTY: true }, {})
    openView(size, paint).draw(frame("a 'bcdefg'", { spans: [{ start: 2, end: 10, color: 'string' }] }))
    expect(written[0]).to.contain("a \u001b[32m'bc\u001b[39m\u001b[32mdefg'\u001b[39m")
  })

  it('shows no more than the screen has rows, the cursor among them', () => {
    const { size, written } = screen(80, 5)
    const lines = Array.from({ length: 1_000 }, (_, index) => `line ${index}`)
    openView(size, paintNothing).draw(frame(lines.join('\n'), { cursor: 0 }))
    expect(written[0]?.split('\r\n').map((line) => line.slice(3, 9))).to.deep.equal([
      'line 0',
      'line 1',
      'line 2',
      'line 3',
      'line 4',
    ])
    openView(size, paintNothing).draw(frame('x'.repeat(100_000)))
    expect(written[1]!.length).to.be.lessThan(600)
  })
})
