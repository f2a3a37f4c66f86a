import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { TextDecoder } from 'node:util'
import { badCharacter, SqlError, systemError } from '../errors.ts'

/** The text of a file, or of standard input (`-`), piece by piece. Throws 58000 where it cannot be read, 22021 where it is no text. */
export async function* textOf(path: string, signal: AbortSignal): AsyncIterable<string> {
  const stream: Readable = path === '-' ? process.stdin : createReadStream(path)
  const stop = (): void => {
    stream.destroy()
  }
  signal.addEventListener('abort', stop, { once: true })
  const decoder = new TextDecoder('utf-8', { fatal: true })
  try {
    for await (const bytes of stream as AsyncIterable<Buffer>) yield decoded(bytes, path, decoder)
    yield decoded(undefined, path, decoder)
  } catch (cause) {
    if (cause instanceof SqlError) throw cause
    throw systemError(`could not read "${path}": ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    })
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

/** A byte order mark at the start is dropped by the decoder. */
function decoded(bytes: Uint8Array | undefined, path: string, decoder: TextDecoder): string {
  const notText = badCharacter(`${path === '-' ? 'standard input' : `"${path}"`} is no UTF-8 text`)
  let text: string
  try {
    text = bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true })
  } catch {
    throw notText
  }
  if (text.includes('\0')) throw notText
  return text
}
