import { randomBytes } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { chmod, open, realpath, rename, stat, unlink } from 'node:fs/promises'
import { systemError } from '../errors.ts'

/** Where results go. */
export interface Output {
  readonly isTerminal: boolean
  /** Resolves when the reader has taken the text. Rejects with 58000; see `isClosedPipe`. */
  write(text: string): Promise<void>
  /** Ends in success: only now does a file get its name. */
  close(): Promise<void>
  /** Ends in failure: a file that stood there before is left as it was. */
  discard(): Promise<void>
}

/** Writes to a stream that belongs to someone else, such as standard output. */
export function streamOutput(stream: NodeJS.WriteStream): Output {
  // The callback of each write reports its error; without a listener Node would end the process as well.
  stream.on('error', () => undefined)
  return {
    isTerminal: stream.isTTY,
    write: (text) => written(stream, text),
    close: () => Promise.resolve(),
    discard: () => Promise.resolve(),
  }
}

/**
 * Writes to a file through a temporary one beside it. What is no regular file (a device, a named pipe) is written directly.
 * Throws 58000 where it cannot be opened.
 */
export async function fileOutput(path: string): Promise<Output> {
  const target = await realpath(path).catch(() => path)
  const existing = await stat(target).catch(() => undefined)
  const isDirect = existing !== undefined && !existing.isFile()
  const writtenPath = isDirect ? target : `${target}.${randomBytes(6).toString('hex')}.tmp`
  const file = await open(writtenPath, isDirect ? 'w' : 'wx').catch((cause: unknown) => {
    throw systemError(`could not open file "${path}" for writing: ${reasonOf(cause)}`, { cause })
  })
  const stream = createWriteStream('', { fd: file })
  stream.on('error', () => undefined)
  const end = () =>
    new Promise<void>((resolve) => {
      stream.close(() => {
        resolve()
      })
    })
  return {
    isTerminal: false,
    write: (text) => written(stream, text),
    async close() {
      await end()
      if (isDirect) return
      try {
        if (existing !== undefined) await chmod(writtenPath, existing.mode)
        await rename(writtenPath, target)
      } catch (cause) {
        await unlink(writtenPath).catch(() => undefined)
        throw systemError(`could not write file "${path}": ${reasonOf(cause)}`, { cause })
      }
    },
    async discard() {
      await end()
      if (!isDirect) await unlink(writtenPath).catch(() => undefined)
    },
  }
}

/** Whether a write failed because the reader had seen enough (`| head`), which is no failure of ours. */
export const isClosedPipe = (thrown: unknown): boolean =>
  thrown instanceof Error && codeOf(thrown.cause) === 'EPIPE'

function written(stream: NodeJS.WritableStream, text: string): Promise<void> {
  if (text === '') return Promise.resolve()
  return new Promise((resolve, reject) => {
    stream.write(text, (cause) => {
      if (cause === undefined || cause === null) resolve()
      else reject(systemError(`could not write the result: ${reasonOf(cause)}`, { cause }))
    })
  })
}

const reasonOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))
const codeOf = (cause: unknown): unknown => (cause as NodeJS.ErrnoException | undefined)?.code
