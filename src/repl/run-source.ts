import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import type { SqlError } from '../errors.ts'
import { queryCanceled, sqlErrorFrom, systemError } from '../errors.ts'
import { splitStatements } from '../sql/gate.ts'
import type { Source } from './arguments.ts'
import { runMetacommand } from './metacommands.ts'
import { isClosedPipe } from './output.ts'
import { scriptReader } from './script.ts'
import type { ScriptItem } from './script.ts'
import { printError, runStatement } from './shell.ts'
import type { Shell } from './shell.ts'

/** Runs statement after statement; an error ends it, is printed, and is returned. */
export async function runSource(
  shell: Shell,
  source: Source,
  signal: AbortSignal,
): Promise<SqlError | 'leave' | undefined> {
  let item: ScriptItem | undefined
  try {
    for await (item of itemsOf(source, signal)) {
      signal.throwIfAborted()
      if (item.kind === 'statement') await runStatement(shell, item.text, signal)
      else if ((await runMetacommand(shell, item.text)) === 'leave') return 'leave'
      item = undefined
    }
    return undefined
  } catch (thrown) {
    if (isClosedPipe(thrown)) throw thrown
    const error = signal.aborted
      ? queryCanceled('canceling statement due to user request')
      : sqlErrorFrom(thrown)
    const file = source.kind === 'file' && source.path !== '-' ? source.path : undefined
    const statement =
      item === undefined
        ? undefined
        : {
            text: item.text,
            file: file === undefined ? undefined : { name: file, line: item.line },
          }
    printError(shell, error, statement)
    return error
  }
}

async function* itemsOf(source: Source, signal: AbortSignal): AsyncIterable<ScriptItem> {
  const reader = scriptReader(splitStatements)
  if (source.kind === 'command') yield* reader.push(source.text)
  else
    for await (const text of textOf(source.path, signal)) {
      yield* reader.push(text)
    }
  yield* reader.end()
}

async function* textOf(path: string, signal: AbortSignal): AsyncIterable<string> {
  const stream: Readable = path === '-' ? process.stdin : createReadStream(path)
  stream.setEncoding('utf8')
  const stop = (): void => {
    stream.destroy()
  }
  signal.addEventListener('abort', stop, { once: true })
  let isStart = true
  try {
    for await (const text of stream as AsyncIterable<string>) {
      yield isStart ? text.replace(/^\ufeff/, '') : text
      isStart = false
    }
  } catch (cause) {
    throw systemError(`could not read "${path}": ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    })
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
