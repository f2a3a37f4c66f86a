import type { ResultColumn, RowBatch } from '../driver/cursor.ts'
import type { Format } from './format-name.ts'
import { csvFormatter, tsvFormatter } from './format-delimited.ts'
import { expandedFormatter } from './format-expanded.ts'
import { jsonFormatter, ndjsonFormatter } from './format-json.ts'
import { markdownFormatter } from './format-markdown.ts'
import { tableFormatter } from './format-table.ts'

/**
 * Turns one result into text. Called in the order begin, rows for each batch, end; each piece is to be written
 * before the next one is asked for, so that a slow reader holds up the read from Odoo.
 */
export interface Formatter {
  begin(): string
  rows(batch: RowBatch): Iterable<string>
  end(): Iterable<string>
}

export interface FormatOptions {
  /** Whether a person looks at a terminal: NULL is dimmed then. */
  readonly isTerminal: boolean
}

export function formatterFor(
  format: Format,
  columns: readonly ResultColumn[],
  options: FormatOptions,
): Formatter {
  return FORMATTERS[format](columns, options)
}

const FORMATTERS: Record<Format, (columns: readonly ResultColumn[], options: FormatOptions) => Formatter> = {
  table: tableFormatter,
  expanded: expandedFormatter,
  csv: csvFormatter,
  tsv: tsvFormatter,
  json: jsonFormatter,
  ndjson: ndjsonFormatter,
  markdown: markdownFormatter,
}
