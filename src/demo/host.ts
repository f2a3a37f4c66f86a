import type { DemoAccount, Environment } from './environment.ts'
import { typeError } from './faults.ts'
import type { Version } from './fields.ts'
import type { DemoModel } from './models.ts'
import type { Records } from './records.ts'
import { isTruthy } from './values.ts'
import type { Json } from './values.ts'

/** One database behind the server, with its records loaded. */
export interface OpenDatabase {
  readonly name: string
  readonly accounts: readonly DemoAccount[]
  readonly records: Records
}

/** What the transports answer from. */
export interface DemoHost {
  readonly version: Version
  readonly models: ReadonlyMap<string, DemoModel>
  readonly databases: readonly OpenDatabase[]
}

export const databaseOf = (host: DemoHost, name: Json): OpenDatabase | undefined =>
  host.databases.find((database) => database.name === name)

/** What one call runs in. */
export function environmentFor(
  host: DemoHost,
  database: OpenDatabase,
  account: DemoAccount,
  context: Json,
): Environment {
  if (isTruthy(context) && (typeof context !== 'object' || Array.isArray(context)))
    throw typeError('context is not a mapping')
  const { version, models } = host
  return {
    version,
    models,
    account,
    records: database.records,
    context: isTruthy(context) ? (context as Environment['context']) : {},
  }
}
