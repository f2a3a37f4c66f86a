import { accessError, userError } from './faults.ts'
import type { DemoField, Version } from './fields.ts'
import type { DemoModel } from './models.ts'
import type { DemoRecord, Records } from './records.ts'
import { isTruthy, textOf } from './values.ts'
import type { Json } from './values.ts'

/** Somebody who can log in. */
export interface DemoAccount {
  /** Id of the res.users record. */
  readonly id: number
  readonly login: string
  readonly password: string
  readonly apiKey: string
  readonly isAdministrator: boolean
  /** IANA name. */
  readonly timeZone: string
}

/** What one call runs in, as Odoo's `env`: who calls, with which context, on which records. */
export interface Environment {
  readonly version: Version
  readonly models: ReadonlyMap<string, DemoModel>
  readonly records: Records
  readonly account: DemoAccount
  readonly context: Readonly<Record<string, Json>>
}

/** The languages that the demo knows. */
export const LANGUAGE = 'en_US'

/** The model, or Odoo's error for one that is not installed. */
export function modelOf(env: Environment, name: string): DemoModel {
  const model = env.models.get(name)
  if (model === undefined) throw userError(`Object ${name} doesn't exist`)
  return model
}

export const isReadable = (env: Environment, model: DemoModel): boolean =>
  env.account.isAdministrator || model.isReadableByAll

export const isWritable = (env: Environment, model: DemoModel): boolean =>
  env.account.isAdministrator || model.isWritableByAll

export function checkReadable(env: Environment, model: DemoModel): void {
  if (!isReadable(env, model))
    throw accessError(`You are not allowed to access records of the model ${model.name}.`)
}

/** Groups of those who are no administrators; administrators have all. */
const COMMON_GROUPS: readonly string[] = ['base.group_user']

export const canSee = (env: Environment, field: DemoField): boolean =>
  env.account.isAdministrator ||
  field.groups.length === 0 ||
  field.groups.some((group) => COMMON_GROUPS.includes(group))

export function checkVisible(env: Environment, model: DemoModel, field: DemoField): void {
  if (!canSee(env, field))
    throw accessError(
      `You do not have enough rights to access the field "${field.name}" of the model ${model.name}.`,
    )
}

/** Archived records are hidden unless the context says otherwise. */
export const hidesArchived = (context: Environment['context']): boolean =>
  !('active_test' in context) || isTruthy(context['active_test'])

/** 19 refuses a language that is not active as soon as something is to be translated; 14 ignores it. */
export function checkLanguage(env: Environment): void {
  const { lang } = env.context
  if (env.version === 19 && isTruthy(lang) && lang !== LANGUAGE)
    throw userError(`Invalid language code: ${textOf(lang)}`)
}

/** Ids of the companies that the call may see; a foreign one in the context is an error. */
export function companiesOf(env: Environment): ReadonlySet<number> {
  const own = (env.records.one('res.users', env.account.id)?.['company_ids'] ?? []) as readonly number[]
  const allowed = env.context['allowed_company_ids']
  if (!Array.isArray(allowed) || allowed.length === 0) return new Set(own)
  if (!allowed.every((id) => own.includes(id as number)))
    throw accessError('Access to unauthorized or invalid companies.')
  return new Set(allowed as number[])
}

/** Whether the record rules of a model let the caller see one of its records. */
export function ruleOf(env: Environment, model: DemoModel): (record: DemoRecord) => boolean {
  if (!model.hasCompanyRule) return () => true
  checkLanguage(env)
  const companies = companiesOf(env)
  const isOwn = (id: unknown): boolean => companies.has(id as number)
  switch (model.name) {
    case 'res.company':
      return (record) => env.account.isAdministrator || isOwn(record.id)
    case 'res.users':
      return (record) =>
        record['share'] === false || (record['company_ids'] as readonly number[] | null)?.some(isOwn) === true
    case 'res.partner':
      return (record) =>
        record['partner_share'] === false || record['company_id'] === null || isOwn(record['company_id'])
    default:
      return (record) => record['company_id'] === null || isOwn(record['company_id'])
  }
}
