import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { WorkerOptions } from 'node:worker_threads'
import { internalError, limitExceeded, outOfMemory, systemError, tooComplex } from '../errors.ts'
import type { SqlError } from '../errors.ts'
import type { SharedEngineMemory } from './wasm-memory.ts'
import type { BuildTask, FromWorker, ServeTask, ToWorker } from './worker-messages.ts'

/** How long a cancelled request may take to end by itself before its worker is ended. */
export const CANCEL_GRACE_MS = 1000
/** Longest wait for a worker to start. */
const START_MS_MAX = 60_000
/** JavaScript memory of a worker. PostgreSQL's own memory and its files are not in it. */
const HEAP_MEGABYTES_MAX = 512
/** Wasm calls nest on this stack when an expression does. */
const STACK_MEGABYTES = 64

export interface ExecOptions {
  readonly now: number | null
  readonly replyBytesMax: number
  /** Raises PostgreSQL's cancel flag; the reply then ends in 57014. */
  readonly signal: AbortSignal | undefined
}

/** A running worker. Requests go one at a time. */
export interface EngineWorker {
  readonly tables: Readonly<Record<string, string>>
  /** The whole reply. Throws 53200 or 58000 when the worker ended, 54000 when the reply is too large. */
  exec(bytes: Uint8Array, options: ExecOptions): Promise<Uint8Array>
  /** Bytes that PostgreSQL's memory has grown to; it never shrinks. */
  memoryBytes(): number
  /** Resolves once the worker has ended, for whatever reason. */
  readonly ended: Promise<void>
  /** It takes no more requests, though its thread may not be gone yet. */
  hasEnded(): boolean
  /** As the last reply said. */
  isInTransaction(): boolean
  terminate(): Promise<void>
}

/** Starts PostgreSQL in a thread of its own. The thread keeps the process alive only while it works. */
export async function startWorker(task: ServeTask): Promise<EngineWorker> {
  const worker = openWorker(task)
  const ready = await reportOf(worker, 'ready')
  worker.unref()
  return engineWorker(worker, ready.memory, ready.tables)
}

/** Makes an image in a thread of its own, which gives its memory back when it is done. */
export async function buildImageInWorker(task: BuildTask): Promise<void> {
  const worker = openWorker(task)
  await reportOf(worker, 'built')
  await worker.terminate()
}

function openWorker(task: ServeTask | BuildTask): Worker {
  const options: WorkerOptions = {
    workerData: task,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MEGABYTES_MAX, stackSizeMb: STACK_MEGABYTES },
    // PostgreSQL needs none of the process's variables, and none of the secrets among them.
    env: {},
    execArgv: [],
  }
  if (!import.meta.url.endsWith('.ts'))
    return new Worker(new URL('./engine-worker.js', import.meta.url), options)
  // Running from the sources: a thread does not inherit the loader that reads TypeScript.
  // Its CommonJS flavour, which is what resolves here, registers nothing; the other one lies beside it.
  const resolved = createRequire(import.meta.url)
    .resolve('tsx/esm/api')
    .replace(/\.cjs$/, '.mjs')
  const loader = pathToFileURL(resolved).href
  const source = new URL('./worker.ts', import.meta.url).href
  const start = `import('${loader}').then(({ register }) => { register(); return import('${source}') })`
  return new Worker(start, { ...options, eval: true })
}

/** The first report of that kind. Throws 58000 when the worker ends or takes too long before it. */
function reportOf<Kind extends FromWorker['kind']>(
  worker: Worker,
  kind: Kind,
): Promise<Extract<FromWorker, { readonly kind: Kind }>> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      void worker.terminate()
      reject(systemError(`the embedded PostgreSQL did not start within ${START_MS_MAX / 1000} s`))
    }, START_MS_MAX)
    const fail = (error: SqlError): void => {
      clearTimeout(timer)
      reject(error)
    }
    worker.once('error', (error) => {
      fail(systemError('the embedded PostgreSQL did not start', { detail: error.message, cause: error }))
    })
    worker.once('exit', () => {
      fail(systemError('the embedded PostgreSQL ended while starting'))
    })
    worker.once('message', (message: FromWorker) => {
      clearTimeout(timer)
      if (message.kind === kind) resolve(message as Extract<FromWorker, { readonly kind: Kind }>)
      else reject(internalError(`the engine's worker said ${message.kind} instead of ${kind}`))
    })
  })
}

/** A request that waits for its reply. */
interface Pending {
  readonly pieces: Uint8Array[]
  readonly resolve: (reply: Uint8Array) => void
  readonly reject: (error: SqlError) => void
}

function engineWorker(
  worker: Worker,
  memory: SharedEngineMemory | undefined,
  tables: Readonly<Record<string, string>>,
): EngineWorker {
  let pending: Pending | undefined
  let memoryBytes = 0
  let isInTransaction = false
  let failure: SqlError | undefined

  const settle = (settled: (waiting: Pending) => void): void => {
    const waiting = pending
    pending = undefined
    if (failure === undefined) worker.unref()
    if (waiting !== undefined) settled(waiting)
  }
  const fail = (error: SqlError): void => {
    failure ??= error
    settle((waiting) => {
      waiting.reject(error)
    })
  }
  const terminate = async (): Promise<void> => {
    // An idle worker does not keep the process alive, not even for its own end and what waits for that.
    worker.ref()
    failure ??= wasEnded()
    await worker.terminate()
  }

  const ended = new Promise<void>((resolve) => {
    worker.once('exit', () => {
      fail(wasEnded())
      resolve()
    })
  })
  worker.removeAllListeners('error')
  worker.on('error', (error) => {
    fail(workerError(error))
  })
  worker.on('message', (message: FromWorker) => {
    if (message.kind === 'output') pending?.pieces.push(message.bytes)
    if (message.kind !== 'done') return
    memoryBytes = message.memoryBytes
    if (message.crash !== undefined) {
      fail(workerError({ message: message.crash }))
      void terminate()
    } else if (message.isTooLarge)
      settle((waiting) => {
        waiting.reject(
          limitExceeded('the rows of the result are too large for the memory set aside for them'),
        )
      })
    else
      settle(({ pieces, resolve }) => {
        const [only] = pieces
        const reply = pieces.length === 1 && only !== undefined ? only : Buffer.concat(pieces)
        isInTransaction = reply.at(-1) !== STATUS_IDLE
        resolve(reply)
      })
  })

  const exec = (bytes: Uint8Array, options: ExecOptions): Promise<Uint8Array> =>
    new Promise((resolve, reject) => {
      if (failure !== undefined) {
        reject(failure)
        return
      }
      if (pending !== undefined) {
        reject(internalError('the engine got a request before the reply to the last one'))
        return
      }
      const { signal } = options
      let grace: NodeJS.Timeout | undefined
      const cancel = (): void => {
        setCancelFlag(memory, 1)
        grace = setTimeout(() => void terminate(), memory === undefined ? 0 : CANCEL_GRACE_MS)
      }
      const done = (): void => {
        clearTimeout(grace)
        signal?.removeEventListener('abort', cancel)
      }
      pending = {
        pieces: [],
        resolve: (reply) => {
          done()
          resolve(reply)
        },
        reject: (error) => {
          done()
          reject(error)
        },
      }
      // A flag raised too late for the last request must not end this one.
      setCancelFlag(memory, 0)
      worker.ref()
      const request: ToWorker = { bytes, now: options.now, replyBytesMax: options.replyBytesMax }
      worker.postMessage(request)
      if (signal?.aborted === true) cancel()
      else signal?.addEventListener('abort', cancel, { once: true })
    })

  return {
    tables,
    exec,
    ended,
    memoryBytes: () => memoryBytes,
    hasEnded: () => failure !== undefined,
    isInTransaction: () => isInTransaction && failure === undefined,
    terminate,
  }
}

/** `I`, which ends PostgreSQL's ReadyForQuery outside of a transaction. */
const STATUS_IDLE = 0x49

function setCancelFlag(shared: SharedEngineMemory | undefined, value: 0 | 1): void {
  if (shared === undefined) return
  const words = new Int32Array(shared.memory.buffer)
  words[shared.cancelAddress >> 2] = value
  words[shared.interruptAddress >> 2] = value
}

const wasEnded = (): SqlError =>
  systemError('the embedded PostgreSQL was ended', { hint: 'A new one has been started. Try again.' })

/** What ended the worker, as PostgreSQL would say it. */
function workerError(error: { readonly message: string; readonly code?: string }): SqlError {
  const fields = {
    detail: error.message,
    hint: 'A new engine has been started. Ask for fewer rows or columns at once.',
  }
  if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') return outOfMemory('out of memory', fields)
  if (/call stack/i.test(error.message)) return tooComplex('stack depth limit exceeded', fields)
  return systemError('the embedded PostgreSQL failed', fields)
}
