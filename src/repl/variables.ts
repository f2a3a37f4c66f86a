import { invalidParameterValue } from '../errors.ts'
import { scan, type Token } from '../sql/gate.ts'
import { quoteIdentifier, quoteLiteral } from '../sql/print.ts'

/** Set to `off`, a file goes on after an error. */
export const ON_ERROR_STOP = 'ON_ERROR_STOP'

export type Variables = ReadonlyMap<string, string>

/** Whether a file ends at its first error. */
export const stopsOnError = (variables: Variables): boolean =>
  !/^(off|0|false|no)$/i.test(variables.get(ON_ERROR_STOP) ?? 'on')

/** Throws 22023 for what is no name of a variable. */
export function checkVariableName(name: string): void {
  if (!/^[A-Za-z0-9_]+$/.test(name))
    throw invalidParameterValue(`invalid variable name: "${name}"`, {
      hint: 'A name has letters, digits and underscores.',
    })
}

export interface Substituted {
  readonly text: string
  /** Names that stand in the text and are not set; they are left as they are, since `:n` may also end a slice. */
  readonly unset: readonly string[]
}

/**
 * Replaces `:name` by the value of the variable, `:'name'` by a literal and `:"name"` by an identifier that hold it.
 * PostgreSQL's own tokens tell what is no variable: literals, comments, casts (`::`) and `:=`.
 */
export function substituteVariables(text: string, variables: Variables): Substituted {
  if (!text.includes(':')) return { text, unset: [] }
  const tokens = tokensOf(text)
  const bytes = Buffer.from(text)
  const parts: string[] = []
  const unset: string[] = []
  let done = 0
  tokens.forEach((token, index) => {
    const next = tokens[index + 1]
    if (token.text !== ':' || next === undefined || next.start !== token.end) return
    const spelled = bytes.toString('utf8', next.start, next.end)
    const [, quote = '', name = ''] = /^(['"]?)(\w+)\1$/.exec(spelled) ?? []
    if (name === '') return
    const value = variables.get(name)
    if (value === undefined) {
      unset.push(name)
      return
    }
    parts.push(bytes.toString('utf8', done, token.start), QUOTED[quote]?.(value) ?? value)
    done = next.end
  })
  return { text: parts.join('') + bytes.toString('utf8', done), unset }
}

const QUOTED: Readonly<Record<string, (value: string) => string>> = {
  "'": quoteLiteral,
  '"': quoteIdentifier,
}

/** None where the text has no tokens, such as an open quote: the statement itself will say so. */
function tokensOf(text: string): readonly Token[] {
  try {
    return scan(text)
  } catch {
    return []
  }
}
