import type { SqlError } from '../errors.ts'
import type { Backend } from './backend.ts'
import type { Portal } from './portals.ts'

/** Tells the log of a portal that has ended. */
export const logOf =
  ({ client }: Backend): Portal['onEnd'] =>
  ({ prepared: { text }, rowsSent, calls }, durationMs, code) => {
    // Drivers ask with an empty query whether the server is still there.
    if (text.trim() === '') return
    client.onStatement({ text: text.trim(), durationMs, rows: rowsSent, calls: calls.length, code })
  }

/** Tells the log of a text that never became a statement. */
export function logUnparsed({ client }: Backend, text: string, { code }: SqlError): void {
  client.onStatement({ text: text.trim(), durationMs: 0, rows: 0, calls: 0, code })
}
