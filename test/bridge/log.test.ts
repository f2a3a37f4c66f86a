import { expect } from 'chai'
import fc from 'fast-check'
import { openLog, withoutLiterals } from '../../src/bridge/log.ts'
import { loadGrammar } from '../../src/sql/gate.ts'

describe('the log of the bridge', () => {
  before(loadGrammar)

  it('shows a question mark for every literal, and no comment', () => {
    const cases: [string, string][] = [
      ["SELECT 'secret', 12, 1.5, -3", 'SELECT ?, ?, ?, -?'],
      ["SELECT E'a\\'b', $$it's$$, $x$secret$x$, B'01', X'ff', U&'d', N'x'", 'SELECT ?, ?, ?, ?, ?, ?, N?'],
      ['SELECT "a\'b", U&"d\'e" FROM "T" /* secret */ -- secret', 'SELECT "a\'b", U&"d\'e" FROM "T"'],
      ["  SELECT 'é', name\n FROM t WHERE a = $1  ", 'SELECT ?, name\n FROM t WHERE a = $1'],
      ["SELECT 'open", '?'],
      ['', ''],
    ]
    for (const [text, shown] of cases) expect(withoutLiterals(text)).to.equal(shown)
  })

  it('never shows what stands in a literal', () => {
    const secret = fc.string({ minLength: 1 }).map((text) => `s3cret${text.replaceAll(/[\0'\\]/g, '')}`)
    fc.assert(
      fc.property(secret, (text) => {
        expect(withoutLiterals(`SELECT '${text}', E'${text}', $q$${text.replaceAll('$', '')}$q$`)).to.not.include('s3cret')
      }),
    )
  }) // prettier-ignore

  it('writes one line of JSON for each event', () => {
    const lines: string[] = []
    const options = { write: (line: string) => lines.push(line), now: () => new Date(0) }
    const record = { text: "SELECT 'x\n'", durationMs: 1.6, rows: 1, calls: 2, code: '57014' }
    openLog({ ...options, showLiterals: false }).statement(7, record)
    openLog({ ...options, showLiterals: true }).statement(7, { ...record, text: `SELECT '${'x'.repeat(20_000)}'` })
    const [masked, open] = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(masked).to.deep.equal({
      time: '1970-01-01T00:00:00.000Z', event: 'statement', session: 7, durationMs: 2, rows: 1, calls: 2, code: '57014', statement: 'SELECT ?',
    })
    expect(open?.['statement']).to.equal(`SELECT '${'x'.repeat(9_992)}…`)
    expect(lines.join('')).to.not.include('\n')
  }) // prettier-ignore
})
