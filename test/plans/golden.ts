import { expect } from 'chai'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { CallRecord } from '../../src/driver/cursor.ts'
import type { Connection } from '../../src/driver/connection.ts'
import { textOf } from '../support/oracle.ts'

/** A query whose plan is kept. */
export interface Planned {
  readonly title: string
  readonly sql: string
  readonly params?: readonly (string | number | boolean | null)[]
}

/** The kept plans of one file: a section for each query, which begins with `== ` and its title. */
export interface Golden {
  /** Compares a section with the kept one, or with ACCEPT=1 takes it as right. */
  check(title: string, text: string): void
  /** Writes what was accepted, in the order of the checks. To be called at the end. */
  finish(): void
}

const isAccepting = process.env['ACCEPT'] === '1'

export function openGolden(name: string): Golden {
  expect(isAccepting && process.env['CI'] !== undefined, 'ACCEPT=1 under CI: goldens are rewritten by hand')
    .to.be.false
  const path = fileURLToPath(new URL(`${name}.golden.txt`, import.meta.url))
  const kept = new Map(
    (existsSync(path) ? readFileSync(path, 'utf8') : '')
      .split(/^(?=== )/m)
      .map((section) => [/^== (.*)\n/.exec(section)?.[1] ?? '', section.trimEnd()]),
  )
  const checked: string[] = []
  return {
    check: (title, text) => {
      const section = `== ${title}\n${text}`
      checked.push(section)
      if (!isAccepting) expect(section, 'accept it with ACCEPT=1 where it is right').to.equal(kept.get(title))
    },
    finish: () => {
      if (isAccepting) writeFileSync(path, `${checked.join('\n\n')}\n`)
    },
  }
}

export type Rows = readonly (readonly (string | null)[])[]

/** What became of a query: its plan, the calls that it made, and its rows, each value in PostgreSQL's text form. */
export interface Answered {
  readonly plan: string
  readonly calls: readonly CallRecord[]
  readonly rows: Rows
}

export async function answer(connection: Connection, { sql, params = [] }: Planned): Promise<Answered> {
  const explained = await connection.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${sql}`, params)
  const cursor = await connection.cursor(sql, params)
  const rows: (string | null)[][] = []
  for await (const batch of cursor)
    for (const row of batch) rows.push(row.map((datum, at) => textOf(datum, cursor.columns[at]!.type)))
  // What a table is, is asked once and for all.
  const calls = cursor.calls.filter(({ method }) => method !== 'fields_get')
  return { plan: explained.rows.map((row) => row['QUERY PLAN']).join('\n'), calls, rows }
}

/** The calls as they are kept: without what changes from run to run. */
export const callLines = (calls: readonly CallRecord[]): string[] =>
  calls
    .map(
      ({ partition, model, method, rows }) =>
        `${partition} ${model}.${method}${rows === null ? '' : `: ${rows} rows`}`,
    )
    .sort()

/** Methods whose reply is records; `search` gives ids alone. */
const READS = new Set(['search_read', 'read'])

export const rowsFetched = (calls: readonly CallRecord[]): number =>
  calls.reduce((sum, { method, rows }) => sum + (READS.has(method) ? (rows ?? 0) : 0), 0)

/** The same rows, whatever their order where the query asks for none. */
export function expectSameRows({ sql }: Planned, given: Rows, right: Rows): void {
  const isOrdered = /ORDER BY(?![^(]*\))/.test(sql)
  const inOrder = (rows: Rows): string[] => {
    const texts = rows.map((row) => JSON.stringify(row))
    return isOrdered ? texts : texts.sort()
  }
  expect(inOrder(given), sql).to.deep.equal(inOrder(right))
}
