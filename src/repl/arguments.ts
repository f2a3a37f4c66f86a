import { parseArgs } from 'node:util'
import type { ConnectOptions } from '../driver/config.ts'
import { didYouMean } from '../errors.ts'
import { FORMATS, isFormat } from './format-name.ts'
import type { Format } from './format-name.ts'
import { OPTIONS } from './options.ts'
import type { OptionSpec } from './options.ts'
import { serveCommand, type ServeCommand } from './serve-arguments.ts'

/** In the order given: statements to run, or files that hold them. */
export type Source =
  { readonly kind: 'command'; readonly text: string } | { readonly kind: 'file'; readonly path: string }

export interface QueryCommand {
  readonly kind: 'query'
  readonly url: string | undefined
  readonly sources: readonly Source[]
  readonly format: Format | undefined
  readonly output: string | undefined
  readonly isDemo: boolean
  readonly config: string | undefined
  readonly partitions: readonly string[]
  readonly catalog: string | undefined
  readonly revealSecrets: boolean
  readonly pushdown: boolean
  readonly textOrder: ConnectOptions['textOrder']
  readonly partitionErrors: ConnectOptions['partitionErrors']
  readonly nativeRequests: ConnectOptions['nativeRequests']
  readonly maxRows: number | undefined
  readonly timeoutMs: number | undefined
  /** How old an answer may be; undefined: everything is read anew. */
  readonly cache: ConnectOptions['cache'] | undefined
  readonly isQuiet: boolean
  /** Goes on after an error. */
  readonly isContinued: boolean
}

/** The server and the files that a catalog command goes by; without any, the environment's, or none. */
export interface CatalogSource {
  readonly url: string | undefined
  readonly config: string | undefined
  readonly partitions: readonly string[]
  readonly catalog: string | undefined
}

export type CatalogAction =
  | { readonly action: 'list' }
  | { readonly action: 'show'; readonly table: string }
  /** No table: all of them. */
  | { readonly action: 'types'; readonly tables: readonly string[] }
  | { readonly action: 'sync'; readonly directory: string }
  | { readonly action: 'check'; readonly directory: string | undefined }

export type CatalogCommand = {
  readonly kind: 'catalog'
  readonly source?: CatalogSource
} & CatalogAction

export interface DoctorCommand {
  readonly kind: 'doctor'
  /** The servers to examine, the format and the timeout, as for a query. */
  readonly query: QueryCommand
  readonly prove: boolean
}

export type Command =
  | QueryCommand
  | CatalogCommand
  | DoctorCommand
  | ServeCommand
  | { readonly kind: 'demo'; readonly port: number | undefined }
  | { readonly kind: 'init' }
  | { readonly kind: 'version' }
  | { readonly kind: 'help' }
  /** The arguments make no sense; `message` says why. */
  | { readonly kind: 'usage'; readonly message: string; readonly hint?: string | undefined }

/** Longest time that Node's timers can count, in seconds. */
const TIMEOUT_SECONDS_MAX = 2_147_483

/** What the arguments ask for. Never throws: what is wrong with them comes back as kind `usage`. */
export function commandFromArguments(args: readonly string[]): Command {
  const parsed = parsedArguments(args)
  if ('message' in parsed) return { kind: 'usage', ...parsed }
  const { given, positionals } = parsed
  if (given.some((option) => option.name === 'help')) return { kind: 'help' }
  if (given.some((option) => option.name === 'version')) return { kind: 'version' }
  const [first = '', ...rest] = positionals
  const name = isSubcommand(first) ? first : 'query'
  const misplaced = given.find((option) => !specOf(option.name)?.commands.includes(name))
  if (misplaced !== undefined)
    return usage(
      `option --${misplaced.name} ${name === 'query' ? 'needs a subcommand that takes it' : `does not go with ${name}`}`,
    )
  switch (name) {
    case 'demo':
      return rest.length > 0 ? usage(`demo takes no argument "${String(rest[0])}"`) : demoCommand(given)
    case 'catalog':
      return catalogCommand(rest, given)
    case 'doctor':
      return doctorCommand(rest, given)
    case 'init':
      return rest.length > 0 ? usage(`init takes no argument "${String(rest[0])}"`) : { kind: 'init' }
    case 'serve':
      return serveCommand(queryOfWords(rest, given), given)
    case 'query':
      return positionals.length > 1
        ? usage(`one URL is enough: "${String(rest[0])}" is too much`)
        : queryCommand(positionals[0], given)
  }
}

const SUBCOMMAND_NAMES = ['demo', 'init', 'catalog', 'doctor', 'serve'] as const
const isSubcommand = (word: string): word is (typeof SUBCOMMAND_NAMES)[number] =>
  (SUBCOMMAND_NAMES as readonly string[]).includes(word)

export interface Given {
  readonly name: string
  readonly value: string
}
export type Usage = Extract<Command, { kind: 'usage' }>

export const usage = (message: string, hint?: string): Usage => ({ kind: 'usage', message, hint })
const specOf = (name: string): OptionSpec | undefined => OPTIONS.find((option) => option.name === name)

/** Options in the order given, and what is no option. */
function parsedArguments(
  args: readonly string[],
): { given: Given[]; positionals: string[] } | { message: string; hint: string | undefined } {
  const { tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(
      OPTIONS.map(({ name, short, value }) => [
        name,
        {
          type: value === undefined ? 'boolean' : 'string',
          ...(short === undefined ? {} : { short }),
        } as const,
      ]),
    ),
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const given: Given[] = []
  const positionals: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value)
    if (token.kind !== 'option') continue
    const spec = specOf(token.name)
    const fault = (message: string, hint?: string) => ({ message, hint })
    if (spec === undefined)
      return fault(
        `unknown option ${token.rawName}`,
        didYouMean(
          token.name,
          OPTIONS.map((option) => option.name),
        ),
      )
    if (spec.value === undefined && token.value !== undefined)
      return fault(`option ${token.rawName} takes no value`)
    if (spec.value !== undefined && token.value === undefined)
      return fault(`option ${token.rawName} needs a value: ${spec.value}`)
    const choices = spec.value?.includes('|') === true ? spec.value.split('|') : undefined
    if (choices !== undefined && !choices.includes(token.value ?? ''))
      return fault(`option ${token.rawName} takes ${choices.join(', ')}, not "${token.value ?? ''}"`)
    if (spec.isRepeatable !== true && given.some((option) => option.name === spec.name))
      return fault(`option ${token.rawName} may be given once`)
    given.push({ name: spec.name, value: token.value ?? '' })
  }
  return { given, positionals }
}

function queryCommand(url: string | undefined, given: readonly Given[]): QueryCommand | Usage {
  const valueOf = (name: string): string | undefined => given.find((option) => option.name === name)?.value
  const has = (name: string): boolean => given.some((option) => option.name === name)
  if (url !== undefined && !url.includes('://')) {
    const meant = didYouMean(url, SUBCOMMAND_NAMES)
    return usage(
      `"${url}" is neither a URL nor a subcommand`,
      meant ?? 'A URL looks like odoo://login@host:port/database.',
    )
  }
  const format = valueOf('format')
  if (format !== undefined && !isFormat(format))
    return usage(
      `unknown format "${format}"`,
      didYouMean(format, FORMATS) ?? `Formats: ${FORMATS.join(', ')}.`,
    )
  const maxRows = valueOf('max-rows')
  if (maxRows !== undefined && !/^[1-9]\d{0,14}$/.test(maxRows))
    return usage(`--max-rows takes a whole number from 1 on, not "${maxRows}"`)
  const [timeout, cache] = ['timeout', 'cache'].map(valueOf)
  for (const [name, seconds] of Object.entries({ timeout, cache }))
    if (seconds !== undefined && !(Number(seconds) > 0 && Number(seconds) <= TIMEOUT_SECONDS_MAX))
      return usage(
        `--${name} takes seconds, more than 0 and at most ${TIMEOUT_SECONDS_MAX}, not "${seconds}"`,
      )
  const servers = [
    url === undefined ? [] : ['a URL'],
    has('demo') ? ['--demo'] : [],
    has('config') ? ['--config'] : [],
  ].flat()
  if (servers.length > 1) return usage(`${servers.join(' and ')} exclude each other`)
  return {
    kind: 'query',
    url,
    sources: given.flatMap((option): Source[] => {
      if (option.name === 'command') return [{ kind: 'command', text: option.value }]
      return option.name === 'file' ? [{ kind: 'file', path: option.value }] : []
    }),
    format,
    output: valueOf('output'),
    isDemo: has('demo'),
    config: valueOf('config'),
    partitions: given.filter((option) => option.name === 'partition').map((option) => option.value),
    catalog: valueOf('catalog'),
    revealSecrets: has('reveal-secrets'),
    pushdown: !has('no-pushdown'),
    // The parser has held them against their choices.
    textOrder: valueOf('text-order') as ConnectOptions['textOrder'],
    partitionErrors: valueOf('partition-errors') as ConnectOptions['partitionErrors'],
    nativeRequests: valueOf('native-requests') as ConnectOptions['nativeRequests'],
    maxRows: maxRows === undefined ? undefined : Number(maxRows),
    timeoutMs: timeout === undefined ? undefined : Math.ceil(Number(timeout) * 1000),
    cache: cache === undefined ? undefined : { ttlMs: Math.ceil(Number(cache) * 1000) },
    isQuiet: has('quiet'),
    isContinued: has('continue'),
  }
}

function demoCommand(given: readonly Given[]): Command {
  const port = given.find((option) => option.name === 'port')?.value
  if (port === undefined || isPort(port))
    return { kind: 'demo', port: port === undefined ? undefined : Number(port) }
  return usage(`--port takes a number from 0 to 65535, not "${port}"`)
}

export const isPort = (text: string): boolean => /^\d{1,5}$/.test(text) && Number(text) <= 65_535

/** The servers to ask, for subcommands that take at most one URL. */
const queryOfWords = (words: readonly string[], given: readonly Given[]): QueryCommand | Usage =>
  words.length > 1
    ? usage(`one URL is enough: "${String(words[1])}" is too much`)
    : queryCommand(words[0], given)

function doctorCommand(words: readonly string[], given: readonly Given[]): Command {
  const query = queryOfWords(words, given)
  if (query.kind !== 'query') return query
  if (query.format !== undefined && query.format !== 'json' && query.format !== 'table')
    return usage(`doctor prints table or json, not ${query.format}`)
  return { kind: 'doctor', query, prove: given.some((option) => option.name === 'prove') }
}

function catalogCommand(given: readonly string[], options: readonly Given[]): Command {
  const urls = given.filter((word) => word.includes('://'))
  const words = given.filter((word) => !word.includes('://'))
  const parsed = catalogAction(words)
  if ('message' in parsed) return parsed
  const valueOf = (name: string): string | undefined => options.find((option) => option.name === name)?.value
  const [url, ...more] = urls
  if (more.length > 0) return usage(`one URL is enough: "${String(more[0])}" is too much`)
  const hasSource = url !== undefined || options.length > 0
  if (parsed.action === 'check' && hasSource) return usage('catalog check reads files: it asks no server')
  const config = valueOf('config')
  if (url !== undefined && config !== undefined) return usage('a URL and --config exclude each other')
  if (!hasSource) return { kind: 'catalog', ...parsed }
  const partitions = options.filter((option) => option.name === 'partition').map((option) => option.value)
  return { kind: 'catalog', ...parsed, source: { url, config, partitions, catalog: valueOf('catalog') } }
}

function catalogAction(words: readonly string[]): CatalogAction | Usage {
  const [action, argument, ...more] = words
  if (action === 'types') return { action, tables: words.slice(1) }
  if (more.length > 0)
    return usage(`catalog ${String(action)} takes one argument, not "${words.slice(1).join(' ')}"`)
  if (action === 'list' && argument === undefined) return { action }
  if (action === 'show' && argument !== undefined) return { action, table: argument }
  if (action === 'sync' && argument !== undefined) return { action, directory: argument }
  if (action === 'check') return { action, directory: argument }
  return usage('catalog takes list, show TABLE, types [TABLE…], sync DIR or check [DIR]')
}
