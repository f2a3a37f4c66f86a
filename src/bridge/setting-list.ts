import {
  anyText,
  dateStyle,
  encoding,
  flag,
  integer,
  oneOf,
  timeLimit,
  timeZone,
  type ReadValue,
} from './setting-values.ts'

/** One setting, as PostgreSQL names it. */
export interface SettingSpec {
  readonly name: string
  /** Undefined: PostgreSQL knows it. */
  readonly initial?: string
  /** Undefined: it cannot be changed. */
  readonly read?: ReadValue
  /** The setting whose value it has, as long as it has none of its own. */
  readonly follows?: string
  /** It changes what PostgreSQL computes or writes, so it goes with each statement. */
  readonly isPassedOn?: boolean
  /** The client is told of it at the start and whenever it changes. */
  readonly isReported?: boolean
}

/** What the embedded PostgreSQL says of itself; a test holds the two equal. */
const SERVER_VERSION = '18.6'

const TIME_LIMITS: readonly SettingSpec[] = [
  'lock_timeout',
  'idle_in_transaction_session_timeout',
  'idle_session_timeout',
  'transaction_timeout',
].map((name) => ({ name, initial: '0', read: timeLimit }))

const ISOLATION = oneOf('serializable', 'repeatable read', 'read committed', 'read uncommitted')
const LEVELS = [
  'debug5',
  'debug4',
  'debug3',
  'debug2',
  'debug1',
  'log',
  'notice',
  'warning',
  'error',
] as const

/**
 * The settings that clients set and ask for, so that no engine need be started for them. Any other is PostgreSQL's:
 * it says whether there is such a setting and who may change it; what it holds is remembered and shown.
 */
const SPECS: readonly SettingSpec[] = [
  { name: 'server_version', initial: SERVER_VERSION, isReported: true },
  { name: 'server_version_num', initial: '180006' },
  { name: 'server_encoding', initial: 'UTF8', isReported: true },
  { name: 'client_encoding', initial: 'UTF8', read: encoding, isReported: true },
  { name: 'application_name', initial: '', read: anyText, isPassedOn: true, isReported: true },
  { name: 'is_superuser', initial: 'off', isReported: true },
  { name: 'session_authorization', initial: '', isReported: true },
  { name: 'role', initial: 'none' },
  { name: 'in_hot_standby', initial: 'off', isReported: true },
  { name: 'integer_datetimes', initial: 'on', isReported: true },
  { name: 'scram_iterations', initial: '4096', read: integer(1, 2 ** 31 - 1), isReported: true },
  { name: 'search_path', initial: 'ir, res, public', read: anyText, isPassedOn: true, isReported: true },
  { name: 'standard_conforming_strings', initial: 'on', isReported: true },
  { name: 'DateStyle', initial: 'ISO, MDY', read: dateStyle, isPassedOn: true, isReported: true },
  {
    name: 'IntervalStyle',
    initial: 'postgres',
    read: oneOf('postgres', 'postgres_verbose', 'sql_standard', 'iso_8601'),
    isPassedOn: true,
    isReported: true,
  },
  { name: 'TimeZone', initial: 'UTC', read: timeZone, isPassedOn: true, isReported: true },
  { name: 'bytea_output', initial: 'hex', read: oneOf('escape', 'hex'), isPassedOn: true },
  { name: 'extra_float_digits', initial: '1', read: integer(-15, 3), isPassedOn: true },
  { name: 'client_min_messages', initial: 'notice', read: oneOf(...LEVELS), isPassedOn: true },
  { name: 'transform_null_equals', initial: 'off', read: flag, isPassedOn: true },
  ...['default_text_search_config', 'lc_monetary', 'lc_numeric', 'lc_time', 'timezone_abbreviations'].map(
    (name) => ({ name, read: () => undefined, isPassedOn: true }),
  ),
  { name: 'xmlbinary', initial: 'base64', read: oneOf('base64', 'hex'), isPassedOn: true },
  { name: 'xmloption', initial: 'content', read: oneOf('content', 'document'), isPassedOn: true },
  { name: 'statement_timeout', initial: '0', read: timeLimit },
  ...TIME_LIMITS,
  { name: 'default_transaction_isolation', initial: 'read committed', read: ISOLATION },
  { name: 'transaction_isolation', follows: 'default_transaction_isolation', read: ISOLATION },
  // Nothing is ever written, whatever a client asks for: the truth is shown, and asking is no error.
  { name: 'default_transaction_read_only', initial: 'on', read: alwaysOn, isReported: true },
  { name: 'transaction_read_only', initial: 'on', read: alwaysOn },
  { name: 'default_transaction_deferrable', initial: 'off', read: flag },
  { name: 'transaction_deferrable', follows: 'default_transaction_deferrable', read: flag },
  {
    name: 'synchronous_commit',
    initial: 'on',
    read: oneOf('local', 'remote_write', 'remote_apply', 'on', 'off'),
  },
  { name: 'jit', initial: 'off', read: flag },
  { name: 'row_security', initial: 'on', read: flag },
]

function alwaysOn(text: string, name: string): string {
  flag(text, name)
  return 'on'
}

/** By name in lower case. */
export const SETTINGS: ReadonlyMap<string, SettingSpec> = new Map(
  SPECS.map((spec) => [spec.name.toLowerCase(), spec]),
)
