import { createHmac, randomBytes } from 'node:crypto'
import type { Service } from '../driver/service.ts'
import { invalidAuthorization, invalidPassword, protocolViolation, SqlError } from '../errors.ts'
import type { BackendMessage } from './messages.ts'
import { mockVerifier, openScram, SCRAM_MECHANISM, type ScramExchange } from './scram.ts'
import type { LentService, Services } from './services.ts'
import type { Slowdown } from './slowdown.ts'
import type { Authentication } from './users.ts'

/** A client that is to be told from others. */
export interface Stranger {
  readonly user: string
  /** Where it comes from; failures of one address slow down no other. */
  readonly address: string
  readonly isSecure: boolean
  send(message: BackendMessage): void
  /** What it answers. Throws where it leaves, or says something else. */
  receive(): Promise<Buffer>
}

/** A client that is known. */
export interface LogIn extends LentService {
  /** Names of the partitions that it may read. */
  readonly partitions: readonly string[]
}

/** Finds out who a client is. Throws 28P01 for a wrong name or password, which are not told apart; 28000; 08P01. */
export type Authenticate = (stranger: Stranger, signal: AbortSignal) => Promise<LogIn>

export function openAuthentication(
  authentication: Authentication,
  services: Services,
  slowdown: Slowdown,
): Authenticate {
  const secret = randomBytes(32)
  const attempt = <T>(stranger: Stranger, check: () => T | Promise<T>, signal: AbortSignal): Promise<T> =>
    slowdown.attempt(`${stranger.address} ${stranger.user}`, check, isWrongPassword, signal)

  async function byScram(
    users: Extract<Authentication, { kind: 'scram' }>['users'],
    stranger: Stranger,
    signal: AbortSignal,
  ): Promise<LogIn> {
    const user = users.get(stranger.user)
    // Who does not exist is asked the same, so that names cannot be found out.
    const exchange = openScram(user?.verifier ?? mockVerifier(stranger.user, secret))
    const proof = await askForProof(stranger, exchange)
    const signature = await attempt(stranger, () => exchange.last(proof), signal)
    if (user === undefined) throw invalidPassword('password authentication failed')
    stranger.send({ kind: 'authenticationSaslFinal', text: signature })
    const lent = await services.lend(stranger.user, () => user.service)
    return { ...lent, partitions: namesOf(lent.service) }
  }

  /** Where a person could log in. Asked once for each service: Odoo counts failed log-ins too. */
  const readable = new WeakMap<Service, readonly string[]>()

  async function byOdoo(
    serviceOf: Extract<Authentication, { kind: 'odoo' }>['serviceOf'],
    stranger: Stranger,
    signal: AbortSignal,
  ): Promise<LogIn> {
    if (!stranger.isSecure)
      throw invalidAuthorization('the connection is not encrypted, which log-ins by Odoo need', {
        hint: 'Connect with sslmode=require.',
      })
    stranger.send({ kind: 'authenticationCleartextPassword' })
    const apiKey = cstringFrom(await stranger.receive())
    // No key stays in memory as the name of something.
    const key = createHmac('sha256', secret).update(`${stranger.user}\0${apiKey}`).digest('base64')
    return attempt(
      stranger,
      async () => {
        const lent = await services.lend(key, () => serviceOf(stranger.user, apiKey))
        try {
          const partitions = readable.get(lent.service) ?? (await openAny(lent.service, signal))
          readable.set(lent.service, partitions)
          return { ...lent, partitions }
        } catch (thrown) {
          lent.discard()
          throw thrown
        }
      },
      signal,
    )
  }

  return async (stranger, signal) => {
    try {
      return authentication.kind === 'scram'
        ? await byScram(authentication.users, stranger, signal)
        : await byOdoo(authentication.serviceOf, stranger, signal)
    } catch (thrown) {
      // Which part was wrong, and where, is not told.
      if (isWrongPassword(thrown))
        throw invalidPassword(`password authentication failed for user "${stranger.user}"`)
      throw thrown
    }
  }
}

const isWrongPassword = (thrown: unknown): boolean =>
  thrown instanceof SqlError && thrown.condition === 'invalid_password'

const namesOf = (service: Service): readonly string[] => service.partitions.configs.map(({ name }) => name)

/** The partitions that could be logged in to. Throws where there is none; what is said of a server goes before 28P01. */
async function openAny(service: Service, signal: AbortSignal): Promise<readonly string[]> {
  const names = namesOf(service)
  const faults: unknown[] = []
  const opened = await Promise.all(
    names.map((name) =>
      service.partitions.open(name, { signal }).catch((thrown: unknown) => {
        faults.push(thrown)
        return undefined
      }),
    ),
  )
  const readable = names.filter((_, index) => opened[index] !== undefined)
  if (readable.length === 0) throw faults.find((fault) => !isWrongPassword(fault)) ?? faults[0]
  return readable
}

/** The client's last message of the exchange. */
async function askForProof(stranger: Stranger, exchange: ScramExchange): Promise<string> {
  stranger.send({ kind: 'authenticationSasl', mechanisms: [SCRAM_MECHANISM] })
  const initial = await stranger.receive()
  const end = initial.indexOf(0)
  if (end < 0 || initial.toString('utf8', 0, end) !== SCRAM_MECHANISM)
    throw protocolViolation('the client selected an unknown SASL authentication mechanism')
  // The length of what follows; it is all that is left.
  const first = initial.subarray(end + 1 + 4)
  stranger.send({ kind: 'authenticationSaslContinue', text: exchange.first(first.toString('utf8')) })
  return (await stranger.receive()).toString('utf8')
}

function cstringFrom(bytes: Buffer): string {
  if (bytes.length === 0 || bytes.indexOf(0) !== bytes.length - 1)
    throw protocolViolation('invalid password packet size')
  return bytes.toString('utf8', 0, bytes.length - 1)
}
