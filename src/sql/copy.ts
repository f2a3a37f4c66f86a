import { invalidParameterValue, notSupported, syntaxError } from '../errors.ts'
import { onlyEntry, type ParseNode } from './gate.ts'
import { inFirstParentheses } from './parts.ts'
import { quoteIdentifier } from './print.ts'

/** How COPY writes rows; all are settled, defaults included. */
export interface CopyOptions {
  readonly format: 'text' | 'csv' | 'binary'
  readonly header: boolean
  readonly delimiter: string
  readonly nullText: string
  readonly quote: string
  readonly escape: string
  /** Columns whose values are always quoted. */
  readonly forceQuote: readonly string[] | 'all'
}

/** The SELECT that a COPY … TO STDOUT stands for, and its options. Throws 0A000, 22023, 42601 on options. */
export function readCopy(fields: ParseNode, text: string): { text: string; options: CopyOptions } {
  const { relation, attlist = [], options = [] } = fields as CopyFields
  return {
    text: relation === undefined ? queryText(text) : tableText(relation, attlist),
    options: readOptions(options),
  }
}

function queryText(text: string): string {
  const query = inFirstParentheses(text)
  if (query === undefined) throw syntaxError('COPY takes a query in parentheses')
  return query
}

function tableText({ schemaname, relname }: Relation, columns: readonly StringNode[]): string {
  const table = [schemaname, relname]
    .filter((part) => part !== undefined)
    .map(quoteIdentifier)
    .join('.')
  const list = columns.map(({ String: { sval = '' } }) => quoteIdentifier(sval)).join(', ')
  return `SELECT ${list === '' ? '*' : list} FROM ${table}`
}

function readOptions(options: readonly OptionNode[]): CopyOptions {
  const given = new Map(options.map(({ DefElem: { defname, arg } }) => [defname, arg ?? {}]))
  for (const name of given.keys())
    if (!OPTION_NAMES.has(name)) throw notSupported(`COPY option "${name}" is not supported`)
  const text = (name: string): string | undefined => {
    const argument = given.get(name)
    return argument === undefined ? undefined : textOf(argument)
  }
  const format = text('format') ?? 'text'
  if (format !== 'text' && format !== 'csv' && format !== 'binary')
    throw invalidParameterValue(`COPY format "${format}" not recognized`)
  const quote = oneCharacter('quote', text('quote') ?? '"')
  if (format === 'binary' && (given.has('delimiter') || given.has('null') || given.has('header')))
    throw syntaxError('cannot specify DELIMITER, NULL or HEADER in BINARY mode')
  if (format !== 'csv' && (given.has('quote') || given.has('escape') || given.has('force_quote')))
    throw notSupported('COPY QUOTE, ESCAPE and FORCE_QUOTE require CSV mode')
  const encoding = text('encoding')
  if (encoding !== undefined && !/^utf-?8$/i.test(encoding))
    throw notSupported(`COPY writes UTF8, not "${encoding}"`)
  return {
    format,
    header: given.has('header') && !/^(false|off|0)$/i.test(text('header') ?? ''),
    delimiter: oneCharacter('delimiter', text('delimiter') ?? (format === 'csv' ? ',' : '\t')),
    nullText: text('null') ?? (format === 'csv' ? '' : '\\N'),
    quote,
    escape: oneCharacter('escape', text('escape') ?? quote),
    forceQuote: columnsOf(given.get('force_quote')),
  }
}

const OPTION_NAMES = new Set([
  'format',
  'header',
  'delimiter',
  'null',
  'quote',
  'escape',
  'force_quote',
  'encoding',
])

function oneCharacter(option: string, value: string): string {
  if (Buffer.byteLength(value) !== 1 || value === '\n' || value === '\r')
    throw invalidParameterValue(`COPY ${option} must be a single one-byte character`)
  return value
}

function textOf(argument: ParseNode): string {
  const [, value] = onlyEntry(argument) as [
    string | undefined,
    { sval?: string; boolval?: boolean; ival?: number },
  ]
  return value.sval ?? String(value.boolval ?? value.ival ?? '')
}

function columnsOf(argument: ParseNode | undefined): CopyOptions['forceQuote'] {
  if (argument === undefined) return []
  if ('A_Star' in argument) return 'all'
  const { items = [] } = (argument['List'] ?? {}) as { items?: readonly StringNode[] }
  return items.map(({ String: { sval = '' } }) => sval)
}

interface Relation {
  readonly schemaname?: string
  readonly relname: string
}
interface StringNode {
  readonly String: { readonly sval?: string }
}
interface OptionNode {
  readonly DefElem: { readonly defname: string; readonly arg?: ParseNode }
}
interface CopyFields {
  readonly relation?: Relation
  readonly attlist?: readonly StringNode[]
  readonly options?: readonly OptionNode[]
}
