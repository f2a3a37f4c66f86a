import { LOCAL_TABLES } from '../catalog/system.ts'
import { fieldOf, PARTITION_COLUMN_NAME, qualifiedName } from '../catalog/spec.ts'
import type { ColumnSpec, TableSpec } from '../catalog/spec.ts'
import { SQL_TYPES } from '../catalog/types.ts'
import type { ListedTable } from '../driver/discovery.ts'
import { undefinedTable } from '../errors.ts'
import { notesOf } from './catalog-text.ts'
import { counted } from './counted.ts'
import { listText } from './format-list.ts'
import type { Given, Metacommand } from './metacommand.ts'
import { namePattern, type NamePattern } from './name-pattern.ts'
import type { Shell } from './shell.ts'
import { showText, widthOf } from './show.ts'

const DESCRIBE = {
  argument: '[PATTERN]',
  takes: 'line',
} as const

export const DESCRIBE_COMMANDS: readonly Metacommand[] = [
  {
    ...DESCRIBE,
    name: '\\d',
    text: 'list the tables, or describe the one that the pattern names',
    run: (shell, given) => describe(shell, given, false),
  },
  {
    ...DESCRIBE,
    name: '\\d+',
    text: 'the same with Odoo’s fields, labels and the meaning of codes',
    run: (shell, given) => describe(shell, given, true),
  },
  {
    ...DESCRIBE,
    name: '\\dt',
    text: 'list the tables; * and ? stand for other letters: \\dt sale.*',
    run: async (shell, { line, signal }) => {
      await listTables(shell, matching(await allTables(shell, signal), line))
      return undefined
    },
  },
  {
    ...DESCRIBE,
    name: '\\dn',
    text: 'list the schemas',
    run: listSchemas,
  },
]

type Listed = Pick<ListedTable, 'schema' | 'name' | 'model' | 'label' | 'isPublished'>

async function allTables({ connection }: Shell, signal: AbortSignal): Promise<readonly Listed[]> {
  const own = LOCAL_TABLES.map((table): Listed => ({ ...table, isPublished: true }))
  return [...(await connection.tables({ signal })), ...own]
}

const matching = (tables: readonly Listed[], text: string): readonly Listed[] => {
  if (text === '') return tables
  const pattern = namePattern(text)
  const found = tables.filter(({ schema, name }) => pattern.matches(schema, name))
  if (found.length === 0) throw noneFound(text, tables)
  return found
}

const noneFound = (text: string, tables: readonly Listed[]) =>
  undefinedTable(
    text,
    tables.flatMap((table) => [qualifiedName(table), table.name]),
  )

async function describe(shell: Shell, { line, signal }: Given, isVerbose: boolean): Promise<undefined> {
  const pattern = line === '' ? undefined : namePattern(line)
  const known = pattern && (await exactTable(shell, pattern, signal))
  if (known !== undefined) {
    const tables = await allTables(shell, signal)
    await showText(shell, describedTable(known, tables, { isVerbose, width: widthOf(shell) }))
    return
  }
  const found = matching(await allTables(shell, signal), line)
  const [only, other] = found
  if (pattern === undefined || only === undefined || other !== undefined) {
    await listTables(shell, found)
    return
  }
  const spec = await tableOf(shell, qualifiedName(only), signal)
  await showText(
    shell,
    describedTable(spec, await allTables(shell, signal), { isVerbose, width: widthOf(shell) }),
  )
}

/** The table of exactly that name, which may also stand in no list; undefined where the list has to tell. */
async function exactTable(
  shell: Shell,
  { exact }: NamePattern,
  signal: AbortSignal,
): Promise<TableSpec | undefined> {
  if (exact?.schema === undefined) return undefined
  return tableOf(shell, qualifiedName({ schema: exact.schema, name: exact.name }), signal).catch(
    (thrown: unknown) => {
      if ((thrown as { condition?: string }).condition === 'undefined_table') return undefined
      throw thrown
    },
  )
}

const tableOf = ({ connection }: Shell, name: string, signal: AbortSignal): Promise<TableSpec> =>
  connection.table(name, { signal })

async function listTables(shell: Shell, tables: readonly Listed[]): Promise<void> {
  const rows = tables.map(({ schema, name, model, label }) => [qualifiedName({ schema, name }), model, label])
  const list = listText([{ name: 'Table' }, { name: 'Model' }, { name: 'Label' }], rows, widthOf(shell))
  await showText(shell, `${list}(${counted(tables.length, 'table')})\n\n`)
}

async function listSchemas(shell: Shell, { line, signal }: Given): Promise<undefined> {
  const pattern = line === '' ? undefined : namePattern(line)
  const counts = new Map<string, number>()
  for (const { schema } of await allTables(shell, signal))
    if (pattern === undefined || pattern.matches('', schema))
      counts.set(schema, (counts.get(schema) ?? 0) + 1)
  const rows = [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([schema, count]) => [String(count), schema])
  const list = listText([{ name: 'Tables', isNumeric: true }, { name: 'Schema' }], rows, widthOf(shell))
  await showText(shell, `${list}(${counted(counts.size, 'schema')})\n\n`)
}

interface DescribeOptions {
  readonly isVerbose: boolean
  readonly width: number | undefined
}

/** What a table is, its columns, and where they point to. */
function describedTable(
  table: TableSpec,
  tables: readonly Listed[],
  { isVerbose, width }: DescribeOptions,
): string {
  const rows = table.columns.map((column) => [
    column.name,
    SQL_TYPES[column.type].title.replace(' without time zone', ''),
    column.required || column.name === 'id' ? 'not null' : '',
    isVerbose ? fullDescription(column) : column.description,
  ])
  const partition = [
    PARTITION_COLUMN_NAME,
    'text',
    'not null',
    'Name of the partition that the row came from.',
  ]
  const columns = ['Column', 'Type', 'Nullable', 'Description'].map((name) => ({ name }))
  return [
    `Table "${qualifiedName(table)}": ${table.label}, Odoo’s ${table.model}\n`,
    isVerbose ? `${table.description}\n` : '',
    listText(columns, [...rows, partition], width),
    foreignKeys(table, tables),
    '\n',
  ].join('')
}

/** With the label that Odoo’s screens show, what the codes of a selection mean, and what sets the column apart. */
function fullDescription(column: ColumnSpec): string {
  const { name, label, description, values = {} } = column
  const codes = Object.entries(values).map(([code, meaning]) => `${code} = ${meaning}`)
  const field = fieldOf(column) === name ? [] : [`Odoo’s field ${fieldOf(column)}`]
  const notes = [...notesOf(column).filter((note) => note !== 'required'), ...field]
  return [
    description.startsWith(label) ? description : `${label}: ${description}`,
    ...(codes.length === 0 || description.includes(codes[0] ?? '') ? [] : [`${codes.join('; ')}.`]),
    ...(notes.length === 0 ? [] : [`[${notes.join(', ')}]`]),
  ].join(' ')
}

function foreignKeys({ columns }: TableSpec, tables: readonly Listed[]): string {
  const names = new Map(tables.map((table) => [table.model, qualifiedName(table)]))
  const lines = columns
    .filter(
      ({ fieldType, part, relation }) => fieldType === 'many2one' && part === 'id' && relation !== undefined,
    )
    .map(
      ({ name, relation = '' }) =>
        `    ${name} → ${names.get(relation) ?? `${relation} (not readable)`}(id)\n`,
    )
  return lines.length === 0 ? '' : `Foreign keys:\n${lines.join('')}`
}
