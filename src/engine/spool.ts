import { randomUUID } from 'node:crypto'
import { open, unlink } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { diskFull, limitExceeded, SqlError, systemError } from '../errors.ts'

export interface SpoolLimits {
  /** Bytes of one temporary file, for the rows of one statement that do not fit into the memory set aside for them. */
  readonly spoolBytesMax: number
}

/** Bytes, and what their reader has to know of them. */
export interface Spooled<Label> {
  readonly bytes: Uint8Array
  readonly label: Label
}

/**
 * First in, first out, between a fast writer and a reader of any pace, so that neither holds the engine for the other.
 * The temporary file has no name from before its first byte on: however the process ends, it leaves nothing behind.
 */
export interface Spool<Label> {
  /** Any number may be under way at once. Throws 54000 beyond `spoolBytesMax`, 53100 where the disk is full. */
  put(bytes: Uint8Array, label: Label): Promise<void>
  /** Nothing more comes. The reader gets the error after all that was put. */
  end(error?: SqlError): void
  /** What was put first, when it has come; undefined after the last. One at a time. */
  take(): Promise<Spooled<Label> | undefined>
  /** Drops what is left. Whoever waits is let go; what comes later is ignored. */
  close(): Promise<void>
  isClosed(): boolean
}

/** Where bytes are: in memory, or from `position` on in the file. */
type Entry<Label> = { readonly label: Label; readonly length: number } & (
  { readonly bytes: Uint8Array } | { readonly position: number }
)

/** `memoryBytesMax`: bytes that wait in memory; what comes beyond goes to the file. */
export function openSpool<Label>(memoryBytesMax: number, limits: SpoolLimits): Spool<Label> {
  const entries: Entry<Label>[] = []
  let memoryBytes = 0
  const file = openSpoolFile(limits.spoolBytesMax)
  let isEnded = false
  let isClosed = false
  let failure: SqlError | undefined
  let wake = (): void => undefined

  async function put(bytes: Uint8Array, label: Label): Promise<void> {
    const { length } = bytes
    if (isClosed || length === 0) return
    if (memoryBytes + length <= memoryBytesMax) {
      memoryBytes += length
      entries.push({ label, length, bytes })
    } else entries.push({ label, length, position: await file.write(bytes) })
    wake()
  }

  async function take(): Promise<Spooled<Label> | undefined> {
    for (;;) {
      if (isClosed) return undefined
      const entry = entries.shift()
      if (entry !== undefined) return bytesOf(entry)
      if (failure !== undefined) throw failure
      if (isEnded) return undefined
      await new Promise<void>((resolve) => (wake = resolve))
    }
  }

  async function bytesOf(entry: Entry<Label>): Promise<Spooled<Label> | undefined> {
    const { label, length } = entry
    if ('bytes' in entry) {
      memoryBytes -= length
      return { bytes: entry.bytes, label }
    }
    const bytes = await file.read(entry.position, length)
    return bytes === undefined ? undefined : { bytes, label }
  }

  return {
    put,
    take,
    isClosed: () => isClosed,
    end(error) {
      isEnded = true
      failure = error
      wake()
    },
    async close() {
      isClosed = true
      entries.length = 0
      wake()
      await file.close()
    },
  }
}

interface SpoolFile {
  /** Appends, and tells where. */
  write(bytes: Uint8Array): Promise<number>
  /** Reads what was written, once. Undefined after `close`. */
  read(position: number, length: number): Promise<Uint8Array | undefined>
  close(): Promise<void>
}

/** Opened with the first write. Starts over when all that was written has been read. */
function openSpoolFile(bytesMax: number): SpoolFile {
  let opened: Promise<FileHandle> | undefined
  let isClosed = false
  let end = 0
  let unread = 0

  /** The outcome of what uses the file, or undefined where it was closed meanwhile. */
  async function use<T>(work: (handle: FileHandle) => Promise<T>): Promise<T | undefined> {
    try {
      return await work(await (opened ??= openNameless()))
    } catch (thrown) {
      if (isClosed) return undefined
      throw fileError(thrown)
    }
  }

  return {
    async write(bytes) {
      const position = end
      if (position + bytes.length > bytesMax)
        throw limitExceeded(`more than ${bytesMax} bytes wait in the temporary file of a statement`, {
          hint: 'Read its result faster, or ask for fewer rows.',
        })
      end += bytes.length
      unread++
      await use(async (handle) => {
        for (let done = 0; done < bytes.length;)
          done += (await handle.write(bytes, done, bytes.length - done, position + done)).bytesWritten
      })
      return position
    },
    async read(position, length) {
      const read = await use(async (handle) => {
        const bytes = Buffer.allocUnsafe(length)
        for (let done = 0; done < length;) {
          const { bytesRead } = await handle.read(bytes, done, length - done, position + done)
          if (bytesRead === 0) throw systemError('the temporary file of a statement has lost its end')
          done += bytesRead
        }
        return bytes
      })
      if (--unread === 0) end = 0
      return isClosed ? undefined : read
    },
    async close() {
      isClosed = true
      const handle = await opened?.catch(() => undefined)
      await handle?.close()
    },
  }
}

async function openNameless(): Promise<FileHandle> {
  const path = join(tmpdir(), `odoo-sql-rows-${randomUUID()}`)
  const handle = await open(path, 'wx+', 0o600)
  try {
    await unlink(path)
    return handle
  } catch (thrown) {
    await handle.close()
    throw thrown
  }
}

function fileError(thrown: unknown): SqlError {
  if (thrown instanceof SqlError) return thrown
  const { code } = thrown as { readonly code?: unknown }
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return diskFull('could not write to a temporary file: no space left on device', { cause: thrown })
  return systemError('the temporary file of a statement failed', { detail: String(code), cause: thrown })
}
