import type * as Arrow from 'apache-arrow'
import type { SqlTypeName } from '../catalog/spec.ts'
import { SQL_TYPES, type Datum } from '../catalog/types.ts'
import { datetimeOverflow, notSupported } from '../errors.ts'
import type { Cursor, ResultColumn, RowBatch } from './cursor.ts'

/* eslint-disable @typescript-eslint/ban-ts-comment -- in the sources there is no error, at some users' there is */
/**
 * Rows by column, as apache-arrow has them.
 * @ts-ignore `any` where the package is not installed. */
export type ArrowBatch = import('apache-arrow').RecordBatch
/**
 * Batches of one schema, as apache-arrow has them.
 * @ts-ignore `any` where the package is not installed. */
export type ArrowTable = import('apache-arrow').Table
/* eslint-enable @typescript-eslint/ban-ts-comment */

/** How values become Arrow's. */
export interface ArrowOptions {
  /**
   * `text` (default): a numeric is Utf8, digit for digit. PostgreSQL's numerics may have any number of digits, so no
   * decimal type of Arrow's holds them all. `float64`: the nearest float, for plots and frames that want numbers.
   */
  readonly numeric?: 'text' | 'float64'
}

/**
 * A cursor as Arrow record batches of one schema, as large as the cursor's. A result without rows gives one empty
 * batch, so that the schema is always told. Throws 0A000 where the package apache-arrow is not installed.
 */
export async function* arrowBatches(cursor: Cursor, options: ArrowOptions = {}): AsyncGenerator<ArrowBatch> {
  const { batch } = await openArrow(cursor.columns, options)
  let isEmpty = true
  for await (const rows of cursor) {
    isEmpty = false
    yield batch(rows)
  }
  if (isEmpty) yield batch([])
}

/** Rows in memory as one table. */
export async function arrowTable(
  columns: readonly ResultColumn[],
  rows: RowBatch,
  options: ArrowOptions = {},
): Promise<ArrowTable> {
  const { arrow, schema, batch } = await openArrow(columns, options)
  return new arrow.Table(schema, [batch(rows)])
}

/** A cursor as the bytes of an Arrow IPC stream, in constant memory: a part for each batch. */
export async function* arrowStream(cursor: Cursor, options: ArrowOptions = {}): AsyncGenerator<Uint8Array> {
  const { AsyncByteQueue, RecordBatchStreamWriter } = await loadArrow()
  let parts: Uint8Array[] = []
  // The writer's own queue reads on without waiting for whoever takes the bytes.
  class Collected extends AsyncByteQueue {
    override write(part: Uint8Array): void {
      parts.push(part)
    }
  }
  const writer = new RecordBatchStreamWriter().reset(new Collected())
  const taken = (): Uint8Array => {
    const bytes = Buffer.concat(parts)
    parts = []
    return bytes
  }
  for await (const batch of arrowBatches(cursor, options)) {
    writer.write(batch)
    yield taken()
  }
  writer.close()
  yield taken()
}

/** What loads with the first use. */
async function loadArrow(): Promise<typeof Arrow> {
  try {
    return await import('apache-arrow')
  } catch (cause) {
    throw notSupported('Arrow needs the package apache-arrow, which is not installed', {
      hint: 'Install it beside odoo-sql: npm install apache-arrow',
      cause,
    })
  }
}

interface OpenArrow {
  readonly arrow: typeof Arrow
  readonly schema: Arrow.Schema
  readonly batch: (rows: RowBatch) => ArrowBatch
}

async function openArrow(columns: readonly ResultColumn[], options: ArrowOptions): Promise<OpenArrow> {
  const arrow = await loadArrow()
  const forms = formsOfTypes(arrow, options)
  const makers = columns.map((column, index) => makerOf(arrow, column, index, forms))
  // Any column may hold NULL, whatever its table says: by an outer join, or where a server lacks the field.
  const fields = columns.map(
    (column, index) =>
      new arrow.Field(column.name, makers[index]?.type ?? new arrow.Null(), true, metadataOf(column)),
  )
  const schema = new arrow.Schema(fields)
  const structure = new arrow.Struct(fields)
  const batch = (rows: RowBatch): ArrowBatch => {
    const children = makers.map(({ dataOf }, index) => dataOf(rows.map((row) => row[index] ?? null)))
    const data = arrow.makeData({ type: structure, length: rows.length, nullCount: 0, children })
    return new arrow.RecordBatch(schema, data)
  }
  return { arrow, schema, batch }
}

/** How the values of one SQL type are stored. */
interface Form {
  readonly type: Arrow.DataType
  /** The type to build with, where the values are stored as those of a simpler type are. */
  readonly builtAs?: Arrow.DataType
  /** What the type's builder takes. Never called with NULL. */
  readonly from: (datum: NonNullable<Datum>) => unknown
}

const asIs = (datum: NonNullable<Datum>): unknown => datum

function formsOfTypes(arrow: typeof Arrow, { numeric = 'text' }: ArrowOptions): Record<SqlTypeName, Form> {
  const text: Form = { type: new arrow.Utf8(), from: asIs }
  const float: Form = { type: new arrow.Float64(), from: Number }
  return {
    text,
    int4: { type: new arrow.Int32(), from: asIs },
    int8: { type: new arrow.Int64(), from: (datum) => BigInt(String(datum)) },
    bool: { type: new arrow.Bool(), from: asIs },
    float8: float,
    numeric: numeric === 'float64' ? float : text,
    date: { type: new arrow.DateDay(), from: (datum) => millisecondsOf(`${String(datum)}T00:00:00`, datum) },
    // The builder of timestamps takes milliseconds, and would lose what is finer.
    timestamp: { type: new arrow.TimestampMicrosecond(), builtAs: new arrow.Int64(), from: microsecondsOf },
    bytea: { type: new arrow.Binary(), from: asIs },
    jsonb: text,
    'int4[]': {
      type: new arrow.List(new arrow.Field('item', new arrow.Int32(), true)),
      from: (datum) => (typeof datum === 'string' ? itemsOf(datum) : datum),
    },
  }
}

const TIMESTAMP = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?$/

function microsecondsOf(datum: NonNullable<Datum>): bigint {
  const [, date = '', time = '', fraction = ''] = TIMESTAMP.exec(String(datum)) ?? []
  return BigInt(millisecondsOf(`${date}T${time}`, datum)) * 1000n + BigInt(fraction.padEnd(6, '0'))
}

/** PostgreSQL's infinities, and years before 1 or after 9999, are told and not turned into something else. */
function millisecondsOf(time: string, datum: NonNullable<Datum>): number {
  const milliseconds = Date.parse(`${time}Z`)
  if (Number.isNaN(milliseconds))
    throw datetimeOverflow(`"${String(datum)}" has no form in Arrow`, { hint: 'Cast the column to text.' })
  return milliseconds
}

/** Of an integer array that is PostgreSQL's text still, since it holds NULL or is nested. */
function itemsOf(text: string): (number | null)[] {
  const [, items] = /^\{([-\d,NUL]*)\}$/.exec(text) ?? []
  if (items === undefined)
    throw notSupported(`"${text.slice(0, 60)}" is no plain list, which is all that Arrow's form holds`, {
      hint: 'Cast the column to text.',
    })
  return items.split(',').map((item) => (item === 'NULL' ? null : Number(item)))
}

interface Maker {
  readonly type: Arrow.DataType
  readonly dataOf: (values: readonly Datum[]) => Arrow.Data
}

function makerOf(
  arrow: typeof Arrow,
  { type: typeName, source }: ResultColumn,
  index: number,
  forms: Record<SqlTypeName, Form>,
): Maker {
  const codes = Object.keys(source?.values ?? {})
  if (typeName === 'text' && codes.length > 0) return dictionaryMaker(arrow, codes, index)
  const { type, builtAs = type, from } = forms[typeName]
  return {
    type,
    dataOf: (values) => {
      const data = build(arrow, builtAs, values, from)
      return builtAs === type ? data : data.clone(type)
    },
  }
}

/** Selections: the codes of the catalog first, in its order; a code that it lacks is added when it comes. */
function dictionaryMaker(arrow: typeof Arrow, known: readonly string[], id: number): Maker {
  const [text, index] = [new arrow.Utf8(), new arrow.Int32()]
  const type = new arrow.Dictionary(text, index, id)
  const places = new Map(known.map((code, place) => [code, place]))
  const chunks = [build(arrow, text, known, asIs)]
  let dictionary = new arrow.Vector(chunks)
  const add = (codes: readonly string[]): void => {
    for (const code of codes) places.set(code, places.size)
    chunks.push(build(arrow, text, codes, asIs))
    dictionary = new arrow.Vector([...chunks])
  }
  return {
    type,
    dataOf: (values) => {
      const unknown = new Set(
        values.filter((value) => value !== null && !places.has(String(value))).map(String),
      )
      if (unknown.size > 0) add([...unknown])
      const indices = build(arrow, index, values, (datum) => places.get(String(datum)))
      const { nullCount, nullBitmap, values: data } = indices
      return arrow.makeData({ type, length: values.length, nullCount, nullBitmap, data, dictionary })
    },
  }
}

function build<T extends Arrow.DataType>(
  arrow: typeof Arrow,
  type: T,
  values: readonly Datum[],
  from: Form['from'],
): Arrow.Data<T> {
  const builder = arrow.makeBuilder({ type, nullValues: [null] }) as Arrow.Builder<T, null>
  for (const value of values) builder.append(value === null ? null : from(value))
  return builder.finish().flush()
}

/** What Arrow's types do not say, under keys of ours. */
function metadataOf({ type, typeName, source }: ResultColumn): Map<string, string> {
  const known: readonly (readonly [string, string | undefined])[] = [
    ['sql.type', typeName ?? SQL_TYPES[type].title],
    ['odoo.model', source?.model],
    ['odoo.field', source?.field],
    ['label', source?.label],
    ['description', source?.description],
  ]
  return new Map(known.filter((entry): entry is readonly [string, string] => entry[1] !== undefined))
}
