import { labelOf, userContext } from './computed.ts'
import { search14 } from './domain-14.ts'
import { search19 } from './domain-19.ts'
import { canSee, checkLanguage, isReadable, isWritable } from './environment.ts'
import type { Environment } from './environment.ts'
import { accessError, attributeError, indexError, typeError } from './faults.ts'
import type { Version } from './fields.ts'
import { GROUP_METHODS } from './group-methods.ts'
import { limitOf } from './limit.ts'
import type { DemoModel } from './models.ts'
import { sortRecords } from './order.ts'
import { CLASSIC, fieldsToRead, readRecords } from './read.ts'
import type { DemoRecord } from './records.ts'
import { isTruthy, textOf } from './values.ts'
import type { Json } from './values.ts'

/** A method that may be called from outside. Each of them only reads. */
export interface Method {
  /** Works on records: its first argument is their ids. */
  readonly takesIds: boolean
  readonly versions: readonly Version[]
  /** Parameters in order, as that version has them; those after `required` have defaults. */
  readonly parameters: (version: Version) => readonly string[]
  readonly required: number
  readonly run: (env: Environment, model: DemoModel, ids: readonly number[], args: Arguments) => Json
}

/** Arguments by name; those that were not given are absent. */
export type Arguments = Readonly<Record<string, Json | undefined>>

const BOTH: readonly Version[] = [14, 19]
const always =
  (...names: readonly string[]) =>
  (): readonly string[] =>
    names

const METHODS: Readonly<Record<string, Method | undefined>> = {
  ...GROUP_METHODS,
  search: {
    takesIds: false,
    versions: BOTH,
    parameters: (version) => [
      ...(version === 14 ? ['args'] : ['domain']),
      'offset',
      'limit',
      'order',
      ...(version === 14 ? ['count'] : []),
    ],
    required: 1,
    run: (env, model, _, args) => {
      if (isTruthy(args['count'])) return searchIds(env, model, domainOf(args)).length
      return found(env, model, domainOf(args), args).map((record) => record.id)
    },
  },
  search_read: {
    takesIds: false,
    versions: BOTH,
    parameters: (version) => [
      'domain',
      'fields',
      'offset',
      'limit',
      'order',
      ...(version === 19 ? ['load'] : []),
    ],
    required: 0,
    run: searchRead,
  },
  read: {
    takesIds: true,
    versions: BOTH,
    parameters: always('fields', 'load'),
    required: 0,
    run: (env, model, ids, { fields, load = CLASSIC }) =>
      readRecords(env, model, ids, fieldsToRead(env, model, namesOf(fields)), load),
  },
  search_count: {
    takesIds: false,
    versions: BOTH,
    parameters: (version) => (version === 14 ? ['args'] : ['domain', 'limit']),
    required: 1,
    run: (env, model, _, args) => {
      const count = searchIds(env, model, domainOf(args)).length
      const limit = limitOf(env.version, args['limit'], 'limit')
      return limit === undefined ? count : Math.min(count, limit)
    },
  },
  fields_get: {
    takesIds: false,
    versions: BOTH,
    parameters: always('allfields', 'attributes'),
    required: 0,
    run: fieldsGet,
  },
  check_access_rights: {
    takesIds: false,
    versions: BOTH,
    parameters: always('operation', 'raise_exception'),
    required: 1,
    run: (env, model, _, { operation, raise_exception: raises = true }) => {
      const isAllowed = isPermitted(env, model, operation)
      // Python's None, which JSON-RPC leaves out and JSON-2 writes as null.
      if (!isTruthy(raises) || env.version === 14)
        return isAllowed || refuse(model, operation, isTruthy(raises))
      return isAllowed ? null : refuse(model, operation, true)
    },
  },
  has_access: {
    takesIds: true,
    versions: [19],
    parameters: always('operation'),
    required: 1,
    run: (env, model, _, { operation }) => isPermitted(env, model, operation),
  },
  name_get: {
    takesIds: true,
    versions: [14],
    parameters: always(),
    required: 0,
    run: (env, model, ids) => {
      const fields = fieldsToRead(env, model, ['id'])
      return readRecords(env, model, ids, fields, null).map(({ id }) => [
        id ?? 0,
        labelOf(env, model.name, Number(id)),
      ])
    },
  },
}

const CONTEXT_GET: Method = {
  takesIds: false,
  versions: BOTH,
  parameters: always(),
  required: 0,
  run: (env) => userContext(env),
}

/** Methods that write. Real Odoo has them; the demo refuses them as it would a user without the right to write. */
const WRITING = new Set([
  'create',
  'write',
  'unlink',
  'copy',
  'toggle_active',
  'action_archive',
  'action_unarchive',
  'name_create',
  'load',
  'import_data',
])

/** The public method of that name, or Odoo's error. */
export function methodOf(version: Version, model: DemoModel, name: string): Method {
  if (name.startsWith('_')) throw accessError(`Private methods (such as ${name}) cannot be called remotely.`)
  const method = Object.hasOwn(METHODS, name)
    ? METHODS[name]
    : name === 'context_get' && model.name === 'res.users'
      ? CONTEXT_GET
      : undefined
  if (method?.versions.includes(version) === true) return method
  if (WRITING.has(name)) throw accessError('The demo is read-only: nobody may change its records.')
  throw attributeError(
    version === 14
      ? `type object '${model.name}' has no attribute '${name}'`
      : `The method '${model.name}.${name}' does not exist`,
  )
}

/** Calls a method with arguments by place and by name, as Python binds them. `context` is already taken out. */
export function callMethod(
  env: Environment,
  model: DemoModel,
  name: string,
  positional: readonly Json[],
  named: Readonly<Record<string, Json>>,
): Json {
  const method = methodOf(env.version, model, name)
  if (method.takesIds && positional.length === 0) throw indexError('list index out of range')
  const [ids, rest] = method.takesIds ? [idsOf(positional[0] ?? null), positional.slice(1)] : [[], positional]
  return method.run(env, model, ids, argumentsOf(env.version, name, method, rest, named))
}

/** Binds arguments to parameters; throws the TypeError that Python would. */
export function argumentsOf(
  version: Version,
  name: string,
  method: Method,
  positional: readonly Json[],
  named: Readonly<Record<string, Json>>,
): Arguments {
  const parameters = method.parameters(version)
  if (positional.length > parameters.length)
    throw typeError(
      `${name}() takes ${parameters.length + 1} positional arguments but ${positional.length + 1} were given`,
    )
  const bound: Record<string, Json> = Object.fromEntries(
    positional.map((value, at) => [parameters[at] ?? '', value]),
  )
  for (const [key, value] of Object.entries(named)) {
    if (!parameters.includes(key)) throw typeError(`${name}() got an unexpected keyword argument '${key}'`)
    if (Object.hasOwn(bound, key)) throw typeError(`${name}() got multiple values for argument '${key}'`)
    bound[key] = value
  }
  const missing = parameters.slice(0, method.required).find((parameter) => !Object.hasOwn(bound, parameter))
  if (missing !== undefined) throw typeError(`${name}() missing 1 required positional argument: '${missing}'`)
  return bound
}

/** Python's `browse`: one id, a list of ids, or nothing. */
export function idsOf(value: Json): number[] {
  if (typeof value === 'number') return value === 0 ? [] : [value]
  if (!isTruthy(value)) return []
  if (Array.isArray(value)) return (value as readonly Json[]).map(Number)
  throw typeError('unhashable type')
}

const domainOf = (args: Arguments): Json => args['domain'] ?? args['args'] ?? null

function searchIds(env: Environment, model: DemoModel, domain: Json): number[] {
  return env.version === 14 ? search14(env, model, domain) : search19(env, model, domain)
}

/** The records that a search finds, sorted and cut to the page asked for. */
function found(
  env: Environment,
  model: DemoModel,
  domain: Json,
  { offset, limit, order }: Arguments,
): DemoRecord[] {
  const ids = searchIds(env, model, domain)
  const [first, count] = [limitOf(env.version, offset, 'offset') ?? 0, limitOf(env.version, limit, 'limit')]
  const records = ids.flatMap((id) => env.records.one(model.name, id) ?? [])
  const sorted = sortRecords(env, model, records, isTruthy(order) ? textOf(order) : model.order)
  return sorted.slice(first, count === undefined ? undefined : first + count)
}

function searchRead(env: Environment, model: DemoModel, _: readonly number[], args: Arguments): Json {
  const names = namesOf(args['fields'])
  const domain = isTruthy(args['domain']) ? (args['domain'] ?? []) : []
  const ids = found(env, model, domain, args).map((record) => record.id)
  // 14 looks at the fields only when there is something to read.
  if (env.version === 14 && ids.length === 0) return []
  // The read does not hear of active_test: it was meant for the search.
  const context = Object.fromEntries(Object.entries(env.context).filter(([key]) => key !== 'active_test'))
  const fields = fieldsToRead(env, model, names)
  const { load = CLASSIC } = args
  return readRecords({ ...env, context }, model, ids, fields, load)
}

function namesOf(fields: Json | undefined): readonly Json[] | undefined {
  if (fields === undefined || !isTruthy(fields)) return undefined
  if (Array.isArray(fields)) return fields as readonly Json[]
  if (typeof fields === 'string') return [...fields]
  throw typeError('fields must be a list')
}

function fieldsGet(
  env: Environment,
  model: DemoModel,
  _: readonly number[],
  { allfields, attributes }: Arguments,
): Json {
  const names = namesOf(allfields)
  const wanted = namesOf(attributes)
  const isReadOnly = env.version === 14 && !isWritable(env, model)
  const described: [string, Json][] = []
  for (const field of model.fields.values()) {
    if (names !== undefined && !names.includes(field.name)) continue
    if (!canSee(env, field)) continue
    checkLanguage(env)
    const whole: Record<string, unknown> = {
      ...field.attributes,
      ...(isReadOnly ? { readonly: true, states: {} } : {}),
    }
    const kept =
      wanted === undefined
        ? whole
        : Object.fromEntries(Object.entries(whole).filter(([key]) => wanted.includes(key)))
    described.push([field.name, kept as Json])
  }
  return Object.fromEntries(described)
}

const isPermitted = (env: Environment, model: DemoModel, operation: Json | undefined): boolean =>
  operation === 'read' ? isReadable(env, model) : isWritable(env, model)

function refuse(model: DemoModel, operation: Json | undefined, raises: boolean): false {
  if (raises)
    throw accessError(`You are not allowed to ${textOf(operation)} records of the model ${model.name}.`)
  return false
}
