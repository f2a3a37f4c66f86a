import { SEARCH_PATH } from '../catalog/catalog.ts'
import { CLIENT_SETTINGS } from '../engine/settings.ts'
import { invalidParameterValue } from '../errors.ts'

/** The setting that selects partitions; it fits into a driver's connection options, which USE does not. */
export const PARTITIONS_SETTING = 'odoo.partitions'

const SEARCH_PATH_SETTING = 'search_path'

/** PostgreSQL's settings that a session has changed, by name in lower case. */
export type Settings = Map<string, string>

/** Changes a setting of PostgreSQL's, or takes it back to its default. Throws 22023 for one that cannot be set. */
export function changeSetting(settings: Settings, name: string, value: string | undefined): void {
  if (!CLIENT_SETTINGS.includes(name))
    throw invalidParameterValue(`parameter "${name}" cannot be changed`, {
      hint: `These can: ${[PARTITIONS_SETTING, ...CLIENT_SETTINGS].join(', ')}.`,
    })
  if (value === undefined) settings.delete(name)
  else settings.set(name, value)
}

/** Schemas in which a table without one is looked for, in that order. */
export function searchPathOf(settings: Settings): readonly string[] {
  const value = settings.get(SEARCH_PATH_SETTING)
  return value === undefined ? SEARCH_PATH : namesFromList(value)
}

/** Whether PostgreSQL writes values otherwise than we do: what it writes must then come from it. */
export function changesTextForms(settings: Settings): boolean {
  const {
    datestyle = 'iso',
    bytea_output: bytea = 'hex',
    extra_float_digits: digits = '1',
  } = Object.fromEntries(settings)
  return !/^\s*iso\b/i.test(datestyle) || !/^hex$/i.test(bytea) || !(Number(digits) > 0)
}

/** Names of partitions in the value of the setting; none may be empty. */
export function partitionNamesFrom(value: string): string[] {
  const names = value.split(',').map((name) => name.trim())
  if (names.includes('')) throw invalidParameterValue(`${PARTITIONS_SETTING} holds an empty name`)
  return names
}

/** Identifiers with commas between; unquoted ones fold to lower case, as PostgreSQL's do. */
function namesFromList(value: string): string[] {
  return [...value.matchAll(/"((?:[^"]|"")*)"|([^\s,"]+)/g)].map(([, quoted, plain = '']) =>
    quoted === undefined ? plain.toLowerCase() : quoted.replaceAll('""', '"'),
  )
}
