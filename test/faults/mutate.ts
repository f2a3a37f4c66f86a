import type { Random } from '../support/generate-random.ts'

/** Characters that mean something to somebody on the way. */
const SIGNS = [
  "'", '"', '$$', '$1', '\\', ';', '--', '/*', '*/', '(', ')', '[', ']', '{', '}', ',', '.', '::', '=', '%', '_', '~',
  '\0', '\u0085', '\u2028', '\ud800', 'é', '📮', '\n', '\t', '0', '-1', '1e400', '99999999999999999999', '0x', 'NULL', 'NOT',
  'SELECT', 'FROM', 'WHERE', 'ORDER BY', 'LIMIT', 'INSERT', 'FOR UPDATE', 'INTO', 'WITH', 'AS', 'CASE', 'END', 'IN', 'ANY',
  "E'\\'", "U&'\\0041'", "B'2'", '"_partition"', 'ctid', 'pg_catalog.', 'ir.', 'odoo.', '__proto__', 'constructor',
] // prettier-ignore

/** The text with a change, often the only one; `others` lend their words. */
export function mutateText(random: Random, text: string, others: readonly string[]): string {
  let changed = mutateOnce(random, text, others)
  while (random.chance(40)) changed = mutateOnce(random, changed, others)
  return changed
}

function mutateOnce(random: Random, text: string, others: readonly string[]): string {
  const at = random.below(text.length + 1)
  const to = Math.min(text.length, at + 1 + random.below(12))
  const words = text.split(' ')
  const word = random.below(words.length)
  return random.pick<() => string>([
    () => text.slice(0, at) + random.pick(SIGNS) + text.slice(at),
    () => text.slice(0, at) + text.slice(to),
    () => text.slice(0, at) + text.slice(at, to) + text.slice(at),
    () => text.slice(0, at),
    () => words.filter((_, index) => index !== word).join(' '),
    () => words.with(word, random.pick(random.pick(others).split(' '))).join(' '),
    () => words.with(word, random.pick(SIGNS)).join(' '),
    () => words.with(word, `(${words[word]!})`).join(' '),
    () => {
      const other = random.pick(others)
      return text.slice(0, at) + other.slice(random.below(other.length))
    },
    () => text.slice(0, at) + String.fromCharCode(random.below(0x10000)) + text.slice(to),
  ])()
}

const ODD_VALUES: readonly unknown[] = [
  null, true, false, 0, -1, 1.5, 1e308, 2 ** 53, '', ' ', 'x', '\0', '\ud800', '2026-02-30', '0', '[]', [], [[]], [null], {},
  { id: 1 }, [1, 'one', 2], 'A'.repeat(5_000), '__proto__',
] // prettier-ignore

/** The value with one of its parts left out, doubled, renamed or made something else. */
export function mutateValue(random: Random, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || random.chance(8)) return random.pick(ODD_VALUES)
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value
    if (items.length === 0) return [random.pick(ODD_VALUES)]
    const at = random.below(items.length)
    return random.pick<() => unknown>([
      () => items.with(at, mutateValue(random, items[at])),
      () => items.with(at, mutateValue(random, items[at])),
      () => items.toSpliced(at, 1),
      () => items.toSpliced(at, 0, items[at]),
      () => Object.fromEntries(items.entries()),
    ])()
  }
  const entries: [string, unknown][] = Object.entries(value)
  if (entries.length === 0) return { [String(random.pick(ODD_VALUES))]: random.pick(ODD_VALUES) }
  const at = random.below(entries.length)
  const [key, part] = entries[at]!
  return random.pick<() => unknown>([
    () => Object.fromEntries(entries.with(at, [key, mutateValue(random, part)])),
    () => Object.fromEntries(entries.with(at, [key, mutateValue(random, part)])),
    () => Object.fromEntries(entries.toSpliced(at, 1)),
    () =>
      Object.fromEntries(
        entries.with(at, [random.pick(['__proto__', 'id', '', 'constructor', `${key}x`]), part]),
      ),
    () => entries,
  ])()
}
