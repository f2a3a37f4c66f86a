import { sqlErrorFrom } from '../errors.ts'
import { connect } from '../driver/connection.ts'
import type { Connection, ConnectOptions } from '../driver/connection.ts'
import type { QueryCommand, Source } from './arguments.ts'
import { paintFor } from './colors.ts'
import { present, serverOptions } from './connect-options.ts'
import { EXIT, exitCodeOf, exitCodeOfConnecting } from './exit.ts'
import type { ExitCode } from './exit.ts'
import { formatOfFile } from './format-name.ts'
import { historyPath, openHistory } from './history.ts'
import { interruptible } from './interruptible.ts'
import { fileOutput, streamOutput } from './output.ts'
import type { Output } from './output.ts'
import { dropRedirection, endRedirection } from './redirect.ts'
import { runSource } from './run-source.ts'
import { runSession } from './session.ts'
import { printError } from './shell.ts'
import type { Shell } from './shell.ts'
import type { Target } from './target.ts'
import { ON_ERROR_STOP, stopsOnError } from './variables.ts'
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
  let options: ConnectOptions
  let connection: Connection
  try {
    options = await connectOptions(command, target)
    connection = await connect({ ...options, signal })
  } catch (thrown) {
    printError({ messages: process.stderr }, thrown)
    return exitCodeOfConnecting(sqlErrorFrom(thrown))
  }
  try {
    return await runOn(connection, options, command, version, signal)
  } finally {
    await connection.close()
  }
}

async function connectOptions(command: QueryCommand, target: Target | undefined): Promise<ConnectOptions> {
  const { revealSecrets, pushdown, maxRows, timeoutMs, cache, textOrder, partitionErrors, nativeRequests } =
    command
  return {
    ...(await serverOptions(command, target)),
    ...present({ maxRows, timeoutMs, cache, textOrder, partitionErrors, nativeRequests }),
    demo: command.isDemo,
    revealSecrets,
    pushdown,
  }
}

async function runOn(
  connection: Connection,
  options: ConnectOptions,
  command: QueryCommand,
  version: string,
  signal: AbortSignal,
): Promise<ExitCode> {
  const output =
    command.output === undefined ? streamOutput(process.stdout) : await fileOutput(command.output)
  const isSession = command.sources.length === 0 && process.stdin.isTTY
  const shell = openShell({ connection, options, command, output, isSession })
  let code: ExitCode = EXIT.sqlError
  try {
    if (isSession) await openSession(shell, version, signal)
    code = isSession ? EXIT.done : await runSources(shell, command.sources, signal)
  } finally {
    // A file keeps its name free until all that should be in it is in it.
    if (code !== EXIT.done) {
      await dropRedirection(shell)
      await output.discard()
    }
  }
  if (code === EXIT.done) {
    await endRedirection(shell)
    await output.close()
  }
  return code
}

function openShell({
  connection,
  options,
  command,
  output,
  isSession,
}: {
  readonly connection: Connection
  readonly options: ConnectOptions
  readonly command: QueryCommand
  readonly output: Output
  readonly isSession: boolean
}): Shell {
  return {
    connection,
    output,
    messages: process.stderr,
    isQuiet: command.isQuiet,
    lendTerminal: (work) => work(),
    format: command.format ?? formatOfFile(command.output ?? '') ?? (output.isTerminal ? 'table' : 'csv'),
    expanded: 'auto',
    isTimed: isSession,
    isPaged: isSession,
    variables: new Map(command.isContinued ? [[ON_ERROR_STOP, 'off']] : []),
    last: {},
    async *diagnose(signal) {
      const { diagnose } = await import('../driver/doctor.ts')
      yield* diagnose({ ...options, partition: connection.partitions.map(({ name }) => name), signal })
    },
  }
}

/** In the order given, up to the first error unless it goes on after errors; without any, standard input. */
async function runSources(shell: Shell, sources: readonly Source[], signal: AbortSignal): Promise<ExitCode> {
  let code: ExitCode = EXIT.done
  for (const source of sources.length > 0 ? sources : [STANDARD_INPUT]) {
    const outcome = await runSource(shell, source, { signal })
    if (outcome === 'leave') break
    if (outcome === 'stay') continue
    if (code === EXIT.done) code = exitCodeOf(outcome)
    if (signal.aborted || stopsOnError(shell.variables)) break
  }
  return code
}
const STANDARD_INPUT: Source = { kind: 'file', path: '-' }

async function openSession(shell: Shell, version: string, signal: AbortSignal): Promise<void> {
  if (!shell.isQuiet) shell.messages.write(greeting(shell, version))
  const output = process.stdout.isTTY ? process.stdout : process.stderr
  const history = await openHistory(historyPath())
  await runSession(shell, { input: process.stdin, output, paint: paintFor(output), history, signal })
}

function greeting({ connection }: Shell, version: string): string {
  const partitions = connection.partitions.map(({ name, version: odoo }) => `${name} (Odoo ${odoo})`)
  return visibleText(`odoo-sql ${version}, read-only, on ${partitions.join(', ')}. Type \\? for help.\n`)
}
