import type { Catalog } from '../catalog/catalog.ts'
import { checkCatalog, loadCatalog, publishedDirectory } from '../catalog/load.ts'
import { rowTypes } from '../catalog/row-types.ts'
import { openServerCatalog, type ServerCatalog } from '../driver/server-catalog.ts'
import { sqlErrorFrom } from '../errors.ts'
import type { CatalogCommand } from './arguments.ts'
import { syncCatalog } from './catalog-sync.ts'
import { describeTable, listedTables, requireTable, tableList } from './catalog-text.ts'
import { serverOptions } from './connect-options.ts'
import { EXIT, exitCodeOf, exitCodeOfConnecting } from './exit.ts'
import type { ExitCode } from './exit.ts'
import { isClosedPipe, streamOutput, type Output } from './output.ts'
import { printError } from './shell.ts'
import { targetFrom } from './target.ts'
import { visibleText } from './visible.ts'

type Action<Name> = Extract<CatalogCommand, { action: Name }>

/** `catalog …`: over files, and over a server where one is named. Prints every error itself. */
export async function runCatalog(command: CatalogCommand): Promise<ExitCode> {
  const interrupt = new AbortController()
  const onSignal = (): void => {
    // The second signal is that of a user who has waited long enough.
    if (interrupt.signal.aborted) process.exit(EXIT.interrupted)
    interrupt.abort()
  }
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal)
  const output = streamOutput(process.stdout)
  try {
    const code = await run(command, output, interrupt.signal)
    return interrupt.signal.aborted ? EXIT.interrupted : code
  } catch (thrown) {
    if (isClosedPipe(thrown)) return EXIT.done
    printError({ messages: process.stderr }, thrown)
    return interrupt.signal.aborted ? EXIT.interrupted : exitCodeOf(sqlErrorFrom(thrown))
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
  }
}

async function run(command: CatalogCommand, output: Output, signal: AbortSignal): Promise<ExitCode> {
  switch (command.action) {
    case 'check':
      return check(command.directory ?? publishedDirectory(), output)
    case 'show':
      return show(command, output, signal)
    case 'list':
      return onServer(command, signal, output, async (files, server) => {
        const tables = await server?.discovery.list({ signal })
        await output.write(tables === undefined ? tableList(files) : listedTables(tables))
      })
    case 'types':
      return onServer(command, signal, output, async (files, server) => {
        await output.write(await typesText(command, files, server, signal))
      })
    case 'sync':
      return sync(command, output, signal)
    default:
      return command satisfies never
  }
}

/** Runs `work` with the files and, where the command or the environment names one, with a server. */
async function onServer(
  command: CatalogCommand,
  signal: AbortSignal,
  _output: Output,
  work: (files: Catalog, server: ServerCatalog | undefined) => Promise<ExitCode | undefined | void>,
): Promise<ExitCode> {
  const { source } = command
  const target = source?.config === undefined ? targetFrom(source?.url, process.env) : undefined
  return EXIT.done
}
