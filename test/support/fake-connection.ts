import { once } from 'node:events'
import { catalogOf } from '../../src/catalog/catalog.ts'
import type { Cursor, Notice, RowBatch } from '../../src/driver/cursor.ts'
import { queryCanceled, systemError, undefinedColumn } from '../../src/errors.ts'
import type { ShellConnection } from '../../src/repl/shell.ts'

const PARTITION = {
  name: 'north',
  url: '',
  database: 'north',
  login: 'me',
  version: '19.0',
  transport: 'json-2',
} as const

/** Answers as the statement's text tells it to: `wrong` and `breaks` fail, `forever` waits for its cancellation. */
export const FAKE_CONNECTION: ShellConnection = {
  partitions: [PARTITION],
  configured: [PARTITION],
  catalog: catalogOf([]),
  tables: () => Promise.resolve([]),
  clearCache: () => false,
  table: (name) => Promise.reject(systemError(`no ${name}`)),
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
