import { datatypeMismatch, notSupported, undefinedColumn } from '../errors.ts'
import type { ParseNode } from './gate.ts'

/** The table whose INSERT performs a call of Odoo's API, where that is switched on. */
export const NATIVE_SCHEMA = 'native'
export const NATIVE_TABLE = 'nativeplatformscalarrequests'

const INPUT_COLUMNS = ['partition', 'model', 'method', 'payload_text', 'dry_run', 'fail_on_error'] as const
type InputColumn = (typeof INPUT_COLUMNS)[number]

/** A value as it stands in VALUES; a parameter's comes with the statement. */
export type NativeValue = string | boolean | null | { readonly parameter: number }
export type NativeInput = Readonly<Partial<Record<InputColumn, NativeValue>>>

/** Whether an INSERT goes to the table of native requests. */
export function isNativeInsert(insert: ParseNode): boolean {
  const { schemaname, relname } = (insert['relation'] ?? {}) as { schemaname?: string; relname?: string }
  return schemaname === NATIVE_SCHEMA && relname === NATIVE_TABLE
}

/** The rows of `INSERT INTO native.NativePlatformScalarRequests (…) VALUES (…), …`. */
export function readNativeInsert(insert: ParseNode): NativeInput[] {
  const { cols = [], selectStmt, onConflictClause, returningClause, withClause } = insert as InsertFields
  const lists = selectStmt?.SelectStmt?.valuesLists
  if (
    lists === undefined ||
    cols.length === 0 ||
    [onConflictClause, returningClause, withClause].some(Boolean)
  )
    throw notSupported('a native request is written as INSERT INTO … (columns) VALUES (…)')
  const names = cols.map(({ ResTarget: { name = '' } }) => inputColumn(name))
  return lists.map(({ List: { items } }) => {
    if (items.length !== names.length)
      throw datatypeMismatch('VALUES has another number of values than there are columns')
    return Object.fromEntries(names.map((name, index) => [name, valueFrom(items[index] ?? {})]))
  })
}

function inputColumn(name: string): InputColumn {
  const column = INPUT_COLUMNS.find((candidate) => candidate === name)
  if (column === undefined) throw undefinedColumn(name, INPUT_COLUMNS)
  return column
}

function valueFrom(node: ParseNode): NativeValue {
  const { number } = (node['ParamRef'] ?? {}) as { number?: number }
  if (number !== undefined) return { parameter: number }
  const { sval, boolval, isnull } = (node['A_Const'] ?? {}) as {
    sval?: { sval?: string }
    boolval?: { boolval?: boolean }
    isnull?: boolean
  }
  if (isnull === true) return null
  if (sval !== undefined) return sval.sval ?? ''
  if (boolval !== undefined) return boolval.boolval ?? false
  throw notSupported('a native request takes texts, booleans, NULL and parameters')
}

interface InsertFields {
  readonly cols?: readonly { readonly ResTarget: { readonly name?: string } }[]
  readonly selectStmt?: {
    readonly SelectStmt?: {
      readonly valuesLists?: readonly { readonly List: { readonly items: readonly ParseNode[] } }[]
    }
  }
  readonly onConflictClause?: unknown
  readonly returningClause?: unknown
  readonly withClause?: unknown
}
