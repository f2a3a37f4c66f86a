import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import * as z from 'zod'
import { systemError } from '../errors.ts'

/** As much of a configuration file as is looked at here; all else stays as it is. */
const configurationSchema = z.looseObject({ partitions: z.record(z.string(), z.unknown()) })
export type Configuration = z.infer<typeof configurationSchema>

/** Where a key is kept. */
export type KeyPlace =
  { readonly kind: 'file'; readonly path: string } | { readonly kind: 'env'; readonly name: string }

/** Odoo’s keys are 20 bytes in hexadecimal; all else is a password. */
export const isApiKey = (secret: string): boolean => /^[0-9a-f]{40}$/.test(secret)

/** Beside the configuration; a partition's name may hold anything. */
export const keyPath = (configuration: string, partition: string): string =>
  join(dirname(resolve(configuration)), `${encodeURIComponent(partition)}.key`)

/** Undefined where there is no such file. */
export async function readConfiguration(path: string): Promise<Configuration | 'faulty' | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    return 'faulty'
  }
  try {
    return configurationSchema.parse(JSON.parse(text))
  } catch {
    return 'faulty'
  }
}

/** Puts the partition into the file, and its key where it belongs. Both appear whole, for the user alone. Throws 58000. */
export async function writeConfiguration(
  path: string,
  existing: Configuration | undefined,
  name: string,
  server: {
    readonly url: string
    readonly database: string
    readonly login: string
    readonly secret: string
  },
  key: KeyPlace,
): Promise<void> {
  const { url, database, login, secret } = server
  const reference = key.kind === 'file' ? { file: key.path } : { env: key.name }
  const partition = { url, database, login, [isApiKey(secret) ? 'apiKey' : 'password']: reference }
  const configuration = { ...existing, partitions: { ...existing?.partitions, [name]: partition } }
  if (key.kind === 'file') await writePrivate(key.path, `${secret}\n`)
  await writePrivate(path, `${JSON.stringify(configuration, undefined, 2)}\n`)
}

async function writePrivate(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    await writeFile(temporary, text, { mode: 0o600, flag: 'wx' })
    await rename(temporary, path)
  } catch (cause) {
    throw systemError(`could not write "${path}"`, {
      detail: cause instanceof Error ? cause.message : undefined,
      cause,
    })
  }
}
