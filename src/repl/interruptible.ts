import { sqlErrorFrom, type SqlError } from '../errors.ts'
import { EXIT, type ExitCode } from './exit.ts'
import { isClosedPipe } from './output.ts'
import { printError } from './shell.ts'

/**
 * Runs a command under a signal that Ctrl-C and SIGTERM abort, prints the error that it ends in, and gives the exit
 * status: that of the command, of its error, or 130. A reader that has gone (`| head`) is no error.
 */
export async function interruptible(
  run: (signal: AbortSignal) => Promise<ExitCode>,
  exitCodeOfError: (error: SqlError) => ExitCode,
): Promise<ExitCode> {
  const interrupt = new AbortController()
  const onSignal = (): void => {
    // The second signal is that of a user who has waited long enough.
    if (interrupt.signal.aborted) process.exit(EXIT.interrupted)
    interrupt.abort()
  }
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal)
  try {
    const code = await run(interrupt.signal)
    return interrupt.signal.aborted ? EXIT.interrupted : code
  } catch (thrown) {
    if (isClosedPipe(thrown)) return EXIT.done
    printError({ messages: process.stderr }, thrown)
    return interrupt.signal.aborted ? EXIT.interrupted : exitCodeOfError(sqlErrorFrom(thrown))
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
  }
}
