import type { TableDdl } from './ddl.ts'
import type { ServerLimits } from './lockdown.ts'
import type { SharedEngineMemory } from './wasm-memory.ts'

/** What a worker is started for, as its workerData. */
export interface ServeTask extends ServerLimits {
  readonly kind: 'serve'
  readonly imagePath: string
  /** Of PostgreSQL's own memory; table files and temporary files come on top. */
  readonly memoryBytesMax: number
}

export interface BuildTask {
  readonly kind: 'build'
  readonly imagePath: string
  readonly tables: readonly TableDdl[]
  readonly foreignKeys: string
}

/** One request: protocol messages that are run to their end. */
export interface ToWorker {
  readonly bytes: Uint8Array
  /** Milliseconds since 1970 at which PostgreSQL's clock stands, or null for the running clock. */
  readonly now: number | null
  /** A longer reply cancels the statement. */
  readonly replyBytesMax: number
}

export type FromWorker =
  | {
      readonly kind: 'ready'
      readonly memory: SharedEngineMemory | undefined
      /** Tables that the image holds, with the hash of their DDL. */
      readonly tables: Readonly<Record<string, string>>
    }
  | { readonly kind: 'output'; readonly bytes: Uint8Array }
  | {
      readonly kind: 'done'
      readonly isTooLarge: boolean
      /** Why PostgreSQL must not be used again, where it must not. */
      readonly crash: string | undefined
      readonly memoryBytes: number
    }
  | { readonly kind: 'built' }
