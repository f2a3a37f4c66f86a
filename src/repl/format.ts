import type { ResultColumn, RowBatch } from '../driver/cursor.ts'
import type { Paint } from './colors.ts'
import { paintNothing } from './colors.ts'
import { autoFormatter } from './format-auto.ts'
import { csvFormatter, tsvFormatter } from './format-delimited.ts'
import { expandedFormatter } from './format-expanded.ts'
import { htmlFormatter } from './format-html.ts'
import { jsonFormatter, ndjsonFormatter } from './format-json.ts'
import { markdownFormatter } from './format-markdown.ts'
import type { TextFormat } from './format-name.ts'
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
  /** Colours NULL. */
  readonly paint: Paint
  /** Columns of the terminal that the text is for; undefined: all of every value is written. */
  readonly width: number | undefined
  /** Whether `table` shows each column on a line of its own; `auto`: where it is too wide for the terminal. */
  readonly expanded: 'on' | 'off' | 'auto'
}

/** For what no person reads on a terminal. */
export const PLAIN: FormatOptions = { paint: paintNothing, width: undefined, expanded: 'off' }

export function formatterFor(
  format: TextFormat,
  columns: readonly ResultColumn[],
  options: FormatOptions,
): Formatter {
  return FORMATTERS[format](columns, options)
}

type MakeFormatter = (columns: readonly ResultColumn[], options: FormatOptions) => Formatter

const TABLES: Record<FormatOptions['expanded'], MakeFormatter> = {
  on: expandedFormatter,
  off: tableFormatter,
  // Where there is no terminal, nothing is too wide.
  auto: (columns, options) =>
    (options.width === undefined ? tableFormatter : autoFormatter)(columns, options),
}

const FORMATTERS: Record<TextFormat, MakeFormatter> = {
  table: (columns, options) => TABLES[options.expanded](columns, options),
  expanded: expandedFormatter,
  csv: csvFormatter,
  tsv: tsvFormatter,
  json: jsonFormatter,
  ndjson: ndjsonFormatter,
  markdown: markdownFormatter,
  html: htmlFormatter,
}
