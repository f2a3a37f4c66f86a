import { and, leaf, type Domain } from './domain.ts'

/** Ids behind `from`, up to and with `to`. Read downwards, `to` is the smaller one. */
export interface IdRange {
  readonly from: number
  readonly to: number
}

/** How many records were found in how many ids. */
export interface Seen {
  readonly rows: number
  readonly ids: number
}

/** A window is cut to hold a little less than a batch, so that a slightly denser one needs no second call. */
const FILL = 0.9

/**
 * The window to read next of `range`, and what is then left of it. It is sized from the last ids seen; where those
 * held nothing it is the whole range: a read that is bounded by rows finds the next records in one call, however far.
 */
export function nextWindow(
  range: IdRange,
  { seen, batchRows }: { seen: Seen; batchRows: number },
): { window: IdRange; rest: IdRange | undefined } {
  if (seen.rows === 0) return { window: range, rest: undefined }
  // That many ids never hold more than a batch.
  const ids = Math.max(batchRows, Math.floor((FILL * batchRows * seen.ids) / seen.rows))
  if (ids >= Math.abs(range.to - range.from)) return { window: range, rest: undefined }
  const middle = range.from + ids * Math.sign(range.to - range.from)
  return { window: { from: range.from, to: middle }, rest: { from: middle, to: range.to } }
}

/** The records of `domain` with ids in the range. */
export const domainOfRange = (domain: Domain, { from, to }: IdRange): Domain =>
  from <= to
    ? and(domain, leaf('id', '>', from), leaf('id', '<=', to))
    : and(domain, leaf('id', '<', from), leaf('id', '>=', to))
