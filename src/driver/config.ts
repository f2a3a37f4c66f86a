import { readFile } from 'node:fs/promises'
import * as z from 'zod'
import { pathText, readJson } from '../catalog/json.ts'
import { configError, invalidParameterValue, SqlError } from '../errors.ts'
import type { ClientConfig } from '../odoo/client.ts'
import type { CacheOptions } from './scan-cache.ts'

/** A secret itself, the name of an environment variable that holds it, or a file whose text it is. */
export const secretSchema = z.union([
  z.string().min(1),
  z.strictObject({ env: z.string().min(1) }),
  z.strictObject({ file: z.string().min(1) }),
])

const partitionSchema = z.strictObject({
  /** `http(s)://host[:port]`, or `odoo://login@host:port/database` (`odoo+https://` for TLS). */
  url: z.string().min(1),
  /** Odoo's name of the database; may be left out where the server has one only. */
  database: z.string().min(1).optional(),
  /** Of the user whose rights hold. */
  login: z.string().min(1).optional(),
  /** Better than a password: Odoo makes one under Preferences, Account Security. */
  apiKey: secretSchema.optional(),
  /** Where there is no key. */
  password: secretSchema.optional(),
  /** Interface of Odoo's to use; `auto` (default) takes JSON-2 where there is one and a key to it. */
  transport: z.enum(['auto', 'json-rpc', 'json-2']).optional(),
  /** Language of translated fields, the same in every call; default en_US. */
  lang: z.string().min(2).optional(),
  /** Only records of these companies; ids. */
  companies: z.array(z.int().positive()).min(1).optional(),
  /** Calls in flight at once. */
  concurrency: z.int().min(1).max(64).optional(),
  /** Calls started a second, at most. */
  callsPerSecond: z.number().positive().optional(),
})
/** One Odoo database: where it is, who logs in, and at what pace it may be asked. */
export type PartitionOptions = z.input<typeof partitionSchema>

const textOrder = z.enum(['auto', 'local', 'server'])

const cacheSchema = z.strictObject({
  ttlMs: z.int().positive(),
  bytesMax: z.int().positive().optional(),
})

const fileSchema = z.strictObject({
  partitions: z.record(z.string().min(1), partitionSchema),
  /** Partitions selected at the start; all where left out. */
  default: z.array(z.string()).min(1).optional(),
  settings: z
    .strictObject({
      textOrder: textOrder.optional(),
      timeoutMs: z.int().positive().optional(),
      maxRows: z.int().positive().optional(),
      partitionErrors: z.enum(['fail', 'skip']).optional(),
      catalog: z.string().optional(),
      cache: cacheSchema.optional(),
    })
    .optional(),
  /** Not the driver's: whoever serves reads it with a schema of its own. */
  bridge: z.unknown().optional(),
})

/** What `connect` takes. One server by `url` and its companions, or several by `partitions` or a `config` file. */
export interface ConnectOptions {
  /** `http(s)://host[:port]`, or `odoo://login@host:port/database` (`odoo+https://` for TLS). */
  readonly url?: string
  /** Odoo's name of the database; may be left out where the server has one only. */
  readonly database?: string
  /** Of the user whose rights hold. */
  readonly login?: string
  /** Better than a password: Odoo makes one under Preferences, Account Security. */
  readonly apiKey?: string
  /** Where there is no key. */
  readonly password?: string
  /** The embedded demo Odoo, in this process. */
  readonly demo?: boolean
  /** Path of a configuration file (JSON). */
  readonly config?: string
  /** Several databases by name. */
  readonly partitions?: Readonly<Record<string, PartitionOptions>>
  /** Name of the partition to select, or of several. */
  readonly partition?: string | readonly string[]
  /** A further directory of table files beside the built-in catalog. */
  readonly catalog?: string
  /** Whether what is learned of a server's models is kept on disk, in the user's cache folder; default true. */
  readonly catalogCache?: boolean
  /** Shows secret columns and lets them be compared; default false. */
  readonly revealSecrets?: boolean
  /** Bound on each statement, in milliseconds; default none (each call has its own). */
  readonly timeoutMs?: number
  /** A statement with more rows fails; default 1,000,000 for `query`, none for `stream`. */
  readonly maxRows?: number
  /** False: fetch whole tables and check everything here. For tests. */
  readonly pushdown?: boolean
  /**
   * Whether text order and text ranges are left to Odoo: `server` trusts that its database collates bytewise, as
   * those that Odoo creates do; `local` never does; `auto` (default) does once a cheap call has proven it.
   */
  readonly textOrder?: z.infer<typeof textOrder>
  /** Where one of several partitions fails: `fail` (default) fails the statement, `skip` leaves it out with a warning. */
  readonly partitionErrors?: 'fail' | 'skip'
  /** INSERT into native.NativePlatformScalarRequests: `off` (default), `read` for methods that read, `write` for all. */
  readonly nativeRequests?: 'off' | 'read' | 'write'
  /** Interface of Odoo's to use; `auto` (default) takes JSON-2 where there is one and a key to it. */
  readonly transport?: 'auto' | 'json-rpc' | 'json-2'
  /** Lets what was read a moment ago be used again; default: everything is read anew. */
  readonly cache?: CacheOptions
  /** Cancels the log-in: 57014. */
  readonly signal?: AbortSignal
}

/** Everything settled: each partition with its secrets, which are selected, and the settings. */
export interface Settled {
  readonly partitions: readonly ClientConfig[]
  readonly selected: readonly string[]
  readonly options: ConnectOptions
}

/** Reads the configuration. Faults of a file come all at once, as F0000; wrong options as 22023. */
export async function settle(options: ConnectOptions): Promise<Settled> {
  const file = options.config === undefined ? undefined : await readConfig(options.config, fileSchema)
  const named = { ...file?.partitions, ...checkedPartitions(options.partitions) }
  const single =
    options.url === undefined ? [] : [await clientConfig(undefined, { ...options, url: options.url })]
  const partitions = [
    ...single,
    ...(await Promise.all(Object.entries(named).map(([name, partition]) => clientConfig(name, partition)))),
  ]
  if (partitions.length === 0)
    throw invalidParameterValue('no server is named', {
      hint: 'Give a URL such as odoo://login@host:8069/database, or demo: true.',
    })
  const selected = [options.partition ?? file?.default ?? partitions.map(({ name }) => name)].flat()
  for (const name of selected)
    if (!partitions.some((partition) => partition.name === name))
      throw invalidParameterValue(`partition "${name}" is not configured`, {
        hint: `Configured: ${partitions.map((partition) => partition.name).join(', ')}.`,
      })
  return {
    partitions,
    selected: [...new Set(selected)],
    options: { ...file?.settings, ...options } as ConnectOptions,
  }
}

/** A configuration file whose section `bridge` is of this schema. Its faults come all at once, as F0000. */
export const readConfigWith = <Bridge extends z.ZodType>(path: string, bridge: Bridge) =>
  readConfig(path, fileSchema.extend({ bridge: bridge.optional() }))

async function readConfig<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.output<Schema>> {
  const text = await readFile(path, 'utf8').catch(() => {
    throw configError(`configuration file ${path} cannot be read`)
  })
  // It knows lines, and keys that stand twice: two partitions of one name would hide each other.
  const document = readJson(text)
  const parsed = schema.safeParse(document.value)
  if (parsed.success && document.faults.length === 0) return parsed.data
  const issues = parsed.error?.issues ?? []
  const faults = [
    ...document.faults.map(
      ({ line, path: at, message }) => `line ${line}: ${at === '' ? '' : `${at}: `}${message}`,
    ),
    // Without a value the text itself is at fault, which has been said.
    ...(document.value === undefined ? [] : issues).map(
      (issue) => `line ${document.lineOf(issue.path)}: ${pathText(issue.path)}: ${issue.message}`,
    ),
  ]
  throw configError(`configuration file ${path} has faults`, { detail: faults.join('\n') })
}

const faultsOf = (error: z.ZodError): string =>
  error.issues.map((issue) => `${pathText(issue.path)}: ${issue.message}`).join('\n')

function checkedPartitions(
  partitions: ConnectOptions['partitions'],
): z.output<typeof fileSchema>['partitions'] {
  const parsed = z.record(z.string().min(1), partitionSchema).safeParse(partitions ?? {})
  if (parsed.success) return parsed.data
  throw invalidParameterValue('the partitions have faults', { detail: faultsOf(parsed.error) })
}

async function clientConfig(
  name: string | undefined,
  options: Omit<PartitionOptions, 'url'> & { readonly url: string },
): Promise<ClientConfig> {
  const parts = partsOfUrl(options.url)
  const database = options.database ?? parts.database
  const login = options.login ?? parts.login
  const label = name === undefined ? '' : `partition "${name}": `
  if (database === undefined)
    throw invalidParameterValue(`${label}no database is named`, {
      hint: 'Write it into the URL, odoo://login@host:8069/database, or set ODOO_DATABASE.',
    })
  if (login === undefined)
    throw invalidParameterValue(`${label}no login is named`, {
      hint: 'Write it into the URL, odoo://login@host:8069/database, or set ODOO_LOGIN.',
    })
  const [apiKey, password] = await Promise.all([secretText(options.apiKey), secretText(options.password)])
  if (apiKey === undefined && password === undefined && parts.password === undefined)
    throw invalidParameterValue(`${label}neither an API key nor a password is given`, {
      hint: 'Set ODOO_API_KEY or ODOO_PASSWORD.',
    })
  const { transport, lang, companies, concurrency, callsPerSecond } = options
  return {
    name: name ?? database,
    url: parts.url,
    database,
    login,
    apiKey,
    password: password ?? parts.password,
    transport,
    lang,
    companies,
    concurrency,
    callsPerSecond,
  }
}

export interface UrlParts {
  /** `http(s)://host[:port]` */
  readonly url: string
  readonly database: string | undefined
  readonly login: string | undefined
  readonly password: string | undefined
}

const PROTOCOLS: Readonly<Record<string, string>> = {
  'odoo:': 'http',
  'odoo+http:': 'http',
  'odoo+https:': 'https',
  'http:': 'http',
  'https:': 'https',
}

/** Odoo's own port, where an odoo:// URL names none. */
const ODOO_PORT = 8069

/** What the URL of a server says. Throws 22023 for one that cannot be read, without a word of it. */
export function partsOfUrl(text: string): UrlParts {
  // The text itself may hold a password, so no message repeats it.
  const wrong = (message: string): SqlError =>
    invalidParameterValue(message, { hint: 'Write it as odoo://login@host:8069/database or https://host.' })
  if (!URL.canParse(text)) throw wrong('the URL of the server cannot be read')
  const url = new URL(text)
  const protocol = PROTOCOLS[url.protocol]
  if (protocol === undefined) throw wrong(`the URL has the unknown protocol "${url.protocol}"`)
  if (url.hostname === '') throw wrong('the URL names no host')
  const isPlainOdoo = url.protocol === 'odoo:' || url.protocol === 'odoo+http:'
  const port = url.port === '' && isPlainOdoo ? String(ODOO_PORT) : url.port
  return {
    url: `${protocol}://${url.hostname}${port === '' ? '' : `:${port}`}`,
    database: decoded(url.pathname.replace(/^\/+|\/+$/g, '')),
    login: decoded(url.username),
    password: decoded(url.password),
  }
}

function decoded(part: string): string | undefined {
  if (part === '') return undefined
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** Reads a secret from where it is kept. Throws F0000, without the secret. */
export async function secretText(
  secret: z.infer<typeof secretSchema> | undefined,
): Promise<string | undefined> {
  if (secret === undefined || typeof secret === 'string') return secret
  if ('env' in secret) {
    const value = process.env[secret.env]
    if (value === undefined || value === '')
      throw configError(`environment variable ${secret.env} is not set`)
    return value
  }
  try {
    return (await readFile(secret.file, 'utf8')).trim()
  } catch {
    throw configError(`the file ${secret.file} with a secret cannot be read`)
  }
}
