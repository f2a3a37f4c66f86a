import { PARTITIONS_SETTING } from '../driver/settings.ts'
import type { StatementScope } from '../driver/statement.ts'
import { fixedParameter, insufficientPrivilege, undefinedObject } from '../errors.ts'
import { ownQuery } from './backend.ts'
import { SETTINGS } from './setting-list.ts'
import type { Settings } from './settings.ts'

/** A value for a setting, as SHOW will show it. Throws 22023, 42501, 42704 or 55P02, as PostgreSQL does. */
export async function readSetting(
  name: string,
  text: string,
  settings: Settings,
  scope: StatementScope,
): Promise<string> {
  const spec = SETTINGS.get(name)
  if (spec === undefined) return readOther(name, text, scope)
  if (spec.read !== undefined) return spec.read(text, spec.name) ?? judged(name, text, scope)
  if (text.toLowerCase() === settings.get(name)?.toLowerCase()) return text
  throw fixedParameter(`parameter "${spec.name}" cannot be changed`)
}

/** Tries a value on PostgreSQL, which says what it is or what is wrong with it. */
async function judged(name: string, text: string, scope: StatementScope): Promise<string> {
  const { session } = scope
  const before = session.settings[name]
  session.set(name, text)
  try {
    const [[value = null] = []] = await ownQuery('SELECT current_setting($1)', [name], scope)
    return String(value)
  } finally {
    session.set(name, before)
  }
}

/** A setting that has no meaning here: it is remembered, if PostgreSQL has it and lets its users change it. */
async function readOther(name: string, text: string, scope: StatementScope): Promise<string> {
  // Names with a dot are for clients to make up.
  if (name === PARTITIONS_SETTING || name.includes('.')) return text
  const sql = 'SELECT context FROM pg_settings WHERE lower(name) = $1'
  const [[context] = []] = await ownQuery(sql, [name], scope)
  if (context === undefined) throw undefinedObject(`unrecognized configuration parameter "${name}"`)
  if (context === 'superuser') throw insufficientPrivilege(`permission denied to set parameter "${name}"`)
  if (context !== 'user') throw fixedParameter(`parameter "${name}" cannot be changed`)
  return text
}
