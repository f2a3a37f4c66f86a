/** What one read took, over all its calls. */
export interface Cost {
  readonly rows: number
  readonly bytes: number
  readonly milliseconds: number
}

/** A read that takes longer keeps a worker of the server from others. */
const READ_MS = 500
/** Of the replies to one read, as text; as records they take several times as much memory. */
const READ_BYTES = 2 * 1024 * 1024
const READ_ROWS_MIN = 200
/** More records in one read gain little, however cheap they are. */
const READ_ROWS_MAX = 5_000

/** Rows to ask for next, so that a read takes about half a second and 2 MiB if they cost what the last ones did. */
export function rowsForCost({ rows, bytes, milliseconds }: Cost): number {
  const fitting = Math.floor(rows * Math.min(READ_MS / milliseconds, READ_BYTES / bytes))
  return Math.min(Math.max(fitting, READ_ROWS_MIN), READ_ROWS_MAX)
}
