/** What Odoo said to one call: the result, or the error's name and where it stands in the protocol. */
export interface Answer {
  readonly result?: unknown
  readonly error?: { readonly name: string; readonly status?: number; readonly message?: string }
}

export interface OdooAddress {
  readonly url: string
  readonly database: string
  readonly login: string
  readonly password: string
  readonly apiKey: string
}

export interface OdooConnection {
  readonly uid: number
  call(
    model: string,
    method: string,
    args: readonly unknown[],
    kwargs?: Record<string, unknown>,
  ): Promise<Answer>
}

interface Reply {
  readonly result?: unknown
  readonly error?: { readonly data: { readonly name: string; readonly message: string } }
}

/** A bare JSON-RPC client for tests: no translation of errors. */
export async function connectOdoo(address: OdooAddress): Promise<OdooConnection> {
  const rpc = async (service: string, method: string, args: readonly unknown[]): Promise<Answer> => {
    const send = (): Promise<Response> =>
      fetch(`${address.url}/jsonrpc`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'call', params: { service, method, args } }),
      })
    // Odoo may close a connection that rested just when it is used again; that is no answer.
    const response = await send().catch(send)
    const text = await response.text()
    if (!(response.headers.get('content-type') ?? '').startsWith('application/json'))
      return { error: { name: 'not JSON', status: response.status } }
    const reply = JSON.parse(text) as Reply
    if (reply.error !== undefined)
      return { error: { name: reply.error.data.name, message: reply.error.data.message } }
    return { result: reply.result }
  }
  const { database, login, password } = address
  const uid = (await rpc('common', 'login', [database, login, password])).result as number
  return {
    uid,
    call: (model, method, args, kwargs = {}) =>
      rpc('object', 'execute_kw', [database, uid, password, model, method, args, kwargs]),
  }
}

/** The same over JSON-2: arguments by name. */
export function callJson2(
  address: OdooAddress,
  model: string,
  method: string,
  body: Record<string, unknown>,
): Promise<Answer> {
  return fetch(`${address.url}/json/2/${model}/${method}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `bearer ${address.apiKey}`,
      'x-odoo-database': address.database,
    },
    body: JSON.stringify(body),
  }).then(async (response) => {
    const text = await response.text()
    if (!(response.headers.get('content-type') ?? '').startsWith('application/json'))
      return { error: { name: 'not JSON', status: response.status } }
    const parsed: unknown = JSON.parse(text)
    if (response.ok) return { result: parsed }
    const { name, message } = parsed as { name: string; message: string }
    return { error: { name, status: response.status, message } }
  })
}
