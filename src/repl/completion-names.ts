import { scan } from '../sql/gate.ts'

/** A name as it has to be typed: in quotes where it has other than small letters, or is reserved. */
export const identifier = (name: string, quote?: string): string =>
  isWord(name) && (scan(name)[0]?.keywordKind ?? 0) < 3 ? member(name, quote) : quoted(name, '"')

/** The same behind a dot, where no word is reserved. */
export const member = (name: string, quote?: string): string =>
  quote !== '"' && isWord(name) ? name : quoted(name, '"')

const isWord = (name: string): boolean => /^[a-z_][a-z0-9_]*$/.test(name)

export const qualified = (path: readonly string[], name: string): string =>
  [...path.map((part, index) => (index === 0 ? identifier(part) : member(part))), name].join('.')

/** A text in quotes of that kind. */
export const quoted = (name: string, quote: string): string =>
  `${quote}${name.replaceAll(quote, quote + quote)}${quote}`
