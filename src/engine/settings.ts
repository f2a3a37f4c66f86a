import { invalidParameterValue } from '../errors.ts'

/** Settings that a session may give its statements: how values are read and written, and nothing else. */
export const CLIENT_SETTINGS: readonly string[] = [
  'application_name',
  'bytea_output',
  'client_min_messages',
  'datestyle',
  'default_text_search_config',
  'extra_float_digits',
  'intervalstyle',
  'lc_monetary',
  'lc_numeric',
  'lc_time',
  'search_path',
  'timezone',
  'timezone_abbreviations',
  'transform_null_equals',
  'xmlbinary',
  'xmloption',
]

/** Settings of our own, which PostgreSQL merely remembers. */
const OWN_SETTING = /^odoo\.[a-z_]+$/

/** Commands that make settings hold for one transaction. Throws 22023 for one that is neither listed nor our own. */
export function settingCommands(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => {
      if (!CLIENT_SETTINGS.includes(name.toLowerCase()) && !OWN_SETTING.test(name))
        throw invalidParameterValue(`parameter "${name}" cannot be changed`)
      return `SELECT set_config('${name}', '${value.replaceAll("'", "''").replaceAll('\0', '')}', true);`
    })
    .join(' ')
}
