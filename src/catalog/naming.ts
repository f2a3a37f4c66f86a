import { createHash } from 'node:crypto'
import { PARTITION_COLUMN_NAME } from './spec.ts'

/** Where the table of a model stands. */
export interface TableName {
  /** The first word of the model's name: `sale` of `sale.order.line`. */
  readonly schema: string
  /** The rest of it: `order_line`. */
  readonly name: string
}

/**
 * The table of each model: `a.b.c` is `a.b_c`, `a` is `public.a`. Models are taken in the order of their names, and
 * the first one keeps a name that several would have; the next gets `_2`. Names in `taken`, as `schema.name`, stay
 * free for the published tables.
 */
export function tableNamesOfModels(
  models: readonly string[],
  taken: Iterable<string> = [],
): ReadonlyMap<string, TableName> {
  const ordered = [...models].sort().map((model) => ({ model, ...tableNameOfModel(model) }))
  const blocked = [...taken]
  const names = new Map<string, TableName>()
  for (const schema of new Set(ordered.map((table) => table.schema))) {
    const within = ordered.filter((table) => table.schema === schema)
    const prefix = `${schema}.`
    const unique = uniqueNames(
      within.map(({ name }) => name),
      blocked.flatMap((name) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : [])),
    )
    within.forEach(({ model }, index) => names.set(model, { schema, name: unique[index] ?? '' }))
  }
  return names
}

/** The table that a model has unless another one has taken its name. */
export function tableNameOfModel(model: string): TableName {
  const dot = model.indexOf('.')
  if (dot < 0) return { schema: 'public', name: identifierFrom(model) }
  const schema = identifierFrom(model.slice(0, dot))
  return {
    schema: isReservedSchema(schema) ? identifierFrom(`_${schema}`) : schema,
    name: identifierFrom(model.slice(dot + 1).replaceAll('.', '_')),
  }
}

/**
 * The models that may be behind a table's own name, in the order of their names, so that the first one that exists
 * owns it: an underscore may have been a dot. Names that were cut or numbered have none.
 */
export function modelsOfTableName({ schema, name }: TableName): string[] {
  if (schema === 'public') return isModelName(name) ? [name] : []
  const parts = name.split('_')
  const joints = Math.min(parts.length - 1, JOINTS_MAX)
  const candidates = Array.from({ length: 2 ** joints }, (_, bits) =>
    // The lowest bits stand for the last underscores; those beyond the bound are taken for dots.
    parts.reduce((model, part, index) => {
      const joint = parts.length - 1 - index
      return `${model}${(bits >> joint) % 2 === 1 && joint < joints ? '_' : '.'}${part}`
    }),
  )
  const all = new Set([...candidates, name].map((rest) => `${schema}.${rest}`))
  return [...all].filter((model) => isModelName(model) && isNaturalName(model, { schema, name }))
}

/** Underscores that are tried both ways: 16 models at most are asked for. */
const JOINTS_MAX = 4

const isNaturalName = (model: string, wanted: TableName): boolean => {
  const natural = tableNameOfModel(model)
  return natural.schema === wanted.schema && natural.name === wanted.name
}

/** Whether a catalog file can name the model. Odoo allows no others, but a module could. */
export const isModelName = (model: string): boolean => /^[a-z0-9_]+(\.[a-z0-9_]+)*$/.test(model)

/** Schemas that belong to PostgreSQL or to the driver: no model has its tables there. */
export const isReservedSchema = (schema: string): boolean =>
  /^pg_/.test(schema) || ['information_schema', 'system', 'native'].includes(schema)

/** Column names that the driver needs or PostgreSQL keeps for itself. */
export const RESERVED_COLUMNS: readonly string[] = [
  PARTITION_COLUMN_NAME,
  '__dropped',
  ...['ctid', 'xmin', 'xmax', 'cmin', 'cmax', 'tableoid'],
]

/** Each name, or where it is in `taken` or stands earlier in the list, that name with `_2`, `_3`, … */
export function uniqueNames(names: readonly string[], taken: Iterable<string> = []): string[] {
  const used = new Set(taken)
  // Own names first, so that a number never takes the name that another has by itself.
  const owners = names.map((name) => {
    if (used.has(name)) return undefined
    used.add(name)
    return name
  })
  return names.map((name, index) => owners[index] ?? numberedName(name, used))
}

function numberedName(name: string, used: Set<string>): string {
  for (let number = 2; ; number++) {
    const numbered = fitted(`${name}_${number}`)
    if (used.has(numbered)) continue
    used.add(numbered)
    return numbered
  }
}

const NAME_CHARACTERS_MAX = 63
const HASH_CHARACTERS = 8

/** A lower-case SQL identifier; one that is too long is cut and ends in a hash of the whole. */
export function identifierFrom(text: string): string {
  const plain = text.toLowerCase().replace(/[^a-z0-9_]/g, '_')
  return fitted(/^[a-z_]/.test(plain) ? plain : `_${plain}`)
}

function fitted(name: string): string {
  if (name.length <= NAME_CHARACTERS_MAX) return name
  const hash = createHash('sha256').update(name).digest('hex').slice(0, HASH_CHARACTERS)
  return `${name.slice(0, NAME_CHARACTERS_MAX - HASH_CHARACTERS - 1)}_${hash}`
}
