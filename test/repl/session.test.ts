import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { expect } from 'chai'
import { catalogOf } from '../../src/catalog/catalog.ts'
import type { Cursor, Notice, RowBatch } from '../../src/driver/cursor.ts'
import { queryCanceled, systemError, undefinedColumn } from '../../src/errors.ts'
import { METACOMMANDS, runMetacommand } from '../../src/repl/metacommands.ts'
import type { Output } from '../../src/repl/output.ts'
import { runSession } from '../../src/repl/session.ts'
import { runStatement, statusText } from '../../src/repl/shell.ts'
import type { Shell, ShellConnection } from '../../src/repl/shell.ts'
import { loadGrammar, splitStatements } from '../../src/sql/gate.ts'

/** Answers as the statement's text tells it to. */
const CONNECTION: ShellConnection = {
  partitions: [
    { name: 'north', url: '', database: 'north', login: 'me', version: '19.0', transport: 'json-2' },
  ],
  catalog: catalogOf([]),
  async cursor(sql, _params, { signal } = {}): Promise<Cursor> {
    if (sql.includes('wrong')) throw undefinedColumn('wrong', [], sql.indexOf('wrong') + 1)
    if (sql.includes('forever')) {
      if (signal?.aborted === false) await once(signal, 'abort')
      throw queryCanceled('canceling statement due to user request')
    }
    const notices: Notice[] = sql.includes('noted')
      ? [
          { severity: 'NOTICE', message: 'some column is NULL' },
          { severity: 'WARNING', message: 'some partition failed' },
        ]
      : []
    async function* batches(): AsyncGenerator<RowBatch> {
      yield [[1], [2]]
      await Promise.resolve()
      if (sql.includes('breaks')) throw systemError('broke')
      yield [[3]]
    }
    return { columns: [{ name: 'id', type: 'int4' }], notices, calls: [], [Symbol.asyncIterator]: batches }
  },
}

function screen(isTTY = false): { shell: Shell; results: string[]; messages: string[] } {
  const results: string[] = []
  const messages: string[] = []
  const output: Output = {
    isTerminal: false,
    write: (text) => {
      results.push(text)
      return Promise.resolve()
    },
    close: () => Promise.resolve(),
    discard: () => Promise.resolve(),
  }
  const shell: Shell = {
    connection: CONNECTION,
    output,
    messages: { isTTY, write: (text: string | Uint8Array) => messages.push(String(text)) > 0 },
    isQuiet: false,
    format: 'ndjson',
    isExpanded: false,
    isTimed: false,
  }
  return { shell, results, messages }
}

describe('repl/shell', () => {
  const { signal } = new AbortController()

  it('writes batch by batch and then the status', async () => {
    const { shell, results, messages } = screen()
    shell.isTimed = true
    await runStatement(shell, 'SELECT 1', signal)
    expect(results.filter((text) => text !== '')).to.deep.equal(['{"id":1}\n{"id":2}\n', '{"id":3}\n'])
    expect(messages.join('')).to.match(/^3 rows, \d+ ms, 0 calls\n$/)
    expect(statusText(1, 12_345, 1)).to.equal('1 row, 12.3 s, 1 call')
  })

  it('asks for no further batch before the reader has taken the last', async () => {
    const { shell, results } = screen()
    let release: () => void = () => undefined
    const write = (text: string): Promise<void> => {
      results.push(text)
      return new Promise((resolve) => (release = resolve))
    }
    const running = runStatement(
      { ...shell, format: 'csv', output: { ...shell.output, write } },
      'SELECT 1',
      signal,
    )
    for (const expected of [['id\n'], ['id\n', '1\n2\n'], ['id\n', '1\n2\n', '3\n']]) {
      await new Promise((resolve) => setImmediate(resolve))
      expect(results).to.deep.equal(expected)
      release()
    }
    await running
  })

  it('fails when the result breaks off, and a table shows no half of it', async () => {
    const { shell, results } = screen()
    const thrown = await runStatement({ ...shell, format: 'table' }, 'breaks', signal).catch(
      (error: unknown) => error,
    )
    expect(thrown).to.have.property('code', '58000')
    expect(results.join('')).to.equal('')
  })

  it('prints notices; when quiet, warnings only', async () => {
    const { shell, messages } = screen()
    await runStatement(shell, 'noted', signal)
    expect(messages.splice(0).join('')).to.equal(
      'NOTICE:  some column is NULL\nWARNING:  some partition failed\n',
    )
    await runStatement({ ...shell, isQuiet: true, isTimed: true }, 'noted', signal)
    expect(messages.join('')).to.equal('WARNING:  some partition failed\n')
  })
})

describe('repl/metacommands', () => {
  it('\\? names every one', async () => {
    const { shell, results } = screen()
    expect(await runMetacommand(shell, '\\?')).to.equal('stay')
    for (const { name } of METACOMMANDS) expect(results.join('')).to.contain(`  ${name} `)
  })
  it('\\x shows tables expanded, and leaves other formats alone', async () => {
    const { shell, results } = screen()
    await runMetacommand(shell, '\\x')
    await runStatement(shell, 'SELECT 1', new AbortController().signal)
    expect(results.join('')).to.match(/^\{/)
    await runMetacommand(shell, '\\format table;')
    results.length = 0
    await runStatement(shell, 'SELECT 1', new AbortController().signal)
    expect(results.join('')).to.match(/^-\[ RECORD 1 \]/)
  })
  it('refuses what it does not know', async () => {
    const { shell } = screen()
    const codeOf = (line: string): Promise<unknown> =>
      runMetacommand(shell, line).catch((error: unknown) => (error as { code: string }).code)
    expect(await codeOf('\\foo')).to.equal('42601')
    expect(await codeOf('\\x y')).to.equal('42601')
    expect(await codeOf('\\format')).to.equal('22023')
    expect(await codeOf('\\format xml')).to.equal('22023')
    expect(await codeOf('\\d no_such')).to.equal('42P01')
    expect(await codeOf('\\q')).to.equal('leave')
  })
})

describe('repl/session', () => {
  before(loadGrammar)

  /** Types what is given, each piece once the screen has settled, and returns all that was shown. */
  async function typed(...pieces: string[]) {
    const { shell, results, messages } = screen()
    const [input, output] = [new PassThrough(), new PassThrough()]
    const kept: string[][] = []
    const history = {
      lines: ['old line'],
      add: (lines: readonly string[]) => {
        kept.push([...lines])
        return Promise.resolve()
      },
    }
    const session = runSession(shell, {
      input,
      output,
      history,
      split: splitStatements,
      signal: new AbortController().signal,
    })
    let text = ''
    output.on('data', (chunk: Buffer) => (text += chunk.toString()))
    for (const piece of pieces) {
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
      input.write(piece)
    }
    await session
    return {
      text: stripVTControlCharacters(text),
      results: results.join(''),
      messages: messages.join(''),
      kept,
    }
  }

  it('asks, answers and leaves', async () => {
    const { text, results, kept } = await typed('SELECT\r', '1;\r', '\\q\r')
    expect(text)
      .to.match(/^north=> .*SELECT/s)
      .and.to.contain('north-> ')
    expect(results).to.equal('{"id":1}\n{"id":2}\n{"id":3}\n')
    expect(kept).to.deep.equal([['SELECT', '1;'], ['\\q']])
  })

  it('goes on after an error', async () => {
    const { results, messages } = await typed('SELECT wrong; SELECT 1;\r', '\\nonsense\r', '\u0004')
    expect(messages)
      .to.contain('ERROR:  42703')
      .and.to.contain('LINE 1: SELECT wrong\n')
      .and.to.contain('\\nonsense')
    expect(results).to.contain('{"id":3}')
  })

  it('cancels the running statement with Ctrl-C and stays', async () => {
    const { messages, results } = await typed('SELECT forever;\r', '\u0003', 'SELECT 1;\r', '\u0004')
    expect(messages).to.equal('ERROR:  57014: canceling statement due to user request\n')
    expect(results).to.contain('{"id":3}')
  })

  it('drops what was typed with Ctrl-C', async () => {
    const { text, results, messages, kept } = await typed(
      'SELECT\r',
      'wrong',
      '\u0003',
      'SELECT 1;\r',
      '\u0004',
    )
    expect(text).to.contain('^C')
    expect(messages).to.equal('')
    expect(results).to.contain('{"id":3}')
    expect(kept).to.deep.equal([['SELECT 1;']])
  })

  it('offers the history', async () => {
    const { text } = await typed('\u001b[A', '\u0003', '\u0004')
    expect(text).to.contain('old line')
  })
})
