import * as z from 'zod'
import {
  secretSchema,
  secretText,
  type ConnectOptions,
  type PartitionOptions,
  type readConfigWith,
} from '../driver/config.ts'
import type { ServiceOptions } from '../driver/service.ts'
import { configError } from '../errors.ts'
import { verifierFromPassword, verifierFromText, type ScramVerifier } from './scram.ts'

/** Under whose name Odoo is asked. */
const credentialsSchema = z.strictObject({
  login: z.string().min(1),
  apiKey: secretSchema.optional(),
  password: secretSchema.optional(),
})

/** A user in the section `bridge` of the configuration file. */
export const userSchema = z
  .strictObject({
    name: z.string().min(1),
    password: secretSchema.optional(),
    /** As PostgreSQL keeps it: `SCRAM-SHA-256$4096:salt$StoredKey:ServerKey`. */
    verifier: secretSchema.optional(),
    /** Partitions that this user may read; all where left out. */
    partitions: z.array(z.string().min(1)).min(1).optional(),
    /** Other credentials than the partitions' own: for all of them, or for some by name. */
    odoo: z.union([credentialsSchema, z.record(z.string().min(1), credentialsSchema)]).optional(),
  })
  .refine((user) => (user.password === undefined) !== (user.verifier === undefined), {
    message: 'needs a password or a verifier, and not both',
  })

type UserSection = z.output<typeof userSchema>

/** Who may log in, and what they read. */
export type Authentication =
  | { readonly kind: 'scram'; readonly users: ReadonlyMap<string, BridgeUser> }
  /** `serviceOf`: what a person reads under their own name. */
  | { readonly kind: 'odoo'; readonly serviceOf: (login: string, apiKey: string) => ServiceOptions }

export interface BridgeUser {
  readonly verifier: ScramVerifier
  readonly service: ServiceOptions
}

export type ConfigFile = Omit<Awaited<ReturnType<typeof readConfigWith<z.ZodUnknown>>>, 'bridge'>

/** What all services are made of. */
export interface ServiceSource {
  readonly connect: ConnectOptions
  readonly file: ConfigFile | undefined
  readonly enginesMax: number | undefined
}

type Credentials = Pick<PartitionOptions, 'login' | 'apiKey' | 'password'>

/** Throws F0000 for a user whose secret or partitions make no sense. */
export async function scramUsers(
  sections: readonly UserSection[],
  source: ServiceSource,
): Promise<Extract<Authentication, { kind: 'scram' }>> {
  const users = new Map<string, BridgeUser>()
  for (const section of sections) {
    if (users.has(section.name)) throw configError(`user "${section.name}" of the bridge is named twice`)
    users.set(section.name, {
      verifier: await verifierOf(section),
      service: serviceOf(section, source),
    })
  }
  return { kind: 'scram', users }
}

async function verifierOf({ password, verifier }: UserSection): Promise<ScramVerifier> {
  const text = await secretText(verifier)
  return text === undefined
    ? verifierFromPassword((await secretText(password)) ?? '')
    : verifierFromText(text)
}

function serviceOf({ name, partitions: allowed, odoo }: UserSection, source: ServiceSource): ServiceOptions {
  const known = Object.keys(source.file?.partitions ?? {})
  for (const partition of [
    ...(allowed ?? []),
    ...(odoo === undefined || isCredentials(odoo) ? [] : Object.keys(odoo)),
  ])
    if (!known.includes(partition))
      throw configError(`user "${name}" of the bridge: partition "${partition}" is not configured`)
  const credentialsOf = (partition: string): Credentials | undefined =>
    odoo === undefined || isCredentials(odoo) ? odoo : odoo[partition]
  return { ...serviceOptions(source, allowed, credentialsOf), user: name }
}

const isCredentials = (
  odoo: NonNullable<UserSection['odoo']>,
): odoo is Extract<UserSection['odoo'], { login: string }> => typeof odoo['login'] === 'string'

/** What a person reads whose own login and key are given. */
export const serviceAs = (
  source: ServiceSource,
  credentials: Credentials & { readonly login: string },
): ServiceOptions => ({
  ...serviceOptions(source, undefined, () => credentials),
  user: credentials.login,
})

/** So that a statement which computes for long delays no other session of the same user. */
const ENGINES_MAX = 2

/** `allowed` undefined: all partitions. `credentialsOf` undefined: the partition's own. */
function serviceOptions(
  { connect, file, enginesMax = ENGINES_MAX }: ServiceSource,
  allowed: readonly string[] | undefined,
  credentialsOf: (partition: string) => Credentials | undefined,
): ServiceOptions {
  const { config, ...options } = connect
  if (config === undefined || file === undefined) return { ...connect, enginesMax }
  const isAllowed = (name: string): boolean => allowed?.includes(name) ?? true
  const partitions = Object.entries(file.partitions).flatMap(([name, partition]) => {
    if (!isAllowed(name)) return []
    // All of them, so that none of the partition's own is left beside the others.
    const { login, apiKey, password } = credentialsOf(name) ?? partition
    return [[name, { ...partition, login, apiKey, password }] as const]
  })
  const selected = [connect.partition ?? file.default ?? []].flat().filter(isAllowed)
  return {
    ...(file.settings as Partial<ConnectOptions>),
    ...options,
    enginesMax,
    partitions: Object.fromEntries(partitions),
    ...(selected.length > 0 && { partition: selected }),
  }
}
