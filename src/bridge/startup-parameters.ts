import { invalidAuthorization, notSupported } from '../errors.ts'
import type { StartupMessage } from './messages.ts'

/** What a client says of itself when it starts. */
export interface Client {
  readonly user: string
  readonly database: string
  readonly applicationName: string | undefined
  /** Settings for its session; names in lower case. */
  readonly settings: ReadonlyMap<string, string>
  /** Options of the protocol itself, none of which is known here. */
  readonly protocolOptions: readonly string[]
}

/** The database that stands for all partitions of a user, those first that are selected by default. */
export const ALL_PARTITIONS = 'odoo'

const NO_SETTINGS: ReadonlySet<string> = new Set(['user', 'database', 'options', 'replication'])
const PROTOCOL_OPTION = '_pq_.'

/** Throws 28000 without a user, 0A000 for replication. */
export function clientFrom({ parameters }: Extract<StartupMessage, { kind: 'startup' }>): Client {
  const user = parameters.get('user') ?? ''
  if (user === '') throw invalidAuthorization('no PostgreSQL user name specified in startup packet')
  if (!/^(|0|f|false|off|no)$/i.test(parameters.get('replication') ?? ''))
    throw notSupported('there is no replication of Odoo')
  const names = [...parameters.keys()]
  const settings = new Map(
    [...parameters].filter(([name]) => !NO_SETTINGS.has(name) && !name.startsWith(PROTOCOL_OPTION)),
  )
  for (const [name, value] of settingsFromOptions(parameters.get('options') ?? '')) settings.set(name, value)
  return {
    user,
    database: parameters.get('database') ?? ALL_PARTITIONS,
    applicationName: settings.get('application_name'),
    settings: new Map([...settings].map(([name, value]) => [name.toLowerCase(), value])),
    protocolOptions: names.filter((name) => name.startsWith(PROTOCOL_OPTION)),
  }
}

/** `-c name=value`, `-cname=value` and `--name=value`; a backslash takes the next character as it is. */
function settingsFromOptions(options: string): [name: string, value: string][] {
  const words = [...options.matchAll(/(?:\\.|[^\\\s])+/gs)].map(([word]) => word.replace(/\\(.)/gs, '$1'))
  const settings: [string, string][] = []
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? ''
    const assignment = word === '-c' ? words[++index] : /^(?:-c|--)(.*)$/s.exec(word)?.[1]
    const match = /^([^=]+)=(.*)$/s.exec(assignment ?? '')
    if (match === null)
      throw invalidAuthorization(`the connection option "${word}" is not known`, {
        hint: 'Write options as -c name=value.',
      })
    const [, name = '', value = ''] = match
    // As PostgreSQL reads them: a dash stands for an underscore.
    settings.push([name.replaceAll('-', '_'), value])
  }
  return settings
}
