import { randomBytes } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { chmod, open, realpath, rename, stat, unlink } from 'node:fs/promises'
import { systemError } from '../errors.ts'
import { paintFor, paintNothing, type Paint } from './colors.ts'

/** Where results go. */
export interface Output {
  readonly isTerminal: boolean
  /** Nothing has been written to it. */
  readonly isBlank: boolean
  /** Size of the terminal as it is now; undefined where it is none. */
  readonly screen: Screen | undefined
  readonly paint: Paint
  /** Resolves when the reader has taken it. Rejects with 58000; see `isClosedPipe`. */
  write(text: string | Uint8Array): Promise<void>
  /** Ends in success: only now does a file get its name. */
  close(): Promise<void>
  /** Ends in failure: a file that stood there before is left as it was. */
  discard(): Promise<void>
}

export interface Screen {
  readonly columns: number
  readonly rows: number
}

/** Writes to a stream that belongs to someone else, such as standard output. */
export function streamOutput(stream: NodeJS.WriteStream): Output {
  // The callback of each write reports its error; without a listener Node would end the process as well.
  stream.on('error', () => undefined)
  let isBlank = true
  return {
    get isBlank() {
      return isBlank
    },
    isTerminal: stream.isTTY,
    get screen() {
      return stream.isTTY ? { columns: stream.columns, rows: stream.rows } : undefined
    },
    paint: paintFor(stream),
    write(text) {
      isBlank &&= text.length === 0
      return written(stream, text)
    },
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
  let isBlank = true
  return {
    isTerminal: false,
    get isBlank() {
      return isBlank
    },
    screen: undefined,
    paint: paintNothing,
    write(text) {
      isBlank &&= text.length === 0
      return written(stream, text)
    },
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

/** Writes to a stream; an error that says EPIPE means that its reader has gone. */
export function written(stream: NodeJS.WritableStream, text: string | Uint8Array): Promise<void> {
  if (text.length === 0) return Promise.resolve()
  return new Promise((resolve, reject) => {
    stream.write(text, (cause) => {
      if (cause === undefined || cause === null) resolve()
      else reject(systemError(`could not write the result: ${reasonOf(cause)}`, { cause }))
    })
  })
}

const reasonOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))
const codeOf = (cause: unknown): unknown => (cause as NodeJS.ErrnoException | undefined)?.code
