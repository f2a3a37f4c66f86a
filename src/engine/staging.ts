import { limitExceeded, sqlErrorFrom } from '../errors.ts'
import { abortable } from './deadline.ts'
import type { Deadline } from './deadline.ts'
import { copyTextFromRows, typesOfLoad } from './load.ts'
import type { Load } from './load.ts'
import { openSpool } from './spool.ts'
import type { SpoolLimits } from './spool.ts'

export interface StagingLimits {
  /** Bytes of COPY text that wait for the engine in memory. What comes beyond waits in a temporary file. */
  readonly stagedBytesMax: number
  /** Rows of all loads of one statement. */
  readonly loadRowsMax: number
  /** Bytes of COPY text of all loads of one statement. */
  readonly loadBytesMax: number
}

/** Rows on their way from Odoo to the engine. */
export interface Staged {
  /** COPY text in order of arrival, once. */
  chunks(): AsyncGenerator<{ readonly load: Load; readonly text: Uint8Array }>
  rowsOf(load: Load): number
  /** Drops what is left. */
  close(): Promise<void>
}

/**
 * Fetches and encodes the rows of all loads, while other statements use the engine: it is time to take the engine when
 * this resolves and no earlier, since who holds the engine must not wait for Odoo.
 * Throws what a source threw, 54000, or the deadline's error.
 */
export async function stageLoads(
  loads: readonly Load[],
  limits: StagingLimits & SpoolLimits,
  deadline: Deadline,
): Promise<Staged> {
  const spool = openSpool<Load>(limits.stagedBytesMax, limits)
  const rows = new Map<Load, number>()
  let totalBytes = 0
  let totalRows = 0

  async function pull(load: Load): Promise<void> {
    const types = typesOfLoad(load)
    for await (const batch of load.batches) {
      if (spool.isClosed()) return
      totalRows += batch.length
      rows.set(load, (rows.get(load) ?? 0) + batch.length)
      for (const text of copyTextFromRows(types, batch)) {
        totalBytes += text.length
        checkLimits(totalRows, totalBytes, limits)
        await spool.put(text, load)
      }
    }
  }

  async function* chunks() {
    for (let next = await spool.take(); next !== undefined; next = await spool.take())
      yield { load: next.label, text: next.bytes }
  }

  try {
    await abortable(Promise.all(loads.map(pull)), deadline)
  } catch (thrown) {
    // A source that does not react is left behind.
    await spool.close()
    throw sqlErrorFrom(thrown)
  }
  spool.end()
  return { chunks, rowsOf: (load) => rows.get(load) ?? 0, close: () => spool.close() }
}

function checkLimits(rows: number, bytes: number, limits: StagingLimits): void {
  const hint = 'Filter on more columns, or on columns that Odoo can search, so that fewer rows are fetched.'
  if (rows > limits.loadRowsMax)
    throw limitExceeded(`the statement needs more than ${limits.loadRowsMax} rows from Odoo`, { hint })
  if (bytes > limits.loadBytesMax)
    throw limitExceeded(`the statement needs more than ${limits.loadBytesMax} bytes from Odoo`, { hint })
}
