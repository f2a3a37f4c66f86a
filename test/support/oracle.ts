import { PGlite } from '@electric-sql/pglite'
import { Client } from 'pg'
import { PARTITION_COLUMN_NAME, qualifiedName } from '../../src/catalog/spec.ts'
import type { SqlTypeName, TableSpec } from '../../src/catalog/spec.ts'
import { SQL_TYPES } from '../../src/catalog/types.ts'
import type { Datum } from '../../src/catalog/types.ts'

/** PostgreSQL itself, holding given rows: its answer to a statement is the right one. */
export interface Oracle {
  /** Makes the table, under its own schema and name, and fills it. Rows are ordered as the columns, `_partition` last. */
  load(table: TableSpec, rows: readonly (readonly Datum[])[]): Promise<void>
  /** The rows of a statement, each value in PostgreSQL's text form. Throws what PostgreSQL throws, `code` included. */
  query(sql: string, params?: readonly (string | null)[]): Promise<readonly (readonly (string | null)[])[]>
  close(): Promise<void>
}

/** Rows in one INSERT. */
const INSERT_ROWS = 1_000

/**
 * An empty oracle: a scratch database on the server of `pgUrl`, dropped by `close`; without one, PGlite in process.
 * Both collate by bytes and fold case as Unicode does, like the databases that Odoo makes.
 */
export async function openOracle(pgUrl?: string): Promise<Oracle> {
  const backend = pgUrl === undefined ? await openEmbedded() : await openScratch(pgUrl)
  return {
    load: (table, rows) => load(backend, table, rows),
    query: (sql, params = []) => backend.run(sql, params),
    close: () => backend.close(),
  }
}

/** One way to reach a PostgreSQL. A list among the parameters is an array of texts. */
interface Backend {
  run(
    sql: string,
    params: readonly (string | null | readonly (string | null)[])[],
  ): Promise<readonly (readonly (string | null)[])[]>
  close(): Promise<void>
}

async function load(backend: Backend, table: TableSpec, rows: readonly (readonly Datum[])[]): Promise<void> {
  const columns: readonly { name: string; type: SqlTypeName }[] = [
    ...table.columns,
    { name: PARTITION_COLUMN_NAME, type: 'text' },
  ]
  const name = qualifiedName(table)
  await backend.run(`CREATE SCHEMA IF NOT EXISTS ${table.schema}`, [])
  await backend.run(
    `CREATE TABLE ${name} (${columns.map((column) => `"${column.name}" ${column.type}`).join(', ')})`,
    [],
  )
  const casts = columns.map(({ type }, index) => `c${index}::${type}`).join(', ')
  const aliases = columns.map((_, index) => `c${index}`).join(', ')
  const lists = columns.map((_, index) => `$${index + 1}::text[]`).join(', ')
  const insert = `INSERT INTO ${name} SELECT ${casts} FROM unnest(${lists}) AS given(${aliases})`
  for (let at = 0; at < rows.length; at += INSERT_ROWS) {
    const batch = rows.slice(at, at + INSERT_ROWS)
    await backend.run(
      insert,
      columns.map(({ type }, index) => batch.map((row) => textOf(row[index] ?? null, type))),
    )
  }
}

/** A value in PostgreSQL's text form. */
export const textOf = (datum: Datum, type: SqlTypeName): string | null =>
  datum === null ? null : SQL_TYPES[type].toText(datum)

let scratchCount = 0

async function openScratch(pgUrl: string): Promise<Backend> {
  const name = `odoo_sql_oracle_${process.pid}_${++scratchCount}`
  const administer = async (sql: string) => {
    const client = new Client({ connectionString: pgUrl })
    await client.connect()
    try {
      await client.query(sql)
    } finally {
      await client.end()
    }
  }
  await administer(`CREATE DATABASE ${name} TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'`)
  const url = new URL(pgUrl)
  url.pathname = `/${name}`
  const client = new Client({
    connectionString: url.href,
    // Every value as the text that the server sent.
    types: { getTypeParser: () => (text: string) => text },
  })
  await client.connect()
  await client.query(SESSION)
  return {
    run: async (sql, params) => {
      const result = await client.query<(string | null)[]>({
        text: sql,
        values: [...params],
        rowMode: 'array',
      })
      return result.rows
    },
    close: async () => {
      await client.end()
      await administer(`DROP DATABASE ${name} WITH (FORCE)`)
    },
  }
}

const SESSION = "SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; SET search_path = ir, res, public"

async function openEmbedded(): Promise<Backend> {
  const database = await PGlite.create()
  await database.exec(SESSION)
  const asText = Object.fromEntries(Object.values(SQL_TYPES).map(({ oid }) => [oid, (text: string) => text]))
  return {
    run: async (sql, params) => {
      const result = await database.query(sql, [...params], { rowMode: 'array', parsers: asText })
      return result.rows as (string | null)[][]
    },
    close: () => database.close(),
  }
}
