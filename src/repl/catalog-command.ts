import { checkCatalog, loadCatalog, publishedDirectory } from '../catalog/load.ts'
import { sqlErrorFrom } from '../errors.ts'
import type { Command } from './arguments.ts'
import { tableDescription, tableList } from './catalog-text.ts'
import { EXIT, exitCodeOf } from './exit.ts'
import type { ExitCode } from './exit.ts'
import { isClosedPipe, streamOutput } from './output.ts'
import { printError } from './shell.ts'
import { visibleText } from './visible.ts'

/** `catalog list`, `catalog show TABLE`, `catalog check [DIR]`: none of them needs a server. */
export async function runCatalog(command: Extract<Command, { kind: 'catalog' }>): Promise<ExitCode> {
  const output = streamOutput(process.stdout)
  try {
    if (command.action === 'check') {
      const { text, isSound } = await checked(command.directory ?? publishedDirectory())
      await output.write(text)
      return isSound ? EXIT.done : EXIT.sqlError
    }
    const catalog = await loadCatalog()
    await output.write(
      command.action === 'list' ? tableList(catalog) : tableDescription(catalog, command.table),
    )
    return EXIT.done
  } catch (thrown) {
    if (isClosedPipe(thrown)) return EXIT.done
    printError({ messages: process.stderr }, thrown)
    return exitCodeOf(sqlErrorFrom(thrown))
  }
}

/** One line a fault, `file:line: path: message`, as editors and CI read it. */
async function checked(directory: string): Promise<{ text: string; isSound: boolean }> {
  const faulty = await checkCatalog(directory)
  const lines = faulty.flatMap(({ file, faults }) =>
    faults.map(({ line, path, message }) => `${file}:${line}: ${path === '' ? '' : `${path}: `}${message}\n`),
  )
  return lines.length === 0
    ? { text: 'No faults.\n', isSound: true }
    : { text: visibleText(lines.join('')), isSound: false }
}
