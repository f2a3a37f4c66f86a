import { expect } from 'chai'
import { startTestEngine } from './support.ts'

/** A character, and it in lower and upper case: dotted I, dotless i, long s and the sign for Kelvin. */
const FOLDED_TO_ASCII = [
  ['\u0130', 'i', '\u0130'],
  ['\u0131', '\u0131', 'I'],
  ['\u017f', '\u017f', 'S'],
  ['\u212a', 'k', '\u212a'],
]

/**
 * `lower(c) LIKE p` is sent as ILIKE with a wider pattern (planner/push-down-text). That loses no row as long as the
 * engine folds a character to one character, and none but these to a letter of ASCII.
 */
describe('the engine’s lower and upper case', () => {
  it('is one character for one, and of ASCII only for what the wider pattern leaves open', async function () {
    this.timeout(60_000)
    const engine = startTestEngine()
    try {
      const rows = await engine.all(`
        SELECT c, lower(c), upper(c) FROM (
          SELECT chr(n) AS c FROM generate_series(128, 1114111) n WHERE n NOT BETWEEN 55296 AND 57343
        ) characters
        WHERE length(lower(c)) <> 1 OR length(upper(c)) <> 1 OR ascii(lower(c)) < 128 OR ascii(upper(c)) < 128
        ORDER BY c`)
      expect(rows).to.deep.equal(FOLDED_TO_ASCII)
    } finally {
      await engine.close()
    }
  })
})
