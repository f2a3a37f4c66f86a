import http from 'node:http'
import { IS_TRIAL, millisecondsOf } from './measure.ts'

/** Where calls by hand go; with a user id by JSON-RPC and the password, else by JSON-2 and the API key. */
export interface HandAddress {
  readonly url: string
  readonly database: string
  readonly userId: number | undefined
  readonly secret: string
}

/** Calls as a programmer writes them who knows Odoo and wants speed: Node's own HTTP, JSON.parse, nothing else. */
export interface HandCalls {
  readonly isJson2: boolean
  /** The result, unchecked and as it came. Ids instead of a domain go by JSON-RPC only. */
  call<T>(
    model: string,
    method: string,
    domain: HandDomain | readonly number[],
    named?: Record<string, unknown>,
  ): Promise<T>
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
      request.on('error', (error) => {
        // Odoo may close a connection that rested just when it is used again.
        if (request.reusedSocket) resolve(post(path, headers, body))
        else reject(error)
      })
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
  const isJson2 = userId === undefined
  return {
    isJson2,
    async call<T>(
      model: string,
      method: string,
      domain: HandDomain | readonly number[],
      named: Record<string, unknown> = {},
    ) {
      const all = { context: CONTEXT, ...named }
      const reply = isJson2
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

/** Records of one model, all or those of a domain. */
export interface HandRead {
  readonly model: string
  readonly fields: readonly string[]
  readonly domain?: HandDomain
  /** Links as bare ids: Odoo 14 does it by a second call, others by an argument. */
  readonly isBare?: boolean
}

interface HandRecord {
  readonly id: number
  readonly [field: string]: unknown
}

/** One call of a model's method that takes a domain. */
export interface ModelCall {
  readonly model: string
  readonly method: string
  readonly domain: HandDomain
  readonly named: Record<string, unknown>
}

/** The call that fetches all of a read at once, in the order of ours. */
export const wholeRead = ({ model, fields, domain = [] }: HandRead): ModelCall => ({
  ...{ model, method: 'search_read', domain },
  named: { fields, order: 'id' },
})

/** How a read by hand is cut: records a call, and how many readers share the ids. */
export interface Cut {
  readonly page: number
  readonly readers: number
}

export const nameOfCut = ({ page, readers }: Cut): string =>
  `by hand, the best cut: ${page} rows a call, ${readers} at once`

/**
 * All records of a read: each reader has its part of the ids and goes through it by the last id seen. They are handed
 * over page by page; returns how many.
 */
export async function readByHand(
  hand: HandCalls,
  read: HandRead,
  { page, readers }: Cut,
  take: (records: readonly HandRecord[]) => void = () => undefined,
): Promise<number> {
  const { model, domain = [] } = read
  const lastFirst = { order: 'id desc', limit: 1 }
  // One reader alone ends where a page is short.
  const [last = 0] =
    readers === 1 ? [Infinity] : await hand.call<number[]>(model, 'search', domain, lastFirst)
  const share = Math.ceil(last / readers)
  const parts = Array.from({ length: readers }, async (_, index): Promise<number> => {
    const to = Math.min(last, (index + 1) * share)
    let [rows, after] = [0, index === 0 ? 0 : index * share]
    while (after < to) {
      const bounds: HandDomain = [
        ...(after > 0 ? ([['id', '>', after]] as const) : []),
        ...(to < last ? ([['id', '<=', to]] as const) : []),
      ]
      const records = await pageByHand(hand, read, [...domain, ...bounds], page)
      take(records)
      rows += records.length
      after = records.length < page ? to : records.at(-1)!.id
    }
    return rows
  })
  return (await Promise.all(parts)).reduce((sum, rows) => sum + rows, 0)
}

async function pageByHand(
  hand: HandCalls,
  { model, fields, isBare = false }: HandRead,
  domain: HandDomain,
  limit: number,
): Promise<HandRecord[]> {
  const place = { order: 'id', limit }
  if (!isBare || hand.isJson2)
    return hand.call(model, 'search_read', domain, { fields, ...place, ...(isBare && { load: null }) })
  const ids = await hand.call<number[]>(model, 'search', domain, place)
  return hand.call(model, 'read', ids, { fields, load: null })
}

const PAGES = IS_TRIAL ? [1_000] : [1_000, 2_000, 5_000, 20_000]
const READERS = IS_TRIAL ? [1, 2] : [1, 2, 4]
/** How many stay in the running after each round of trials. */
const KEPT = [3, 1]

/** The cut by which something goes fastest: all are tried, and the better ones again. */
export async function bestCut(work: (cut: Cut) => Promise<unknown>): Promise<Cut> {
  let tried = PAGES.flatMap((page) => READERS.map((readers) => ({ cut: { page, readers }, milliseconds: 0 })))
  for (const kept of KEPT) {
    for (const one of tried) one.milliseconds += await millisecondsOf(() => work(one.cut))
    tried = tried.sort((a, b) => a.milliseconds - b.milliseconds).slice(0, kept)
  }
  return tried[0]!.cut
}
