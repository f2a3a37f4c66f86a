import { FORMATS } from './format-name.ts'

/** Subcommands that exist, and `query`, which is what runs without one. */
export type CommandName = 'query' | 'demo' | 'init' | 'catalog' | 'doctor' | 'serve'

export interface OptionSpec {
  readonly name: string
  readonly short?: string
  /** What stands behind it, as `--help` shows it; a switch has none. */
  readonly value?: string
  readonly isRepeatable?: boolean
  readonly text: string
  /** The subcommands that take it. */
  readonly commands: readonly CommandName[]
}

const EVERYWHERE: readonly CommandName[] = ['query', 'demo', 'init', 'catalog', 'doctor', 'serve']
const QUERY: readonly CommandName[] = ['query']
const SERVE: readonly CommandName[] = ['serve']
const WITH_ROWS: readonly CommandName[] = ['query', 'serve']
const WITH_SERVER: readonly CommandName[] = ['query', 'doctor', 'serve']
const WITH_TABLES: readonly CommandName[] = ['query', 'catalog', 'doctor', 'serve']

/** Every option of the program; `--help` and the parser are made from it. */
export const OPTIONS: readonly OptionSpec[] = [
  {
    name: 'command',
    short: 'c',
    value: 'SQL',
    isRepeatable: true,
    text: 'run this and leave (repeatable)',
    commands: QUERY,
  },
  {
    name: 'file',
    short: 'f',
    value: 'FILE',
    isRepeatable: true,
    text: 'run the statements of a file and leave; - is standard input (repeatable)',
    commands: QUERY,
  },
  {
    name: 'format',
    value: 'NAME',
    text: FORMATS.join(', '),
    commands: ['query', 'doctor'],
  },
  {
    name: 'output',
    short: 'o',
    value: 'FILE',
    text: 'write to a file, as its ending says; it appears when all have succeeded',
    commands: QUERY,
  },
  { name: 'continue', text: 'go on after an error; the exit status still tells of it', commands: QUERY },
  { name: 'demo', text: 'ask the embedded demo Odoo; needs no server', commands: WITH_SERVER },
  {
    name: 'config',
    value: 'FILE',
    text: 'take partitions and settings from a configuration file',
    commands: WITH_TABLES,
  },
  {
    name: 'partition',
    value: 'NAME',
    isRepeatable: true,
    text: 'ask only this partition (repeatable)',
    commands: WITH_TABLES,
  },
  {
    name: 'catalog',
    value: 'DIR',
    text: 'add the tables that files of this directory describe',
    commands: WITH_TABLES,
  },
  {
    name: 'reveal-secrets',
    text: 'show passwords, keys and tokens instead of masking them',
    commands: WITH_ROWS,
  },
  {
    name: 'no-pushdown',
    text: 'fetch whole tables and filter them here; slow, to check answers',
    commands: QUERY,
  },
  {
    name: 'text-order',
    value: 'auto|local|server',
    text: 'who orders text: Odoo where proven (auto), never or always',
    commands: WITH_SERVER,
  },
  {
    name: 'partition-errors',
    value: 'fail|skip',
    text: 'where a partition fails: fail, or leave it out with a warning',
    commands: WITH_ROWS,
  },
  {
    name: 'native-requests',
    value: 'off|read|write',
    text: 'what an INSERT of a native request may call (default off)',
    commands: QUERY,
  },
  { name: 'max-rows', value: 'N', text: 'fail a statement that returns more rows', commands: QUERY },
  { name: 'timeout', value: 'SECONDS', text: 'cancel a statement that takes longer', commands: WITH_SERVER },
  {
    name: 'cache',
    value: 'SECONDS',
    text: 'use again what was read so long ago at most',
    commands: ['query', 'serve'],
  },
  { name: 'quiet', text: 'print results, warnings and errors only', commands: WITH_SERVER },
  {
    name: 'prove',
    text: 'try the filters that Odoo gets on its own records; only reads',
    commands: ['doctor'],
  },
  {
    name: 'port',
    value: 'N',
    text: 'port to listen on; 0 picks a free one (bridge: 5433)',
    commands: ['demo', 'serve'],
  },
  { name: 'host', value: 'ADDRESS', text: 'address that the bridge listens on (127.0.0.1)', commands: SERVE },
  { name: 'max-sessions', value: 'N', text: 'sessions of the bridge at once (100)', commands: SERVE },
  { name: 'health-port', value: 'N', text: 'answer GET /health on this port', commands: SERVE },
  { name: 'tls-certificate', value: 'FILE', text: 'certificate of the bridge (PEM)', commands: SERVE },
  { name: 'tls-key', value: 'FILE', text: 'its private key (PEM)', commands: SERVE },
  {
    name: 'allow-unencrypted',
    text: 'listen on other addresses than those of this machine without TLS',
    commands: SERVE,
  },
  { name: 'log-literals', text: 'log statements as they are, with their literals', commands: SERVE },
  { name: 'version', text: 'print the version', commands: EVERYWHERE },
  { name: 'help', short: 'h', text: 'print this help', commands: EVERYWHERE },
]

/** Every subcommand that exists. */
export const SUBCOMMANDS: readonly { readonly usage: string; readonly text: string }[] = [
  { usage: 'init', text: 'ask for a server and a log-in, try them, and keep the answers' },
  { usage: 'demo [--port N]', text: 'run the embedded demo Odoo alone, until Ctrl-C' },
  { usage: 'serve [URL] [--port N]', text: 'let PostgreSQL clients connect, until Ctrl-C' },
  { usage: 'doctor [URL] [--prove]', text: 'examine servers, log-ins and rights, and say what to do' },
  { usage: 'catalog list [URL]', text: 'list the published tables, or all that a server has' },
  { usage: 'catalog show TABLE [URL]', text: 'describe a table' },
  { usage: 'catalog types [TABLE…] [URL]', text: 'print TypeScript types for the rows of tables, or of all' },
  { usage: 'catalog sync DIR [URL]', text: 'write the tables of a server as files, for --catalog DIR' },
  { usage: 'catalog check [DIR]', text: 'check the files of a catalog, by default the published one' },
]

/** Every environment variable that is read. */
export const ENVIRONMENT: readonly { readonly name: string; readonly text: string }[] = [
  { name: 'ODOO_URL', text: 'server, as https://host or odoo+https://login@host/database' },
  { name: 'ODOO_DATABASE', text: 'database' },
  { name: 'ODOO_LOGIN', text: 'login of the user' },
  { name: 'ODOO_API_KEY', text: 'API key of the user' },
  { name: 'ODOO_PASSWORD', text: 'password of the user, where there is no API key' },
  { name: 'ODOO_BRIDGE_USER', text: 'user that clients of the bridge log in as (odoo)' },
  { name: 'ODOO_BRIDGE_PASSWORD', text: 'password of that user' },
]

/** The text of `--help`. */
export function helpText(): string {
  // What is too long for its column has the line for itself.
  const row = (left: string, text: string): string =>
    left.length > HELP_COLUMN
      ? `  ${left}\n  ${''.padEnd(HELP_COLUMN)} ${text}\n`
      : `  ${left.padEnd(HELP_COLUMN)} ${text}\n`
  const options = OPTIONS.map((option) => {
    const short = option.short === undefined ? '    ' : `-${option.short}, `
    const value = option.value === undefined ? '' : ` ${option.value}`
    return row(`${short}--${option.name}${value}`, option.text)
  })
  return [
    'SQL over Odoo, read-only.\n\n',
    'Usage:\n',
    '  odoo-sql [URL] [options]\n',
    ...SUBCOMMANDS.map((subcommand) => row(`odoo-sql ${subcommand.usage}`, subcommand.text)),
    '\nURL: odoo://login@host:port/database, or odoo+https://login@host/database\n',
    'Without URL, --config, --demo and ODOO_URL: the configuration file that odoo-sql init wrote.\n',
    '\nOptions:\n',
    ...options,
    '\nEnvironment:\n',
    ...ENVIRONMENT.map((variable) => row(variable.name, variable.text)),
    '\nExit status: 0 done, 1 an SQL error, 2 wrong usage, 3 could not connect or log in, 130 interrupted.\n',
  ].join('')
}

const HELP_COLUMN = 30
