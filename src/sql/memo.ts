/** Remembers what was worked out of a text: parsing takes a millisecond, and programs repeat their statements. */
export interface Memo<T> {
  /** What `work` made of the text, now or before. What it throws is not remembered. */
  get(text: string, work: () => T): T
}

const ENTRIES_MAX = 200
/** Longer texts are lists that somebody generated: they are large, and do not come again. */
const CHARACTERS_MAX = 10_000

/** Forgets what was remembered longest ago. */
export function openMemo<T>(): Memo<T> {
  const known = new Map<string, { readonly value: T }>()
  return {
    get(text, work) {
      const found = known.get(text)
      if (found !== undefined) return found.value
      const value = work()
      if (text.length > CHARACTERS_MAX) return value
      const [oldest] = known.keys()
      if (oldest !== undefined && known.size >= ENTRIES_MAX) known.delete(oldest)
      known.set(text, { value })
      return value
    },
  }
}
