import { SQL_TYPES, type Datum, type JsValue } from '../catalog/types.ts'
import type { CallRecord } from '../odoo/call.ts'
import type { Cursor, Notice, ResultColumn } from './cursor.ts'

/** A row by column name: int8 and numeric as text, timestamp and date as Date (UTC), bytea as Uint8Array. */
export type Row = Readonly<Record<string, JsValue>>

/** A whole result in memory. */
export interface Result<R = Row> {
  readonly rows: readonly R[]
  readonly columns: readonly ResultColumn[]
  readonly rowCount: number
  /** What went to Odoo. */
  readonly calls: readonly CallRecord[]
  readonly notices: readonly Notice[]
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
  return {
    rows: rows as readonly unknown[] as readonly R[],
    columns: cursor.columns,
    rowCount: rows.length,
    calls: cursor.calls,
    notices: cursor.notices,
  }
}
