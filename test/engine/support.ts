import { readdirSync, readlinkSync } from 'node:fs'
import { expect } from 'chai'
import { tableSchema } from '../../src/catalog/spec.ts'
import type { TableSpec } from '../../src/catalog/spec.ts'
import type { Datum } from '../../src/catalog/types.ts'
import type { EngineColumn } from '../../src/engine/cursor.ts'
import { startEngine } from '../../src/engine/engine.ts'
import type { Engine, EngineEvent, EngineOptions, StatementOptions } from '../../src/engine/engine.ts'
import type { Load } from '../../src/engine/load.ts'
import type { EngineParam } from '../../src/engine/protocol.ts'
import { SqlError } from '../../src/errors.ts'

const base = { label: 'Label', description: 'A description.' }

/** A customer table and an order table that points to it: every SQL type is in one of them. */
export const PARTNER: TableSpec = tableSchema.parse({
  ...base,
  schema: 'res',
  name: 'partner',
  model: 'res.partner',
  columns: [
    { ...base, name: 'id', type: 'int4', fieldType: 'integer' },
    { ...base, name: 'name', type: 'text', fieldType: 'char' },
    { ...base, name: 'active', type: 'bool', fieldType: 'boolean' },
    { ...base, name: 'kind', type: 'text', fieldType: 'selection', values: { a: 'First', b: 'It’s second' } },
    { ...base, name: 'score', type: 'float8', fieldType: 'float' },
    { ...base, name: 'tags', type: 'int4[]', fieldType: 'many2many', relation: 'res.partner.category' },
    { ...base, name: 'image', type: 'bytea', fieldType: 'binary' },
    { ...base, name: 'extra', type: 'jsonb', fieldType: 'json' },
  ],
})
export const ORDER: TableSpec = tableSchema.parse({
  ...base,
  schema: 'sale',
  name: 'order',
  model: 'sale.order',
  columns: [
    { ...base, name: 'id', type: 'int4', fieldType: 'integer' },
    {
      ...base,
      name: 'partner_id',
      type: 'int4',
      fieldType: 'many2one',
      part: 'id',
      relation: 'res.partner',
    },
    { ...base, name: 'amount', type: 'numeric', fieldType: 'monetary' },
    { ...base, name: 'day', type: 'date', fieldType: 'date' },
    { ...base, name: 'create_date', type: 'timestamp', fieldType: 'datetime' },
  ],
})

export interface TestEngine extends Engine {
  readonly events: readonly EngineEvent[]
  all(sql: string, options?: AllOptions): Promise<readonly (readonly Datum[])[]>
  result(
    sql: string,
    options?: AllOptions,
  ): Promise<{ columns: readonly EngineColumn[]; rows: readonly (readonly Datum[])[] }>
}

interface AllOptions extends StatementOptions {
  readonly params?: readonly EngineParam[]
  readonly loads?: readonly Load[]
}

/** An engine with a short way to the rows of a statement. */
export function startTestEngine(options: Partial<EngineOptions> = {}): TestEngine {
  const events: EngineEvent[] = []
  const engine = startEngine({ tables: [PARTNER, ORDER], ...options, onEvent: (event) => events.push(event) })
  const result: TestEngine['result'] = async (sql, { params = [], loads = [], ...given } = {}) => {
    const cursor = await engine.run({ sql, params, loads }, given)
    const rows: (readonly Datum[])[] = []
    for await (const batch of cursor) rows.push(...batch)
    return { columns: cursor.columns, rows }
  }
  return { ...engine, events, result, all: async (sql, given) => (await result(sql, given)).rows }
}

/** The values of whole DataRow messages, as the bytes that they came in. */
export function valuesOfRows(bytes: Uint8Array): (Buffer | null)[][] {
  const buffer = Buffer.from(bytes)
  const rows: (Buffer | null)[][] = []
  for (let at = 0; at < buffer.length;) {
    expect(String.fromCharCode(buffer[at] ?? 0)).to.equal('D')
    const end = at + 1 + buffer.readInt32BE(at + 1)
    const row: (Buffer | null)[] = []
    let value = at + 7
    for (let left = buffer.readInt16BE(at + 5); left > 0; left--) {
      const length = buffer.readInt32BE(value)
      value += 4
      row.push(length < 0 ? null : buffer.subarray(value, (value += length)))
    }
    expect(value).to.equal(end)
    rows.push(row)
    at = end
  }
  return rows
}

/** `count` customers with the ids from 1 on. */
export const partners = (count: number): Load => ({
  table: PARTNER,
  columns: ['id', 'name', 'active', '_partition'],
  batches: batchesOf(count, (id) => [id, `Partner ${id}`, id % 2 === 0, 'north']),
})

export const orders = (count: number): Load => ({
  table: ORDER,
  columns: ['id', 'partner_id', 'amount'],
  batches: batchesOf(count, (id) => [id, (id % 10) + 1, `${id}.50`]),
})

function* batchesOf(count: number, row: (id: number) => Datum[]): Generator<Datum[][]> {
  for (let start = 1; start <= count; start += 2000)
    yield Array.from({ length: Math.min(2000, count - start + 1) }, (_, index) => row(start + index))
}

/** Temporary files of statements that this process holds open, as paths that can be looked at (on Linux alone). */
export function spoolFiles(): string[] {
  if (process.platform !== 'linux') return []
  return readdirSync('/proc/self/fd')
    .map((name) => `/proc/self/fd/${name}`)
    .filter((path) => {
      try {
        return /\/odoo-sql-rows-/.test(readlinkSync(path))
      } catch {
        return false // the file that listed them
      }
    })
}

/** The SqlError that the promise must end in. */
export async function errorOf(promise: Promise<unknown>): Promise<SqlError> {
  const outcome: unknown = await promise.then(
    () => 'no error',
    (thrown: unknown) => thrown,
  )
  expect(outcome).to.be.instanceOf(SqlError)
  return outcome as SqlError
}
