import type { SqlTypeName, TableSpec } from '../catalog/spec.ts'
import { PARTITION_COLUMN_NAME, qualifiedName } from '../catalog/spec.ts'
import { SQL_TYPES } from '../catalog/types.ts'
import type { Datum } from '../catalog/types.ts'
import { badCharacter, internalError } from '../errors.ts'
import { identifier, tableIdentifier } from './ddl.ts'
import { copyDataMessage, copyDoneMessage, queryMessage } from './protocol.ts'

/** Rows for one table. */
export interface Load {
  readonly table: TableSpec
  /** Names of the columns that the rows hold, in their order; always `id`. All others stay NULL. */
  readonly columns: readonly string[]
  /** Each id at most once (and partition, where the engine is partitioned), or the statement ends in 23505. */
  readonly batches: AsyncIterable<readonly (readonly Datum[])[]> | Iterable<readonly (readonly Datum[])[]>
}

/** Text of that size goes to PostgreSQL at once: far over the cost of a message, far under that of a copy. */
const CHUNK_CHARACTERS = 512 * 1024

/** PostgreSQL's COPY text of a batch. Throws 22021 on a NUL character. */
export function copyTextFromRows(
  types: readonly SqlTypeName[],
  rows: readonly (readonly Datum[])[],
): Uint8Array[] {
  const chunks: Uint8Array[] = []
  let text = ''
  for (const row of rows) {
    for (const [index, type] of types.entries()) {
      if (index > 0) text += '\t'
      text += copyField(type, row[index] ?? null)
    }
    text += '\n'
    if (text.length >= CHUNK_CHARACTERS) {
      chunks.push(Buffer.from(text))
      text = ''
    }
  }
  if (text !== '') chunks.push(Buffer.from(text))
  return chunks
}

function copyField(type: SqlTypeName, datum: Datum): string {
  if (datum === null) return '\\N'
  const text = typeof datum === 'string' ? datum : SQL_TYPES[type].toText(datum)
  return SPECIAL.test(text) ? text.replace(SPECIALS, escapeCharacter) : text
}

const SPECIAL = /[\\\t\n\r\0]/
const SPECIALS = /[\\\t\n\r\0]/g
const ESCAPES: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' }

function escapeCharacter(character: string): string {
  const escaped = ESCAPES[character]
  if (escaped === undefined) throw badCharacter('invalid byte sequence for encoding "UTF8": 0x00')
  return escaped
}

/** The types of a load's columns. Throws XX000 for a column that the table does not have. */
export function typesOfLoad(load: Load): SqlTypeName[] {
  const types = new Map<string, SqlTypeName>(load.table.columns.map((column) => [column.name, column.type]))
  types.set(PARTITION_COLUMN_NAME, 'text')
  return load.columns.map((name) => {
    const type = types.get(name)
    if (type === undefined) throw internalError(`load of ${qualifiedName(load.table)}: no column "${name}"`)
    return type
  })
}

/**
 * Empties the table within the transaction. TRUNCATE gives it a new file, which is not logged and which the rollback
 * deletes: what was loaded leaves nothing behind.
 */
export const emptyTableMessage = (load: Load): Uint8Array =>
  queryMessage(`TRUNCATE ${tableIdentifier(load.table)}`)

/** Statistics cost little beside the rows, and keep the planner from nested loops over them. */
export const analyzeMessage = (load: Load): Uint8Array =>
  queryMessage(`ANALYZE ${tableIdentifier(load.table)}`)

/** One COPY with its data. PGlite reads the data from the same request only. */
export function copyMessages(load: Load, chunk: Uint8Array): Uint8Array {
  const columns = load.columns.map(identifier).join(', ')
  return Buffer.concat([
    queryMessage(`COPY ${tableIdentifier(load.table)} (${columns}) FROM STDIN`),
    copyDataMessage(chunk),
    copyDoneMessage(),
  ])
}
