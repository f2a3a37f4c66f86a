import type { Catalog } from '../catalog/catalog.ts'
import { checkCatalog, loadCatalog, publishedDirectory } from '../catalog/load.ts'
import { rowTypes } from '../catalog/row-types.ts'
import { openServerCatalog, type ServerCatalog } from '../driver/server-catalog.ts'
import { invalidParameterValue, sqlErrorFrom } from '../errors.ts'
import type { CatalogAction, CatalogCommand, CatalogSource } from './arguments.ts'
import { syncCatalog, tablesOf } from './catalog-sync.ts'
import { describeTable, findTable, listedTables, requireTable, tableList } from './catalog-text.ts'
import { serverOptions } from './connect-options.ts'
import { errorText } from './error-text.ts'
import { EXIT, exitCodeOf, exitCodeOfConnecting } from './exit.ts'
import type { ExitCode } from './exit.ts'
import { interruptible } from './interruptible.ts'
import { streamOutput } from './output.ts'
import type { Output } from './output.ts'
import { printError } from './shell.ts'
import { targetFrom } from './target.ts'
import { visibleText } from './visible.ts'

/** `catalog …`: over files, and over a server where one is named. Prints every error itself. */
export function runCatalog(command: CatalogCommand): Promise<ExitCode> {
  return interruptible((signal) => run(command, streamOutput(process.stdout), signal), exitCodeOf)
}

async function run(command: CatalogCommand, output: Output, signal: AbortSignal): Promise<ExitCode> {
  if (command.action === 'check') return check(command.directory ?? publishedDirectory(), output)
  const { source = NO_SOURCE } = command
  const files = await loadCatalog(source.catalog === undefined ? [] : [source.catalog], { signal })
  // What a file describes needs no server.
  const needsServer = command.action !== 'show' || findTable(files, command.table) === undefined
  let server: ServerCatalog | undefined
  try {
    server = needsServer ? await openServer(source, signal) : undefined
    if (server === undefined && command.action === 'sync')
      throw invalidParameterValue('no server is named', {
        hint: 'Give a URL such as odoo://login@host:port/database, or set ODOO_URL.',
      })
  } catch (thrown) {
    printError({ messages: process.stderr }, thrown)
    return exitCodeOfConnecting(sqlErrorFrom(thrown))
  }
  try {
    return await act(command, { files, server, output, signal })
  } finally {
    server?.close()
  }
}

const NO_SOURCE: CatalogSource = { url: undefined, config: undefined, partitions: [], catalog: undefined }

/** Undefined where neither the command nor the environment names a server. */
async function openServer(source: CatalogSource, signal: AbortSignal): Promise<ServerCatalog | undefined> {
  const target = source.config === undefined ? targetFrom(source.url, process.env) : undefined
  if (target === undefined && source.config === undefined) return undefined
  return openServerCatalog({ ...(await serverOptions(source, target)), signal })
}

interface Within {
  readonly files: Catalog
  readonly server: ServerCatalog | undefined
  readonly output: Output
  readonly signal: AbortSignal
}

async function act(
  command: Exclude<CatalogAction, { action: 'check' }>,
  { files, server, output, signal }: Within,
): Promise<ExitCode> {
  switch (command.action) {
    case 'list': {
      const listed = await server?.discovery.list({ signal })
      await output.write(listed === undefined ? tableList(files) : listedTables(listed, files))
      return EXIT.done
    }
    case 'show':
      await output.write(describeTable(await requireTable(command.table, files, server, signal)))
      return EXIT.done
    case 'types': {
      const named = await Promise.all(command.tables.map((name) => requireTable(name, files, server, signal)))
      const { tables, failed } =
        named.length > 0 || server === undefined
          ? { tables: named.length > 0 ? named : files.tables, failed: [] }
          : await tablesOf(server, { signal, withPublished: true })
      await output.write(visibleText(rowTypes(tables)))
      return reportFailed(failed)
    }
    case 'sync': {
      if (server === undefined) return EXIT.usage
      const { written, failed } = await syncCatalog(server, command.directory, signal)
      await output.write(
        `Wrote ${written} tables of ${server.partition} to ${visibleText(command.directory)}.\n`,
      )
      return reportFailed(failed)
    }
    default:
      return command satisfies never
  }
}

/** Tables whose own code in Odoo fails are left out, and the exit status says so. */
function reportFailed(failed: readonly { readonly table: string; readonly error: unknown }[]): ExitCode {
  for (const { table, error } of failed)
    process.stderr.write(`${visibleText(table)} is left out.\n${errorText(sqlErrorFrom(error))}`)
  return failed.length === 0 ? EXIT.done : EXIT.sqlError
}

/** One line a fault, `file:line: path: message`, as editors and CI read it. */
async function check(directory: string, output: Output): Promise<ExitCode> {
  const faulty = await checkCatalog(directory)
  const lines = faulty.flatMap(({ file, faults }) =>
    faults.map(({ line, path, message }) => `${file}:${line}: ${path === '' ? '' : `${path}: `}${message}\n`),
  )
  await output.write(lines.length === 0 ? 'No faults.\n' : visibleText(lines.join('')))
  return lines.length === 0 ? EXIT.done : EXIT.sqlError
}
