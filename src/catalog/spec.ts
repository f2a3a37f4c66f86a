import * as z from 'zod'

/** Odoo's field types, as `fields_get` names them. */
export const FIELD_TYPES = [
  'char',
  'text',
  'html',
  'selection',
  'integer',
  'float',
  'monetary',
  'boolean',
  'date',
  'datetime',
  'many2one',
  'many2one_reference',
  'one2many',
  'many2many',
  'reference',
  'binary',
  'json',
  'properties',
  'properties_definition',
] as const
export type FieldType = (typeof FIELD_TYPES)[number]

export const SQL_TYPE_NAMES = [
  'text',
  'int4',
  'int8',
  'bool',
  'float8',
  'numeric',
  'date',
  'timestamp',
  'bytea',
  'jsonb',
  'int4[]',
] as const
/** The SQL types that have a form of their own in JavaScript. */
export type SqlTypeName = (typeof SQL_TYPE_NAMES)[number]

const identifier = z
  .string()
  .regex(/^[a-z_][a-z0-9_]*$/, 'must be a lower-case SQL identifier')
  .max(63, 'must fit into 63 characters, as PostgreSQL’s names do')
const sentence = z.string().trim().min(1, 'must not be empty')
const majorVersion = z.int().min(8).max(99)

/**
 * A check across keys runs also where a single key is at fault, so that one reading names every fault of a file.
 * Such a check must not take the declared types for granted.
 */
const EVEN_IF_FAULTY = {
  when: ({ value }: { value: unknown }) => typeof value === 'object' && value !== null,
}

const columnSchema = z
  .strictObject({
    name: identifier.describe('Name of the SQL column.'),
    type: z.enum(SQL_TYPE_NAMES).describe('SQL type of the column.'),
    label: sentence.describe('What Odoo’s own screens call the field.'),
    description: sentence.describe('One or two sentences, in our own words.'),
    required: z.boolean().default(false).describe('Odoo asks for a value in every record.'),
    field: z.string().min(1).optional().describe('Odoo’s field name; the column’s name where left out.'),
    fieldType: z.enum(FIELD_TYPES).describe('Odoo’s type of the field.'),
    part: z
      .enum(['id', 'label'])
      .optional()
      .describe('Of a many2one: the id of the record that it points to, or that record’s display name.'),
    relation: z.string().optional().describe('Model that a many2one or x2many points to.'),
    since: majorVersion.optional().describe('First Odoo version that has the field.'),
    until: majorVersion.optional().describe('Last Odoo version that has the field.'),
    module: z
      .string()
      .optional()
      .describe('Odoo module that adds the field, where it is not the model’s own.'),
    restricted: z.string().optional().describe('Only members of this group of users can read the field.'),
    secret: z.boolean().default(false).describe('Masked unless the session reveals secrets.'),
    values: z
      .record(z.string(), sentence)
      .optional()
      .describe('Of a selection: each stored code and what it means.'),
  })
  .superRefine((column, context) => {
    const fault = (path: string, message: string) => {
      context.addIssue({ code: 'custom', path: [path], message })
    }
    const isMany2one = column.fieldType === 'many2one'
    if (isMany2one && column.part === undefined)
      fault('part', 'a many2one column says which part it shows: id or label')
    if (!isMany2one && column.part !== undefined) fault('part', 'only a many2one has parts')
    if (column.part === 'label' && column.type !== 'text') fault('type', 'a label is text')
    const types = Object.hasOwn(TYPES_OF_FIELD, column.fieldType)
      ? TYPES_OF_FIELD[column.fieldType]
      : undefined
    if (types !== undefined && !types.includes(column.type))
      fault('type', `a ${column.fieldType} field reads as ${types.join(' or ')}`)
    if (column.since !== undefined && column.until !== undefined && column.since > column.until)
      fault('until', 'must not come before since')
    if (column.values !== undefined && column.fieldType !== 'selection')
      fault('values', 'only a selection has values')
  }, EVEN_IF_FAULTY)

/** The SQL types that a field of each Odoo type can be shown as; the first is that of discovered tables. */
export const TYPES_OF_FIELD: Record<FieldType, readonly SqlTypeName[]> = {
  char: ['text'],
  text: ['text'],
  html: ['text'],
  selection: ['text'],
  integer: ['int4'],
  float: ['float8', 'numeric'],
  monetary: ['numeric'],
  boolean: ['bool'],
  date: ['date'],
  datetime: ['timestamp'],
  many2one: ['int4', 'text'],
  many2one_reference: ['int4'],
  one2many: ['int4[]', 'text'],
  many2many: ['int4[]', 'text'],
  reference: ['text'],
  binary: ['bytea'],
  json: ['jsonb'],
  properties: ['jsonb'],
  properties_definition: ['jsonb'],
}

const exampleSchema = z.strictObject({
  title: sentence.describe('The question in plain words.'),
  sql: sentence.describe('A statement that runs as it stands.'),
})

/** One file of `catalog/`: what one table offers, whatever server is behind it. */
export const tableSchema = z
  .strictObject({
    $schema: z.string().optional(),
    schema: identifier,
    name: identifier,
    model: z.string().regex(/^[a-z0-9_]+(\.[a-z0-9_]+)*$/, 'must be a model name such as res.partner'),
    label: sentence,
    description: sentence,
    columns: z.array(columnSchema).min(1),
    examples: z.array(exampleSchema).default([]),
  })
  .superRefine((table, context) => {
    const columns: readonly unknown[] = Array.isArray(table.columns) ? table.columns : []
    const seen = new Set<string>()
    columns.forEach((column, index) => {
      const name = typeof column === 'object' && column !== null && 'name' in column ? column.name : undefined
      if (typeof name !== 'string') return
      const fault = (message: string) => {
        context.addIssue({ code: 'custom', path: ['columns', index, 'name'], message })
      }
      if (seen.has(name)) fault(`column "${name}" stands twice`)
      if (name === PARTITION_COLUMN_NAME) fault(`every table has ${PARTITION_COLUMN_NAME} by itself`)
      seen.add(name)
    })
    if (!seen.has('id'))
      context.addIssue({ code: 'custom', path: ['columns'], message: 'a table needs its id' })
  }, EVEN_IF_FAULTY)

/** Last column of every table: the name of the partition that the row came from. */
export const PARTITION_COLUMN_NAME = '_partition'

/** A table as a file of the catalog describes it: catalog/schema.json says of each member what it is. */
export type TableSpec = z.output<typeof tableSchema>
/** A column of such a table. */
export type ColumnSpec = TableSpec['columns'][number]

/** The Odoo field behind a column. */
export const fieldOf = (column: ColumnSpec): string => column.field ?? column.name

/** `schema.name`, as users write it. */
export const qualifiedName = (table: Pick<TableSpec, 'schema' | 'name'>): string =>
  `${table.schema}.${table.name}`
