import { qualifiedName } from '../catalog/spec.ts'
import type { TableSpec } from '../catalog/spec.ts'
import { dropTableDdl, foreignKeyDdl, tableDdl } from './ddl.ts'
import type { DdlOptions, TableDdl } from './ddl.ts'

/** The tables that an engine has, or will have when it starts again. */
export interface EngineTables {
  /** What makes them, of those that the image holds (name → hash of its DDL), the right ones. */
  ddlOfStart(present: Readonly<Record<string, string>>): string
  /**
   * What adds tables, or makes those anew that differ, in one go; undefined where all are there as they should be.
   * To be kept once it has run, and only then.
   */
  ddlOf(added: readonly TableSpec[]): { readonly sql: string; readonly keep: () => void } | undefined
}

interface Entry {
  readonly table: TableSpec
  readonly ddl: TableDdl
}

export function openTables(initial: readonly TableSpec[], options: DdlOptions): EngineTables {
  const ddls = new WeakMap<TableSpec, TableDdl>()
  const ddlOfTable = (table: TableSpec): TableDdl => {
    const known = ddls.get(table) ?? tableDdl(table, options)
    ddls.set(table, known)
    return known
  }
  const entryOf = (table: TableSpec): [string, Entry] => [
    qualifiedName(table),
    { table, ddl: ddlOfTable(table) },
  ]
  const entries = new Map(initial.map(entryOf))

  function sqlOf(
    made: readonly Entry[],
    dropped: readonly string[],
    all: ReadonlyMap<string, Entry>,
  ): string {
    const names = new Set(made.map(({ ddl }) => ddl.name))
    const tables = made.map(({ table }) => table)
    const others = [...all.values()].filter(({ ddl }) => !names.has(ddl.name)).map(({ table }) => table)
    return [
      ...dropped.map(dropTableDdl),
      ...made.map(({ ddl }) => ddl.sql),
      foreignKeyDdl(tables, [...tables, ...others], options),
      foreignKeyDdl(others, tables, options),
    ].join('\n')
  }

  return {
    ddlOfStart(present) {
      const made = [...entries.values()].filter(({ ddl }) => present[ddl.name] !== ddl.hash)
      const isKept = (name: string): boolean => entries.get(name)?.ddl.hash === present[name]
      return sqlOf(
        made,
        Object.keys(present).filter((name) => !isKept(name)),
        entries,
      )
    },
    ddlOf(added) {
      const changed = new Map(
        added.map(entryOf).filter(([name, { ddl }]) => entries.get(name)?.ddl.hash !== ddl.hash),
      )
      if (changed.size === 0) return undefined
      const dropped = [...changed.keys()].filter((name) => entries.has(name))
      return {
        sql: sqlOf([...changed.values()], dropped, new Map([...entries, ...changed])),
        keep() {
          for (const [name, entry] of changed) entries.set(name, entry)
        },
      }
    },
  }
}
