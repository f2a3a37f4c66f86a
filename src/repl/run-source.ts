import type { SqlError } from '../errors.ts'
import { limitExceeded, queryCanceled, sqlErrorFrom } from '../errors.ts'
import { splitStatements } from '../sql/gate.ts'
import type { Source } from './arguments.ts'
import type { Outcome } from './metacommand.ts'
import { runMetacommand } from './metacommands.ts'
import { isClosedPipe } from './output.ts'
import { runStatement } from './run-statement.ts'
import { scriptReader } from './script.ts'
import type { ScriptItem } from './script.ts'
import { printError } from './shell.ts'
import type { Shell } from './shell.ts'
import { textOf } from './source-text.ts'
import { stopsOnError, substituteVariables } from './variables.ts'

/** Files that may read files (`\i`), one inside the other. */
export const INCLUDE_DEPTH_MAX = 8

export interface RunOptions {
  readonly signal: AbortSignal
  /** The file that the item stands in. */
  readonly file?: string | undefined
  /** How many files are being read, one inside the other. */
  readonly depth?: number
}

/** Runs one statement or metacommand. Prints its error; rejects only where the reader of the results has gone. */
export async function runItem(shell: Shell, item: ScriptItem, options: RunOptions): Promise<Outcome> {
  const { signal, file, depth = 0 } = options
  const place = file === undefined ? undefined : { name: file, line: item.line }
  const written = item.kind === 'statement' ? item.text : item.query
  const { text, unset } = substituteVariables(written ?? '', shell.variables)
  const source = written === undefined ? place && { text: '', file: place } : { text, file: place }
  try {
    signal.throwIfAborted()
    if (item.kind === 'metacommand') {
      const include = (path: string): Promise<Outcome> =>
        runSource(shell, { kind: 'file', path }, { signal, depth: depth + 1 })
      const runText = (script: string): Promise<Outcome> =>
        runSource(shell, { kind: 'command', text: script }, { signal, depth: depth + 1 })
      const query = written === undefined ? undefined : text
      return await runMetacommand(shell, item.text, { signal, include, runText, query })
    }
    shell.last.statement = text
    await runStatement(shell, text, signal)
    return 'stay'
  } catch (thrown) {
    if (isClosedPipe(thrown)) throw thrown
    const error = hinted(sqlErrorFrom(signal.aborted ? canceled() : thrown), unset)
    shell.last.error = { error, source }
    printError(shell, error, source)
    return error
  }
}

/**
 * Runs a file or the text of a command, statement after statement, up to the first error or, where ON_ERROR_STOP is
 * off, to the end; gives the first error then.
 */
export async function runSource(shell: Shell, source: Source, options: RunOptions): Promise<Outcome> {
  const { signal, depth = 0 } = options
  const file = source.kind === 'file' && source.path !== '-' ? source.path : undefined
  let failed: SqlError | undefined
  try {
    if (depth > INCLUDE_DEPTH_MAX)
      throw limitExceeded('files read files without end', {
        hint: `At most ${INCLUDE_DEPTH_MAX} may stand one inside the other.`,
      })
    for await (const item of itemsOf(source, signal)) {
      const outcome = await runItem(shell, item, { signal, file, depth })
      if (outcome === 'leave') return outcome
      if (outcome === 'stay') continue
      failed ??= outcome
      if (signal.aborted || stopsOnError(shell.variables)) return outcome
    }
    return failed ?? 'stay'
  } catch (thrown) {
    if (isClosedPipe(thrown)) throw thrown
    const error = sqlErrorFrom(signal.aborted ? canceled() : thrown)
    printError(shell, error)
    return error
  }
}

const canceled = (): SqlError => queryCanceled('canceling statement due to user request')

/** A variable that is not set stays in the statement, where it is hardly ever right. */
function hinted(error: SqlError, unset: readonly string[]): SqlError {
  const [name] = unset
  if (error.condition !== 'syntax_error' || error.hint !== undefined || name === undefined) return error
  return error.with({ hint: `Variable "${name}" is not set. Set it with \\set ${name} VALUE.` })
}

async function* itemsOf(source: Source, signal: AbortSignal): AsyncIterable<ScriptItem> {
  const reader = scriptReader(splitStatements)
  if (source.kind === 'command') yield* reader.push(source.text)
  else for await (const text of textOf(source.path, signal)) yield* reader.push(text)
  yield* reader.end()
}
