import { connectionLost } from '../errors.ts'
import type { Answer, Exchange, ExchangeOptions } from './exchange.ts'
import { sqlErrorFromFault, type FaultContext } from './faults.ts'
import { ENVELOPE, valueFromReply } from './protocol.ts'
import type { Account, Wire } from './wire.ts'

/** Calls by `/jsonrpc`: every version from 14 to 21. */
export function jsonRpcWire(exchange: Exchange, account: Account, userId: number, faults: FaultTexts): Wire {
  const { database, login, secret } = account
  return {
    kind: 'json-rpc',
    call({ model, method, ids, domain, args: further = [], named }, options) {
      // The domain goes by position: its name was another up to version 16.
      const positional = [...(ids !== undefined ? [ids] : domain !== undefined ? [domain] : []), ...further]
      const args = [database, userId, secret, model, method, positional, named]
      return callService(
        exchange,
        { service: 'object', method: 'execute_kw', args },
        { ...faults, database, login, model, method },
        options,
      )
    },
  }
}

/** What the messages of faults need besides the call itself. */
export type FaultTexts = Pick<FaultContext, 'redact'>

export interface ServiceCall {
  readonly service: 'common' | 'db' | 'object'
  readonly method: string
  readonly args: readonly unknown[]
}

const LARGEST_ID = 2 ** 31
let lastId = 0

/** One JSON-RPC request to one of Odoo's services; null where the method returned nothing. */
export async function callService(
  exchange: Exchange,
  call: ServiceCall,
  faultContext: Omit<FaultContext, 'status'>,
  options: ExchangeOptions,
): Promise<unknown> {
  const { id, answer } = await sendService(exchange, call, options)
  if (!answer.isJson || answer.status !== 200) throw exchange.unexpected(answer)
  const envelope = valueFromReply(ENVELOPE, answer.json)
  if (envelope.error !== undefined) {
    const fault = envelope.error.data ?? { name: 'JsonRpcError', message: envelope.error.message }
    throw sqlErrorFromFault(fault, { ...faultContext, status: answer.status })
  }
  if (envelope.id !== id)
    throw connectionLost('a reply does not belong to the call that it came for', {
      hint: 'A proxy or cache between mixes up replies.',
    })
  return envelope.result ?? null
}

/** The same without a look at the answer, for the one who asks whether this is an Odoo at all. */
export async function sendService(
  exchange: Exchange,
  call: ServiceCall,
  options: ExchangeOptions,
): Promise<{ id: number; answer: Answer }> {
  const id = (lastId = (lastId % LARGEST_ID) + 1)
  const body = JSON.stringify({ jsonrpc: '2.0', method: 'call', id, params: call })
  return { id, answer: await exchange.send({ method: 'POST', path: '/jsonrpc', body }, options) }
}
