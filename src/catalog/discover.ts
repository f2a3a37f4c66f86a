import { identifierFrom, RESERVED_COLUMNS, tableNameOfModel, uniqueNames } from './naming.ts'
import type { TableName } from './naming.ts'
import { isSecretField } from './secret-fields.ts'
import { qualifiedName, TYPES_OF_FIELD } from './spec.ts'
import type { ColumnSpec, FieldType, SqlTypeName, TableSpec } from './spec.ts'

/** What `fields_get` says of a field, as far as its column needs it. */
export interface DiscoveredField {
  readonly name: string
  /** Odoo's name of the type, which may be one that we do not know. */
  readonly type: string
  readonly label: string
  readonly help: string | undefined
  readonly required: boolean
  readonly store: boolean
  readonly relation: string | undefined
  readonly selection: readonly (readonly [code: string, label: string])[] | undefined
  readonly digits: readonly [total: number, decimals: number] | undefined
  readonly companyDependent: boolean
}

export interface DiscoveredModel {
  readonly model: string
  /** What Odoo's screens call it. */
  readonly label: string
  readonly name: TableName
}

/** The table of a model that no catalog file describes. The id comes first, then the fields by name. */
export function tableFromFields(source: DiscoveredModel, fields: Iterable<DiscoveredField>): TableSpec {
  const ordered = [...fields].sort((a, b) => (a.name < b.name ? -1 : 1))
  const known = ordered.filter(isKnown).filter(isSendable)
  const rest = known.filter((field) => field.name !== 'id')
  const names = uniqueNames(
    rest.map((field) => identifierFrom(field.name)),
    ['id', ...RESERVED_COLUMNS],
  )
  // Fields take their names before labels do.
  const labelled = rest.flatMap((field, index) => (field.type === 'many2one' ? [names[index] ?? ''] : []))
  const labelNames = uniqueNames(
    labelled.map((name) => identifierFrom(`${name}_label`)),
    ['id', ...RESERVED_COLUMNS, ...names],
  )
  const labelOf = new Map(labelled.map((name, index) => [name, labelNames[index] ?? '']))
  const columns = rest.flatMap((field, index): ColumnSpec[] => {
    const name = names[index] ?? ''
    const label = labelOf.get(name)
    const column = columnFromField(source.model, field, name)
    return label === undefined ? [column] : [column, labelColumn(field, name, label)]
  })
  return {
    ...source.name,
    model: source.model,
    label: sentenceOr(source.label, source.model),
    description: describeTable(
      source,
      ordered.filter((field) => !isKnown(field)),
    ),
    columns: [ID_COLUMN, ...columns],
    examples: [],
  }
}

type KnownField = DiscoveredField & { readonly type: FieldType }
const isKnown = (field: DiscoveredField): field is KnownField => Object.hasOwn(TYPES_OF_FIELD, field.type)

/** `raw` of ir.attachment and its kin: Odoo lists it, but its bytes are no JSON. `datas` has the same content. */
const isSendable = ({ name, type }: DiscoveredField): boolean => name !== 'raw' || type !== 'binary'

const ID_COLUMN: ColumnSpec = {
  name: 'id',
  type: 'int4',
  label: 'ID',
  description: 'Number of the record, which Odoo gives once and never again.',
  required: true,
  fieldType: 'integer',
  secret: false,
}

function columnFromField(model: string, field: KnownField, name: string): ColumnSpec {
  const values = valuesOf(field)
  return {
    name,
    type: typeOfField(field),
    label: sentenceOr(field.label, field.name),
    description: describeColumn(field, name),
    required: field.required,
    field: field.name === name ? undefined : field.name,
    fieldType: field.type,
    part: field.type === 'many2one' ? 'id' : undefined,
    relation: field.relation,
    secret: isSecretField(model, field),
    ...(values !== undefined && { values }),
  }
}

function labelColumn(field: KnownField, id: string, name: string): ColumnSpec {
  return {
    name,
    type: 'text',
    label: sentenceOr(field.label, field.name),
    description: `Display name of the record that ${id} points to. Odoo works it out for each row.`,
    required: false,
    field: field.name,
    fieldType: field.type,
    part: 'label',
    relation: field.relation,
    secret: false,
  }
}

/** A float with digits is kept as a decimal number by Odoo; all other types read as their first form. */
const typeOfField = ({ type, digits }: KnownField): SqlTypeName =>
  type === 'float' && digits !== undefined ? 'numeric' : (TYPES_OF_FIELD[type][0] ?? 'text')

/** Codes of a selection that are described one by one; time zones and languages are no help to read. */
const VALUES_MAX = 100

function valuesOf({ type, selection = [] }: KnownField): Record<string, string> | undefined {
  if (type !== 'selection' || selection.length === 0 || selection.length > VALUES_MAX) return undefined
  return Object.fromEntries(selection.map(([code, label]) => [code, sentenceOr(label, code)]))
}

const DESCRIPTION_CHARACTERS_MAX = 1000

/** Odoo's own help, and what a person needs to know who writes SQL. */
function describeColumn(field: KnownField, name: string): string {
  const target = field.relation ?? 'another model'
  const { selection = [] } = field
  const notes = [
    ...(field.type === 'many2one' ? [`Id of a record of ${target}.`] : []),
    ...(/2many$/.test(field.type) ? [`Ids of records of ${target}.`] : []),
    ...(selection.length > VALUES_MAX ? [`One of ${selection.length} codes.`] : []),
    ...(field.companyDependent ? ['Each company has its own value.'] : []),
    ...(field.store ? [] : ['Odoo works it out when it is read.']),
    ...(field.name === name ? [] : [`Odoo’s field is ${field.name}.`]),
  ]
  const help = asSentence(sentenceOr(field.help ?? '', sentenceOr(field.label, field.name)))
  return [shorten(help), ...notes].join(' ')
}

function describeTable({ model, name }: DiscoveredModel, unknown: readonly DiscoveredField[]): string {
  const natural = qualifiedName(tableNameOfModel(model))
  const parts = [
    `Odoo’s model ${model}, as this server describes it to this user.`,
    ...(natural === qualifiedName(name) ? [] : [`Another table has the name ${natural}.`]),
    ...(unknown.length === 0
      ? []
      : [
          `Left out, as their types are unknown: ${unknown.map((field) => `${field.name} (${field.type})`).join(', ')}.`,
        ]),
  ]
  return shorten(parts.join(' '))
}

const sentenceOr = (text: string, otherwise: string): string =>
  text.replace(/\s+/g, ' ').trim() || otherwise.trim() || '(empty)'
const asSentence = (text: string): string => (/[.!?…:)]$/.test(text) ? text : `${text}.`)
const shorten = (text: string): string =>
  text.length > DESCRIPTION_CHARACTERS_MAX ? `${text.slice(0, DESCRIPTION_CHARACTERS_MAX)}…` : text
