import type { SqlTypeName } from '../catalog/spec.ts'
import { SQL_TYPES, type Datum, type JsValue } from '../catalog/types.ts'
import { duplicateColumn } from '../errors.ts'
import type { CallRecord } from '../odoo/call.ts'
import { arrowTable, type ArrowOptions, type ArrowTable } from './arrow.ts'
import type { Cursor, Notice, ResultColumn } from './cursor.ts'
import { htmlOf, JUPYTER_DISPLAY, NODE_INSPECT, SHOWN_ROWS_MAX, textOf, type Shown } from './display.ts'

/** A row by column name: int8 and numeric as text, timestamp and date as Date (UTC), bytea as Uint8Array. */
export type Row = Readonly<Record<string, JsValue>>

/**
 * A whole result in memory: plain data. In a notebook it shows as a table of its first rows, and `console.log` writes
 * one of text.
 */
export interface Result<R = Row> {
  /** In the order of the statement. */
  readonly rows: readonly R[]
  /** In the order of the statement, where a row's keys may not be. */
  readonly columns: readonly ResultColumn[]
  /** Length of `rows`. */
  readonly rowCount: number
  /** What went to Odoo. */
  readonly calls: readonly CallRecord[]
  /** What is worth saying and is no error. */
  readonly notices: readonly Notice[]
  /**
   * The rows as an Arrow table. Needs the package apache-arrow (0A000 without). Throws 42701 where two columns have
   * one name, since a row holds one of them only, and 22008 for a time that Arrow has no form for. Times have the
   * milliseconds of Date; `batches` keeps microseconds.
   */
  toArrow(options?: ArrowOptions): Promise<ArrowTable>
  /** The first rows as an HTML table, escaped, with types and the count: for tslab, `display.html(result.toHtml())`. */
  toHtml(): string
}

/** Makes rows of a cursor's arrays. Where two columns have one name, the last one wins, as in the `pg` package. */
export function rowMaker(columns: readonly ResultColumn[]): (values: readonly Datum[]) => Row {
  const makers = columns.map(({ name, type }) => ({ name, toJs: SQL_TYPES[type].toJs }))
  return (values) => {
    const row: Record<string, JsValue> = {}
    makers.forEach(({ name, toJs }, index) => {
      const value = values[index] ?? null
      row[name] = value === null ? null : toJs(value)
    })
    return row
  }
}

/** Reads a cursor to its end. */
export async function resultFromCursor<R>(cursor: Cursor): Promise<Result<R>> {
  const toRow = rowMaker(cursor.columns)
  const rows: Row[] = []
  for await (const batch of cursor) for (const values of batch) rows.push(toRow(values))
  const { columns, calls, notices } = cursor
  const data = {
    rows: rows as readonly unknown[] as readonly R[],
    columns,
    rowCount: rows.length,
    calls,
    notices,
  }
  return Object.defineProperties(data, methodsOf(columns, rows)) as Result<R>
}

/** Not enumerable: a result compares, prints as JSON and spreads as the data that it is. */
function methodsOf(columns: readonly ResultColumn[], rows: readonly Row[]): PropertyDescriptorMap {
  const shown = (): Shown => ({
    columns,
    rows: rows.slice(0, SHOWN_ROWS_MAX).map(valuesReader(columns)),
    rowCount: rows.length,
  })
  const methods = {
    toArrow: async (options?: ArrowOptions): Promise<ArrowTable> => {
      const names = columns.map(({ name }) => name)
      const twice = names.find((name, index) => names.indexOf(name) !== index)
      if (twice !== undefined)
        throw duplicateColumn(`column "${twice}" stands twice in the result`, {
          hint: 'Give each a name of its own with AS, or read them with batches.',
        })
      return arrowTable(columns, rows.map(valuesReader(columns)), options)
    },
    toHtml: () => htmlOf(shown()),
    [NODE_INSPECT]: () => textOf(shown()),
    [JUPYTER_DISPLAY]: () => ({ 'text/plain': textOf(shown()), 'text/html': htmlOf(shown()) }),
  }
  const named = Reflect.ownKeys(methods).map((key) => [key, { value: methods[key as keyof typeof methods] }])
  return Object.fromEntries(named) as PropertyDescriptorMap
}

/** What `rowMaker` made of values, taken back. */
function valuesReader(columns: readonly ResultColumn[]): (row: Row) => Datum[] {
  return (row) => columns.map(({ name, type }) => datumFromJs(row[name] ?? null, type))
}

function datumFromJs(value: JsValue, type: SqlTypeName): Datum {
  if (value === null) return null
  if (type === 'jsonb') return JSON.stringify(value)
  if (!(value instanceof Date)) return value as Datum
  if (Number.isNaN(value.getTime())) return String(value)
  const text = value.toISOString()
  return type === 'date' ? text.slice(0, 10) : text.replace('T', ' ').replace(/(\.000)?Z$/, '')
}
