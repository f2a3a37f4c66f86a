#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { commandFromArguments } from './repl/arguments.ts'
import type { Command } from './repl/arguments.ts'
import { EXIT } from './repl/exit.ts'
import type { ExitCode } from './repl/exit.ts'
import { helpText } from './repl/options.ts'
import { targetFrom } from './repl/target.ts'

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
    case 'doctor':
    case 'query':
      return askServers(command)
    default:
      return command satisfies never
  }
}

async function askServers(command: Extract<Command, { kind: 'query' | 'doctor' }>): Promise<ExitCode> {
  const { isDemo, config, url } = command.kind === 'doctor' ? command.query : command
  const hasServers = isDemo || config !== undefined
  const target = hasServers ? undefined : targetFrom(url, process.env)
  if (!hasServers && target === undefined)
    return refuse(
      'no server named',
      'Give a URL such as odoo://login@host:port/database, set ODOO_URL, or try --demo.',
    )
  if (command.kind === 'doctor') return (await import('./repl/doctor-command.ts')).runDoctor(command, target)
  return (await import('./repl/query-command.ts')).runQuery(command, target, packageVersion())
}

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
