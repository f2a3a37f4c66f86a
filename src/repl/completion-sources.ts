import { readdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { SEARCH_PATH } from '../catalog/catalog.ts'
import { PARTITION_COLUMN_NAME, qualifiedName, type TableSpec } from '../catalog/spec.ts'
import { LOCAL_TABLES } from '../catalog/system.ts'
import {
  plain,
  type Candidate,
  type Column,
  type Completions,
  type NamedTable,
} from './completion-candidate.ts'
import { relations } from './completion.ts'
import type { Context } from './completion-context.ts'
import { STARTS } from './completion-words.ts'
import { FORMATS } from './format-name.ts'
import type { Metacommand } from './metacommand.ts'
import type { ShellConnection } from './shell.ts'

/** Tab waits this long for a server, in milliseconds; what comes later is there for the next Tab. */
export const COMPLETION_WAIT_MS = 2_000

/** Names of a folder that are offered at most. */
const FILES_MAX = 1_000

/** Settings that people change. */
const SETTINGS = [
  'odoo.partitions',
  'timezone',
  'datestyle',
  'intervalstyle',
  'search_path',
  'extra_float_digits',
]

/** What a connection and the registry of metacommands offer. */
export function completionsOf(
  connection: ShellConnection,
  metacommands: readonly Metacommand[],
  waitMs = COMPLETION_WAIT_MS,
): Completions {
  const own: readonly NamedTable[] = [...connection.catalog.tables, ...LOCAL_TABLES]
  const tables = async (): Promise<readonly NamedTable[]> => {
    const listed = await within(waitMs, connection.tables(), [])
    return [...new Map([...listed, ...own].map((table) => [qualifiedName(table), table])).values()]
  }
  const partitions = (): string[] => connection.configured.map(({ name }) => name)
  return {
    tables,
    partitions,
    settings: () => SETTINGS,
    async columns(path) {
      const names = path[0] === 'odoo' && path.length > 2 ? path.slice(1) : path
      const found = tableNamed(names, await tables())
      if (found === undefined) return []
      const local = LOCAL_TABLES.find((table) => table === found)
      const spec = local ?? (await within(waitMs, connection.table(qualifiedName(found)), undefined))
      return spec === undefined ? [] : columnsOf(spec)
    },
    metacommands: () =>
      metacommands.map(({ name, argument, text }) => ({
        text: argument === undefined ? name : `${name} `,
        label: name,
        note: text,
      })),
    async argument(name, index, context) {
      const { argument = '' } = metacommands.find((command) => command.name === name) ?? {}
      const placeholders = argument.replaceAll(/[[\]().…]/g, '').split(/\s+/)
      // Of several names each is one.
      const placeholder = placeholders[index] ?? (placeholders.at(-1) === 'NAMES' ? 'NAMES' : '')
      if (placeholder.includes('|')) return plain(placeholder.split('|'))
      switch (placeholder) {
        case 'TABLE':
        case 'PATTERN':
          return relations(context, await tables())
        case 'FORMAT':
          return plain(FORMATS)
        case 'NAMES':
          return plain([...partitions(), 'all', 'default'])
        case 'STATEMENT':
          return plain(STARTS)
        case 'FILE':
          return files(context)
        default:
          return []
      }
    },
  }
}

function tableNamed(path: readonly string[], tables: readonly NamedTable[]): NamedTable | undefined {
  const [first, second, ...more] = path
  if (more.length > 0) return undefined
  const schemas: readonly (string | undefined)[] = second === undefined ? SEARCH_PATH : [first]
  const name = second ?? first
  for (const schema of schemas) {
    const found = tables.find((table) => table.schema === schema && table.name === name)
    if (found !== undefined) return found
  }
  return undefined
}

const columnsOf = (spec: TableSpec): Column[] => [
  ...spec.columns.map((column) => (column.name === 'id' ? { ...column, relation: spec.model } : column)),
  { name: PARTITION_COLUMN_NAME, type: 'text', label: 'Partition' },
]

/** Files and folders that begin with what was typed. */
async function files({ prefix }: Context): Promise<(Candidate & { names: string[] })[]> {
  const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1)
  const path = folder === '' ? '.' : folder.replace(/^~(?=\/)/, homedir())
  const entries = await readdir(path, { withFileTypes: true }).catch(() => [])
  const showsHidden = prefix.slice(folder.length).startsWith('.')
  return entries
    .filter(({ name }) => showsHidden || !name.startsWith('.'))
    .slice(0, FILES_MAX)
    .map((entry) => {
      const name = entry.isDirectory() ? `${entry.name}/` : entry.name
      return { text: folder + name, label: name, names: [folder + name] }
    })
}

/** What `work` gives in time, or `fallback`; a failure is none of the user's business while he types. */
async function within<T>(waitMs: number, work: Promise<T>, fallback: T): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<T>((resolve) => {
    timer = setTimeout(resolve, waitMs, fallback)
  })
  try {
    return await Promise.race([work.catch(() => fallback), late])
  } finally {
    clearTimeout(timer)
  }
}
