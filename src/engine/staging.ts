import { limitExceeded, sqlErrorFrom } from '../errors.ts'
import type { SqlError } from '../errors.ts'
import { copyTextFromRows, typesOfLoad } from './load.ts'
import type { Load } from './load.ts'

export interface StagingLimits {
  /** Bytes of COPY text that wait for the engine. Above it the sources are not pulled. */
  readonly stagedBytesMax: number
  /** Rows of all loads of one statement. */
  readonly loadRowsMax: number
  /** Bytes of COPY text of all loads of one statement. */
  readonly loadBytesMax: number
}

/** Rows on their way from Odoo to the engine: fetched and encoded while another statement may use the engine. */
export interface Staging {
  /** Resolves when every source has ended or as much is staged as may be: time to take the engine. */
  readonly filled: Promise<void>
  /** COPY text in order of arrival, to the end of all sources. Throws what a source threw, or 54000. */
  chunks(): AsyncGenerator<{ readonly load: Load; readonly text: Uint8Array }>
  rowsOf(load: Load): number
  /** Ends the sources that are still open. */
  stop(): void
}

export function stageLoads(loads: readonly Load[], limits: StagingLimits, signal: AbortSignal): Staging {
  const staged: { readonly load: Load; readonly text: Uint8Array }[] = []
  const rows = new Map<Load, number>()
  const stopped = new AbortController()
  const halt = AbortSignal.any([signal, stopped.signal])
  let stagedBytes = 0
  let totalBytes = 0
  let totalRows = 0
  let open = loads.length
  let failure: SqlError | undefined
  const changes = openChanges(halt)
  let fill = (): void => undefined
  const filled = new Promise<void>((resolve) => (fill = resolve))
  if (open === 0) fill()
  signal.addEventListener('abort', fill, { once: true })

  async function pull(load: Load): Promise<void> {
    const types = typesOfLoad(load)
    for await (const batch of load.batches) {
      totalRows += batch.length
      rows.set(load, (rows.get(load) ?? 0) + batch.length)
      for (const text of copyTextFromRows(types, batch)) {
        staged.push({ load, text })
        stagedBytes += text.length
        totalBytes += text.length
      }
      checkLimits(totalRows, totalBytes, limits)
      changes.tell()
      while (stagedBytes >= limits.stagedBytesMax && !halt.aborted) {
        fill()
        await changes.wait()
      }
      if (halt.aborted) return
    }
  }

  for (const load of loads)
    void pull(load)
      .catch((thrown: unknown) => {
        failure ??= sqlErrorFrom(thrown)
        stopped.abort()
      })
      .finally(() => {
        open--
        if (open === 0 || failure !== undefined) fill()
        changes.tell()
      })

  async function* chunks() {
    for (;;) {
      if (failure !== undefined) throw failure
      const next = staged.shift()
      if (next !== undefined) {
        stagedBytes -= next.text.length
        changes.tell()
        yield next
      } else if (open === 0 || halt.aborted) return
      else await changes.wait()
    }
  }

  return {
    filled,
    chunks,
    rowsOf: (load) => rows.get(load) ?? 0,
    stop: () => {
      stopped.abort()
    },
  }
}

function checkLimits(rows: number, bytes: number, limits: StagingLimits): void {
  const hint = 'Filter on more columns, or on columns that Odoo can search, so that fewer rows are fetched.'
  if (rows > limits.loadRowsMax)
    throw limitExceeded(`the statement needs more than ${limits.loadRowsMax} rows from Odoo`, { hint })
  if (bytes > limits.loadBytesMax)
    throw limitExceeded(`the statement needs more than ${limits.loadBytesMax} bytes from Odoo`, { hint })
}

/** Lets waiters look again; an abort wakes them too. */
function openChanges(halt: AbortSignal): { tell(): void; wait(): Promise<void> } {
  let waiters: (() => void)[] = []
  const tell = (): void => {
    const woken = waiters
    waiters = []
    for (const wake of woken) wake()
  }
  halt.addEventListener('abort', tell, { once: true })
  return {
    tell,
    wait: () =>
      new Promise((resolve) => {
        if (halt.aborted) resolve()
        else waiters.push(resolve)
      }),
  }
}
