/** A pattern of names as psql has them: `*` and `?`, a point between schema and name, upper case only in double quotes. */
export interface NamePattern {
  readonly matches: (schema: string, name: string) => boolean
  /** The name itself, where the pattern has no wildcard. */
  readonly exact: { readonly schema: string | undefined; readonly name: string } | undefined
}

export function namePattern(text: string): NamePattern {
  const [first = '', ...rest] = splitAtPoint(text)
  // A database may stand before the schema, as in the result of a copy and paste.
  const [schema, name] = rest.length === 0 ? [undefined, first] : [rest.at(-2) ?? first, rest.at(-1) ?? '']
  const [schemaRegex, nameRegex] = [schema === undefined ? /^/ : regexOf(schema), regexOf(name)]
  const isExact = !/[*?]/.test(text.replace(/"[^"]*"/g, ''))
  return {
    matches: (inSchema, ofName) => schemaRegex.test(inSchema) && nameRegex.test(ofName),
    exact: isExact
      ? { schema: schema === undefined ? undefined : folded(schema), name: folded(name) }
      : undefined,
  }
}

/** Parts between points, of which those in quotes do not count. */
const splitAtPoint = (text: string): string[] => text.match(/(?:"[^"]*"?|[^".])+/g) ?? []

const folded = (text: string): string =>
  pieces(text)
    .map(({ text: piece, isQuoted }) => (isQuoted ? piece : piece.toLowerCase()))
    .join('')

function regexOf(text: string): RegExp {
  const source = pieces(text).map(({ text: piece, isQuoted }) => {
    const literal = (isQuoted ? piece : piece.toLowerCase()).replace(/[\\^$.|+()[\]{}*?]/g, '\\$&')
    return isQuoted ? literal : literal.replaceAll('\\*', '.*').replaceAll('\\?', '.')
  })
  return new RegExp(`^${source.join('')}$`)
}

const pieces = (text: string): { readonly text: string; readonly isQuoted: boolean }[] =>
  (text.match(/"[^"]*"?|[^"]+/g) ?? []).map((piece) =>
    piece.startsWith('"')
      ? { text: piece.replaceAll('"', ''), isQuoted: true }
      : { text: piece, isQuoted: false },
  )
