import alasql from 'alasql'
import { and, depthOf, not, or, sqlFromCondition, test } from './condition.ts'
import type { Condition } from './condition.ts'
import type { TextPattern } from './values.ts'

/** A stored value: dates and times are text (times with six decimals), lists are ids of related records. */
export type StoredValue = null | string | number | boolean | readonly number[]
export type DemoRecord = Readonly<Record<string, StoredValue>> & { readonly id: number }

/** The records of one database: one alasql table a model. */
export interface Records {
  /** Ids of the records that satisfy the condition, in the order of the table. */
  ids(model: string, condition: Condition): number[]
  all(model: string): readonly DemoRecord[]
  one(model: string, id: number): DemoRecord | undefined
  /** Counts and collects the values of rows that share a `group`; no rows make no groups. */
  grouped(rows: readonly GroupableRow[], measures: readonly Measure[]): readonly RowGroup[]
  close(): void
}

export interface GroupableRow {
  readonly group: string
  /** Of its record. */
  readonly id: number
  /** One for each measure. */
  readonly values: readonly StoredValue[]
}

/** What is wanted of the values in a group: how many are not NULL, how many of these differ, or all of them. */
export type Measure = 'count' | 'count_distinct' | 'values'

export interface RowGroup {
  readonly group: string
  /** The least id. */
  readonly first: number
  readonly count: number
  readonly measures: readonly (number | readonly StoredValue[])[]
}

/** What alasql is asked to parse at once: its parser and compiler are recursive. */
const DEPTH_MAX = 24
const OPERANDS_MAX = 200

/** Loads the records into a new in-memory database, which `close` drops. */
export function openRecords(tables: ReadonlyMap<string, readonly DemoRecord[]>): Records {
  const database = new alasql.Database() as AlasqlDatabase
  const byId = new Map<string, ReadonlyMap<number, DemoRecord>>()
  for (const [model, rows] of tables) {
    database.exec(`CREATE TABLE [${model}]`)
    const table = database.tables[model]
    if (table !== undefined) table.data = [...rows]
    byId.set(model, new Map(rows.map((row) => [row.id, row])))
  }
  const ids = (model: string, condition: Condition): number[] => {
    const { text, parameters } = sqlFromCondition(bounded(model, condition, ids))
    return database.exec(`SELECT COLUMN [id] FROM [${model}] WHERE ${text}`, [...parameters]) as number[]
  }
  return {
    ids,
    all: (model) => tables.get(model) ?? [],
    one: (model, id) => byId.get(model)?.get(id),
    grouped: (rows, measures) => {
      const columns = measures.map((measure, at) => `, ${SQL_OF_MEASURE[measure](`[v${at}]`)} AS [m${at}]`)
      const flat = rows.map(({ group, id, values }) => ({
        group,
        id,
        ...Object.fromEntries(values.map((value, at) => [`v${at}`, value])),
      }))
      const found = database.exec(
        `SELECT [group], MIN([id]) AS [first], COUNT(*) AS [total]${columns.join('')} FROM ? GROUP BY [group]`,
        [flat],
      ) as readonly Record<string, unknown>[]
      return found.map((row) => ({
        group: row['group'] as string,
        first: row['first'] as number,
        count: row['total'] as number,
        measures: measures.map((_, at) => row[`m${at}`] as number | readonly StoredValue[]),
      }))
    },
    close: () => {
      alasql(`DROP DATABASE [${database.databaseid}]`)
    },
  }
}

/** Its MIN, MAX, SUM and AVG are not right where there are NULLs, so these are left to whoever asks for the values. */
const SQL_OF_MEASURE: Record<Measure, (column: string) => string> = {
  count: (column) => `COUNT(${column})`,
  count_distinct: (column) => `COUNT(DISTINCT ${column})`,
  values: (column) => `ARRAY(${column})`,
}

/** The same condition with what is too deep or too wide evaluated first, and put in as sets of ids. */
function bounded(model: string, condition: Condition, ids: Records['ids'], level = 0): Condition {
  const asSet = (part: Condition): Condition => test('id', 'in', new Set(ids(model, part)))
  if (level === DEPTH_MAX && depthOf(condition) > 0) return asSet(condition)
  const deeper = (operand: Condition): Condition => bounded(model, operand, ids, level + 1)
  switch (condition.kind) {
    case 'not':
      return not(deeper(condition.operand))
    case 'and':
    case 'or': {
      const join = condition.kind === 'and' ? and : or
      const operands = condition.operands.map(deeper)
      if (operands.length <= OPERANDS_MAX) return join(...operands)
      const groups = Array.from({ length: Math.ceil(operands.length / OPERANDS_MAX) }, (_, at) =>
        operands.slice(at * OPERANDS_MAX, (at + 1) * OPERANDS_MAX),
      )
      return join(...groups.map((group) => asSet(join(...group))))
    }
    default:
      return condition
  }
}

/** Order of two texts by code point, which is the order of their UTF-8 bytes: PostgreSQL's C collation. */
export function collate(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let at = 0; at < length; at++) {
    const [left, right] = [a.charCodeAt(at), b.charCodeAt(at)]
    if (left === right) continue
    // Halves of a surrogate pair stand for characters beyond U+FFFF: they sort after all others.
    const [isPairLeft, isPairRight] = [left >= 0xd800 && left < 0xe000, right >= 0xd800 && right < 0xe000]
    return isPairLeft === isPairRight ? left - right : isPairLeft ? 1 : -1
  }
  return a.length - b.length
}

interface AlasqlDatabase {
  readonly databaseid: string
  readonly tables: Record<string, { data: unknown[] } | undefined>
  exec(sql: string, parameters?: unknown[]): unknown
}

// What alasql cannot say itself. Its functions are global, hence the prefix; all are false of NULL.
Object.assign((alasql as unknown as { fn: Record<string, unknown> }).fn, {
  odoo_before: (value: StoredValue, limit: string) => value !== null && collate(String(value), limit) < 0,
  odoo_after: (value: StoredValue, limit: string) => value !== null && collate(String(value), limit) > 0,
  odoo_in: (value: StoredValue, set: ReadonlySet<StoredValue>) => value !== null && set.has(value),
  odoo_matches: (value: StoredValue, pattern: TextPattern) => value !== null && pattern.test(textOf(value)),
  odoo_overlaps: (value: readonly number[] | null, set: ReadonlySet<number>) =>
    value !== null && value.some((id) => set.has(id)),
})

/** A value as PostgreSQL casts it to text. */
function textOf(value: NonNullable<StoredValue>): string {
  return typeof value === 'string' ? value : String(value)
}
