import { scan, isComment } from '../sql/gate.ts'
import type { StatementRecord } from './wire.ts'

/** What the bridge says of itself: one line of JSON for each of these. */
export interface Log {
  sessionStarted(session: number, client: LoggedClient): void
  sessionEnded(
    session: number,
    end: { readonly reason: string; readonly durationMs: number; readonly statements: number },
  ): void
  /** A connection that became no session. `code` is the SQLSTATE that it was told. */
  refused(client: {
    readonly user: string | undefined
    readonly address: string
    readonly code: string
    readonly message: string
  }): void
  statement(session: number, record: StatementRecord): void
}

export interface LoggedClient {
  readonly user: string
  readonly address: string
  readonly database: string
  readonly applicationName: string | undefined
  readonly isSecure: boolean
}

export interface LogOptions {
  /** Takes one line, without its end. */
  readonly write: (line: string) => void
  readonly now: () => Date
  readonly showLiterals: boolean
}

/** What is longer is cut. */
const STATEMENT_CHARACTERS_MAX = 10_000

export function openLog({ write, now, showLiterals }: LogOptions): Log {
  const say = (event: string, fields: object): void => {
    write(JSON.stringify({ time: now().toISOString(), event, ...fields }))
  }
  return {
    sessionStarted(session, client) {
      say('session_started', { session, ...client })
    },
    sessionEnded(session, end) {
      say('session_ended', { session, ...end, durationMs: Math.round(end.durationMs) })
    },
    refused(client) {
      say('refused', client)
    },
    statement(session, { text, durationMs, ...record }) {
      const shown = showLiterals ? text : withoutLiterals(text)
      const statement =
        shown.length > STATEMENT_CHARACTERS_MAX ? `${shown.slice(0, STATEMENT_CHARACTERS_MAX)}…` : shown
      say('statement', { session, durationMs: Math.round(durationMs), ...record, statement })
    },
  }
}

/** The text with `?` in place of every literal, and without comments, which may hold anything. */
export function withoutLiterals(text: string): string {
  let tokens
  try {
    tokens = scan(text)
  } catch {
    // Where a literal ends cannot be told.
    return '?'
  }
  const bytes = Buffer.from(text)
  let shown = ''
  let at = 0
  for (const token of tokens) {
    shown += bytes.toString('utf8', at, token.start)
    if (!isComment(token)) shown += isLiteral(token) ? '?' : token.text
    at = token.end
  }
  return (shown + bytes.toString('utf8', at)).trim()
}

const LITERALS: ReadonlySet<string> = new Set(['SCONST', 'ICONST', 'FCONST'])

/** Those that the scanner has no name for, such as B'01', have a single quote before any other. */
const isLiteral = ({ tokenName, text }: { readonly tokenName: string; readonly text: string }): boolean =>
  LITERALS.has(tokenName) || /^[^"']*'/.test(text)
