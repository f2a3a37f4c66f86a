import { qualifiedName } from './spec.ts'
import type { TableSpec } from './spec.ts'

/** The set of tables that we offer, for lookup by name. */
export interface Catalog {
  /** Every table, ordered by qualified name. */
  readonly tables: readonly TableSpec[]
  /**
   * The table of that name; without a schema, the first one on the search path. Names are compared as they stand:
   * the caller has folded unquoted ones to lower case.
   */
  find(schema: string | undefined, name: string): TableSpec | undefined
  /** Every way to write a table that would be found, for hints. */
  readonly names: readonly string[]
}

/** Where a table without a schema is looked for, in this order. */
export const SEARCH_PATH = ['ir', 'res', 'public'] as const

/** The lookup over `tables`, whose qualified names are unique. */
export function catalogOf(tables: readonly TableSpec[]): Catalog {
  const ordered = [...tables].sort((a, b) => compare(qualifiedName(a), qualifiedName(b)))
  const byName = new Map(ordered.map((table) => [qualifiedName(table), table]))
  const find = (schema: string | undefined, name: string): TableSpec | undefined => {
    if (schema !== undefined) return byName.get(qualifiedName({ schema, name }))
    for (const searched of SEARCH_PATH) {
      const table = byName.get(qualifiedName({ schema: searched, name }))
      if (table !== undefined) return table
    }
    return undefined
  }
  const bare = ordered.filter((table) => find(undefined, table.name) === table).map((table) => table.name)
  return { tables: ordered, find, names: [...byName.keys(), ...bare] }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
