import { notSupported } from '../errors.ts'
import type { Exchange } from './exchange.ts'
import { noDatabase, sqlErrorFromFault } from './faults.ts'
import type { FaultTexts } from './json-rpc.ts'
import { faultSchema } from './protocol.ts'
import type { Account, Wire } from './wire.ts'

/** Calls by `/json/2`: version 19 on, with an API key. */
export function json2Wire(exchange: Exchange, account: Account, faults: FaultTexts): Wire {
  const { database, login, secret } = account
  const headers = { Authorization: `bearer ${secret}`, 'X-Odoo-Database': database }
  return {
    kind: 'json-2',
    async call({ model, method, ids, domain, args, named }, options) {
      if (args !== undefined)
        throw notSupported('JSON-2 takes no arguments by position', { hint: 'Give them by name.' })
      // A method of the model itself refuses the word ids.
      const body = JSON.stringify({ ...(ids && { ids }), ...(domain && { domain }), ...named })
      const path = `/json/2/${encodeURIComponent(model)}/${encodeURIComponent(method)}`
      const answer = await exchange.send({ method: 'POST', path, headers, body }, options)
      const context = { ...faults, database, login, model, method, status: answer.status }
      if (answer.isJson && answer.status === 200) return answer.json
      // Where no database is found, Odoo's router knows no such path.
      if (!answer.isJson && answer.status === 404) throw noDatabase(context)
      const fault = faultSchema.safeParse(answer.json)
      if (!fault.success) throw exchange.unexpected(answer)
      throw sqlErrorFromFault(fault.data, context)
    },
  }
}
