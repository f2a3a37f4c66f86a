import { computedValue, labelOf } from './computed.ts'
import {
  canSee,
  checkLanguage,
  checkReadable,
  checkVisible,
  hidesArchived,
  modelOf,
  ruleOf,
} from './environment.ts'
import type { Environment } from './environment.ts'
import { accessError, valueError } from './faults.ts'
import type { DemoField } from './fields.ts'
import type { DemoModel } from './models.ts'
import { sortRecords } from './order.ts'
import { search19 } from './domain-19.ts'
import { search14 } from './domain-14.ts'
import { isTruthy, textOf } from './values.ts'
import type { Json } from './values.ts'

/** How many2one fields are read: with their labels only for `_classic_read`. */
export const CLASSIC = '_classic_read'

/** Fields that 19's own modules compute for one record at a time: a read of several fails. */
const ONE_BY_ONE: ReadonlySet<string> = new Set(['google_gmail_uri', 'microsoft_outlook_uri'])

/** The fields asked for, without repeats; all that the caller may see where none is asked for. */
export function fieldsToRead(
  env: Environment,
  model: DemoModel,
  names: readonly Json[] | undefined,
): DemoField[] {
  if (names === undefined || names.length === 0)
    return [...model.fields.values()].filter((field) => canSee(env, field))
  const fields = [...new Set(names)].map((name) => {
    const field = model.fields.get(textOf(name))
    if (field === undefined) throw valueError(`Invalid field '${textOf(name)}' on model '${model.name}'`)
    return field
  })
  for (const field of fields) checkVisible(env, model, field)
  return fields
}

/** The records as `read` gives them; ids that do not exist are left out. */
export function readRecords(
  env: Environment,
  model: DemoModel,
  ids: readonly number[],
  fields: readonly DemoField[],
  load: Json,
): Record<string, Json>[] {
  if (ids.length > 0) checkReadable(env, model)
  if (fields.some((field) => field.translate)) checkLanguage(env)
  if (ids.length > 1 && env.version === 19 && fields.some((field) => ONE_BY_ONE.has(field.name)))
    throw valueError(`Expected singleton or no record: ${model.name}(${ids.join(', ')})`)
  const isAllowed = ruleOf(env, model)
  return ids.flatMap((id) => {
    const record = env.records.one(model.name, id)
    if (record === undefined) return []
    if (!isAllowed(record))
      throw accessError(`You are not allowed to access record ${id} of the model ${model.name}.`)
    const values = fields.map((field): [string, Json] => {
      const stored = field.store ? (record[field.name] ?? null) : computedValue(env, model, field, record)
      return [field.name, readValue(env, field, stored, load === CLASSIC)]
    })
    return [{ id, ...Object.fromEntries(values) }]
  })
}

/** A value as JSON shows it: absent ones are false, or 0 for numbers, or the empty list. */
function readValue(env: Environment, field: DemoField, value: Json, isClassic: boolean): Json {
  switch (field.type) {
    case 'integer':
    case 'float':
    case 'monetary':
      return value ?? 0
    case 'boolean':
      return value === true
    case 'date':
    case 'datetime':
      return typeof value === 'string' ? shownTime(value) : false
    case 'many2one':
      if (typeof value !== 'number') return false
      return isClassic ? [value, labelOf(env, field.relation ?? '', value)] : value
    case 'one2many':
    case 'many2many':
      return shownIds(env, field, (value ?? []) as readonly number[])
    case 'binary':
      return typeof value === 'string' && value !== ''
        ? showsSize(env, field)
          ? sizeOf(value)
          : value
        : false
    case 'properties':
      return Array.isArray(value) ? (value as readonly Json[]) : []
    default:
      return value ?? false
  }
}

/** Without the fraction, and with the year as Python prints it: not padded. */
export const shownTime = (stored: string): string => stored.slice(0, 19).replace(/^0{1,3}/, '')

/** The related records that the caller sees, in their model's own order. */
function shownIds(env: Environment, field: DemoField, ids: readonly number[]): number[] {
  const comodel = modelOf(env, field.relation ?? '')
  // Sorted even when there is nothing to sort: the order may be by something translated.
  if (ids.length === 0) return sortRecords(env, comodel, [], comodel.order).map((record) => record.id)
  const isShown = isShownIn(env, field)
  const records = ids.flatMap((id) => (isShown(id) ? (env.records.one(comodel.name, id) ?? []) : []))
  return sortRecords(env, comodel, records, comodel.order).map((record) => record.id)
}

/** Which records the caller sees at the other end of a relational field. */
export function isShownIn(env: Environment, field: DemoField): (id: number) => boolean {
  const comodel = modelOf(env, field.relation ?? '')
  const context = { ...env.context, ...(field.context as Environment['context']) }
  const isHidden = comodel.hasActive && hidesArchived(context)
  const inside: Environment = { ...env, context: { ...env.context, active_test: false } }
  const search = env.version === 14 ? search14 : search19
  const allowed = new Set(search(inside, comodel, field.domain as Json))
  return (id) => allowed.has(id) && !(isHidden && env.records.one(comodel.name, id)?.['active'] !== true)
}

const showsSize = (env: Environment, field: DemoField): boolean =>
  isTruthy(env.context['bin_size']) || isTruthy(env.context[`bin_size_${field.name}`])

const UNITS = ['bytes', 'kB', 'MB', 'GB'] as const

/** PostgreSQL's `pg_size_pretty` of a column; attachments count their decoded bytes, but the demo keeps it simple. */
function sizeOf(base64: string): string {
  let [size, unit] = [base64.length, 0]
  while (size >= 10_240 && unit < UNITS.length - 1) [size, unit] = [Math.round(size / 1024), unit + 1]
  return `${size} ${UNITS[unit] ?? ''}`
}
