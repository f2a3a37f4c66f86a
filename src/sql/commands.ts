import { notSupported, syntaxError } from '../errors.ts'
import { characterAt, isComment, scan, type ParseNode, type Token } from './gate.ts'
import { quoteIdentifier, quoteLiteral } from './print.ts'

export type UseTarget =
  | { readonly kind: 'all' | 'default' }
  | { readonly kind: 'names'; readonly names: readonly string[] }
  /** The names are what the query gives in its first column. */
  | { readonly kind: 'query'; readonly text: string }

/** Comments before USE may be long, but not endless. */
const USE_WITHIN_CHARACTERS = 10_000
const USE_FORMS =
  'Write USE ALL, USE DEFAULT, USE north, south or USE SELECT name FROM system.partitions WHERE ….'

/** USE is no word of PostgreSQL's, so no statement of its own starts with it. Undefined: another statement. */
export function readUse(text: string): UseTarget | undefined {
  if (!/\buse\b/i.test(text.slice(0, USE_WITHIN_CHARACTERS))) return undefined
  const tokens = scan(text).filter((token) => !isComment(token))
  if (tokens.at(-1)?.text === ';') tokens.pop()
  const [use, ...rest] = tokens
  if (use?.text.toLowerCase() !== 'use') return undefined
  const [first, second] = rest
  if (first === undefined) throw syntaxError('USE needs the names of partitions', { hint: USE_FORMS })
  const word = first.text.toLowerCase()
  if (word === 'select')
    return { kind: 'query', text: Buffer.from(text).subarray(first.start).toString('utf8') }
  if (word !== 'all' && word !== 'default') return { kind: 'names', names: namesFromList(rest, text) }
  if (second !== undefined) throw unexpected(second, text)
  return { kind: word }
}

/** Names with commas between; a name stands in quotes of either kind where it is more than a word. */
function namesFromList(tokens: readonly Token[], text: string): string[] {
  return tokens.flatMap((token, at) => {
    const isComma = token.text === ','
    const isExpected = isComma === (at % 2 === 1) && !(isComma && at === tokens.length - 1)
    if (!isExpected || (!isComma && !/^[\p{L}\p{N}_"']/u.test(token.text))) throw unexpected(token, text)
    if (isComma) return []
    const quote = /^["']/.exec(token.text)?.[0]
    return [quote === undefined ? token.text : token.text.slice(1, -1).replaceAll(quote + quote, quote)]
  })
}

const unexpected = (token: Token, text: string) =>
  syntaxError(`syntax error at or near "${token.text}"`, {
    hint: USE_FORMS,
    position: characterAt(text, token.start),
  })

/** `SET name = value`; no value is the default, and the name `all` without one is every setting. */
export interface SetStatement {
  readonly kind: 'set'
  readonly name: string
  readonly value: string | undefined
  /** To the end of the transaction. */
  readonly isLocal: boolean
  /** Name of the column, where the client expects the value as a row: `SELECT set_config(…)`. */
  readonly column?: string
}

/** `SET name = value`, `SET name TO DEFAULT`, `RESET name` and `RESET ALL`. */
export function readSet(fields: ParseNode): SetStatement {
  const { name = '', kind, is_local: isLocal = false, args = [] } = fields as SetFields
  const set = { kind: 'set', name: kind === 'VAR_RESET_ALL' ? 'all' : name.toLowerCase(), isLocal } as const
  if (kind === 'VAR_RESET' || kind === 'VAR_RESET_ALL' || kind === 'VAR_SET_DEFAULT')
    return { ...set, value: undefined }
  if (kind !== 'VAR_SET_VALUE') throw notSupported('this form of SET is not supported')
  const values = args.map((argument) => settingText(argument, set.name))
  return { ...set, value: values.join(', ') }
}

function settingText({ A_Const: constant, TypeCast: cast }: SetArgument, name: string): string {
  const interval = cast?.arg?.A_Const?.sval?.sval
  // PostgreSQL takes the offset of a time zone in this form.
  if (name === 'timezone' && interval !== undefined) return `INTERVAL ${quoteLiteral(interval)}`
  if (constant === undefined) throw notSupported('SET takes plain values')
  const { sval, fval, boolval, ival } = constant
  const text = sval?.sval ?? fval?.fval
  if (text !== undefined) return name === 'search_path' ? quoteIdentifier(text) : text
  // The grammar's tree leaves out zeros and false.
  return boolval === undefined ? String(ival?.ival ?? 0) : String(boolval.boolval ?? false)
}

/** `SELECT set_config('name', 'value', false)`, which drivers send instead of SET. Undefined: another SELECT. */
export function readConfigCall(select: ParseNode): SetStatement | undefined {
  const { targetList = [], fromClause = [] } = select as SelectFields
  const [target, ...others] = targetList
  const call = target?.ResTarget.val?.FuncCall
  if (call?.funcname.at(-1)?.String.sval !== 'set_config' || others.length > 0) return undefined
  // pgAdmin asks so that nothing is set where there is no such setting; there always is.
  if (!fromClause.every((from) => /pg_settings|pg_show_all_settings/.test(JSON.stringify(from))))
    return undefined
  const [name, value, isLocal] = (call.args ?? []).map(({ A_Const: constant }) => constant)
  if (name?.sval?.sval === undefined || value?.sval === undefined || isLocal?.boolval === undefined)
    return undefined
  return {
    kind: 'set',
    name: name.sval.sval.toLowerCase(),
    value: value.sval.sval ?? '',
    isLocal: isLocal.boolval.boolval ?? false,
    column: target?.ResTarget.name ?? 'set_config',
  }
}

interface Constant {
  readonly sval?: { readonly sval?: string }
  readonly fval?: { readonly fval?: string }
  readonly ival?: { readonly ival?: number }
  readonly boolval?: { readonly boolval?: boolean }
}

interface SetArgument {
  readonly A_Const?: Constant
  readonly TypeCast?: { readonly arg?: { readonly A_Const?: Constant } }
}

interface SetFields {
  readonly name?: string
  readonly kind?: string
  readonly is_local?: boolean
  readonly args?: readonly SetArgument[]
}

interface SelectFields {
  readonly targetList?: readonly {
    readonly ResTarget: {
      readonly name?: string
      readonly val?: {
        readonly FuncCall?: {
          readonly funcname: readonly { readonly String: { readonly sval?: string } }[]
          readonly args?: readonly { readonly A_Const?: Constant }[]
        }
      }
    }
  }[]
  readonly fromClause?: readonly unknown[]
}
