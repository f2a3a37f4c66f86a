import type { Domain } from './domain.ts'
import type { OdooRecord } from './protocol.ts'

/** What to read of which records. */
export interface SearchRequest {
  readonly domain: Domain
  /** Odoo's order, such as `sequence desc, id`; the model's own where left out. */
  readonly order?: string | undefined
  /** 0 answers nothing, without a call (Odoo would take it as no limit). */
  readonly limit?: number | undefined
  readonly offset?: number | undefined
}

export interface SearchReadRequest extends SearchRequest {
  /** Field names; `id` comes in every record. */
  readonly fields: readonly string[]
  /** True: a many2one reads as `[id, label]`; false: as its bare id, which is two to three times faster. */
  readonly labels: boolean
  /** False where no field is a many2one: it saves Odoo 14 a second call when `labels` is false. Default true. */
  readonly manyToOne?: boolean | undefined
  /** Sizes such as `3.54 Kb` instead of the contents of binary fields. */
  readonly binarySizes?: boolean | undefined
}

export interface ReadRequest {
  readonly fields: readonly string[]
  readonly labels: boolean
  readonly binarySizes?: boolean | undefined
}

/** Odoo takes a limit of 0 as no limit. */
export const findsNothing = ({ domain, limit }: SearchRequest): boolean =>
  domain.kind === 'none' || limit === 0

export const searchArguments = ({ order, limit, offset = 0 }: SearchRequest): Record<string, unknown> => ({
  ...(order !== undefined && { order }),
  ...(limit !== undefined && { limit }),
  ...(offset > 0 && { offset }),
})

/** Odoo reads every field there is where none is named. */
export const fieldNames = ({ fields }: { readonly fields: readonly string[] }): readonly string[] =>
  fields.length === 0 ? ['id'] : fields

export const withoutLabels = (record: OdooRecord): OdooRecord => {
  const entries = Object.entries(record).map(([name, value]): [string, unknown] => [
    name,
    idOfLabelled(value),
  ])
  return { ...Object.fromEntries(entries), id: record.id }
}

/** `[7, 'Label']` is a many2one; lists of numbers stay as they are. */
function idOfLabelled(value: unknown): unknown {
  if (!Array.isArray(value) || value.length !== 2) return value
  const parts: readonly unknown[] = value
  return typeof parts[1] === 'string' ? parts[0] : value
}
