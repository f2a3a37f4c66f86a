/** Forms that a result can be written in. */
export const FORMATS = ['table', 'expanded', 'csv', 'tsv', 'json', 'ndjson', 'markdown'] as const
export type Format = (typeof FORMATS)[number]

export const isFormat = (name: string): name is Format => (FORMATS as readonly string[]).includes(name)
