import type { Connection } from '../driver/connection.ts'
import type { Cursor } from '../driver/cursor.ts'
import { errorText, noticeText } from './error-text.ts'
import type { StatementSource } from './error-text.ts'
import { formatterFor } from './format.ts'
import type { Format } from './format-name.ts'
import type { Output } from './output.ts'
import { startProgress } from './progress.ts'
import type { Progress } from './progress.ts'
import { sqlErrorFrom } from '../errors.ts'

/** As much of a connection as the command line needs. */
export type ShellConnection = Pick<Connection, 'cursor' | 'partitions' | 'catalog'>

/** What statements and metacommands work on; metacommands change the settings. */
export interface Shell {
  readonly connection: ShellConnection
  readonly output: Output
  /** Standard error: everything that is no result. */
  readonly messages: Pick<NodeJS.WriteStream, 'write' | 'isTTY'>
  readonly isQuiet: boolean
  format: Format
  /** Shows results as `expanded` where the format is `table`. */
  isExpanded: boolean
  /** Whether a line with rows, time and calls follows each result. */
  isTimed: boolean
}

/** Runs one statement and writes its result. Throws SqlError; what was written until then is no whole result. */
export async function runStatement(shell: Shell, sql: string, signal: AbortSignal): Promise<void> {
  const startedAt = performance.now()
  const progress = shell.messages.isTTY && !shell.isQuiet ? startProgress(shell.messages) : undefined
  let cursor: Cursor | undefined
  let rowCount: number
  try {
    cursor = await shell.connection.cursor(sql, [], {
      signal,
      onProgress: (report) => progress?.update(report),
    })
    rowCount = await writeResult(shell, cursor, progress)
  } finally {
    progress?.end()
    printNotices(shell, cursor)
  }
  if (!shell.isTimed || shell.isQuiet) return
  const status = statusText(rowCount, performance.now() - startedAt, cursor.calls.length)
  shell.messages.write(`${status}\n`)
}

/** Tells the user about an error. */
export function printError(shell: Pick<Shell, 'messages'>, thrown: unknown, source?: StatementSource): void {
  shell.messages.write(errorText(sqlErrorFrom(thrown), source))
}

/** `3 rows, 45 ms, 2 calls`. */
export function statusText(rows: number, milliseconds: number, calls: number): string {
  const time =
    milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`
  return `${counted(rows, 'row')}, ${time}, ${counted(calls, 'call')}`
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`

async function writeResult(shell: Shell, cursor: Cursor, progress: Progress | undefined): Promise<number> {
  const { output } = shell
  // A command such as USE has no result to write; what it did, its notices say.
  if (cursor.columns.length === 0) return drain(cursor)
  const format = shell.isExpanded && shell.format === 'table' ? 'expanded' : shell.format
  const formatter = formatterFor(format, cursor.columns, { isTerminal: output.isTerminal })
  const write = (text: string): Promise<void> => {
    // Both may be the same terminal.
    if (output.isTerminal && text !== '') progress?.hide()
    return output.write(text)
  }
  let rowCount = 0
  await write(formatter.begin())
  for await (const batch of cursor) {
    rowCount += batch.length
    for (const text of formatter.rows(batch)) await write(text)
  }
  for (const text of formatter.end()) await write(text)
  return rowCount
}

async function drain(cursor: Cursor): Promise<number> {
  let rowCount = 0
  for await (const batch of cursor) rowCount += batch.length
  return rowCount
}

function printNotices(shell: Shell, cursor: Cursor | undefined): void {
  for (const notice of cursor?.notices ?? [])
    if (!shell.isQuiet || notice.severity === 'WARNING') shell.messages.write(noticeText(notice))
}
