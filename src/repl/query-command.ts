import { sqlErrorFrom } from '../errors.ts'
import { connect } from '../driver/connection.ts'
import type { Connection } from '../driver/connection.ts'
import { splitStatements } from '../sql/gate.ts'
import type { QueryCommand, Source } from './arguments.ts'
import { present, serverOptions } from './connect-options.ts'
import { EXIT, exitCodeOf, exitCodeOfConnecting } from './exit.ts'
import type { ExitCode } from './exit.ts'
import { historyPath, openHistory } from './history.ts'
import { interruptible } from './interruptible.ts'
import { fileOutput, streamOutput } from './output.ts'
import type { Output } from './output.ts'
import { runSource } from './run-source.ts'
import { runSession } from './session.ts'
import { printError } from './shell.ts'
import type { Shell } from './shell.ts'
import type { Target } from './target.ts'
import { visibleText } from './visible.ts'

/**
 * Connects and runs what the command says, or a prompt. Prints every error itself and returns the exit status.
 * `target` is undefined for the demo and where a configuration file names the servers.
 */
export function runQuery(
  command: QueryCommand,
  target: Target | undefined,
  version: string,
): Promise<ExitCode> {
  return interruptible((signal) => connectAndRun(command, target, version, signal), exitCodeOf)
}

async function connectAndRun(
  command: QueryCommand,
  target: Target | undefined,
  version: string,
  signal: AbortSignal,
): Promise<ExitCode> {
  let connection: Connection
  try {
    connection = await connected(command, target, signal)
  } catch (thrown) {
    printError({ messages: process.stderr }, thrown)
    return exitCodeOfConnecting(sqlErrorFrom(thrown))
  }
  try {
    return await runOn(connection, command, version, signal)
  } finally {
    await connection.close()
  }
}

async function connected(
  command: QueryCommand,
  target: Target | undefined,
  signal: AbortSignal,
): Promise<Connection> {
  const { revealSecrets, pushdown, maxRows, timeoutMs, textOrder, partitionErrors, nativeRequests } = command
  return connect({
    ...(await serverOptions(command, target)),
    ...present({ maxRows, timeoutMs, textOrder, partitionErrors, nativeRequests }),
    demo: command.isDemo,
    revealSecrets,
    pushdown,
    signal,
  })
}

async function runOn(
  connection: Connection,
  command: QueryCommand,
  version: string,
  signal: AbortSignal,
): Promise<ExitCode> {
  const output =
    command.output === undefined ? streamOutput(process.stdout) : await fileOutput(command.output)
  let code: ExitCode = EXIT.sqlError
  try {
    const isSession = command.sources.length === 0 && process.stdin.isTTY
    const shell = shellFor(command, connection, output, isSession)
    if (isSession) await openSession(shell, version, signal)
    code = isSession ? EXIT.done : await runSources(shell, command.sources, signal)
  } finally {
    // A file keeps its name free until all that should be in it is in it.
    if (code !== EXIT.done) await output.discard()
  }
  if (code === EXIT.done) await output.close()
  return code
}

function shellFor(command: QueryCommand, connection: Connection, output: Output, isSession: boolean): Shell {
  return {
    connection,
    output,
    messages: process.stderr,
    isQuiet: command.isQuiet,
    format: command.format ?? (output.isTerminal ? 'table' : 'csv'),
    isExpanded: false,
    isTimed: isSession,
  }
}

/** In the order given, up to the first error; without any, standard input. */
async function runSources(shell: Shell, sources: readonly Source[], signal: AbortSignal): Promise<ExitCode> {
  for (const source of sources.length > 0 ? sources : [STANDARD_INPUT]) {
    const outcome = await runSource(shell, source, signal)
    if (outcome === 'leave') break
    if (outcome !== undefined) return exitCodeOf(outcome)
  }
  return EXIT.done
}
const STANDARD_INPUT: Source = { kind: 'file', path: '-' }

async function openSession(shell: Shell, version: string, signal: AbortSignal): Promise<void> {
  if (!shell.isQuiet) shell.messages.write(greeting(shell, version))
  await runSession(shell, {
    input: process.stdin,
    output: process.stdout.isTTY ? process.stdout : process.stderr,
    history: await openHistory(historyPath()),
    split: splitStatements,
    signal,
  })
}

function greeting({ connection }: Shell, version: string): string {
  const partitions = connection.partitions.map(({ name, version: odoo }) => `${name} (Odoo ${odoo})`)
  return visibleText(`odoo-sql ${version}, read-only, on ${partitions.join(', ')}. Type \\? for help.\n`)
}
