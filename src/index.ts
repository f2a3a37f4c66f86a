export { connect } from './driver/connection.ts'
export type {
  Connection,
  ConnectOptions,
  PartitionInfo,
  PartitionOptions,
  QueryOptions,
} from './driver/connection.ts'
export type { CallRecord, Cursor, Notice, ResultColumn, RowBatch } from './driver/cursor.ts'
export type { Result, Row } from './driver/result.ts'
export type { Catalog } from './catalog/catalog.ts'
export type { ColumnSpec, TableSpec } from './catalog/spec.ts'
export type { Datum, JsValue } from './catalog/types.ts'
export { SqlError, SQLSTATE, type Condition } from './errors.ts'
