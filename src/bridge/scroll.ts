import { limitExceeded, wrongState } from '../errors.ts'
import type { FetchDirection } from '../sql/cursor-commands.ts'
import { splitRows, type RowMessages, type RowSource } from './rows.ts'

/** What a cursor with SCROLL keeps of the rows that it has read. */
export const SCROLL_BYTES_MAX = 32 * 2 ** 20

/** Rows that a cursor may be anywhere in. Read as a RowSource it goes forward from where it stands. */
export interface ScrolledRows extends RowSource {
  /**
   * Rows of a FETCH or MOVE; the cursor moves as they are taken. Throws 55000 where it would have to go backwards and may not,
   * 54000 where it would have to go further back than it remembers.
   */
  fetch(direction: FetchDirection, count: number): Promise<RowSource>
}

const NONE: RowSource = {
  take: () => Promise.resolve(undefined),
  close: () => Promise.resolve(),
}

/** Rows are read once from `source`; only with `isScroll` are they kept. */
export function openScroll(source: RowSource, isScroll: boolean): ScrolledRows {
  /** The row that the cursor stands on, from 1; 0 is before the first, and one more than `read` behind the last. */
  let position = 0
  /** Rows read from the source; the last ones are kept. */
  let read = 0
  let kept: Uint8Array[] = []
  let keptBytes = 0

  function keep(rows: RowMessages): void {
    read += rows.count
    if (!isScroll) return
    // A copy: rows are parts of the batch that they came in, all of which would be held.
    kept.push(...splitRows(rows).map((row) => row.slice()))
    keptBytes += rows.bytes.length
    let dropped = 0
    while (keptBytes > SCROLL_BYTES_MAX) keptBytes -= kept[dropped++]?.length ?? keptBytes
    if (dropped > 0) kept = kept.slice(dropped)
  }

  /** The rows from one number to another, both read before. */
  function remembered(first: number, last: number): Uint8Array[] {
    if (!isScroll)
      throw wrongState('cursor can only scan forward', {
        hint: 'Declare it with SCROLL option to enable backward scan.',
      })
    const start = first - 1 - (read - kept.length)
    if (start < 0)
      throw limitExceeded('the cursor does not remember rows so far back', {
        hint: `It keeps the last ${SCROLL_BYTES_MAX / 2 ** 20} MiB. Read it again with a narrower WHERE or a LIMIT.`,
      })
    return kept.slice(start, start + Math.max(0, last - first + 1))
  }

  async function forward(rowsMax: number): Promise<RowMessages | undefined> {
    if (position < read) {
      const last = Math.min(read, position + rowsMax)
      const rows = remembered(position + 1, last)
      position = last
      return joined(rows)
    }
    const rows = position > read ? undefined : await source.take(rowsMax)
    if (rows === undefined) position = read + 1
    else {
      keep(rows)
      position = read
    }
    return rows
  }

  async function skip(count: number): Promise<void> {
    for (let left = count; left > 0;) left -= (await forward(left))?.count ?? left
  }

  function backward(count: number): RowSource {
    const last = position - 1
    const first = Math.max(1, position - count)
    // It stands before the first row once it was asked for more than there are.
    const rows = remembered(first, last).reverse()
    position = count > last ? 0 : first
    return given(rows)
  }

  async function jump(target: number): Promise<RowSource> {
    if (target < 1) {
      if (position > 0) remembered(1, 0)
      position = 0
      return NONE
    }
    if (target <= read) {
      const rows = remembered(target, target)
      position = target
      return given(rows)
    }
    await skip(target - 1 - position)
    return upTo(1)
  }

  const upTo = (count: number): RowSource => {
    let left = count
    return {
      ...NONE,
      async take(rowsMax) {
        const rows = left === 0 ? undefined : await forward(Math.min(left, rowsMax))
        left -= rows?.count ?? left
        return rows
      },
    }
  }

  return {
    take: forward,
    close: () => {
      kept = []
      return source.close()
    },
    async fetch(direction, count) {
      const isHere = position >= 1 && position <= read
      switch (direction) {
        case 'forward':
        case 'backward': {
          if (count === 0) return isHere ? given(remembered(position, position)) : NONE
          const isForward = (direction === 'forward') === count > 0
          return isForward ? upTo(Math.abs(count)) : backward(Math.abs(count))
        }
        case 'absolute':
          if (count >= 0) return jump(count)
          await skip(Infinity)
          return jump(read + 1 + count)
        case 'relative':
          if (count === 0) return isHere ? given(remembered(position, position)) : NONE
          return jump(position + count)
        default:
          return direction satisfies never
      }
    },
  }
}

const joined = (rows: readonly Uint8Array[]): RowMessages => ({
  bytes: Buffer.concat(rows),
  count: rows.length,
})

/** Rows that are there already. */
function given(rows: readonly Uint8Array[]): RowSource {
  let at = 0
  return {
    ...NONE,
    take(rowsMax) {
      const taken = rows.slice(at, at + rowsMax)
      at += taken.length
      return Promise.resolve(taken.length === 0 ? undefined : joined(taken))
    },
  }
}
