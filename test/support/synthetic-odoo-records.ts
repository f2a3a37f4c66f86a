import { fileURLToPath } from 'node:url'
import { loadCatalog } from '../../src/catalog/load.ts'
import type { ColumnSpec } from '../../src/catalog/spec.ts'

/** What Odoo would raise: the name of the exception and its message. */
export const fault = (name: string, message: string): TypeError =>
  Object.assign(new TypeError(message), { name })

export type Value = string | number | boolean

/** A field whose values follow from the id, so that a million records take no memory. */
export interface SyntheticField {
  readonly type: string
  readonly relation: string | undefined
  /** What is compared and grouped: of a many2one the id. */
  readonly valueOf: (id: number) => Value
  /** The value as JSON; of a many2one with its label. */
  readonly jsonOf: (id: number) => string
}

export interface SyntheticModel {
  readonly name: string
  /** Its ids are 1 to this. */
  readonly rows: number
  readonly fields: ReadonlyMap<string, SyntheticField>
}

/** The version that the synthetic Odoo says it is. */
export const VERSION = 14
const CATALOG = fileURLToPath(new URL('catalog', import.meta.url))

/** The models of the published tables and of the tests' own, each with so many records. */
export async function syntheticModels(rows: number): Promise<ReadonlyMap<string, SyntheticModel>> {
  const { tables } = await loadCatalog([CATALOG])
  return new Map(
    tables.map(({ model, columns }) => {
      const known = columns.filter(({ since = 0, until = VERSION }) => since <= VERSION && until >= VERSION)
      const fields = known.map((column) => [column.field ?? column.name, fieldOf(column, rows)] as const)
      return [model, { name: model, rows, fields: new Map([...fields, ['id', ID]]) }]
    }),
  )
}

const ID: SyntheticField = { type: 'integer', relation: undefined, valueOf: (id) => id, jsonOf: String }

/** Numbers are spread so that a link and a number together pick one record in a hundred. */
function fieldOf(
  { name, field = name, fieldType: type, relation }: ColumnSpec,
  rows: number,
): SyntheticField {
  const plain = (valueOf: (id: number) => Value): SyntheticField => ({
    ...{ type, relation, valueOf },
    jsonOf: (id) => String(valueOf(id)),
  })
  const quoted = (valueOf: (id: number) => string): SyntheticField => ({
    ...{ type, relation, valueOf },
    // No value has a character that JSON escapes.
    jsonOf: (id) => `"${valueOf(id)}"`,
  })
  switch (type) {
    case 'char':
    case 'text':
    case 'html':
      return quoted((id) => `${field} of number ${id}`)
    case 'integer':
      return plain((id) => Math.floor(id / 10) % 10)
    case 'float':
    case 'monetary':
      return plain((id) => (id % 1000) / 4)
    case 'boolean':
      return plain((id) => id % 10 !== 0)
    case 'date':
      return quoted((id) => dateOf(id))
    case 'datetime':
      return quoted((id) => `${dateOf(id)} ${timeOf(id)}`)
    case 'many2one': {
      const valueOf =
        relation === 'res.partner' ? (id: number) => 1 + ((id * 7919) % rows) : (id: number) => 1 + (id % 10)
      return { type, relation, valueOf, jsonOf: (id) => `[${valueOf(id)},"Number ${valueOf(id)}"]` }
    }
    case 'one2many':
    case 'many2many':
      return { type, relation, valueOf: () => notCompared(field), jsonOf: (id) => `[${1 + (id % 10)}]` }
    default:
      return plain(() => false)
  }
}

function notCompared(field: string): never {
  throw fault('builtins.NotImplementedError', `the synthetic Odoo does not compare lists such as ${field}`)
}

/** A record is made every second. */
const dateOf = (id: number): string => `2022-06-${two(1 + (Math.floor(id / 86_400) % 30))}`
const timeOf = (id: number): string =>
  `${two(Math.floor(id / 3600) % 24)}:${two(Math.floor(id / 60) % 60)}:${two(id % 60)}`
const DIGITS = Array.from({ length: 100 }, (_, number) => String(number).padStart(2, '0'))
const two = (number: number): string => DIGITS[number] ?? ''

/** The field; what Odoo says of one that is not there. */
export function fieldNamed({ name, fields }: SyntheticModel, field: string): SyntheticField {
  const found = fields.get(field)
  if (found === undefined) throw fault('builtins.ValueError', `Invalid field '${field}' on model '${name}'`)
  return found
}
