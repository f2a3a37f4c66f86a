import { PassThrough } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { expect } from 'chai'
import { paintNothing } from '../../src/repl/colors.ts'
import type { Candidate } from '../../src/repl/completion-candidate.ts'
import { openEditor, type Language, type Read } from '../../src/repl/editor.ts'
import { openView } from '../../src/repl/editor-view.ts'
import { openKeys } from '../../src/repl/keys.ts'

const [UP, DOWN, LEFT, SHIFT_TAB, ESCAPE] = ['\u001b[A', '\u001b[B', '\u001b[D', '\u001b[Z', '\u001b']
const ENTRIES = ['SELECT 1;', 'SELECT a,\n  b\nFROM t;', '\\d t']

/** Completes the last word with these. */
const language = (...words: readonly string[]): Language => ({
  isComplete: (text) => text === '' || text.endsWith(';') || text.startsWith('\\'),
  prompts: (text) => text.split('\n').map((_line, index) => (index === 0 ? '=> ' : '-> ')),
  highlight: () => [],
  complete: (text, cursor) => {
    const start = text.slice(0, cursor).search(/\S*$/)
    const candidates = words.filter((word) => word.startsWith(text.slice(start, cursor)))
    return Promise.resolve({
      start,
      end: cursor,
      candidates: candidates.map((word): Candidate => ({ text: word, label: word })),
    })
  },
})

/** Types each piece once the one before has been drawn. */
async function typed(given: Language, ...pieces: readonly string[]): Promise<{ read: Read; screen: string }> {
  const [input, output] = [new PassThrough(), new PassThrough()]
  let screen = ''
  output.on('data', (chunk: Buffer) => (screen += chunk.toString()))
  const keys = openKeys(input, output)
  const view = openView(Object.assign(output, { columns: 60, rows: 20 }), paintNothing)
  const reading = openEditor({ keys, view, paint: paintNothing, language: given }).read(ENTRIES)
  for (const piece of pieces) {
    for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve))
    input.write(piece)
    // A lone Escape is told from the start of a key by the time that passes.
    if (piece === ESCAPE) await new Promise((resolve) => setTimeout(resolve, 100))
  }
  const read = await reading
  keys.close()
  return { read, screen: stripVTControlCharacters(screen) }
}
const textOf = async (...pieces: string[]): Promise<string> => {
  const { read } = await typed(language(), ...pieces)
  return read.kind === 'text' ? read.text : read.kind
}

describe('repl/editor', () => {
  it('takes lines until the text is complete', async () => {
    expect(await textOf('SELECT', '\r', '1;', '\r')).to.equal('SELECT\n1;')
    expect(await textOf('\r')).to.equal('')
  })

  it('ends at Ctrl-D in an empty text only, at Ctrl-C in any', async () => {
    expect(await textOf('\u0004')).to.equal('end')
    expect(await textOf('xab;', LEFT, LEFT, '\u0004', '\r')).to.equal('xa;')
    expect(await textOf('ab', '\u0003')).to.equal('interrupted')
  })

  it('shows what was dropped', async () => {
    expect((await typed(language(), 'SELECT x', '\u0003')).screen).to.match(/=> SELECT x\^C\r\n/)
  })

  it('goes through the history by entries, and back to what was typed', async () => {
    expect(await textOf(UP, '\r')).to.equal('\\d t')
    expect(await textOf(UP, UP, '\r')).to.equal('SELECT a,\n  b\nFROM t;')
    expect(await textOf(UP, UP, UP, UP, '\r')).to.equal('SELECT 1;')
    expect(await textOf('SELECT 2;', UP, UP, DOWN, DOWN, '\r')).to.equal('SELECT 2;')
  })

  it('moves within a recalled entry once that is touched', async () => {
    expect(await textOf(UP, UP, LEFT, UP, 'x', '\r')).to.equal('SELECT a,\n  bx\nFROM t;')
  })

  it('searches back, on and for less, and keeps what it finds', async () => {
    const { read, screen } = await typed(language(), '\u0012', 'sel', '\r')
    expect(read).to.deep.equal({ kind: 'text', text: 'SELECT a,\n  b\nFROM t;' })
    expect(screen).to.contain("(reverse-i-search)'sel': SELECT a,")
    expect(await textOf('\u0012', 'sel', '\u0012', '\r')).to.equal('SELECT 1;')
    expect(await textOf('\u0012', 'sel', '\u0012', '\u0013', '\r')).to.equal('SELECT a,\n  b\nFROM t;')
    expect(await textOf('\u0012', '1x', '\u007f', '\r')).to.equal('SELECT 1;')
    expect(await textOf('\u0012', 'FROM', '\u0005', '\u0001', 'x', '\r')).to.equal('SELECT a,\n  b\nxFROM t;')
  })

  it('says when it finds nothing, and gives back what was typed', async () => {
    const { read, screen } = await typed(language(), 'mine;', '\u0012', 'zzz', '\u0007', '\r')
    expect(screen).to.contain("(failed reverse-i-search)'zzz': mine;")
    expect(read).to.deep.equal({ kind: 'text', text: 'mine;' })
  })

  it('completes what all candidates share, then shows them, then goes through them', async () => {
    const words = language('order', 'order_line', 'orderly')
    const choose = async (...pieces: string[]): Promise<Read> =>
      (await typed(words, 'or', '\t', ...pieces, ';', '\r')).read
    expect(await choose()).to.deep.equal({ kind: 'text', text: 'order;' })
    expect((await typed(words, 'or', '\t', '\t', '\u0003')).screen).to.match(/order +order_line +orderly/)
    expect(await choose('\t', '\t', '\t')).to.deep.equal({ kind: 'text', text: 'order_line;' })
    expect(await choose('\t', SHIFT_TAB)).to.deep.equal({ kind: 'text', text: 'orderly;' })
    expect(await choose('\t', '\t', '\t', ESCAPE)).to.deep.equal({ kind: 'text', text: 'order;' })
    expect(await choose('\t', '\t', '\t', '\r')).to.deep.equal({ kind: 'text', text: 'order_line;' })
  })

  it('completes a single candidate at once, and leaves a text without any alone', async () => {
    expect((await typed(language('order;'), 'o', '\t', '\r')).read).to.deep.equal({
      kind: 'text',
      text: 'order;',
    })
    expect((await typed(language(), 'o;', '\t', '\r')).read).to.deep.equal({ kind: 'text', text: 'o;' })
  })

  it('does not wait for a completion that takes its time', async () => {
    const signals: AbortSignal[] = []
    const never: Language = {
      ...language(),
      complete: (_text, _cursor, signal) => {
        signals.push(signal)
        return new Promise(() => undefined)
      },
    }
    expect((await typed(never, 'a', '\t', 'b;', '\r')).read).to.deep.equal({ kind: 'text', text: 'ab;' })
    expect(signals.map((signal) => signal.aborted)).to.deep.equal([true])
  })

  it('takes a paste as text, and one that ends its line as if entered', async () => {
    const paste = (text: string): string => `\u001b[200~${text}\u001b[201~`
    expect(await textOf(paste('SELECT 1;\nSELECT\t2;\n'))).to.equal('SELECT 1;\nSELECT\t2;')
    expect(await textOf(paste('SELECT 1;\nSELECT\n'), '2;', '\r')).to.equal('SELECT 1;\nSELECT\n2;')
    expect(await textOf(paste('SELECT 1;'), '\u007f', ' + 1;', '\r')).to.equal('SELECT 1 + 1;')
  })

  it('edits a line of 100,000 characters, and ends with the input', async () => {
    const long = `SELECT '${'x'.repeat(100_000)}'`
    expect(
      await textOf(`\u001b[200~${long}\u001b[201~`, ...'a b c d e f g h i j'.split(' '), ';', '\r'),
    ).to.equal(`${long}abcdefghij;`)
  })
})
