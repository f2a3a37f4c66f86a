import { expect } from 'chai'
import fc from 'fast-check'
import { EDITS, EMPTY, inserted, type EditName } from '../../src/repl/editor-edits.ts'

/** The text with `|` where the cursor is, after the edits. */
function after(start: string, ...names: readonly (EditName | { insert: string })[]): string {
  const cursor = start.indexOf('|')
  let state = { ...EMPTY, text: start.replace('|', ''), cursor }
  for (const name of names)
    state = typeof name === 'string' ? EDITS[name](state) : inserted(state, name.insert)
  return `${state.text.slice(0, state.cursor)}|${state.text.slice(state.cursor)}`
}

describe('repl/editor-edits', () => {
  const CASES: readonly (readonly [name: EditName, start: string, end: string])[] = [
    ['beginning-of-line', 'a\nbc|', 'a\n|bc'],
    ['end-of-line', '|a\nbc', 'a|\nbc'],
    ['backward-char', 'ae\u0301|', 'a|e\u0301'],
    ['forward-char', '|👨‍👩‍👧x', '👨‍👩‍👧|x'],
    ['backward-char', '|a', '|a'],
    ['backward-word', 'a b_c.d|', 'a b_c.|d'],
    ['backward-word', 'abc  |', '|abc  '],
    ['forward-word', 'a| (été)', 'a (été|)'],
    ['previous-line', 'abcdef\nabc|', 'abc|def\nabc'],
    ['previous-line', 'a\nabc|', 'a|\nabc'],
    ['previous-line', 'ab|c', '|abc'],
    ['next-line', 'a|b\nabc', 'ab\na|bc'],
    ['next-line', 'a|b', 'ab|'],
    ['delete-char', 'a|bc', 'a|c'],
    ['delete-char', 'a|', 'a|'],
    ['backward-delete-char', '漢字|', '漢|'],
    ['kill-line', 'a|b\nc', 'a|\nc'],
    ['kill-line', 'ab|\nc', 'ab|c'],
    ['kill-to-start', 'a\nbc|d', 'a\n|d'],
    ['kill-to-start', 'a\n|d', 'a|d'],
    ['kill-word', 'a| bc d', 'a| d'],
    ['backward-kill-word', 'a.bc|', 'a.|'],
    ['kill-blank-word', 'x a.bc |d', 'x |d'],
    ['transpose-chars', 'ab|c', 'acb|'],
    ['transpose-chars', 'abc|', 'acb|'],
    ['transpose-chars', '|abc', '|abc'],
    ['transpose-chars', 'a\n|b', 'a\n|b'],
    ['newline', 'a|b', 'a\n|b'],
  ]
  for (const [name, start, end] of CASES)
    it(`${name}: ${JSON.stringify(start)}`, () => {
      expect(after(start, name)).to.equal(end)
    })

  it('brings back what was killed, all that was killed in one go', () => {
    expect(after('a b c|', 'kill-blank-word', 'kill-blank-word', 'beginning-of-line', 'yank')).to.equal(
      'b c|a ',
    )
    expect(after('|a b c', 'kill-word', 'kill-word', 'end-of-line', 'yank')).to.equal(' ca b|')
    expect(after('a b|', 'kill-blank-word', { insert: 'x' }, 'kill-blank-word', 'yank')).to.equal('a x|')
  })

  it('leaves the cursor between two characters, whatever is pressed', () => {
    const names = Object.keys(EDITS) as EditName[]
    const edit = fc.oneof(
      fc.constantFrom(...names),
      fc.string({ unit: 'grapheme', maxLength: 4 }).map((insert) => ({ insert })),
      fc.constantFrom({ insert: 'a\nb' }, { insert: 'e\u0301' }),
    )
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 30 }), (edits) => {
        let state = EMPTY
        for (const one of edits) {
          state = typeof one === 'string' ? EDITS[one](state) : inserted(state, one.insert)
          expect(state.cursor).to.be.within(0, state.text.length)
          expect(state.text.slice(0, state.cursor).isWellFormed()).to.be.true
          expect(state.text.isWellFormed()).to.be.true
        }
      }),
    )
  })
})
