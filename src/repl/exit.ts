import type { SqlError } from '../errors.ts'

/** What the program's exit status says. */
export const EXIT = { done: 0, sqlError: 1, usage: 2, noConnection: 3, interrupted: 130 } as const
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** The exit status for the error that ended a statement. */
export function exitCodeOf(error: SqlError): ExitCode {
  // Connection exceptions, wrong log-in, no such database.
  return /^(08|28|3D)/.test(error.code) ? EXIT.noConnection : EXIT.sqlError
}

/** The exit status for an error of `connect`: only wrong options and configuration files are the user's own slip. */
export function exitCodeOfConnecting(error: SqlError): ExitCode {
  if (error.condition === 'query_canceled') return EXIT.interrupted
  if (error.condition === 'internal_error') return EXIT.sqlError
  return /^(22|F0)/.test(error.code) ? EXIT.usage : EXIT.noConnection
}
