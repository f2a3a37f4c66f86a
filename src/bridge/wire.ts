import type { BackendMessage, FrontendMessage } from './messages.ts'

/**
 * A connection as its session sees it: messages both ways, and no socket.
 * The server has answered AuthenticationOk and BackendKeyData; the session goes on with its ParameterStatus and the
 * first ReadyForQuery.
 */
export interface Wire {
  /**
   * What the client says, in order; to be read once. Ends when the client took its leave or vanished. Throws a SqlError
   * that ends the session (no protocol any more, idle for too long, shutdown): the session lets it through, and the
   * server tells the client. Only a session that waits for a message gets to know of a shutdown.
   */
  readonly messages: AsyncIterable<FrontendMessage>
  /** Takes a message, or bytes that are whole messages and are not written to again. Never fails, never waits. */
  send(message: BackendMessage | Uint8Array): void
  /**
   * Hands over what was sent so far, and resolves when the client has taken enough of it for more to be made (back-pressure).
   * To be awaited after each batch of rows, and at Flush and ReadyForQuery. Rejects with the reason of `signal`.
   */
  flush(signal: AbortSignal): Promise<void>
  /**
   * A signal for the work that starts now (one for a simple query, one for an Execute): aborted when the client asks to cancel
   * or vanishes, or when the server must stop. Its reason is a SqlError, to be told to the client.
   */
  beginWork(): AbortSignal
}

/** What the log says of one statement. */
export interface StatementRecord {
  readonly text: string
  readonly durationMs: number
  /** Rows sent. */
  readonly rows: number
  /** Calls to Odoo. */
  readonly calls: number
  /** SQLSTATE, where it failed. */
  readonly code?: string | undefined
}

/** What the session knows of its client, and whom it tells what it did. */
export interface ClientContext {
  readonly user: string
  /** As the client named it: `odoo`, or a partition. */
  readonly database: string
  /** Settings of the start-up message, `options` taken apart: to be set before the first ReadyForQuery. */
  readonly settings: ReadonlyMap<string, string>
  readonly statementTimeoutMs: number | undefined
  readonly onStatement: (record: StatementRecord) => void
}
