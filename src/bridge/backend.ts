import type { Notice } from '../driver/cursor.ts'
import type { Session } from '../driver/session.ts'
import { runText, type StatementScope } from '../driver/statement.ts'
import type { Datum } from '../catalog/types.ts'
import type { Portal, Portals } from './portals.ts'
import type { PreparedStatements } from './prepared.ts'
import type { Settings } from './settings.ts'
import type { Transaction, Warning } from './transaction.ts'
import type { ClientContext, Wire } from './wire.ts'

/** What one client's session holds; PostgreSQL's word for the process behind a connection. */
export interface Backend {
  readonly wire: Wire
  readonly session: Session
  readonly client: ClientContext
  readonly settings: Settings
  readonly transaction: Transaction
  readonly statements: PreparedStatements
  readonly portals: Portals
}

/** One statement under way. */
export interface Run {
  /** Aborted when it is cancelled, when its time is up, or when the client is gone; the reason is the error to tell. */
  readonly signal: AbortSignal
  /** No other statement stands in the same simple query. */
  readonly isAlone: boolean
}

/** What the driver needs for the statement of a portal. */
export const scopeOf = (
  { session }: Backend,
  { controller: { signal }, calls, notices }: Portal,
): StatementScope => ({ session, signal, calls, notices })

/** The rows of a query of our own, such as one for a setting of PostgreSQL's. */
export async function ownQuery(
  sql: string,
  params: readonly unknown[],
  scope: StatementScope,
): Promise<readonly (readonly Datum[])[]> {
  const rows: (readonly Datum[])[] = []
  for await (const batch of (await runText(sql, params, scope)).batches) rows.push(...batch)
  return rows
}

/** Sends a notice or warning, unless the client wants to hear of errors only. */
export function tell({ wire, settings }: Backend, notice: Notice | Warning): void {
  const level = settings.get('client_min_messages')
  const { severity = 'WARNING' } = notice as Partial<Notice>
  if (level === 'error' || (level === 'warning' && severity === 'NOTICE')) return
  wire.send({ kind: 'noticeResponse', ...notice, severity })
}
