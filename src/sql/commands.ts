import { notSupported, syntaxError } from '../errors.ts'
import { characterAt, isComment, scan, type ParseNode, type Token } from './gate.ts'

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

/** `SET name = value`, `SET name TO DEFAULT` and `RESET name`; undefined is the default. */
export function readSet(fields: ParseNode): { name: string; value: string | undefined } {
  const { name = '', kind, is_local: isLocal, args = [] } = fields as SetFields
  if (kind === 'VAR_RESET' || kind === 'VAR_SET_DEFAULT')
    return { name: name.toLowerCase(), value: undefined }
  if (kind !== 'VAR_SET_VALUE' || isLocal === true) throw notSupported('this form of SET is not supported')
  const values = args.map(({ A_Const: constant }) => {
    if (constant === undefined) throw notSupported('SET takes plain values')
    const { sval, fval, boolval, ival } = constant
    // The grammar's tree leaves out zeros and false.
    return (
      sval?.sval ??
      fval?.fval ??
      (boolval === undefined ? String(ival?.ival ?? 0) : String(boolval.boolval ?? false))
    )
  })
  return { name: name.toLowerCase(), value: values.join(',') }
}

interface SetFields {
  readonly name?: string
  readonly kind?: string
  readonly is_local?: boolean
  readonly args?: readonly {
    readonly A_Const?: {
      readonly sval?: { readonly sval?: string }
      readonly fval?: { readonly fval?: string }
      readonly ival?: { readonly ival?: number }
      readonly boolval?: { readonly boolval?: boolean }
    }
  }[]
}
