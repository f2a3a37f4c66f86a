import { readFile } from 'node:fs/promises'
import { isIP, BlockList } from 'node:net'
import { createSecureContext } from 'node:tls'
import * as z from 'zod'
import { readConfigWith, type ConnectOptions } from '../driver/config.ts'
import { configError, invalidParameterValue } from '../errors.ts'
import { USERS_MAX } from './services.ts'
import {
  scramUsers,
  serviceAs,
  userSchema,
  type Authentication,
  type ConfigFile,
  type ServiceSource,
} from './users.ts'

const milliseconds = z.int().positive().max(2_147_483_647)

/** The section `bridge` of the configuration file. */
const bridgeSchema = z.strictObject({
  host: z.string().min(1).optional(),
  port: z.int().min(0).max(65_535).optional(),
  /** `scram` (default): the users below. `odoo`: a tool's user and password are an Odoo login and API key. */
  auth: z.enum(['scram', 'odoo']).optional(),
  users: z.array(userSchema).min(1).optional(),
  /** Paths of PEM files. */
  tls: z.strictObject({ certificate: z.string().min(1), key: z.string().min(1) }).optional(),
  maxSessions: z.int().min(1).max(10_000).optional(),
  /** Engines that may run side by side for one user; each takes about 300 MB. */
  enginesMax: z.int().min(1).max(16).optional(),
  /** Users that are served at once. */
  usersMax: z.int().min(1).max(10_000).optional(),
  /** A session that says nothing for so long, outside of a transaction, ends. */
  idleTimeoutMs: milliseconds.optional(),
  statementTimeoutMs: milliseconds.optional(),
  authenticationTimeoutMs: milliseconds.optional(),
  /** How long a shutdown lets statements run. */
  drainMs: z.int().min(0).max(2_147_483_647).optional(),
})
type BridgeSection = z.output<typeof bridgeSchema>

/** Name and password of the demo's one user. */
export const DEMO_USER = 'demo'
/** Name of the one user where only a password is given. */
const DEFAULT_USER = 'odoo'

/** What the command line and the environment say. */
export interface BridgeArguments {
  readonly host?: string | undefined
  readonly port?: number | undefined
  readonly maxSessions?: number | undefined
  readonly healthPort?: number | undefined
  readonly certificate?: string | undefined
  readonly key?: string | undefined
  readonly allowUnencrypted: boolean
  readonly logLiterals: boolean
  readonly isQuiet: boolean
  /** The one user, where no configuration file names users. */
  readonly user?: string | undefined
  readonly password?: string | undefined
  /** What the sessions are to read. */
  readonly connect: ConnectOptions
}

export interface BridgeConfiguration {
  readonly host: string
  readonly port: number
  readonly healthPort: number | undefined
  readonly authentication: Authentication
  /** PEM texts. */
  readonly tls: { readonly cert: string; readonly key: string } | undefined
  readonly usersMax: number
  readonly maxSessions: number
  readonly idleTimeoutMs: number | undefined
  readonly statementTimeoutMs: number | undefined
  readonly authenticationTimeoutMs: number
  readonly drainMs: number
  readonly logLiterals: boolean
  readonly isQuiet: boolean
}

const DEFAULT_PORT = 5433
const SESSIONS_MAX = 100
const AUTHENTICATION_TIMEOUT_MS = 60_000
const DRAIN_MS = 10_000

/** Settles what the bridge is to be. Throws F0000 for faults of the file, 22023 for all others. */
export async function settleBridge(given: BridgeArguments): Promise<BridgeConfiguration> {
  const path = given.connect.config
  const file = path === undefined ? undefined : await readConfigWith(path, bridgeSchema)
  const section: BridgeSection = file?.bridge ?? {}
  const host = given.host ?? section.host ?? '127.0.0.1'
  const tls = await readTls(given.certificate ?? section.tls?.certificate, given.key ?? section.tls?.key)
  if (tls === undefined && !given.allowUnencrypted && !isLoopback(host))
    throw invalidParameterValue(`host "${host}" would be reached without encryption`, {
      hint: 'Give a certificate and a key (--tls-certificate, --tls-key), or say --allow-unencrypted.',
    })
  if (section.auth === 'odoo' && tls === undefined)
    throw invalidParameterValue('log-ins by Odoo need TLS: clients send their API keys as they are', {
      hint: 'Give a certificate and a key (--tls-certificate, --tls-key).',
    })
  return {
    host,
    port: given.port ?? section.port ?? DEFAULT_PORT,
    healthPort: given.healthPort,
    authentication: await settleAuthentication(given, section, file),
    tls,
    maxSessions: given.maxSessions ?? section.maxSessions ?? SESSIONS_MAX,
    usersMax: section.usersMax ?? USERS_MAX,
    idleTimeoutMs: section.idleTimeoutMs,
    statementTimeoutMs: given.connect.timeoutMs ?? section.statementTimeoutMs,
    authenticationTimeoutMs: section.authenticationTimeoutMs ?? AUTHENTICATION_TIMEOUT_MS,
    drainMs: section.drainMs ?? DRAIN_MS,
    logLiterals: given.logLiterals,
    isQuiet: given.isQuiet,
  }
}

function settleAuthentication(
  given: BridgeArguments,
  section: BridgeSection,
  file: ConfigFile | undefined,
): Authentication | Promise<Authentication> {
  const source: ServiceSource = { connect: given.connect, file, enginesMax: section.enginesMax }
  if (section.auth === 'odoo')
    return { kind: 'odoo', serviceOf: (login, apiKey) => serviceAs(source, { login, apiKey }) }
  if (section.users !== undefined) return scramUsers(section.users, source)
  if (given.connect.demo === true) return scramUsers([{ name: DEMO_USER, password: DEMO_USER }], source)
  if (given.password === undefined || given.password === '')
    throw invalidParameterValue('nobody could log in: no user of the bridge is named', {
      hint: 'Set ODOO_BRIDGE_PASSWORD (and ODOO_BRIDGE_USER), or name users in the section "bridge" of --config.',
    })
  return scramUsers([{ name: given.user ?? DEFAULT_USER, password: given.password }], source)
}

async function readTls(
  certificate: string | undefined,
  key: string | undefined,
): Promise<BridgeConfiguration['tls']> {
  if (certificate === undefined && key === undefined) return undefined
  if (certificate === undefined || key === undefined)
    throw invalidParameterValue('TLS needs a certificate and a key', {
      hint: 'Give both --tls-certificate and --tls-key.',
    })
  const read = (path: string): Promise<string> =>
    readFile(path, 'utf8').catch(() => {
      throw configError(`the file ${path} cannot be read`)
    })
  const [cert, keyText] = await Promise.all([read(certificate), read(key)])
  try {
    createSecureContext({ cert, key: keyText })
  } catch {
    throw configError(`${certificate} and ${key} are no certificate and key that go together`)
  }
  return { cert, key: keyText }
}

const LOOPBACK = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8)
LOOPBACK.addAddress('::1', 'ipv6')

const isLoopback = (host: string): boolean =>
  host === 'localhost' || LOOPBACK.check(host, isIP(host) === 6 ? 'ipv6' : 'ipv4')
