import { parentPort, workerData } from 'node:worker_threads'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { PGlite } from '@electric-sql/pglite'
import { imageFromDirectory, imageFromFile } from './image-format.ts'
import { DATABASE, INITDB_ARGUMENTS, LOCKDOWN_SQL, serverSettings } from './lockdown.ts'
import { shareMemory } from './wasm-memory.ts'
import type { BuildTask, FromWorker, ServeTask, ToWorker } from './worker-messages.ts'

/** The thread that PostgreSQL runs in: it answers protocol messages and knows nothing of statements. */

/** Output moves to the main thread in pieces of that size; PostgreSQL writes it in pieces of 8 KiB. */
const PIECE_BYTES = 256 * 1024

async function serve(task: ServeTask): Promise<void> {
  const sharedMemory = shareMemory(task.memoryBytesMax)
  const clock = stoppableClock()
  const { tables, dataDirectory } = imageFromFile(readFileSync(task.imagePath))
  const pglite = await PGlite.create({
    database: DATABASE,
    loadDataDir: new Blob([dataDirectory]),
    startParams: startParams(serverSettings(task)),
  })
  // Only a session authorization that was once set explicitly comes back after a rollback.
  await pglite.exec('SET SESSION AUTHORIZATION postgres')
  const memory = sharedMemory()
  const module = pglite.Module as unknown as PostgresModule
  const done = (isTooLarge: boolean, crash: string | undefined): void => {
    post({ kind: 'done', isTooLarge, crash, memoryBytes: module.HEAPU8.length })
  }
  const onCrash = (crash: string): void => {
    done(false, crash)
  }
  watchForCrash(module, onCrash)
  parentPort?.on('message', (request: ToWorker) => {
    clock.stopAt(request.now)
    const output = outputOf(request.replyBytesMax, () => {
      if (memory === undefined) return
      const words = new Int32Array(memory.memory.buffer)
      words[memory.cancelAddress >> 2] = 1
      words[memory.interruptAddress >> 2] = 1
    })
    void pglite
      .execProtocolRawStream(request.bytes, { syncToFs: false, onRawData: output.write })
      .then(() => {
        output.flush()
        done(output.isTooLarge(), undefined)
      })
      .catch((thrown: unknown) => {
        onCrash(String(thrown))
      })
  })
  post({ kind: 'ready', memory, tables })
}

function post(message: FromWorker, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer)
}

/** Output shorter than that is copied rather than moved, so that the buffer stays. */
const COPIED_BYTES_MAX = 16 * 1024
let piece = new Uint8Array(PIECE_BYTES)

/** Gathers PostgreSQL's output into pieces and posts them. */
function outputOf(bytesMax: number, cancel: () => void) {
  let length = 0
  let total = 0
  const flush = (): void => {
    if (length > COPIED_BYTES_MAX) {
      post({ kind: 'output', bytes: piece.subarray(0, length) }, [piece.buffer])
      piece = new Uint8Array(PIECE_BYTES)
    } else if (length > 0) post({ kind: 'output', bytes: piece.slice(0, length) })
    length = 0
  }
  // Nothing may be thrown here: PGlite would swallow it and lose its place in the protocol.
  const write = (bytes: Uint8Array): void => {
    total += bytes.length
    if (total > bytesMax) {
      cancel()
      return
    }
    for (let at = 0; at < bytes.length;) {
      const part = bytes.subarray(at, at + PIECE_BYTES - length)
      piece.set(part, length)
      length += part.length
      at += part.length
      if (length === PIECE_BYTES) flush()
    }
  }
  return { write, flush, isTooLarge: () => total > bytesMax }
}

/**
 * PostgreSQL's clock is this thread's Date. While it stands still, now() is the same in the transaction that plans a
 * statement and in the one that finishes it.
 */
function stoppableClock(): { stopAt(now: number | null): void } {
  const running = Date.now.bind(Date)
  return {
    stopAt(now) {
      Date.now = now === null ? running : () => now
    },
  }
}

/** As much of PGlite's compiled module as we touch. */
interface PostgresModule {
  readonly HEAPU8: Uint8Array
  _PostgresMainLoopOnce: () => void
}

/** PostgreSQL's own error jump, which PGlite handles. Any other exception out of it leaves it in an unknown state. */
const ERROR_JUMP_STATUS = 100

/** Told at once, since PGlite would go on, for ever if need be, with a PostgreSQL that answers no more. */
function watchForCrash(module: PostgresModule, onCrash: (crash: string) => void): void {
  const loop = module._PostgresMainLoopOnce
  module._PostgresMainLoopOnce = () => {
    try {
      loop()
    } catch (thrown) {
      const { status } = thrown as { readonly status?: unknown }
      if (status !== ERROR_JUMP_STATUS) onCrash(String(thrown))
      throw thrown
    }
  }
}

const startParams = (settings: Readonly<Record<string, string>>): string[] => [
  ...PGlite.defaultStartParams,
  ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
]

/** Makes an image from nothing: seconds and 700 MB, hence at build time. */
async function buildImage(task: BuildTask): Promise<void> {
  const fresh = await PGlite.create({ initDbStartParams: [...INITDB_ARGUMENTS] })
  await fresh.exec('UPDATE pg_database SET datistemplate = false')
  await fresh.exec('DROP DATABASE template0')
  await fresh.exec('DROP DATABASE template1')
  await fresh.exec(`UPDATE pg_database SET datname = '${DATABASE}'`)
  await fresh.exec('CHECKPOINT')
  const dump = await fresh.dumpDataDir('none')
  await fresh.close()
  const pglite = await PGlite.create({ database: DATABASE, loadDataDir: dump })
  await pglite.exec(LOCKDOWN_SQL)
  for (const table of task.tables) await pglite.exec(table.sql)
  await pglite.exec(task.foreignKeys)
  await pglite.exec('VACUUM FULL')
  await pglite.exec('VACUUM FREEZE')
  await pglite.exec('CHECKPOINT')
  const dataDirectory = new Uint8Array(await (await pglite.dumpDataDir('none')).arrayBuffer())
  await pglite.close()
  const tables = Object.fromEntries(task.tables.map(({ name, hash }) => [name, hash]))
  // Written aside and moved: another process never sees half an image.
  const temporary = `${task.imagePath}.${process.pid}`
  writeFileSync(temporary, imageFromDirectory({ tables, dataDirectory }))
  renameSync(temporary, task.imagePath)
  post({ kind: 'built' })
}

const task = workerData as ServeTask | BuildTask
if (task.kind === 'serve') await serve(task)
else await buildImage(task)
