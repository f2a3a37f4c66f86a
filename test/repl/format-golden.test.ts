import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { tableFromIPC } from 'apache-arrow'
import { parquetReadObjects } from 'hyparquet'
import type { Datum } from '../../src/catalog/types.ts'
import type { Cursor, ResultColumn, RowBatch } from '../../src/driver/cursor.ts'
import { arrowStream } from '../../src/driver/arrow.ts'
import { parquetBytes, ROW_GROUP_ROWS } from '../../src/repl/format-parquet.ts'
import { FORMATS, isBinary, type TextFormat } from '../../src/repl/format-name.ts'
import { formatterFor, PLAIN } from '../../src/repl/format.ts'

const COLUMNS: readonly ResultColumn[] = [
  { name: 'id', type: 'int4' },
  { name: 'name', type: 'text' },
  { name: 'big', type: 'int8' },
  { name: 'amount', type: 'numeric' },
  { name: 'share', type: 'float8' },
  { name: 'ok', type: 'bool' },
  { name: 'day', type: 'date' },
  { name: 'at', type: 'timestamp' },
  { name: 'file', type: 'bytea' },
  { name: 'tags', type: 'int4[]' },
  { name: 'more', type: 'jsonb' },
]
/** Quotes, line feeds, wide characters, bytes, lists, JSON; all NULL; all empty. */
const ROWS: RowBatch = [
  [
    1,
    '日本 "x", \'y\'\n|<b>\t\\',
    '9007199254740993',
    '-12.50',
    0.1,
    true,
    '2026-01-02',
    '2026-01-02 03:04:05.5',
    new Uint8Array([0, 255]),
    [1, 2],
    '{"k": [1, null]}',
  ],
  COLUMNS.map((): Datum => null),
  [0, '', '0', '0', -0.5, false, '1969-12-31', '1969-12-31 23:59:59', new Uint8Array(), [], '""'],
]

const written = (format: TextFormat, rows: RowBatch): string => {
  const formatter = formatterFor(format, COLUMNS, PLAIN)
  return [formatter.begin(), ...formatter.rows(rows), ...formatter.end()].join('')
}

/** As they are written to a file; ACCEPT=1 rewrites them. */
const GOLDENS = fileURLToPath(new URL('goldens', import.meta.url))

describe('repl/format: goldens', () => {
  for (const format of FORMATS.filter((name) => !isBinary(name)))
    for (const [name, rows] of [
      ['rows', ROWS],
      ['empty', []],
    ] as const)
      it(`${format}, ${name}`, async () => {
        const path = join(GOLDENS, `${name}.${format}.txt`)
        const text = written(format, rows)
        if (process.env['ACCEPT'] !== undefined && process.env['CI'] === undefined)
          await writeFile(path, text)
        expect(text).to.equal(await readFile(path, 'utf8'))
      })

  it('json and ndjson are JSON', () => {
    const rows = JSON.parse(written('json', ROWS)) as unknown[]
    expect(rows).to.have.length(3)
    const each = written('ndjson', ROWS).trimEnd().split('\n')
    expect(each.map((line) => JSON.parse(line) as unknown)).to.deep.equal(rows)
  })
})

const cursorOf = (batches: readonly RowBatch[], columns = COLUMNS): Cursor => ({
  columns,
  notices: [],
  calls: [],
  // eslint-disable-next-line @typescript-eslint/require-await -- in the shape of a cursor
  async *[Symbol.asyncIterator]() {
    yield* batches
  },
})

async function bytesOf(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const piece of pieces) chunks.push(piece)
  return Buffer.concat(chunks)
}

async function parquetRows(cursor: Cursor): Promise<Record<string, unknown>[]> {
  const bytes = await bytesOf(parquetBytes(cursor))
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer
  return parquetReadObjects({ file, utf8: false })
}

describe('repl/format: parquet', () => {
  it('holds every type, as another program reads it', async () => {
    const [first, second, third] = await parquetRows(cursorOf([ROWS.slice(0, 1), ROWS.slice(1)]))
    expect(first).to.deep.equal({
      id: 1,
      name: '日本 "x", \'y\'\n|<b>\t\\',
      big: 9007199254740993n,
      amount: -12.5,
      share: 0.1,
      ok: true,
      day: new Date('2026-01-02'),
      at: new Date('2026-01-02T03:04:05.500Z'),
      file: new Uint8Array([0, 255]),
      tags: [1, 2],
      more: '{"k": [1, null]}',
    })
    expect(Object.values(second ?? {}).every((value) => value === null || value === undefined)).to.be.true
    expect(third).to.deep.include({ name: '', big: 0n, ok: false, day: new Date('1969-12-31'), tags: [] })
  })

  it('holds a result without rows', async () => {
    expect(await parquetRows(cursorOf([]))).to.deep.equal([])
  })

  it('writes row group by row group', async () => {
    const batch = (start: number): RowBatch => Array.from({ length: 15_000 }, (_, index) => [start + index])
    const columns: ResultColumn[] = [{ name: 'n', type: 'int4' }]
    const pieces: number[] = []
    const cursor = cursorOf([batch(0), batch(15_000), batch(30_000)], columns)
    for await (const piece of parquetBytes(cursor)) pieces.push(piece.length)
    expect(pieces).to.have.length(3)
    const rows = await parquetRows(cursor)
    expect(rows.map((row) => row['n'])).to.deep.equal(Array.from({ length: 45_000 }, (_, index) => index))
  })

  it('rounds no number: one that does not fit is an error', async () => {
    const columns: ResultColumn[] = [{ name: 'amount', type: 'numeric' }]
    const first: RowBatch = Array.from({ length: ROW_GROUP_ROWS }, () => ['1.25'])
    expect((await parquetRows(cursorOf([first, [['1.250']]], columns))).at(-1)).to.deep.equal({
      amount: 1.25,
    })
    const thrown = await parquetRows(cursorOf([first, [['1.255']]], columns)).catch((error: unknown) => error)
    expect(thrown).to.include({ code: '22003' })
    expect((thrown as Error).message)
      .to.contain('1.255')
      .and.to.contain('decimal(38,2)')
  })

  it('says which values have no form', async () => {
    const columns: ResultColumn[] = [{ name: 'at', type: 'timestamp' }]
    const thrown = await parquetRows(cursorOf([[['infinity']]], columns)).catch((error: unknown) => error)
    expect(thrown).to.include({ code: '0A000', message: 'parquet has no value for infinity of column "at"' })
  })
})

describe('repl/format: arrow', () => {
  it('is the stream that the library writes', async () => {
    const table = tableFromIPC(await bytesOf(arrowStream(cursorOf([ROWS]))))
    expect(table.numRows).to.equal(3)
    expect([...(table.getChild('name') ?? [])]).to.deep.equal(['日本 "x", \'y\'\n|<b>\t\\', null, ''])
  })
})
