import { keywords, type Column, type Completions, type Found } from './completion-candidate.ts'
import type { Context } from './completion-context.ts'
import { joinConditions } from './completion-joins.ts'
import { identifier, member, qualified, quoted } from './completion-names.ts'
import type { Source } from './completion-scope.ts'
import { EXPRESSION_WORDS, FUNCTIONS } from './completion-words.ts'

/** Columns of the tables in FROM, or of the one before the dot. */
async function columnsOf(
  sources: readonly Source[],
  context: Context,
  completions: Completions,
): Promise<Column[]> {
  const lists = await Promise.all(
    sources.map(async (source): Promise<readonly Column[]> => {
      if (source.kind === 'table') {
        const [name = '', more] = source.path
        const query = more === undefined ? context.withNames.get(name) : undefined
        return query === undefined
          ? completions.columns(source.path)
          : columnsOf([query], without(context, name), completions)
      }
      const outputs = await Promise.all(
        source.outputs.map(async (output): Promise<readonly Column[]> => {
          if (output.kind === 'all') return columnsOf(output.of, context, completions)
          return [{ name: output.name, type: 'column' }]
        }),
      )
      return outputs.flat()
    }),
  )
  return lists.flat()
}

/** Within what WITH calls `name`, that name means something else, or itself without end. */
const without = (context: Context, name: string): Context => ({
  ...context,
  withNames: new Map([...context.withNames].filter(([other]) => other !== name)),
})

const sourceName = (source: Source): string | undefined =>
  source.alias ?? (source.kind === 'table' ? source.path.at(-1) : undefined)

/** The source that a path before a column means. */
function sourcesNamed(sources: readonly Source[], path: readonly string[]): readonly Source[] {
  const found = sources.filter(
    (source) =>
      sourceName(source) === path.join('.') ||
      (source.kind === 'table' && source.alias === undefined && source.path.join('.') === path.join('.')),
  )
  return found.slice(0, 1)
}

/** What an expression may begin with; behind a dot, the columns of what stands before it. */
export async function expressions(context: Context, completions: Completions): Promise<Found[]> {
  const { sources, path, prefix, quote } = context
  if (path.length > 0) {
    const columns = byName(await columnsOf(sourcesNamed(sources, path), context, completions))
    return columns.map((column) => ({
      ...columnCandidate(column, quote),
      text: qualified(path, member(column.name, quote)),
    }))
  }
  const columns = await scopeColumns(context, completions)
  const names = sources
    .flatMap((source) => sourceName(source) ?? [])
    .map((name) => ({ text: `${identifier(name, quote)}.`, label: `${name}.` }))
  if (quote !== undefined || (prefix === '' && columns.length > 0)) return [...columns, ...names]
  const functions = FUNCTIONS.map((name) => ({ text: `${name}(`, label: `${name}(` }))
  return [...columns, ...names, ...functions, ...keywords(EXPRESSION_WORDS, context)]
}

/** Columns of all sources; a name that several have comes with the name of its source. */
async function scopeColumns(context: Context, completions: Completions): Promise<Found[]> {
  const { sources, quote } = context
  const lists = await Promise.all(
    sources.map(async (source) => byName(await columnsOf([source], context, completions))),
  )
  const counts = new Map<string, number>()
  for (const { name } of lists.flat()) counts.set(name, (counts.get(name) ?? 0) + 1)
  return lists.flatMap((columns, index) => {
    const of = sources[index] && sourceName(sources[index])
    return columns.map((column) => {
      const candidate = columnCandidate(column, quote)
      if ((counts.get(column.name) ?? 0) < 2 || of === undefined) return candidate
      const text = `${identifier(of)}.${member(column.name, quote)}`
      return { ...candidate, text, label: text, names: [column.name] }
    })
  })
}

/** In the order of the alphabet, those that begin with an underscore last. */
const byName = (columns: readonly Column[]): Column[] =>
  [...columns].sort((a, b) => (a.name.replace(/^_/, '~') < b.name.replace(/^_/, '~') ? -1 : 1))

const columnCandidate = ({ name, type, label }: Column, quote: string | undefined): Found => ({
  text: identifier(name, quote),
  label: name,
  note: label === undefined ? type : `${type}, ${label}`,
})

/** How the table that was joined last can be joined to the others; where nothing tells, or another word is typed, any expression. */
export async function conditions(context: Context, completions: Completions): Promise<Found[]> {
  const { sources, path, prefix, quote } = context
  if (path.length > 0 || prefix !== '' || quote !== undefined) return expressions(context, completions)
  const tables = sources.map(async (source) => ({
    name: sourceName(source) ?? '',
    columns: await columnsOf([source], context, completions),
  }))
  const found = joinConditions((await Promise.all(tables)).filter(({ name }) => name !== ''))
  return found.length > 0 ? found : expressions(context, completions)
}

/** The codes of a selection and what they mean; for other columns whatever an expression may be. */
export async function values(
  context: Context,
  path: readonly string[],
  completions: Completions,
): Promise<readonly Found[]> {
  const { sources, quote } = context
  const owners = path.length > 1 ? sourcesNamed(sources, path.slice(0, -1)) : sources
  const columns = await columnsOf(owners, context, completions)
  const column = columns.find(({ name }) => name === path.at(-1))
  const codes: Found[] =
    column?.name === '_partition'
      ? completions
          .partitions()
          .map((name) => ({ text: quoted(name, "'"), label: `'${name}'`, names: [name, `'${name}`] }))
      : Object.entries(column?.values ?? {}).map(([code, meaning]) => ({
          text: quoted(code, "'"),
          label: `'${code}'`,
          note: meaning,
          names: [code, meaning],
        }))
  if (codes.length > 0 && (quote === "'" || context.prefix === '')) return codes
  if (quote === "'") return []
  return [...codes, ...(await expressions(context, completions))]
}
