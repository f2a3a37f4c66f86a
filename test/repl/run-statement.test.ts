import { expect } from 'chai'
import type { CallRecord, Cursor, RowBatch } from '../../src/driver/cursor.ts'
import { runStatement, statusText } from '../../src/repl/run-statement.ts'
import type { ShellConnection } from '../../src/repl/shell.ts'
import { FAKE_CONNECTION } from '../support/fake-connection.ts'
import { openTestShell } from '../support/shell.ts'

const CALL: CallRecord = {
  startedAt: '2026-01-01T00:00:00.000Z',
  partition: 'north',
  model: 'res.partner',
  method: 'search_read',
  rows: 1_200,
  bytes: 5,
  milliseconds: 1,
  tries: 1,
  outcome: 'ok',
}

/** As the fake one, with a call, and with many rows where the text says so. */
const CONNECTION: ShellConnection = {
  ...FAKE_CONNECTION,
  async cursor(sql, params, options): Promise<Cursor> {
    const cursor = await FAKE_CONNECTION.cursor(sql, params, options)
    // eslint-disable-next-line @typescript-eslint/require-await -- in the shape of a cursor
    async function* many(): AsyncGenerator<RowBatch> {
      yield Array.from({ length: 50_000 }, (_, index) => [index])
    }
    const rows = sql.includes('many') ? many() : cursor
    return { ...cursor, calls: [CALL], [Symbol.asyncIterator]: () => rows[Symbol.asyncIterator]() }
  },
}

describe('repl/run-statement', () => {
  const { signal } = new AbortController()

  it('writes batch by batch and then the status', async () => {
    const { shell, results, messages } = openTestShell(CONNECTION, { format: 'ndjson', isTimed: true })
    await runStatement(shell, 'SELECT 1', signal)
    expect(results()).to.equal('{"id":1}\n{"id":2}\n{"id":3}\n')
    expect(messages()).to.match(/^3 rows, \d+ ms, 1 call, 1,200 rows fetched\n$/)
    expect(shell.last.result).to.deep.equal({
      columns: [{ name: 'id', type: 'int4' }],
      rows: [[1], [2], [3]],
      rowCount: 3,
    })
  })

  it('tells rows, time, calls and rows fetched', () => {
    expect(statusText(1, 12_345, [])).to.equal('1 row, 12.3 s, 0 calls')
    expect(statusText(2_000, 999.4, [CALL, { ...CALL, rows: null }])).to.equal(
      '2,000 rows, 999 ms, 2 calls, 1,200 rows fetched',
    )
  })

  it('asks for no further batch before the reader has taken the last', async () => {
    const { shell } = openTestShell(CONNECTION, { format: 'csv' })
    const written: string[] = []
    let release: () => void = () => undefined
    const write = (text: string | Uint8Array): Promise<void> => {
      written.push(String(text))
      return new Promise((resolve) => (release = resolve))
    }
    const running = runStatement({ ...shell, output: { ...shell.output, write } }, 'SELECT 1', signal)
    for (const expected of [['id\n'], ['id\n', '1\n2\n'], ['id\n', '1\n2\n', '3\n']]) {
      await new Promise((resolve) => setImmediate(resolve))
      expect(written).to.deep.equal(expected)
      release()
    }
    await running
  })

  it('fails when the result breaks off, and a table shows no half of it', async () => {
    const { shell, results } = openTestShell(CONNECTION)
    const thrown = await runStatement(shell, 'breaks', signal).catch((error: unknown) => error)
    expect(thrown).to.have.property('code', '58000')
    expect(results()).to.equal('')
  })

  it('prints notices; when quiet, warnings only', async () => {
    const loud = openTestShell(CONNECTION)
    await runStatement(loud.shell, 'noted', signal)
    expect(loud.messages()).to.equal('NOTICE:  some column is NULL\nWARNING:  some partition failed\n')
    const quiet = openTestShell(CONNECTION, { isQuiet: true })
    await runStatement(quiet.shell, 'noted', signal)
    expect(quiet.messages()).to.equal('WARNING:  some partition failed\n')
  })

  it('keeps no more rows of a result than a chart needs', async () => {
    const { shell } = openTestShell(CONNECTION, { format: 'csv' })
    await runStatement(shell, 'many', signal)
    expect(shell.last.result?.rows).to.have.length(10_000)
    expect(shell.last.result?.rowCount).to.equal(50_000)
  })

  it('shows no bytes to a terminal, and says where they can go', async () => {
    const { shell } = openTestShell(CONNECTION, { format: 'arrow', screen: { columns: 80, rows: 24 } })
    const thrown = await runStatement(shell, 'SELECT 1', signal).catch((error: unknown) => error)
    expect(thrown).to.include({ code: '22023', message: 'arrow is no text for a terminal' })
    expect((thrown as { hint: string }).hint).to.contain('\\copy')
  })

  describe('with a pager', () => {
    const withPager = (pager: string) => {
      const before = process.env['PAGER']
      process.env['PAGER'] = pager
      return () => {
        if (before === undefined) delete process.env['PAGER']
        else process.env['PAGER'] = before
      }
    }
    const screen = { columns: 80, rows: 10 }
    const lent: string[] = []
    const lendTerminal = async <T>(work: () => Promise<T>): Promise<T> => {
      lent.push('taken')
      const result = await work()
      lent.push('given back')
      return result
    }
    beforeEach(() => lent.splice(0))

    it('goes around it when all fits on the screen', async () => {
      const restore = withPager('exit 9')
      try {
        const test = openTestShell(CONNECTION, { isPaged: true, screen, lendTerminal })
        await runStatement(test.shell, 'SELECT 1', signal)
        expect(test.results()).to.equal(' id\n----\n  1\n  2\n  3\n(3 rows)\n\n')
        expect(lent).to.deep.equal([])
      } finally {
        restore()
      }
    })

    it('lends it the terminal, and is not told of a user who leaves early', async () => {
      const restore = withPager('head -c 100 > /dev/null')
      try {
        const test = openTestShell(CONNECTION, {
          isPaged: true,
          isTimed: true,
          format: 'csv',
          screen,
          lendTerminal,
        })
        await runStatement(test.shell, 'many', signal)
        expect(test.results()).to.equal('')
        expect(test.messages()).to.equal('')
        expect(lent).to.deep.equal(['taken', 'given back'])
      } finally {
        restore()
      }
    })

    it('writes to the terminal itself where there is none', async () => {
      const path = process.env['PATH']
      const pager = process.env['PAGER']
      delete process.env['PAGER']
      process.env['PATH'] = '/nowhere'
      try {
        const test = openTestShell(CONNECTION, { isPaged: true, format: 'csv', screen, lendTerminal })
        await runStatement(test.shell, 'many', signal)
        expect(test.results().split('\n')).to.have.length(50_002)
        expect(lent).to.deep.equal(['taken', 'given back'])
      } finally {
        process.env['PATH'] = path
        if (pager !== undefined) process.env['PAGER'] = pager
      }
    })
  })
})
