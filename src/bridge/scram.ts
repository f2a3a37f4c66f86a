import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { invalidParameterValue, invalidPassword, protocolViolation } from '../errors.ts'

/** What a server keeps of a password: enough to check it, not enough to log in with it. */
export interface ScramVerifier {
  readonly iterations: number
  readonly salt: Buffer
  readonly storedKey: Buffer
  readonly serverKey: Buffer
}

export const SCRAM_MECHANISM = 'SCRAM-SHA-256'
/** PostgreSQL's own defaults. */
const ITERATIONS = 4096
const SALT_BYTES = 16
const NONCE_BYTES = 18
const KEY_BYTES = 32
/** Clients compute as many: more would let a configuration stall them. */
const ITERATIONS_MAX = 1_000_000

const derive = promisify(pbkdf2)
const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()
const sha256 = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest()

/** The verifier of a password, with a salt of its own. Computing it takes some milliseconds. */
export async function verifierFromPassword(
  password: string,
  salt: Buffer = randomBytes(SALT_BYTES),
  iterations = ITERATIONS,
): Promise<ScramVerifier> {
  const salted = await derive(prepared(password), salt, iterations, KEY_BYTES, 'sha256')
  return {
    iterations,
    salt,
    storedKey: sha256(hmac(salted, 'Client Key')),
    serverKey: hmac(salted, 'Server Key'),
  }
}

/** Reads PostgreSQL's own form, `SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey`. Throws 22023, without the text. */
export function verifierFromText(text: string): ScramVerifier {
  const match = /^SCRAM-SHA-256\$(\d{1,7}):([\w+/=]+)\$([\w+/=]+):([\w+/=]+)$/.exec(text)
  const [, iterations, salt, storedKey, serverKey] = match ?? []
  const verifier = {
    iterations: Number(iterations),
    salt: bytesFromBase64(salt),
    storedKey: bytesFromBase64(storedKey),
    serverKey: bytesFromBase64(serverKey),
  }
  const isWhole =
    verifier.iterations >= 1 &&
    verifier.iterations <= ITERATIONS_MAX &&
    verifier.salt.length > 0 &&
    verifier.storedKey.length === KEY_BYTES &&
    verifier.serverKey.length === KEY_BYTES
  if (!isWhole)
    throw invalidParameterValue('a SCRAM verifier cannot be read', {
      hint: 'It looks like SCRAM-SHA-256$4096:salt$StoredKey:ServerKey, as PostgreSQL keeps it in pg_authid.',
    })
  return verifier
}

const bytesFromBase64 = (text: string | undefined): Buffer => Buffer.from(text ?? '', 'base64')

/**
 * A verifier that no password fits, for a name that is no user: the same for the same name as long as `secret` is the same,
 * so that asking twice tells no more than asking once.
 */
export function mockVerifier(user: string, secret: Buffer): ScramVerifier {
  return {
    iterations: ITERATIONS,
    salt: hmac(secret, `salt ${user}`).subarray(0, SALT_BYTES),
    storedKey: randomBytes(KEY_BYTES),
    serverKey: randomBytes(KEY_BYTES),
  }
}

/** The server's side of one SCRAM-SHA-256 exchange (RFC 5802, RFC 7677), without channel binding. */
export interface ScramExchange {
  /** Answers the client's first message. Throws 08P01. */
  first(clientFirst: string): string
  /** Answers the client's last message, which proves that it knows the password. Throws 28P01, or 08P01. */
  last(clientFinal: string): string
}

/** `nonce` is the server's part of it, for tests. */
export function openScram(
  verifier: ScramVerifier,
  nonce: string = randomBytes(NONCE_BYTES).toString('base64'),
): ScramExchange {
  let header = ''
  let messages = ''
  let fullNonce = ''
  return {
    first(clientFirst) {
      const match = /^(([nyp])(?:=[^,]*)?,(?:a=[^,]*)?,)(n=[^,]*,r=([\x21-\x2b\x2d-\x7e]+)(?:,.*)?)$/s.exec(
        clientFirst,
      )
      if (match === null) throw protocolViolation('malformed SCRAM message')
      if (match[2] === 'p')
        throw protocolViolation('the client selected SCRAM-SHA-256 without channel binding, and sent one')
      header = match[1] ?? ''
      fullNonce = `${match[4] ?? ''}${nonce}`
      const serverFirst = `r=${fullNonce},s=${verifier.salt.toString('base64')},i=${verifier.iterations}`
      messages = `${match[3] ?? ''},${serverFirst}`
      return serverFirst
    },
    last(clientFinal) {
      const match = /^(c=([^,]*),r=([^,]*)(?:,.*)?),p=([^,]*)$/s.exec(clientFinal)
      if (match === null) throw protocolViolation('malformed SCRAM message')
      const [, withoutProof = '', binding, clientNonce, proof] = match
      if (binding !== Buffer.from(header).toString('base64'))
        throw protocolViolation('SCRAM channel binding check failed')
      if (fullNonce === '' || clientNonce !== fullNonce)
        throw protocolViolation('invalid SCRAM response: the nonce does not match')
      const authMessage = `${messages},${withoutProof}`
      const signature = hmac(verifier.storedKey, authMessage)
      const clientKey = Buffer.from(bytesFromBase64(proof))
      if (clientKey.length !== KEY_BYTES) throw protocolViolation('malformed SCRAM message')
      for (const [index, byte] of signature.entries()) clientKey[index] = (clientKey[index] ?? 0) ^ byte
      if (!timingSafeEqual(sha256(clientKey), verifier.storedKey))
        throw invalidPassword('password authentication failed')
      return `v=${hmac(verifier.serverKey, authMessage).toString('base64')}`
    },
  }
}

/**
 * SASLprep (RFC 4013), as far as JavaScript's own Unicode tables go: spaces become the plain one, what is mapped to nothing
 * goes, and the rest is normalised to NFKC. Characters that it forbids are not looked for; like PostgreSQL, which then
 * takes the password as it stands, both sides end up with the same bytes unless such a character was normalised.
 */
export const prepared = (password: string): string =>
  password.replace(SPACES, ' ').replace(MAPPED_TO_NOTHING, '').normalize('NFKC')

const SPACES = /[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]/g
const MAPPED_TO_NOTHING =
  /[\u00ad\u1806\u200b\u2060\ufeff]|\u034f|[\u180b-\u180d]|\u200c|\u200d|[\ufe00-\ufe0f]/g
