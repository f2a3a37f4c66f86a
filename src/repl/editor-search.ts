import type { Key } from './keys.ts'
import { visibleLine } from './visible.ts'
import { displayWidth } from './width.ts'

/** A reverse search, as Ctrl-R starts it. */
export interface Search {
  readonly query: string
  /** Index of the entry found last; the number of entries before there is one. */
  readonly index: number
  /** The query is in no further entry. */
  readonly isFailed: boolean
}

export const startSearch = (entries: readonly string[]): Search => ({
  query: '',
  index: entries.length,
  isFailed: false,
})

/** The search behind a key; undefined where the key is none of its own. */
export function searchAfter(
  entries: readonly string[],
  search: Search,
  key: Key,
): Search | 'give up' | undefined {
  if (key.kind === 'text') return extendSearch(entries, search, key.text)
  if (key.kind !== 'chord') return undefined
  switch (key.name) {
    case 'ctrl+r':
      return searchOn(entries, search, -1)
    case 'ctrl+s':
      return searchOn(entries, search, 1)
    case 'backspace':
    case 'ctrl+h':
      return shortenSearch(entries, search)
    case 'ctrl+g':
    case 'ctrl+c':
      return 'give up'
    default:
      return undefined
  }
}

/** The query before what was found; the lines below it stand under its first. */
export function searchPrompts(search: Search, text: string, columns: number): string[] {
  const whole = searchPrompt(search)
  const first = displayWidth(whole) <= columns - FOUND_COLUMNS_MIN ? whole : '? '
  const rest = ' '.repeat(displayWidth(first))
  return text.split('\n').map((_line, index) => (index === 0 ? first : rest))
}

/** Columns that the prompt of a search leaves for what it finds. */
const FOUND_COLUMNS_MIN = 20

/** The search for a longer query: an entry that still fits stays. */
const extendSearch = (entries: readonly string[], search: Search, text: string): Search =>
  find(entries, { ...search, query: search.query + text }, search.index, -1)

/** The search for a query without its last character, from the newest entry on. */
function shortenSearch(entries: readonly string[], search: Search): Search {
  const query = Array.from(search.query).slice(0, -1).join('')
  return query === '' ? startSearch(entries) : find(entries, { ...search, query }, entries.length - 1, -1)
}

/** The next older entry, or the next newer one, that holds the query. */
const searchOn = (entries: readonly string[], search: Search, step: -1 | 1): Search =>
  search.query === '' ? search : find(entries, search, search.index + step, step)

/** Letters of either case are the same unless the query has capitals. */
function find(entries: readonly string[], search: Search, from: number, step: -1 | 1): Search {
  for (let index = Math.min(from, entries.length - 1); index >= 0 && index < entries.length; index += step)
    if (foundAt(entries[index] ?? '', search.query) >= 0) return { ...search, index, isFailed: false }
  return { ...search, isFailed: true }
}

/** Where the query stands in an entry, or below 0. */
export const foundAt = (entry: string, query: string): number =>
  query === query.toLowerCase() ? entry.toLowerCase().indexOf(query) : entry.indexOf(query)

const searchPrompt = ({ query, isFailed }: Search): string =>
  `(${isFailed ? 'failed ' : ''}reverse-i-search)'${visibleLine(query)}': `
