import { PassThrough } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { expect } from 'chai'
import { paintNothing } from '../../src/repl/colors.ts'
import { runSession } from '../../src/repl/session.ts'
import { loadGrammar } from '../../src/sql/gate.ts'
import { FAKE_CONNECTION } from '../support/fake-connection.ts'
import { openTestShell } from '../support/shell.ts'

const [CTRL_C, CTRL_D] = ['\u0003', '\u0004']
const ALL_ROWS = '{"id":1}\n{"id":2}\n{"id":3}\n'

describe('repl/session', () => {
  before(loadGrammar)

  /** Types each piece once the screen has settled, and returns all that was shown. Without Ctrl-D the input just ends. */
  async function typed(...pieces: string[]) {
    const { shell, results, messages } = openTestShell(FAKE_CONNECTION, { format: 'ndjson' })
    const [input, output] = [new PassThrough(), new PassThrough()]
    const kept: string[] = []
    const history = {
      entries: ['SELECT old;'],
      fault: undefined,
      add: (entry: string) => {
        kept.push(entry)
        return Promise.resolve()
      },
    }
    const { signal } = new AbortController()
    const session = runSession(shell, { input, output, paint: paintNothing, history, signal })
    let text = ''
    output.on('data', (chunk: Buffer) => (text += chunk.toString()))
    for (const piece of pieces) {
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
      input.write(piece)
    }
    input.end()
    await session
    return {
      text: stripVTControlCharacters(text),
      results: results(),
      messages: messages(),
      kept,
    }
  }

  it('asks, answers and leaves', async () => {
    const { text, results, kept } = await typed('SELECT\r', '1;\r', '\\q\r')
    expect(text)
      .to.match(/^me@north=> /)
      .and.to.contain('me@north=> SELECT\r\n        -> 1;\r\n')
    expect(results).to.equal(ALL_ROWS)
    expect(kept).to.deep.equal(['SELECT\n1;', '\\q'])
  })

  it('leaves by the words of psql too', async () => {
    for (const word of ['exit', 'quit;', 'QUIT'])
      expect((await typed(`${word}\r`, 'SELECT 1;\r')).results, word).to.equal('')
    expect((await typed('help\r', CTRL_D)).results).to.contain('\\timing')
  })

  it('goes on after an error', async () => {
    const { results, messages } = await typed('SELECT wrong; SELECT 1;\r', '\\nonsense\r', CTRL_D)
    expect(messages).to.contain('42703').and.to.contain('LINE 1: SELECT wrong').and.to.contain('\\nonsense')
    expect(results).to.equal(ALL_ROWS)
  })

  it('runs a paste of many statements one after the other, and each is an entry of the history', async () => {
    const script = 'SELECT 1;\n\\timing off\n-- why\nSELECT\n  2;\nSELECT 3; SELECT 4;\n'
    const { results, kept } = await typed(`\u001b[200~${script}\u001b[201~`, CTRL_D)
    expect(results).to.equal(ALL_ROWS.repeat(4))
    expect(kept).to.deep.equal([
      'SELECT 1;',
      '\\timing off\n-- why',
      'SELECT\n  2;',
      'SELECT 3;',
      'SELECT 4;',
    ])
    expect((await typed(script.replaceAll('\n', '\r'), CTRL_D)).results).to.equal(ALL_ROWS.repeat(4))
  })

  it('runs what was typed ahead', async () => {
    expect((await typed('SELECT 1;\rSELECT 2;\rSELECT 3', ';\r', CTRL_D)).results).to.equal(
      ALL_ROWS.repeat(3),
    )
  })

  it('cancels the running statement and those behind it with Ctrl-C, and stays', async () => {
    const { messages, results } = await typed('SELECT forever; SELECT 1;\r', CTRL_C, 'SELECT 2;\r', CTRL_D)
    expect(messages).to.contain('57014').and.to.contain('canceling statement due to user request')
    expect(results).to.equal(ALL_ROWS)
  })

  it('hears a Ctrl-C that comes in one go with the statement', async () => {
    const { messages, results } = await typed('SELECT forever;\r\u0003SELECT 2;\r', CTRL_D)
    expect(messages).to.contain('57014')
    expect(results).to.equal(ALL_ROWS)
  })

  it('drops what was typed with Ctrl-C', async () => {
    const { text, results, messages, kept } = await typed('SELECT\r', 'wrong', CTRL_C, 'SELECT 1;\r', CTRL_D)
    expect(text).to.contain('wrong^C\r\n')
    expect(messages).to.equal('')
    expect(results).to.equal(ALL_ROWS)
    expect(kept).to.deep.equal(['SELECT 1;'])
  })

  it('drops an unfinished statement with \\r, and leaves it with \\q', async () => {
    const { results } = await typed(
      'SELECT 1; SELECT wrong\r',
      '\\r\r',
      'SELECT 2;\r',
      'SELECT\r',
      '\\q\r',
      'SELECT 3;\r',
    )
    expect(results).to.equal(ALL_ROWS.repeat(2))
    expect((await typed("SELECT '\r", '\\q\r', "';\r", CTRL_D)).results).to.equal(ALL_ROWS)
  })

  it('does not run a statement that the end of the input cuts off', async () => {
    expect((await typed('SELECT\r', '1')).results).to.equal('')
  })

  it('refuses what the scanner cannot read, rather than waiting for more', async () => {
    expect((await typed('SELECT 12ab;\r', CTRL_D)).results).to.equal(ALL_ROWS)
  })

  it('shows what is open', async () => {
    const { text } = await typed("SELECT (1,\r'a\r') , \"\r", CTRL_C, CTRL_D)
    expect(text).to.contain("me@north=> SELECT (1,\r\n        (> 'a\r\n        '> ') , \"\r\n        \"> ")
  })

  it('offers the history, and completes', async () => {
    expect((await typed('\u001b[A', '\r', CTRL_D)).results).to.equal(ALL_ROWS)
    expect((await typed('sel\t', '1;\r', CTRL_D)).text).to.contain('select 1;')
  })

  it('says once that the history is not kept', async () => {
    const { shell, messages } = openTestShell(FAKE_CONNECTION, { format: 'ndjson' })
    const [input, output] = [new PassThrough(), new PassThrough()]
    const history = { entries: [], fault: 'EROFS', add: () => Promise.resolve() }
    const { signal } = new AbortController()
    const session = runSession(shell, { input, output, paint: paintNothing, history, signal })
    input.end()
    await session
    expect(messages()).to.equal('NOTICE:  the history is not kept: EROFS\n')
  })
})
