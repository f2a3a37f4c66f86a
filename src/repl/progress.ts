import type { Progress as ReadProgress } from '../driver/connection.ts'
import type { Paint } from './colors.ts'
import { paintNothing } from './colors.ts'
import { cutToWidth } from './format-width.ts'
import { tableWidth } from './width.ts'
import { visibleLine } from './visible.ts'

/** What a running read tells of one table in one partition. */
export type ProgressReport = Omit<ReadProgress, 'rows'>

export interface Progress {
  update(report: ProgressReport): void
  /** Takes the line away, before something else is written to the same terminal; the next draw brings it back. */
  hide(): void
  /** Takes the line away for good. */
  end(): void
}

export interface ProgressTerminal {
  write(text: string): boolean
  readonly columns?: number
}

/** A read has to take this long before anything is shown. */
export const QUIET_MS = 500
const REDRAW_MS = 250
/** Where a terminal does not tell its width. */
const COLUMNS = 80

/** One line on a terminal that tells how far a read is; erased without trace when it ends. `now` gives milliseconds. */
export function startProgress(
  terminal: ProgressTerminal,
  paint: Paint = paintNothing,
  now: () => number = () => performance.now(),
): Progress {
  const startedAt = now()
  const reports = new Map<string, ProgressReport>()
  let [isShown, drawnAt, hasEnded] = [false, -Infinity, false]
  const draw = (): void => {
    const elapsedMs = now() - startedAt
    if (hasEnded || elapsedMs < QUIET_MS || now() - drawnAt < REDRAW_MS) return
    drawnAt = now()
    isShown = true
    // A line that wraps could not be erased.
    const line = progressText([...reports.values()], elapsedMs, (terminal.columns ?? COLUMNS) - 1)
    terminal.write(`\r${ERASE_LINE}${paint('aside', line)}`)
  }
  const hide = (): void => {
    if (isShown) terminal.write(`\r${ERASE_LINE}`)
    isShown = false
  }
  const timer = setInterval(draw, REDRAW_MS)
  timer.unref()
  return {
    update: (report) => {
      reports.set(`${report.partition} ${report.table}`, report)
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

const BAR_COLUMNS = 20

/** `[████████            ] 40 %, 12,000 of about 30,000 rows, 3,400 rows/s, 8 calls, 5 s left`, then each partition. */
export function progressText(reports: readonly ProgressReport[], elapsedMs: number, width: number): string {
  const calls = Math.max(0, ...reports.map((report) => report.calls))
  const rows = reports.reduce((sum, report) => sum + report.partitionRows, 0)
  const total = totalRows(reports)
  const done = total === undefined || total === 0 ? undefined : Math.min(1, rows / total)
  const rate = (rows * 1000) / Math.max(1, elapsedMs)
  const parts = [
    ...(done === undefined ? [] : [`${bar(done)} ${percent(done)}`]),
    total === undefined || done === 1
      ? `${counted(rows)} rows`
      : `${counted(rows)} of about ${counted(total)} rows`,
    rows === 0 ? duration(elapsedMs / 1000) : `${counted(rate)} rows/s`,
    ...(calls === 0 ? [] : [`${counted(calls)} calls`]),
    ...(done === undefined || total === undefined || rate === 0 || done === 1
      ? []
      : [`${duration((total - rows) / rate)} left`]),
  ]
  const line = parts.join(', ')
  const detail = reports.length < 2 ? '' : `; ${reports.map(reportText(reports)).join(', ')}`
  return tableWidth(line + detail) <= width ? line + detail : cutToWidth(line, width)
}

/** Undefined while some read does not know how much of it is done. */
function totalRows(reports: readonly ProgressReport[]): number | undefined {
  let total = 0
  for (const { partitionRows, fraction } of reports) {
    if (fraction === undefined || (fraction === 0 && partitionRows > 0)) return undefined
    total += fraction === 0 ? 0 : partitionRows / fraction
  }
  return reports.length === 0 ? undefined : total
}

/** `north 62 %`, or the table's name where there is one partition. */
const reportText = (reports: readonly ProgressReport[]) => {
  const hasPartitions = new Set(reports.map(({ partition }) => partition)).size > 1
  const hasTables = new Set(reports.map(({ table }) => table)).size > 1
  return ({ partition, table, partitionRows, fraction }: ProgressReport): string => {
    const name = [...(hasPartitions ? [visibleLine(partition)] : []), ...(hasTables ? [table] : [])].join(' ')
    return `${name} ${fraction === undefined ? counted(partitionRows) : percent(fraction)}`
  }
}

const bar = (done: number): string => {
  const filled = Math.floor(done * BAR_COLUMNS)
  return `[${'█'.repeat(filled)}${' '.repeat(BAR_COLUMNS - filled)}]`
}

const percent = (fraction: number): string => `${Math.floor(Math.min(1, Math.max(0, fraction)) * 100)} %`
const counted = (count: number): string => Math.round(count).toLocaleString('en-US')
const duration = (seconds: number): string =>
  seconds < 100 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`
