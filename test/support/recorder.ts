import { startProxy, type ProxiedRequest } from './proxy.ts'

/** One request as it went over the wire. */
export interface RecordedCall {
  /** The model's method, or `common.version` and the like. */
  readonly method: string
  readonly model: string | undefined
  readonly fields: readonly string[] | undefined
  /** Undefined where it was not sent. */
  readonly load: unknown
  readonly domain: unknown
  readonly context: unknown
}

/** A proxy in front of an Odoo that writes down what is asked. */
export interface Recorder {
  readonly url: string
  readonly calls: RecordedCall[]
  close(): Promise<void>
}

export async function recordTraffic(target: string): Promise<Recorder> {
  const calls: RecordedCall[] = []
  const before = (request: ProxiedRequest): Promise<void> => {
    calls.push(callFrom(request))
    return Promise.resolve()
  }
  const proxy = await startProxy(target, { before })
  return { url: proxy.url, calls, close: () => proxy.close() }
}

interface JsonRpcBody {
  readonly params: { readonly service: string; readonly method: string; readonly args: readonly unknown[] }
}
type Named = Readonly<Record<string, unknown>>

function callFrom({ path, body }: ProxiedRequest): RecordedCall {
  const json2 = /^\/json\/2\/([^/]+)\/([^/]+)$/.exec(path)
  if (json2 !== null) return callWith(json2[1], json2[2] ?? '', JSON.parse(body) as Named)
  if (path !== '/jsonrpc') return callWith(undefined, path, {})
  const { params } = JSON.parse(body) as JsonRpcBody
  if (params.service !== 'object') return callWith(undefined, `${params.service}.${params.method}`, {})
  const [, , , model, method, positional, named] = params.args as [0, 0, 0, string, string, unknown[], Named]
  return callWith(model, method, { domain: positional[0], ...named })
}

const callWith = (model: string | undefined, method: string, named: Named): RecordedCall => ({
  model,
  method,
  fields: named['fields'] as readonly string[] | undefined,
  load: named['load'],
  domain: named['domain'],
  context: named['context'],
})
