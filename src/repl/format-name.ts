/** Forms that a result can be written in; the order is that of the help. */
export const FORMATS = [
  'table',
  'expanded',
  'csv',
  'tsv',
  'json',
  'ndjson',
  'markdown',
  'html',
  'arrow',
  'parquet',
] as const
export type Format = (typeof FORMATS)[number]

export const isFormat = (name: string): name is Format => (FORMATS as readonly string[]).includes(name)

/** Formats that are bytes: no terminal shows them, and a file holds one result. */
export const BINARY_FORMATS = ['arrow', 'parquet'] as const satisfies readonly Format[]
export type BinaryFormat = (typeof BINARY_FORMATS)[number]
export type TextFormat = Exclude<Format, BinaryFormat>

export const isBinary = (format: Format): format is BinaryFormat =>
  (BINARY_FORMATS as readonly Format[]).includes(format)

/** The format that the end of a file's name tells, where it does. */
export function formatOfFile(path: string): Format | undefined {
  const ending = /\.([a-z]+)$/i.exec(path)?.[1]?.toLowerCase() ?? ''
  if (isFormat(ending)) return ending
  return ENDINGS[ending]
}

const ENDINGS: Readonly<Record<string, Format>> = {
  md: 'markdown',
  htm: 'html',
  jsonl: 'ndjson',
  pq: 'parquet',
}
