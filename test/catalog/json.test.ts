import { expect } from 'chai'
import fc from 'fast-check'
import { pathText, readJson } from '../../src/catalog/json.ts'

describe('catalog/json', () => {
  it('reads what JSON.parse reads, and the same', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 8 }), fc.integer({ min: 0, max: 4 }), (text, indent) => {
        const value: unknown = JSON.parse(text)
        const document = readJson(JSON.stringify(value, null, indent))
        expect(document.value).to.deep.equal(value)
        expect(document.faults).to.deep.equal([])
      }),
    )
  })

  it('takes exactly the texts that JSON.parse takes', () => {
    const piece = fc.constantFrom(
      ...Array.from('{}[],:"\\ \n\t01.-+eEtruefalsn'),
      'true',
      'null',
      '"a"',
      '\\u00',
      '\u0001',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join('')
        let isJson = true
        try {
          JSON.parse(text)
        } catch {
          isJson = false
        }
        const { value, faults } = readJson(text)
        expect(value !== undefined, text).to.equal(isJson)
        if (!isJson) expect(faults).not.to.be.empty
      }),
      { numRuns: 2000 },
    )
  })

  it('tells the line of every value, and of the nearest one for a path that is not there', () => {
    const { lineOf } = readJson('{\n "a": 1,\n "b": [\n  2,\n  {"c":\n   3}]}')
    expect(lineOf([])).to.equal(1)
    expect(lineOf(['a'])).to.equal(2)
    expect(lineOf(['b', 0])).to.equal(4)
    expect(lineOf(['b', 1, 'c'])).to.equal(5)
    expect(lineOf(['b', 1, 'absent'])).to.equal(5)
  })

  it('repeats no text that may be a secret whose key was forgotten', () => {
    expect(readJson('{"a": {"b": 1,\n"secret"}}').faults).to.deep.equal([
      { path: 'a', line: 2, message: 'a colon is expected here' },
    ])
  })

  it('tells keys that stand twice, which JSON.parse hides', () => {
    expect(readJson('{"a": 1,\n"a": 2}').faults).to.deep.equal([
      { path: 'a', line: 2, message: 'this key stands twice' },
    ])
  })

  it('gives up on text that is nested without end', () => {
    expect(readJson('['.repeat(100_000)).faults[0]?.message).to.match(/nested deeper/)
  })

  it('writes paths as people do', () => {
    expect(pathText(['columns', 3, 'name'])).to.equal('columns[3].name')
  })
})
