import type { SqlTypeName, TableSpec } from '../../src/catalog/spec.ts'
import { PARTITION_COLUMN_NAME, qualifiedName } from '../../src/catalog/spec.ts'
import type { Datum } from '../../src/catalog/types.ts'
import type { Random } from '../support/generate-random.ts'
import { textOf } from '../support/oracle.ts'

export interface SourceColumn {
  readonly name: string
  readonly type: SqlTypeName
  /** Values of the column, in PostgreSQL's text form. */
  readonly samples: readonly string[]
  /** Its values in some rows, the same rows for every column of the table. */
  readonly inRows?: readonly (string | null)[]
}

/** A table that queries are made over. */
export interface Source {
  readonly name: string
  readonly columns: readonly SourceColumn[]
}

/** A source, or a query, as it stands in a FROM. */
export interface Relation {
  readonly alias: string
  readonly columns: readonly SourceColumn[]
  /** What tells its rows apart: the id, or all columns. */
  readonly keys: readonly string[]
  /** The table behind it. */
  readonly source?: string
}

/** A column of a relation that is in sight. */
export interface Reference {
  readonly sql: string
  readonly column: SourceColumn
}

/** Where a piece of SQL is made: what it may name, and how deep it may go. */
export interface Scope {
  readonly random: Random
  readonly sources: readonly Source[]
  readonly relations: readonly Relation[]
  /** Levels of queries that may still go inside. */
  readonly depth: number
  /** Only what the short way reads, so that no engine checks again what Odoo found. */
  readonly isSimple?: boolean
  /** Which of the rows of `inRows` most values are taken from, so that conditions hold together now and then. */
  readonly row: number
  /** Gives names that are not yet taken in the statement. */
  readonly newName: (prefix: string) => string
}

const SAMPLES_MAX = 12
const ROWS_MAX = 40

/** A table with values of its columns, drawn evenly from its rows. */
export function sourceOf(table: TableSpec, rows: readonly (readonly Datum[])[]): Source {
  const columns = [...table.columns, { name: PARTITION_COLUMN_NAME, type: 'text' as const }]
  const rowStep = Math.max(1, Math.floor(rows.length / ROWS_MAX))
  const inRows = rows.filter((_, index) => index % rowStep === 0).slice(0, ROWS_MAX)
  return {
    name: qualifiedName(table),
    columns: columns.map(({ name, type }, at) => {
      const texts = [...new Set(rows.map((row) => textOf(row[at] ?? null, type)))]
      const values = texts.filter((text) => text !== null).sort()
      const step = Math.max(1, Math.floor(values.length / SAMPLES_MAX))
      return {
        name,
        type,
        samples: values.filter((_, index) => index % step === 0).slice(0, SAMPLES_MAX),
        inRows: inRows.map((row) => textOf(row[at] ?? null, type)),
      }
    }),
  }
}

/** The first table of a FROM, or one more beside it. */
export function relationOf(source: Source, scope: Scope): Relation {
  const keys = source.columns.some(({ name }) => name === 'id')
    ? ['id']
    : source.columns.map(({ name }) => name)
  return { alias: scope.newName('t'), columns: source.columns, keys, source: source.name }
}

/** References to the columns in sight, all or those of some types. */
export function referencesOf(
  relations: readonly Relation[],
  isWanted: (type: SqlTypeName) => boolean = () => true,
): Reference[] {
  return relations.flatMap(({ alias, columns }) =>
    columns
      .filter(({ type }) => isWanted(type))
      .map((column) => ({ sql: `${alias}.${column.name}`, column })),
  )
}

/** Columns that tables are joined by, beside those that are merely of one type. */
const JOINS: readonly (readonly [string, string, string, string])[] = [
  ['crm.lead', 'partner_id', 'res.partner', 'id'],
  ['crm.lead', 'partner_id_label', 'res.partner', 'display_name'],
  ['crm.lead', 'id', 'res.partner', 'id'],
  ['crm.lead', 'city', 'res.partner', 'city'],
  ['crm.lead', 'id', 'crm.lead', 'id'],
  ['res.partner', 'parent_id', 'res.partner', 'id'],
  ['res.partner', 'parent_id_text', 'res.partner', 'parent_id_text'],
  ['res.partner', 'country_id', 'res.country', 'id'],
  ['res.partner', 'ref', 'res.partner', 'ref'],
  ['res.partner', 'color', 'ir.mail_server', 'id'],
  ['res.partner', 'create_date', 'crm.lead', 'create_date'],
  ['res.country', 'currency_id', 'ir.mail_server', 'id'],
  ['ir.mail_server', 'id', 'ir.mail_server', 'id'],
  ['ir.mail_server', 'name', 'ir.mail_server', 'name'],
  ['ir.mail_server', 'create_uid_label', 'res.partner', 'name'],
  ['ir.mail_server', 'sequence', 'crm.lead', 'id'],
  ['ir.mail_server', 'google_gmail_access_token_expiration', 'res.partner', 'id'],
  ['mail.followers', 'partner_id', 'res.partner', 'id'],
  ['mail.followers', 'res_id', 'crm.lead', 'id'],
  ['ir.ui_menu', 'parent_id', 'ir.ui_menu', 'id'],
  ['ir.ui_menu', 'id', 'ir.ui_menu', 'id'],
]

/** Tables that go with a relation, each with the columns to join by: `[own column, table, its column]`. */
export function joinsOf(
  relation: Relation,
  sources: readonly Source[],
): (readonly [string, Source, string])[] {
  const both = JOINS.flatMap(([a, x, b, y]) => [[a, x, b, y] as const, [b, y, a, x] as const])
  return both.flatMap(([from, own, to, other]) => {
    const source = sources.find(({ name }) => name === to)
    const hasOwn = relation.columns.some(({ name }) => name === own)
    return from === relation.source && hasOwn && source !== undefined ? [[own, source, other] as const] : []
  })
}
