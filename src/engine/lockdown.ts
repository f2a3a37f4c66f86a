import { identifier } from './ddl.ts'
import { ALLOWED_FUNCTIONS, patternOf } from './functions.ts'

/** Database, and the role that holds the rights of every statement of a user. */
export const DATABASE = 'odoo'
export const ROLE = 'odoo'

/** Makes the role that statements run as, where a user has a name of their own: it has the rights of `ROLE`. */
export const createRole = (name: string): string =>
  name === ROLE ? '' : `CREATE ROLE ${identifier(name)} LOGIN NOSUPERUSER INHERIT IN ROLE ${ROLE};`

/** The name as a role; PostgreSQL keeps some for itself and has room for 63 bytes. */
export const roleOfUser = (user: string): string =>
  /^(pg_|postgres$|public$|none$)/.test(user) || user === '' || Buffer.byteLength(user) > 63 ? ROLE : user

/**
 * Arguments for initdb. The builtin provider orders text bytewise, as Odoo's own databases do, and still knows Unicode:
 * lower(), upper(), initcap(), ILIKE and regular expressions fold `É` as well as `E` (one character to one character,
 * so `upper('ß')` is `ß`).
 */
export const INITDB_ARGUMENTS: readonly string[] = [
  '--wal-segsize=1',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
]

export interface ServerLimits {
  /** Bytes of temporary files (sorts, hashes, recursive queries) of one statement. */
  readonly temporaryBytesMax: number
}

/** Settings of the backend, given at its start, where no statement can change them for good. */
export function serverSettings(limits: ServerLimits): Readonly<Record<string, string>> {
  return {
    search_path: 'ir, res, public',
    TimeZone: 'UTC',
    DateStyle: 'ISO, MDY',
    IntervalStyle: 'postgres',
    temp_file_limit: `${Math.ceil(limits.temporaryBytesMax / 1024)}kB`,
    // Allocating a file in memory ahead of writing it costs time in proportion to its length.
    file_extend_method: 'write_zeros',
    // Rows live until the rollback: nothing of them need be logged.
    wal_level: 'minimal',
    max_wal_senders: '0',
    max_wal_size: '4MB',
    min_wal_size: '2MB',
    // Its files are in memory already: more buffers would hold them twice.
    shared_buffers: '16MB',
    work_mem: '16MB',
    jit: 'off',
    default_transaction_isolation: 'read committed',
    default_statistics_target: '20',
  }
}

/**
 * Settings of the transaction that only plans: they leave sequential scans and hash joins, in which every predicate
 * stands as a plain filter of its scan, never as an index or join condition of one.
 */
export const PLANNING_SETTINGS = [
  'indexscan',
  'indexonlyscan',
  'bitmapscan',
  'tidscan',
  'mergejoin',
  'nestloop',
  'memoize',
  'material',
  'incremental_sort',
]
  .map((method) => `SET LOCAL enable_${method} = off`)
  .join('; ')

/**
 * From here to the end of the transaction the statement's own rights hold: no superuser, reading only. PostgreSQL lets
 * a transaction become read-only, and not come back from it.
 */
export const lowerRights = (role: string): string =>
  `SET TRANSACTION READ ONLY; SET LOCAL SESSION AUTHORIZATION ${identifier(role)}`

/** Functions that PostgreSQL calls by itself for an operator, a cast, an aggregate or a type's text. */
export const IMPLIED_FUNCTIONS = `
  SELECT oprcode::oid AS function FROM pg_operator
  UNION SELECT castfunc FROM pg_cast
  UNION SELECT amproc FROM pg_amproc
  UNION SELECT unnest(ARRAY[aggtransfn::oid, aggfinalfn, aggcombinefn, aggserialfn, aggdeserialfn,
    aggmtransfn, aggminvtransfn, aggmfinalfn]) FROM pg_aggregate
  UNION SELECT unnest(ARRAY[typinput::oid, typoutput, typreceive, typsend, typmodin, typmodout]) FROM pg_type`

/** What the image gets once, as superuser. Without plpgsql there is no DO, and no procedural code at all. */
export const LOCKDOWN_SQL = `
  DROP EXTENSION plpgsql;
  CREATE ROLE ${ROLE} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT;
  REVOKE ALL ON DATABASE ${DATABASE} FROM PUBLIC;
  GRANT CONNECT ON DATABASE ${DATABASE} TO ${ROLE};
  -- Who lists tablespaces with their sizes must have this right. Nothing can be created in that one.
  GRANT CREATE ON TABLESPACE pg_global TO ${ROLE};
  REVOKE CREATE ON SCHEMA public FROM PUBLIC;
  UPDATE pg_proc SET proacl = ARRAY[makeaclitem(10, 10, 'EXECUTE', false)]
  WHERE provolatile <> 'i'
    AND proname !~ '${patternOf(ALLOWED_FUNCTIONS).source}'
    AND NOT EXISTS (SELECT FROM (${IMPLIED_FUNCTIONS}) AS implied WHERE implied.function = pg_proc.oid);`
