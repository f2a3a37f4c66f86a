import type { Datum } from '../catalog/types.ts'
import type { Connection } from '../driver/connection.ts'
import type { CallRecord, ResultColumn } from '../driver/cursor.ts'
import type { Diagnosis } from '../driver/doctor.ts'
import { sqlErrorFrom, type SqlError } from '../errors.ts'
import { paintFor } from './colors.ts'
import { errorText } from './error-text.ts'
import type { StatementSource } from './error-text.ts'
import type { Format } from './format-name.ts'
import type { Output } from './output.ts'

/** As much of a connection as the command line needs. */
export type ShellConnection = Pick<
  Connection,
  'cursor' | 'partitions' | 'configured' | 'catalog' | 'tables' | 'table' | 'clearCache'
>

/** What statements and metacommands work on; metacommands change the settings. */
export interface Shell {
  readonly connection: ShellConnection
  /** Where results go; `\o` changes it. */
  output: Output
  /** Standard error: everything that is no result. */
  readonly messages: Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns'>
  /** Where results went before `\\o`. */
  redirection?: Redirection | undefined
  readonly isQuiet: boolean
  format: Format
  /** Whether `table` shows each column on a line of its own; `auto`: where it is too wide for the terminal. */
  expanded: 'on' | 'off' | 'auto'
  /** Whether a line with rows, time and calls follows each result. */
  isTimed: boolean
  /** Whether what is longer than the terminal goes through a pager. */
  isPaged: boolean
  /** Of `\set`, by name. */
  readonly variables: Map<string, string>
  /** What metacommands look back at. */
  readonly last: Last
  /** Examines the selected partitions, as the subcommand `doctor` does. */
  readonly diagnose?: (signal: AbortSignal) => AsyncIterable<Diagnosis>
  /** The prompt sets it while it is there. */
  lendTerminal: LendTerminal
}

/** Runs `work` while another program, a pager or an editor, has the terminal: nothing else reads it. */
export type LendTerminal = <T>(work: () => Promise<T>) => Promise<T>

export interface Redirection {
  readonly path: string
  readonly output: Output
  readonly format: Format
}

/** The statement, result and error that came last. */
export interface Last {
  statement?: string
  result?: LastResult
  calls?: readonly CallRecord[]
  error?: { readonly error: SqlError; readonly source: StatementSource | undefined }
}

/** The first rows of a result, for charts. */
export interface LastResult {
  readonly columns: readonly ResultColumn[]
  readonly rows: readonly (readonly Datum[])[]
  /** Rows of the whole result. */
  readonly rowCount: number
}

/** Tells the user about an error. */
export function printError(shell: Pick<Shell, 'messages'>, thrown: unknown, source?: StatementSource): void {
  shell.messages.write(errorText(sqlErrorFrom(thrown), source, paintFor(shell.messages)))
}
