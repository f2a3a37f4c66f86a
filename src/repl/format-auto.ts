import type { ResultColumn, RowBatch } from '../driver/cursor.ts'
import { expandedFormatter } from './format-expanded.ts'
import { isLegible } from './format-fit.ts'
import { naturalWidths, TABLE_ROWS_MAX, tableFormatter } from './format-table.ts'
import type { Formatter, FormatOptions } from './format.ts'

/** A table, or each column on a line of its own where the table would be too wide for the terminal. */
export function autoFormatter(columns: readonly ResultColumn[], options: FormatOptions): Formatter {
  const { width = Infinity } = options
  const held: RowBatch[] = []
  let chosen: Formatter | undefined
  let rowCount = 0

  function* choose(): Iterable<string> {
    const isTable = isLegible(naturalWidths(columns, held.flat()), columns, width)
    chosen = (isTable ? tableFormatter : expandedFormatter)(columns, options)
    yield chosen.begin()
    for (const batch of held.splice(0)) yield* chosen.rows(batch)
  }
  return {
    begin: () => '',
    *rows(batch) {
      if (chosen !== undefined) {
        yield* chosen.rows(batch)
        return
      }
      held.push(batch)
      rowCount += batch.length
      if (rowCount > TABLE_ROWS_MAX) yield* choose()
    },
    *end() {
      if (chosen === undefined) yield* choose()
      yield* chosen?.end() ?? []
    },
  }
}
