import { createHash, randomBytes } from 'node:crypto'
import { chmod, mkdir, readdir, readFile, rename, rm, stat, unlink, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import * as z from 'zod'
import { isModelName } from '../catalog/naming.ts'
import type { ClientConfig, OdooClient } from '../odoo/client.ts'
import { FIELD_INFO, type FieldInfo } from '../odoo/protocol.ts'

/** Whose view of which database is kept: another user sees other models and fields. */
export interface CacheIdentity {
  /** `http(s)://host[:port]` */
  readonly url: string
  readonly database: string
  readonly userId: number
  /** Odoo's version, such as `19.0`. */
  readonly version: string
  /** Language of the labels. */
  readonly lang: string
}

const modelSchema = z.object({
  model: z.string(),
  label: z.string(),
  /** Absent where the right to read has not been asked for. */
  isReadable: z.boolean().optional(),
  isTransient: z.boolean(),
})
export type CachedModel = z.output<typeof modelSchema>

const modelListSchema = z.object({
  models: z.array(modelSchema),
  /** Every model of the server stands in it, also those that this user may not read. */
  isComplete: z.boolean(),
})
export type CachedModelList = z.output<typeof modelListSchema>

/** Times are milliseconds since 1970. */
const indexSchema = z.object({
  format: z.literal(1),
  fingerprint: z.string(),
  isWhole: z.boolean(),
  refused: z.array(z.string()),
  checkedAt: z.number(),
  models: modelListSchema.extend({ savedAt: z.number() }).optional(),
})
export type CacheIndex = z.output<typeof indexSchema>

const fieldsSchema = z.object({
  format: z.literal(1),
  model: z.string(),
  fingerprint: z.string(),
  savedAt: z.number(),
  fields: z.array(FIELD_INFO),
})
export interface CachedFields {
  readonly fingerprint: string
  readonly savedAt: number
  readonly fields: readonly FieldInfo[]
}

/**
 * What one user saw of one database, on disk. Nothing in it is secret: names, labels and types, no value of a record.
 * It never throws: what is missing, broken or too large reads as undefined, and where nothing can be written nothing
 * is kept.
 */
export interface CatalogCache {
  readIndex(): Promise<CacheIndex | undefined>
  writeIndex(index: CacheIndex): Promise<void>
  readFields(model: string): Promise<CachedFields | undefined>
  writeFields(model: string, cached: CachedFields): Promise<void>
  /** Forgets the fields of every model. */
  clearFields(): Promise<void>
}

/** What every file system takes as a file's name, with something to spare. */
const NAME_CHARACTERS_MAX = 200
const FILE_BYTES_MAX = 4 * 2 ** 20
/** Databases and users that are kept; the one used longest ago goes first. */
const IDENTITIES_MAX = 50
/** Files of one identity; Odoo with all of its modules has some 1,500 models. */
const MODELS_MAX = 5_000

export function openCatalogCache(identity: CacheIdentity, root: string = cacheRoot()): CatalogCache {
  const { url, database, userId, version, lang } = identity
  const key = createHash('sha256')
    .update(JSON.stringify([url, database, userId, version, lang]))
    .digest('hex')
  const folder = join(root, key.slice(0, 32))
  const fieldsFolder = join(folder, 'fields')
  const indexPath = join(folder, 'index.json')
  const pathOf = (model: string): string | undefined =>
    isModelName(model) && model.length <= NAME_CHARACTERS_MAX
      ? join(fieldsFolder, `${model}.json`)
      : undefined
  return {
    readIndex: () => readChecked(indexPath, indexSchema),
    async writeIndex(index) {
      const isNew = (await stat(folder).catch(() => undefined)) === undefined
      await writeWhole(root, folder, indexPath, index)
      if (isNew) await dropOldest(root)
    },
    async readFields(model) {
      const path = pathOf(model)
      const read = path === undefined ? undefined : await readChecked(path, fieldsSchema)
      return read?.model === model ? read : undefined
    },
    async writeFields(model, cached) {
      const path = pathOf(model)
      const files = await readdir(fieldsFolder).catch(() => [])
      if (path === undefined || files.length >= MODELS_MAX) return
      await writeWhole(root, fieldsFolder, path, { format: 1, model, ...cached })
    },
    clearFields: () => rm(fieldsFolder, { recursive: true, force: true }).catch(() => undefined),
  }
}

/** The cache of what a client's user sees. */
export const cacheOf = (
  { url, lang = 'en_US' }: Pick<ClientConfig, 'url' | 'lang'>,
  { database, userId, version }: Pick<OdooClient, 'database' | 'userId' | 'version'>,
): CatalogCache => openCatalogCache({ url, database, userId, version: version.text, lang })

/** `odoo-sql` in the user's cache folder. */
export function cacheRoot(environment: NodeJS.ProcessEnv = process.env): string {
  const cache = environment['XDG_CACHE_HOME']
  return join(cache === undefined || cache === '' ? join(homedir(), '.cache') : cache, 'odoo-sql')
}

/** The content of a file of the cache; undefined where it is missing, broken, too large or of another shape. */
export async function readChecked<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
  try {
    if ((await stat(path)).size > FILE_BYTES_MAX) return undefined
    return schema.safeParse(JSON.parse(await readFile(path, 'utf8'))).data
  } catch {
    return undefined
  }
}

/**
 * Through a file beside it, so that another process reads the old content or the new one, never half of it. For the
 * owner alone; where nothing can be written nothing is kept.
 */
export async function writeWhole(root: string, folder: string, path: string, content: object): Promise<void> {
  const text = JSON.stringify(content)
  if (Buffer.byteLength(text) > FILE_BYTES_MAX) return
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    // The mode above holds for new folders only.
    await chmod(root, 0o700)
    await writeFile(temporary, text, { mode: 0o600, flag: 'wx' })
    await rename(temporary, path)
  } catch {
    await unlink(temporary).catch(() => undefined)
  }
}

async function dropOldest(root: string): Promise<void> {
  const names = await readdir(root).catch(() => [])
  const folders = names.filter((name) => /^[0-9a-f]{32}$/.test(name))
  if (folders.length <= IDENTITIES_MAX) return
  const aged = await Promise.all(
    folders.map(async (name) => ({
      name,
      usedAt: (await stat(join(root, name, 'index.json')).catch(() => undefined))?.mtimeMs ?? 0,
    })),
  )
  aged.sort((a, b) => b.usedAt - a.usedAt)
  for (const { name } of aged.slice(IDENTITIES_MAX))
    await rm(join(root, name), { recursive: true, force: true }).catch(() => undefined)
}
