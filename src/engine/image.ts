import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TableSpec } from '../catalog/spec.ts'
import { configError } from '../errors.ts'
import { foreignKeyDdl, tableDdl } from './ddl.ts'
import { DATABASE, INITDB_ARGUMENTS, LOCKDOWN_SQL } from './lockdown.ts'
import { buildImageInWorker } from './worker-host.ts'

/**
 * The file to start PostgreSQL from. The build put one beside the program; running from the sources, the first start
 * makes one (several seconds) and keeps it in node_modules/.cache.
 */
export async function findImage(): Promise<string> {
  const name = imageName()
  const here = fileURLToPath(new URL('.', import.meta.url))
  const root = packageRoot(here)
  const built = [join(here, name), join(root, 'dist', name)].find((path) => existsSync(path))
  return built ?? cachedImage(join(root, 'node_modules', '.cache', 'odoo-sql'), name)
}

/** Writes an image that already holds these tables into a directory and returns its path. */
export async function writeImage(directory: string, tables: readonly TableSpec[]): Promise<string> {
  const options = { isPartitioned: false }
  const imagePath = join(directory, imageName())
  await mkdir(directory, { recursive: true })
  await buildImageInWorker({
    kind: 'build',
    imagePath,
    tables: tables.map((table) => tableDdl(table, options)),
    foreignKeys: foreignKeyDdl(tables, tables, options),
  })
  return imagePath
}

/** Engines that start together make one image. */
const making = new Map<string, Promise<string>>()

function cachedImage(directory: string, name: string): Promise<string> {
  const path = join(directory, name)
  if (existsSync(path)) return Promise.resolve(path)
  const made = making.get(path) ?? writeImage(directory, []).finally(() => making.delete(path))
  making.set(path, made)
  return made
}

/** Another PGlite, or another recipe, means another file: an old image is never started. */
function imageName(): string {
  const recipe = JSON.stringify([pgliteVersion(), DATABASE, INITDB_ARGUMENTS, LOCKDOWN_SQL])
  return `engine-${createHash('sha256').update(recipe).digest('hex').slice(0, 16)}.image`
}

function pgliteVersion(): string {
  const entry = createRequire(import.meta.url).resolve('@electric-sql/pglite')
  const description = readFileSync(join(dirname(entry), '..', 'package.json'), 'utf8')
  return (JSON.parse(description) as { version: string }).version
}

function packageRoot(from: string): string {
  for (let directory = from; ; directory = dirname(directory)) {
    if (existsSync(join(directory, 'package.json'))) return directory
    if (dirname(directory) === directory) throw configError(`no package.json above ${from}`)
  }
}
