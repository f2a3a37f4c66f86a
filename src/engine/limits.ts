import type { CursorLimits } from './cursor.ts'
import type { ServerLimits } from './lockdown.ts'
import type { SpoolLimits } from './spool.ts'
import type { StagingLimits } from './staging.ts'

/** Every bound of an engine. */
export interface EngineLimits extends ServerLimits, StagingLimits, CursorLimits, SpoolLimits {
  /** PostgreSQL's own memory (sorts, hashes, one value); table and temporary files come on top. At least 160 MiB. */
  readonly memoryBytesMax: number
  /** Memory never shrinks: above that much the engine is started anew after the statement. */
  readonly memoryBytesKept: number
  /** One reply, and so one row. */
  readonly replyBytesMax: number
  /** Statements that wait for the engine. */
  readonly waitingMax: number
}

const MIB = 2 ** 20

export const ENGINE_LIMITS: EngineLimits = {
  temporaryBytesMax: 256 * MIB,
  memoryBytesMax: 1024 * MIB,
  memoryBytesKept: 384 * MIB,
  stagedBytesMax: 8 * MIB,
  loadRowsMax: 1_000_000,
  loadBytesMax: 512 * MIB,
  replyBytesMax: 256 * MIB,
  aheadBytesMax: 8 * MIB,
  spoolBytesMax: 2048 * MIB,
  waitingMax: 1000,
}
