import http from 'node:http'
import { millisecondsOf } from './measure.ts'

/** Where calls by hand go; with a user id by JSON-RPC and the password, else by JSON-2 and the API key. */
export interface HandAddress {
  readonly url: string
  readonly database: string
  readonly userId: number | undefined
  readonly secret: string
}

/** Calls as a programmer writes them who knows Odoo and wants speed: Node's own HTTP, JSON.parse, nothing else. */
export interface HandCalls {
  /** The result, unchecked and as it came. */
  call<T>(model: string, method: string, domain: HandDomain, named?: Record<string, unknown>): Promise<T>
  close(): void
}

export type HandDomain = readonly (readonly [field: string, operator: string, value: unknown])[]

/** As the driver's calls: archived records too, in one language. */
export const CONTEXT = { active_test: false, lang: 'en_US' }

export function callsByHand({ url, database, userId, secret }: HandAddress): HandCalls {
  const agent = new http.Agent({ keepAlive: true })
  const post = (path: string, headers: http.OutgoingHttpHeaders, body: string): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const sent = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
      const request = http.request(`${url}${path}`, {
        method: 'POST',
        agent,
        headers: { ...sent, ...headers },
      })
      request.on('error', reject)
      request.on('response', (response) => {
        const chunks: Buffer[] = []
        response.on('error', reject)
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () => {
          resolve(JSON.parse(Buffer.concat(chunks).toString()))
        })
      })
      request.end(body)
    })
  const json2 = (path: string, body: object): Promise<unknown> =>
    post(
      `/json/2/${path}`,
      { authorization: `bearer ${secret}`, 'x-odoo-database': database },
      JSON.stringify(body),
    )
  const jsonRpc = async (args: readonly unknown[]): Promise<unknown> => {
    const params = { service: 'object', method: 'execute_kw', args }
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'call', params })
    return ((await post('/jsonrpc', {}, body)) as { result: unknown }).result
  }
  return {
    async call<T>(model: string, method: string, domain: HandDomain, named: Record<string, unknown> = {}) {
      const all = { context: CONTEXT, ...named }
      const reply =
        userId === undefined
          ? await json2(`${model}/${method}`, { domain, ...all })
          : await jsonRpc([database, userId, secret, model, method, [domain], all])
      if (typeof reply !== 'number' && !Array.isArray(reply))
        throw new TypeError(`${model}.${method} by hand failed: ${JSON.stringify(reply).slice(0, 200)}`)
      return reply as T
    },
    close: () => {
      agent.destroy()
    },
  }
}

/** How a read by hand is cut: records a call, and how many readers share the ids. */
export interface Cut {
  readonly page: number
  readonly readers: number
}

export const nameOfCut = ({ page, readers }: Cut): string =>
  `by hand, the best cut: ${page} rows a call, ${readers} at once`

export interface WholeRead {
  readonly model: string
  readonly fields: readonly string[]
  /** Further arguments by name, such as `load`. */
  readonly named?: Record<string, unknown>
}

/** All records: each reader has its part of the ids and goes through it by the last id seen. Returns how many. */
export async function readByHand(
  hand: HandCalls,
  { model, fields, named = {} }: WholeRead,
  { page, readers }: Cut,
): Promise<number> {
  const [last = 0] = await hand.call<number[]>(model, 'search', [], { order: 'id desc', limit: 1 })
  const share = Math.ceil(last / readers)
  const parts = Array.from({ length: readers }, async (_, index): Promise<number> => {
    const to = Math.min(last, (index + 1) * share)
    let [rows, after] = [0, index * share]
    while (after < to) {
      const records = await hand.call<{ id: number }[]>(
        model,
        'search_read',
        [
          ['id', '>', after],
          ['id', '<=', to],
        ],
        { fields, order: 'id', limit: page, ...named },
      )
      rows += records.length
      after = records.length < page ? to : records.at(-1)!.id
    }
    return rows
  })
  return (await Promise.all(parts)).reduce((sum, rows) => sum + rows, 0)
}

const PAGES = [2_000, 5_000, 20_000]
const READERS = [1, 2, 4]

/** The cut that reads fastest, by trying each. */
export async function bestCut(hand: HandCalls, read: WholeRead): Promise<Cut> {
  let best: { cut: Cut; milliseconds: number } | undefined
  for (const page of PAGES)
    for (const readers of READERS) {
      const cut = { page, readers }
      const milliseconds = await millisecondsOf(() => readByHand(hand, read, cut))
      if (best === undefined || milliseconds < best.milliseconds) best = { cut, milliseconds }
    }
  return best!.cut
}
