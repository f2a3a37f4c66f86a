import * as z from 'zod'
import { openExchange } from './exchange.ts'
import { callService } from './json-rpc.ts'
import { valueFromReply } from './protocol.ts'
import { limitsOf, openQueue } from './queue.ts'
import { redactorOf } from './redact.ts'
import { openTransport } from './transport.ts'

/** A server tells the names at once, or it does not. */
const LIST_TIMEOUT_MS = 15_000

/**
 * The databases of a server, as its own log-in page lists them; needs no log-in. `url` is `http(s)://host[:port]`.
 * Throws 08001 where no Odoo answers, 28000 or 58000 where the server keeps the names to itself.
 */
export async function listDatabases(url: string, signal: AbortSignal): Promise<readonly string[]> {
  const limits = limitsOf({ url })
  const transport = openTransport(url, { sockets: limits.concurrency })
  const redact = redactorOf([])
  const exchange = openExchange(transport, openQueue(limits), redact)
  try {
    const call = { service: 'db', method: 'list', args: [] } as const
    const context = { database: '', login: '', model: 'db', method: 'list', redact }
    const options = { signal, timeoutMs: LIST_TIMEOUT_MS, tally: { tries: 0, bytes: 0 } }
    const names = await callService(exchange, call, context, options)
    return valueFromReply({ schema: z.array(z.string()), expected: 'a list of names' }, names)
  } finally {
    transport.close()
  }
}
