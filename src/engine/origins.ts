import { queryMessage, type Field } from './protocol.ts'
import { request, rowsOfLast, type TransactionOptions } from './transaction.ts'
import type { EngineWorker } from './worker-host.ts'

/** The column of a table that a result's column shows as it is. */
export interface Origin {
  readonly schema: string
  readonly table: string
  readonly column: string
}

/** Names of the columns of each table by its object id, which holds for as long as the worker lives. */
const known = new WeakMap<EngineWorker, Map<number, ReadonlyMap<number, Origin>>>()

/** The origin of each field, in order; undefined for an expression. Runs inside or outside of a transaction. */
export async function originsOf(
  worker: EngineWorker,
  fields: readonly Field[],
  within: TransactionOptions,
): Promise<readonly (Origin | undefined)[]> {
  const tables = known.get(worker) ?? new Map<number, ReadonlyMap<number, Origin>>()
  known.set(worker, tables)
  const unknown = new Set(
    fields.flatMap(({ origin }) => origin?.table ?? []).filter((oid) => !tables.has(oid)),
  )
  if (unknown.size > 0) {
    const asked = new Map([...unknown].map((oid) => [oid, new Map<number, Origin>()]))
    const { results } = await request(worker, [queryMessage(columnNames([...unknown]))], within)
    for (const [oid, attribute, schema, table, column] of rowsOfLast(results))
      asked
        .get(Number(oid))
        ?.set(Number(attribute), { schema: String(schema), table: String(table), column: String(column) })
    for (const [oid, columns] of asked) tables.set(oid, columns)
  }
  return fields.map(({ origin }) => origin && tables.get(origin.table)?.get(origin.attribute))
}

const columnNames = (tables: readonly number[]): string => `
  SELECT a.attrelid::int8::text, a.attnum::text, n.nspname, c.relname, a.attname
  FROM pg_catalog.pg_attribute a
  JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE a.attrelid IN (${tables.map(Number).join(',')}) AND a.attnum > 0`
