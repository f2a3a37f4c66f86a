import { readdir, readFile, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { configError } from '../errors.ts'
import { catalogOf } from './catalog.ts'
import type { Catalog } from './catalog.ts'
import { pathText, readJson } from './json.ts'
import type { JsonFault } from './json.ts'
import { qualifiedName, tableSchema } from './spec.ts'
import type { TableSpec } from './spec.ts'

export type Fault = JsonFault

/** What is wrong with one file of a catalog. */
export interface FileFaults {
  /** Path of the file, with forward slashes, relative to the directory that was checked. */
  readonly file: string
  /** In the order in which they stand in the file. */
  readonly faults: readonly Fault[]
}

/** Bytes of one catalog file that are read; a longer one is a fault. */
const FILE_BYTES_MAX = 4 * 2 ** 20
/** Files of one catalog directory that are read. */
const FILES_MAX = 10_000

/**
 * The published tables and those of further directories, which may add tables but override none.
 * Throws F0000 that lists every fault of every file.
 */
export async function loadCatalog(
  directories: readonly string[] = [],
  options: { readonly signal?: AbortSignal } = {},
): Promise<Catalog> {
  const tables = new Map<string, TableSpec>()
  for (const directory of [publishedDirectory(), ...directories]) {
    const files = await readDirectory(directory, options.signal)
    const faulty = faultsOf(files, new Map([...tables.keys()].map((name) => [name, 'an earlier catalog'])))
    if (faulty.length > 0) throw catalogError(directory, faulty)
    for (const { table } of files) if (table !== undefined) tables.set(qualifiedName(table), table)
  }
  return catalogOf([...tables.values()])
}

/**
 * Checks every file of a directory, also against the published tables, which no other directory may redefine.
 * Returns the files that have faults; none means that the directory is sound.
 * Throws F0000 where the directory cannot be read.
 */
export async function checkCatalog(
  directory: string,
  options: { readonly signal?: AbortSignal } = {},
): Promise<FileFaults[]> {
  const files = await readDirectory(directory, options.signal)
  const isPublished = relative(publishedDirectory(), directory) === ''
  const published = isPublished ? [] : await readDirectory(publishedDirectory(), options.signal)
  return faultsOf(
    files,
    new Map(published.flatMap(tableOf).map((table) => [qualifiedName(table), 'the published catalog'])),
  )
}

/** One file as read: its table, or why it is none. */
interface CatalogFile {
  readonly file: string
  readonly table?: TableSpec
  readonly faults: readonly Fault[]
  readonly lineOf: (path: readonly PropertyKey[]) => number
}

const tableOf = (file: CatalogFile): readonly TableSpec[] => (file.table === undefined ? [] : [file.table])

async function readDirectory(directory: string, signal: AbortSignal | undefined): Promise<CatalogFile[]> {
  const names = await tableFiles(directory)
  if (names.length > FILES_MAX)
    throw configError(`catalog directory "${directory}" holds more than ${FILES_MAX} files`)
  const files: CatalogFile[] = []
  for (const name of names) {
    signal?.throwIfAborted()
    files.push(await readTableFile(directory, name))
  }
  return files
}

/** Files `<schema>/<table>.json`, in order; other files of the directory (its README, the JSON Schema) are none. */
async function tableFiles(directory: string): Promise<string[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true })
    const schemas = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    const files = await Promise.all(
      schemas.map(async ({ name }) =>
        (await readdir(join(directory, name))).map((file) => `${name}/${file}`),
      ),
    )
    return files
      .flat()
      .filter((file) => file.endsWith('.json'))
      .sort()
  } catch (cause) {
    throw configError(`cannot read catalog directory "${directory}"`, {
      detail: cause instanceof Error ? cause.message : undefined,
      hint: 'A catalog is a directory with one folder a schema and one file a table: <schema>/<table>.json.',
    })
  }
}

async function readTableFile(directory: string, file: string): Promise<CatalogFile> {
  const failed = (message: string): CatalogFile => ({
    file,
    faults: [{ path: '', line: 1, message }],
    lineOf: () => 1,
  })
  try {
    const path = join(directory, file)
    if ((await stat(path)).size > FILE_BYTES_MAX) return failed(`larger than ${FILE_BYTES_MAX} bytes`)
    return checkTableText(file, await readFile(path, 'utf8'))
  } catch (cause) {
    return failed(`cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`)
  }
}

/** Checks the text of one file by itself: its syntax, its shape, and that it stands where its names say. */
function checkTableText(file: string, text: string): CatalogFile {
  const document = readJson(text)
  const { lineOf } = document
  if (document.value === undefined) return { file, faults: document.faults, lineOf }
  const parsed = tableSchema.safeParse(document.value)
  const fault = (path: readonly PropertyKey[], message: string): Fault => ({
    path: pathText(path),
    line: lineOf(path),
    message,
  })
  const issues = (parsed.error?.issues ?? []).flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => fault([...issue.path, key], 'no such key'))
      : [fault(issue.path, messageOf(issue.message, issue.code, issue.path, document.value))],
  )
  const misplaced = parsed.success && `${parsed.data.schema}/${parsed.data.name}.json` !== file
  if (misplaced)
    issues.push(fault(['name'], `table ${qualifiedName(parsed.data)} belongs into another file than ${file}`))
  const faults = [...document.faults, ...issues].sort((a, b) => a.line - b.line)
  return parsed.success && faults.length === 0
    ? { file, table: parsed.data, faults, lineOf }
    : { file, faults, lineOf }
}

/** A missing key reads better as such than as "received undefined". */
function messageOf(message: string, code: string, path: readonly PropertyKey[], document: unknown): string {
  const value = path.reduce<unknown>(
    (within, key) => (within as Record<PropertyKey, unknown> | null | undefined)?.[key],
    document,
  )
  return value === undefined && code !== 'custom'
    ? 'is missing'
    : message.replace(/^Invalid (input|option): /, '')
}

/** The files with faults; a table that another file has taken already (`taken`: by name, who) counts as one. */
function faultsOf(files: readonly CatalogFile[], taken: ReadonlyMap<string, string>): FileFaults[] {
  const owners = new Map(taken)
  return files.flatMap((read): FileFaults[] => {
    const name = read.table === undefined ? undefined : qualifiedName(read.table)
    const owner = name === undefined ? undefined : owners.get(name)
    if (name !== undefined && owner === undefined) owners.set(name, read.file)
    const duplicate: Fault[] =
      owner === undefined
        ? []
        : [
            {
              path: 'name',
              line: read.lineOf(['name']),
              message: `table ${String(name)} stands in ${owner} already`,
            },
          ]
    const faults = [...read.faults, ...duplicate]
    return faults.length === 0 ? [] : [{ file: read.file, faults }]
  })
}

function catalogError(directory: string, faulty: readonly FileFaults[]) {
  const lines = faulty.flatMap(({ file, faults }) =>
    faults.map(({ path, line, message }) => `${file}:${line}: ${path === '' ? '' : `${path}: `}${message}`),
  )
  return configError(
    `catalog directory "${directory}" has ${lines.length} fault${lines.length === 1 ? '' : 's'}`,
    {
      detail: lines.join('\n'),
      hint: 'Correct these files; "odoo-sql catalog check" reads them again.',
    },
  )
}

/** Directory of the published tables: `catalog/` of this package, whether this runs from `src/` or from `dist/`. */
export function publishedDirectory(): string {
  const parts = fileURLToPath(import.meta.url).split(sep)
  const inside = Math.max(parts.lastIndexOf('src'), parts.lastIndexOf('dist'))
  return [...parts.slice(0, inside), 'catalog'].join(sep)
}
