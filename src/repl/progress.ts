/** What a running read tells: rows so far, and how much of all that is, from 0 to 1, where that is known. */
export interface ProgressReport {
  readonly rows: number
  readonly fraction: number | undefined
}

export interface Progress {
  update(report: ProgressReport): void
  /** Takes the line away, before something else is written to the same terminal; the next draw brings it back. */
  hide(): void
  /** Takes the line away for good. */
  end(): void
}

/** A read has to take this long before anything is shown. */
export const QUIET_MS = 1_000
const REDRAW_MS = 250

/**
 * One line on a terminal that tells how far a read is; erased without trace when it ends.
 * `now` gives milliseconds, and is replaced in tests.
 */
export function startProgress(
  terminal: Pick<NodeJS.WriteStream, 'write'>,
  now: () => number = () => performance.now(),
): Progress {
  const startedAt = now()
  let report: ProgressReport = { rows: 0, fraction: undefined }
  let [isShown, drawnAt, hasEnded] = [false, -Infinity, false]
  const draw = (): void => {
    if (hasEnded || now() - startedAt < QUIET_MS || now() - drawnAt < REDRAW_MS) return
    drawnAt = now()
    isShown = true
    terminal.write(`\r${ERASE_LINE}${progressText(report, now() - startedAt)}`)
  }
  const hide = (): void => {
    if (isShown) terminal.write(`\r${ERASE_LINE}`)
    isShown = false
  }
  const timer = setInterval(draw, REDRAW_MS)
  timer.unref()
  return {
    update: (latest) => {
      report = latest
      draw()
    },
    hide,
    end: () => {
      hasEnded = true
      clearInterval(timer)
      hide()
    },
  }
}

const ERASE_LINE = '\u001b[K'

/** `12,000 rows, 40 %, 3,400 rows/s`; short enough for any terminal, since a wrapped line cannot be erased. */
export function progressText(report: ProgressReport, elapsedMs: number): string {
  const parts = [`${counted(report.rows)} rows`]
  if (report.fraction !== undefined)
    parts.push(`${Math.floor(Math.min(1, Math.max(0, report.fraction)) * 100)} %`)
  parts.push(
    report.rows === 0
      ? `${Math.floor(elapsedMs / 1000)} s`
      : `${counted(Math.round((report.rows * 1000) / Math.max(1, elapsedMs)))} rows/s`,
  )
  return parts.join(', ')
}

const counted = (count: number): string => count.toLocaleString('en-US')
