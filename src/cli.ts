#!/usr/bin/env node
import { existsSync, readFileSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { sqlErrorFrom } from './errors.ts'
import { commandFromArguments } from './repl/arguments.ts'
import type { Command } from './repl/arguments.ts'
import { configurationPath } from './repl/configuration-path.ts'
import { EXIT, exitCodeOfConnecting } from './repl/exit.ts'
import type { ExitCode } from './repl/exit.ts'
import { helpText } from './repl/options.ts'
import { targetFrom, type Target } from './repl/target.ts'

/** The driver, the engine and the demo are loaded only by the command that needs them: help and usage errors are instant. */
async function main(args: readonly string[]): Promise<ExitCode> {
  const command = commandFromArguments(args)
  switch (command.kind) {
    case 'help':
      process.stdout.write(helpText())
      return EXIT.done
    case 'version':
      process.stdout.write(`odoo-sql ${packageVersion()}\n`)
      return EXIT.done
    case 'usage':
      return refuse(command.message, command.hint)
    case 'catalog':
      return (await import('./repl/catalog-command.ts')).runCatalog(command)
    case 'demo':
      return (await import('./repl/demo-command.ts')).runDemo(command.port)
    case 'init':
      return (await import('./repl/init-command.ts')).runInitCommand()
    case 'doctor':
    case 'query':
    case 'serve':
      return askServers(withConfiguration(command))
    default:
      return command satisfies never
  }
}

type ServerCommand = Extract<Command, { kind: 'query' | 'doctor' | 'serve' }>

/** Where nothing else names a server, the user's own configuration does, if there is one. */
function withConfiguration(command: ServerCommand): ServerCommand {
  const query = command.kind === 'query' ? command : command.query
  const isNamed =
    query.isDemo || query.config !== undefined || targetFrom(query.url, process.env) !== undefined
  const config = configurationPath()
  if (isNamed || !existsSync(config)) return command
  return command.kind === 'query'
    ? { ...command, config }
    : { ...command, query: { ...command.query, config } }
}

async function askServers(command: ServerCommand): Promise<ExitCode> {
  const { isDemo, config, url } = command.kind === 'query' ? command : command.query
  const hasServers = isDemo || config !== undefined
  const target = hasServers ? undefined : targetFrom(url, process.env)
  if (!hasServers && target === undefined) return refuseWithoutServer()
  if (command.kind === 'doctor') return (await import('./repl/doctor-command.ts')).runDoctor(command, target)
  if (command.kind === 'serve') return serve(command, target)
  setFlagsFromString(WASM_TIERING_BUDGET)
  return (await import('./repl/query-command.ts')).runQuery(command, target, packageVersion())
}

/**
 * After how much work V8 optimizes a WebAssembly function, in about the bytes of code run; Node 20's does so after 1.8
 * million. PostgreSQL's grammar gets there with the first statement, the engine while it starts, and a process that ends
 * waits for the optimizer: 0.3 s of 0.6 s. Long statements still get there.
 */
const WASM_TIERING_BUDGET = '--wasm-tiering-budget=100000000'

/** The command line and the bridge know nothing of each other: they meet here. */
async function serve(
  { query, ...options }: Extract<Command, { kind: 'serve' }>,
  target: Target | undefined,
): Promise<ExitCode> {
  const { serverOptions, present } = await import('./repl/connect-options.ts')
  const { runServe } = await import('./bridge/serve-command.ts')
  const { isDemo: demo, revealSecrets, textOrder, partitionErrors, timeoutMs, cache } = query
  try {
    const connect = {
      ...(await serverOptions(query, target)),
      ...present({ textOrder, partitionErrors, timeoutMs, cache }),
      demo,
      revealSecrets,
    }
    const { ODOO_BRIDGE_USER: user, ODOO_BRIDGE_PASSWORD: password } = process.env
    await runServe({ ...options, isQuiet: query.isQuiet, user, password, connect })
    return EXIT.done
  } catch (thrown) {
    const { printError } = await import('./repl/shell.ts')
    printError({ messages: process.stderr }, thrown)
    return exitCodeOfConnecting(sqlErrorFrom(thrown))
  }
}

/** Who starts the program for the first time is told how to begin. */
function refuseWithoutServer(): ExitCode {
  if (process.stdin.isTTY && process.stderr.isTTY) {
    process.stderr.write(FIRST_STEPS)
    return EXIT.usage
  }
  return refuse(
    'no server named',
    'Give a URL such as odoo://login@host:port/database, set ODOO_URL, or try --demo.',
  )
}

const FIRST_STEPS = `No Odoo is named yet. Three ways to begin:
  odoo-sql --demo                                   try it on made-up data
  odoo-sql odoo+https://me@odoo.example.com/live    ask your own server
  odoo-sql init                                     be asked for a server, and keep the answers
`

function refuse(message: string, hint?: string): ExitCode {
  const lines = [message, ...(hint === undefined ? [] : [hint]), 'Try "odoo-sql --help".']
  process.stderr.write(`odoo-sql: ${lines.join('\n')}\n`)
  return EXIT.usage
}

/** This file runs from `src/` or bundled in `dist/`, one below the package either way. */
function packageVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (thrown) {
  // Only a defect of ours arrives here; even then nobody is shown a stack trace.
  const { printError } = await import('./repl/shell.ts')
  printError({ messages: process.stderr }, thrown)
  process.exitCode = EXIT.sqlError
}
