import type { CallRecord, Cursor } from '../driver/cursor.ts'
import { paintFor } from './colors.ts'
import { counted } from './counted.ts'
import { noticeText } from './error-text.ts'
import { isClosedPipe } from './output.ts'
import { pagedOutput } from './pager.ts'
import { dropRedirection } from './redirect.ts'
import { startProgress } from './progress.ts'
import type { Shell } from './shell.ts'
import { writeResult } from './write-result.ts'

/**
 * Runs one statement and writes its result. Throws SqlError; what was written until then is no whole result.
 * A user who leaves the pager has seen enough: that cancels the read and is no error.
 */
export async function runStatement(shell: Shell, sql: string, signal: AbortSignal): Promise<void> {
  const read = await readStatement(shell, sql, signal)
  if (shell.isTimed && !shell.isQuiet && read !== undefined)
    shell.messages.write(`${statusText(read.rowCount, read.milliseconds, read.calls)}\n`)
}

/** `3 rows, 45 ms, 2 calls, 120 rows fetched`. */
export function statusText(rows: number, milliseconds: number, calls: readonly CallRecord[]): string {
  const time =
    milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`
  const fetched = calls.reduce((sum, call) => sum + (call.rows ?? 0), 0)
  const parts = [counted(rows, 'row'), time, counted(calls.length, 'call')]
  return (calls.length === 0 ? parts : [...parts, `${counted(fetched, 'row')} fetched`]).join(', ')
}

interface ReadStatement {
  readonly rowCount: number
  /** Without the time that the user looked at the pager. */
  readonly milliseconds: number
  readonly calls: readonly CallRecord[]
}

/** Undefined where the user left the pager before the end. */
async function readStatement(
  shell: Shell,
  sql: string,
  signal: AbortSignal,
): Promise<ReadStatement | undefined> {
  const startedAt = performance.now()
  const { connection, last, messages, lendTerminal } = shell
  const pager = shell.isPaged && shell.output.isTerminal ? pagedOutput(shell.output, lendTerminal) : undefined
  const progress = messages.isTTY && !shell.isQuiet ? startProgress(messages, paintFor(messages)) : undefined
  /** Ends a read that was opened, and that nothing takes any more. */
  const ended = new AbortController()
  let cursor: Cursor | undefined
  const written = { isAny: false }
  delete last.calls
  try {
    cursor = await connection.cursor(sql, [], {
      signal: AbortSignal.any([signal, ended.signal, ...(pager === undefined ? [] : [pager.left])]),
      onProgress: (report) => progress?.update(report),
    })
    last.calls = cursor.calls
    const onWrite = (): void => {
      written.isAny = true
      // Both may be the same terminal, and a pager has it for itself.
      if (pager !== undefined) progress?.end()
      else if (shell.output.isTerminal) progress?.hide()
    }
    const result = await writeResult(pager ?? shell.output, cursor, shell, onWrite)
    // A command such as USE leaves the result before it for charts.
    if (result.columns.length > 0) last.result = result
    const milliseconds = performance.now() - startedAt
    progress?.end()
    await pager?.close()
    return { rowCount: result.rowCount, milliseconds, calls: cursor.calls }
  } catch (thrown) {
    ended.abort()
    await pager?.discard()
    if (written.isAny) await dropRedirection(shell)
    if (pager === undefined || !(pager.left.aborted || isClosedPipe(thrown))) throw thrown
    return undefined
  } finally {
    progress?.end()
    printNotices(shell, cursor)
  }
}

function printNotices(shell: Shell, cursor: Cursor | undefined): void {
  for (const notice of cursor?.notices ?? [])
    if (!shell.isQuiet || notice.severity === 'WARNING')
      shell.messages.write(noticeText(notice, paintFor(shell.messages)))
}
