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
  close(): void
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
    close: () => {
      alasql(`DROP DATABASE [${database.databaseid}]`)
    },
  }
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
