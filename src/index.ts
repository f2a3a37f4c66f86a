export { connect } from './driver/connection.ts'
export type {
  Connection,
  ConnectOptions,
  ListedTable,
  PartitionInfo,
  PartitionOptions,
  Progress,
  QueryOptions,
} from './driver/connection.ts'
export type { ArrowBatch, ArrowOptions, ArrowTable } from './driver/arrow.ts'
export type { ColumnSource } from './driver/column-source.ts'
export type { CallRecord, Cursor, Notice, ResultColumn, RowBatch } from './driver/cursor.ts'
export type { Result, Row } from './driver/result.ts'
export type { SqlStatement, SqlTag } from './driver/sql-template.ts'
export type { Catalog } from './catalog/catalog.ts'
export type * from './catalog/published-rows.ts'
export type { ColumnSpec, SqlTypeName, TableSpec } from './catalog/spec.ts'
export type { Datum, JsValue } from './catalog/types.ts'
export { SqlError, SQLSTATE, type Condition, type SqlErrorFields } from './errors.ts'
