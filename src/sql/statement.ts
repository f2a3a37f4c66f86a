import { notSupported, syntaxError, writeRejected } from '../errors.ts'
import { readConfigCall, readSet, readUse, type SetStatement, type UseTarget } from './commands.ts'
import { readCopy, type CopyOptions } from './copy.ts'
import { readDeclare, readFetch, type CursorOptions, type FetchDirection } from './cursor-commands.ts'
import { openMemo } from './memo.ts'
import { isNativeInsert, readNativeInsert, type NativeInput } from './native.ts'
import {
  characterAt,
  findNode,
  firstWord,
  nodeOf,
  onlyEntry,
  parametersIn,
  parse,
  type ParsedSelect,
  type ParseNode,
} from './gate.ts'
import { argumentTexts, blankBefore, offsetAfterExplain, offsetAfterWord, parameterTypes } from './parts.ts'
import { readSetTransaction, readTransaction, type TransactionStatement } from './transaction.ts'

/** A statement that may run. Whatever writes never becomes one: `parseStatement` throws 25006. */
export type Statement =
  | SelectText
  | {
      readonly kind: 'explain'
      readonly options: ExplainOptions
      readonly select: SelectText
    }
  /** `USE …`: which partitions the session reads. It is ours, not PostgreSQL's. */
  | { readonly kind: 'use'; readonly target: UseTarget }
  | SetStatement
  /** `SHOW name`; the name `all` asks for every setting. */
  | { readonly kind: 'show'; readonly name: string }
  /** An INSERT into the table of native requests, where they are switched on. */
  | { readonly kind: 'native'; readonly inputs: readonly NativeInput[] }
  | SessionStatement

/** Statements of a wire session: they change what the session holds, and never reach Odoo by themselves. */
export type SessionStatement =
  | TransactionStatement
  | ({ readonly kind: 'declare'; readonly name: string; readonly select: SelectText } & CursorOptions)
  /** `count` is Infinity for ALL and negative for the other way; a move returns no rows. */
  | {
      readonly kind: 'fetch'
      readonly name: string
      readonly direction: FetchDirection
      readonly count: number
      readonly isMove: boolean
    }
  /** No name: all of them; also below. */
  | { readonly kind: 'closeCursor'; readonly name: string | undefined }
  | {
      readonly kind: 'prepare'
      readonly name: string
      readonly parameterTypes: readonly string[]
      readonly select: SelectText
    }
  /** `arguments` are SQL expressions. */
  | { readonly kind: 'execute'; readonly name: string; readonly arguments: readonly string[] }
  | { readonly kind: 'deallocate'; readonly name: string | undefined }
  | { readonly kind: 'discard'; readonly what: 'all' | 'plans' | 'temp' | 'sequences' }
  /** `COPY (SELECT …) TO STDOUT`, or of a table. */
  | { readonly kind: 'copy'; readonly select: SelectText; readonly options: CopyOptions }
  /** LISTEN and UNLISTEN; nothing ever notifies. */
  | { readonly kind: 'listen'; readonly isListening: boolean }

export interface SelectText extends ParsedSelect {
  readonly kind: 'select'
  /** Numbers of its parameters: 1 for `$1`. */
  readonly parameters: ReadonlySet<number>
}

export interface ExplainOptions {
  readonly analyze: boolean
  readonly format: 'text' | 'json'
}

/**
 * What the grammar says one statement is.
 * Throws 42601 with a position for what is no SQL, 25006 for whatever could write, 0A000 for what we do not do.
 */
export const parseStatement = (
  text: string,
  { takesNative = false }: { readonly takesNative?: boolean } = {},
): Statement => known[takesNative ? 'native' : 'plain'].get(text, () => parseAnew(text, takesNative))

const known = { native: openMemo<Statement>(), plain: openMemo<Statement>() }

function parseAnew(text: string, takesNative: boolean): Statement {
  const use = readUse(text)
  if (use !== undefined) return { kind: 'use', target: use }
  const statements = parse(text)
  const [first] = statements
  if (first === undefined) throw syntaxError('the statement is empty', { hint: 'Type a SELECT.' })
  const [type, fields] = onlyEntry(nodeOf(first))
  if (takesNative && statements.length === 1 && type === 'InsertStmt' && isNativeInsert(fields))
    return { kind: 'native', inputs: readNativeInsert(fields) }
  for (const statement of statements) refuseWrites(statement, text)
  if (statements.length > 1)
    throw syntaxError('cannot run several statements in one query', {
      hint: 'Send them one by one.',
      position: characterAt(text, Number(statements[1]?.['stmt_location'] ?? 0)),
    })
  return statementFrom(nodeOf(first), text)
}

function statementFrom(node: ParseNode, text: string): Statement {
  const [type = '', fields] = onlyEntry(node)
  switch (type) {
    case 'SelectStmt':
      return readConfigCall(fields) ?? selectText(text, fields)
    case 'ExplainStmt':
      return {
        kind: 'explain',
        options: explainOptions(fields),
        select: selectFrom(offsetAfterExplain(text), text, 'EXPLAIN'),
      }
    case 'VariableSetStmt':
      return fields['kind'] === 'VAR_SET_MULTI' ? readSetTransaction(fields) : readSet(fields)
    case 'VariableShowStmt':
      return { kind: 'show', name: String(fields['name']).toLowerCase() }
    case 'TransactionStmt':
      return readTransaction(fields)
    case 'DeclareCursorStmt':
      return {
        kind: 'declare',
        ...readDeclare(fields),
        select: selectFrom(offsetAfterWord(text, 'FOR'), text, 'DECLARE'),
      }
    case 'FetchStmt':
      return { kind: 'fetch', ...readFetch(fields) }
    case 'ClosePortalStmt':
      return { kind: 'closeCursor', name: nameOf(fields['portalname']) }
    case 'PrepareStmt':
      return {
        kind: 'prepare',
        name: String(fields['name']),
        parameterTypes: parameterTypes(text),
        select: selectFrom(offsetAfterWord(text, 'AS'), text, 'PREPARE'),
      }
    case 'ExecuteStmt':
      return { kind: 'execute', name: String(fields['name']), arguments: argumentTexts(text) }
    case 'DeallocateStmt':
      return { kind: 'deallocate', name: nameOf(fields['name']) }
    case 'DiscardStmt':
      return { kind: 'discard', what: DISCARDS[String(fields['target'])] ?? 'all' }
    case 'CopyStmt': {
      const { text: selectText, options } = readCopy(fields, text)
      return { kind: 'copy', select: selectFrom(0, selectText, 'COPY'), options }
    }
    case 'ListenStmt':
    case 'UnlistenStmt':
      return { kind: 'listen', isListening: type === 'ListenStmt' }
    default:
      throw notSupported(`${firstWord(text)} is not supported`, {
        hint: 'SELECT, EXPLAIN, USE, SET and SHOW run here.',
      })
  }
}

const nameOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

const DISCARDS: Readonly<Record<string, 'plans' | 'temp' | 'sequences'>> = {
  DISCARD_PLANS: 'plans',
  DISCARD_TEMP: 'temp',
  DISCARD_SEQUENCES: 'sequences',
}

/** The SELECT behind a command. What stands before it is blanked, so that positions count in the whole text. */
function selectFrom(offset: number, text: string, command: string): SelectText {
  const inner = blankBefore(text, offset)
  const [type, fields] = onlyEntry(nodeOf(parse(inner)[0] ?? {}))
  if (type !== 'SelectStmt') throw notSupported(`${command} takes a SELECT`)
  return selectText(inner, fields)
}

const selectText = (text: string, node: ParseNode): SelectText => ({
  kind: 'select',
  text,
  node,
  parameters: parametersIn(node),
})

/** Node types that change nothing and yet are no query; everything that is not here and no query is a write. */
const HARMLESS = new Set([
  'SelectStmt',
  'ExplainStmt',
  'VariableSetStmt',
  'VariableShowStmt',
  'TransactionStmt',
  'DeclareCursorStmt',
  'FetchStmt',
  'ClosePortalStmt',
  'DeallocateStmt',
  'DiscardStmt',
  'PrepareStmt',
  'ExecuteStmt',
  'ListenStmt',
  'UnlistenStmt',
])
const WRITING_NODES: Readonly<Record<string, string>> = {
  InsertStmt: 'INSERT',
  UpdateStmt: 'UPDATE',
  DeleteStmt: 'DELETE',
  MergeStmt: 'MERGE',
  IntoClause: 'SELECT INTO',
  intoClause: 'SELECT INTO',
  lockingClause: 'SELECT FOR UPDATE',
}

function refuseWrites(statement: ParseNode, text: string): void {
  const node = nodeOf(statement)
  const [type = ''] = onlyEntry(node)
  const hidden = findNode(node, (key) => key in WRITING_NODES)
  if (hidden !== undefined) throw writeRejected(WRITING_NODES[hidden.key] ?? hidden.key)
  if (HARMLESS.has(type) || (type === 'CopyStmt' && isCopyOut(node))) return
  const start = Number(statement['stmt_location'] ?? 0)
  const length = statement['stmt_len'] === undefined ? undefined : Number(statement['stmt_len'])
  const bytes = Buffer.from(text)
  throw writeRejected(
    firstWord(bytes.toString('utf8', start, length === undefined ? bytes.length : start + length)),
  )
}

function explainOptions(explain: ParseNode): ExplainOptions {
  let [analyze, format]: [boolean, ExplainOptions['format']] = [false, 'text']
  for (const option of (explain['options'] ?? []) as { DefElem: { defname: string; arg?: unknown } }[]) {
    const value = argumentText(option.DefElem.arg)
    if (option.DefElem.defname === 'analyze') analyze = value !== 'false' && value !== 'off' && value !== '0'
    if (option.DefElem.defname === 'format') {
      if (value !== 'text' && value !== 'json')
        throw notSupported(`EXPLAIN format "${value}" is not supported`)
      format = value
    }
  }
  return { analyze, format }
}

function argumentText(argument: unknown): string {
  const found = findNode(argument, (key) => key === 'sval' || key === 'ival' || key === 'boolval')
  return JSON.stringify(found?.value ?? '')
    .replaceAll('"', '')
    .toLowerCase()
}

/** To the client, and to no file or program of the server. */
function isCopyOut(node: ParseNode): boolean {
  const [, { is_from: isFrom, is_program: isProgram, filename }] = onlyEntry(node)
  return isFrom !== true && isProgram !== true && filename === undefined
}
