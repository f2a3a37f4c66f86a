import type { ConnectOptions } from '../driver/config.ts'
import { noticeText } from './error-text.ts'
import { askSecret } from './secret-prompt.ts'
import type { Target } from './target.ts'

/** What the command line says of servers and their tables. */
export interface ServerArguments {
  readonly config: string | undefined
  readonly partitions: readonly string[]
  /** A directory of table files. */
  readonly catalog: string | undefined
}

/**
 * What names the server for `connect`. Warns of a password in the URL, and asks for one on a terminal where none is
 * given; throws 57014 when the user gives up. `target` is undefined where a configuration file names the servers.
 */
export async function serverOptions(
  { config, partitions, catalog }: ServerArguments,
  target: Target | undefined,
): Promise<ConnectOptions> {
  if (target?.exposesSecret === true)
    process.stderr.write(
      noticeText({
        severity: 'WARNING',
        message: 'the password in the URL can be seen by others on this machine',
        hint: 'Set ODOO_API_KEY or ODOO_PASSWORD instead.',
      }),
    )
  const secret =
    target?.needsSecret === true && process.stdin.isTTY && process.stderr.isTTY
      ? await askSecret('Password or API key: ', process.stdin, process.stderr)
      : target?.password
  return present({
    url: target?.url,
    database: target?.database,
    login: target?.login,
    apiKey: target?.apiKey,
    password: secret,
    config,
    catalog,
    partition: partitions.length === 0 ? undefined : partitions,
  })
}

/** The entries that are not undefined: an option that is absent differs from one that is undefined. */
export function present<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
}
