import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { qualifiedName } from '../catalog/spec.ts'
import type { TableSpec } from '../catalog/spec.ts'
import type { ServerCatalog } from '../driver/server-catalog.ts'
import { eachOf } from '../driver/shared.ts'
import { SqlError, systemError } from '../errors.ts'

/** Tables that are described at once; the client's own limits hold besides. */
const DESCRIBED_AT_ONCE = 8

export interface FailedTable {
  /** `schema.name` */
  readonly table: string
  readonly error: SqlError
}

/**
 * Writes every discovered table of a server as `<schema>/<table>.json`. Published tables are left out, since no
 * directory may redefine them; files that stand there already are replaced, others left alone.
 * Throws 58000 where a file cannot be written.
 */
export async function syncCatalog(
  server: ServerCatalog,
  directory: string,
  signal: AbortSignal,
): Promise<{ readonly written: number; readonly failed: readonly FailedTable[] }> {
  const { tables, failed } = await tablesOf(server, { signal, withPublished: false })
  try {
    for (const schema of new Set(tables.map((table) => table.schema)))
      await mkdir(join(directory, schema), { recursive: true })
    await eachOf(tables, DESCRIBED_AT_ONCE, (table) =>
      writeFile(join(directory, table.schema, `${table.name}.json`), fileText(table), { signal }),
    )
  } catch (cause) {
    throw systemError(`could not write the tables to "${directory}"`, {
      detail: cause instanceof Error ? cause.message : undefined,
      cause,
    })
  }
  return { written: tables.length, failed }
}

/** The tables that this user may read, each described; a model whose own code fails does not hold up the others. */
export async function tablesOf(
  { discovery, published }: ServerCatalog,
  { signal, withPublished }: { readonly signal: AbortSignal; readonly withPublished: boolean },
): Promise<{ readonly tables: readonly TableSpec[]; readonly failed: readonly FailedTable[] }> {
  const listed = (await discovery.list({ signal })).filter((table) => withPublished || !table.isPublished)
  const described = await eachOf(listed, DESCRIBED_AT_ONCE, async ({ schema, name, isPublished }) => {
    if (isPublished) return published.find(schema, name)
    try {
      return await discovery.table(schema, name, { signal })
    } catch (thrown) {
      if (thrown instanceof SqlError && thrown.condition === 'system_error')
        return { table: qualifiedName({ schema, name }), error: thrown }
      throw thrown
    }
  })
  const found = described.filter((one) => one !== undefined)
  return {
    tables: found.filter((one) => 'columns' in one),
    failed: found.filter((one) => 'error' in one),
  }
}

/** As a person would write the file: what goes without saying is left out. */
function fileText({ examples, columns, ...table }: TableSpec): string {
  const terse = columns.map(({ required, secret, ...column }) => ({
    ...column,
    ...(required && { required }),
    ...(secret && { secret }),
  }))
  const document = { ...table, columns: terse, ...(examples.length > 0 && { examples }) }
  return `${JSON.stringify(document, undefined, 2)}\n`
}
