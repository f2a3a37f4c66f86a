import { notSupported, syntaxError, writeRejected } from '../errors.ts'
import { readSet, readUse, type UseTarget } from './commands.ts'
import { isNativeInsert, readNativeInsert, type NativeInput } from './native.ts'
import {
  characterAt,
  findNode,
  firstWord,
  isComment,
  nodeOf,
  onlyEntry,
  parse,
  scan,
  type ParsedSelect,
  type ParseNode,
} from './gate.ts'

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
  /** `SET name = value`; undefined is the default. */
  | { readonly kind: 'set'; readonly name: string; readonly value: string | undefined }
  | { readonly kind: 'show'; readonly name: string }
  /** An INSERT into the table of native requests, where they are switched on. */
  | { readonly kind: 'native'; readonly inputs: readonly NativeInput[] }

export interface SelectText extends ParsedSelect {
  readonly kind: 'select'
}

export interface ExplainOptions {
  readonly analyze: boolean
  readonly format: 'text' | 'json'
}

/**
 * What the grammar says one statement is.
 * Throws 42601 with a position for what is no SQL, 25006 for whatever could write, 0A000 for what we do not do.
 */
export function parseStatement(text: string, options: { readonly takesNative?: boolean } = {}): Statement {
  const use = readUse(text)
  if (use !== undefined) return { kind: 'use', target: use }
  const statements = parse(text)
  const [first] = statements
  if (first === undefined) throw syntaxError('the statement is empty', { hint: 'Type a SELECT.' })
  const [type, fields] = onlyEntry(nodeOf(first))
  if (
    options.takesNative === true &&
    statements.length === 1 &&
    type === 'InsertStmt' &&
    isNativeInsert(fields)
  )
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
      return { kind: 'select', text, node: fields }
    case 'ExplainStmt': {
      const inner = textAfterExplain(text)
      // Parsed anew so that positions count in the inner text.
      const select = statementFrom(nodeOf(parse(inner)[0] ?? {}), inner)
      if (select.kind !== 'select') throw notSupported('EXPLAIN takes a SELECT')
      return { kind: 'explain', options: explainOptions(fields), select }
    }
    case 'VariableSetStmt':
      return { kind: 'set', ...readSet(fields) }
    case 'VariableShowStmt':
      return { kind: 'show', name: String(fields['name']).toLowerCase() }
    default:
      throw notSupported(`${firstWord(text)} is not supported`, {
        hint: 'SELECT, EXPLAIN, USE, SET and SHOW run here.',
      })
  }
}

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
  if (HARMLESS.has(type)) return
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

/** The statement behind EXPLAIN and its options. */
function textAfterExplain(text: string): string {
  const tokens = scan(text).filter((token) => !isComment(token))
  let at = 1
  if (tokens[at]?.text === '(') {
    for (let depth = 0; at < tokens.length; at++) {
      if (tokens[at]?.text === '(') depth++
      if (tokens[at]?.text === ')' && --depth === 0) break
    }
    at++
  } else while (/^(analy[sz]e|verbose)$/i.test(tokens[at]?.text ?? '')) at++
  return Buffer.from(text)
    .subarray(tokens[at]?.start ?? 0)
    .toString('utf8')
}
