import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { groupsAsJson } from './synthetic-odoo-groups.ts'
import { fault, fieldNamed, syntheticModels, VERSION, type SyntheticModel } from './synthetic-odoo-records.ts'
import { matching, search, type Prefix, type Search } from './synthetic-odoo-search.ts'
import type { SyntheticOptions } from './synthetic-odoo.ts'

/** `tsx synthetic-odoo-server.ts OPTIONS`, as JSON, prints the port that it listens on and answers until it is ended. */
const { rows, encoding, microsecondsPerRow = 0 } = JSON.parse(process.argv[2] ?? '{}') as SyntheticOptions
const models = await syntheticModels(rows)

interface Answer {
  readonly json: string
  /** Records that were read. */
  readonly records?: number
}

interface Keywords extends Omit<Search, 'domain'> {
  readonly fields?: readonly string[]
  readonly groupby?: readonly string[]
  readonly load?: string | null
}

type Method = (model: SyntheticModel, first: unknown, keywords: Keywords) => Answer

/** By name; the first argument is a domain, or a list of ids for `read`. */
const METHODS: Readonly<Record<string, Method>> = {
  fields_get: ({ fields }) => ({
    json: JSON.stringify(
      Object.fromEntries(
        [...fields].map(([name, { type, relation }]) => [
          name,
          { type, relation, string: name, store: true, searchable: true, sortable: true },
        ]),
      ),
    ),
  }),
  check_access_rights: () => ({ json: 'true' }),
  search_count: (model, domain = []) => ({ json: String(matching(model, domain as Prefix).length) }),
  search: (model, domain = [], keywords) => ({
    json: `[${search(model, { ...keywords, domain: domain as Prefix }).join(',')}]`,
  }),
  search_read: (model, domain = [], keywords) =>
    recordsOf(model, search(model, { ...keywords, domain: domain as Prefix }), keywords.fields, true),
  read: (model, ids, { fields, load = '_classic_read' }) =>
    recordsOf(
      model,
      (ids as number[]).filter((id) => id > 0 && id <= model.rows),
      fields,
      load === '_classic_read',
    ),
  read_group: (model, domain = [], { fields = [], groupby = [] }) => ({
    json: groupsAsJson(model, domain as Prefix, { fields, groupby }),
  }),
}

function recordsOf(
  model: SyntheticModel,
  ids: readonly number[],
  fields: readonly string[] = [...model.fields.keys()],
  hasLabels: boolean,
): Answer {
  const members = ['id', ...fields.filter((name) => name !== 'id')].map((name) => {
    const { type, valueOf, jsonOf } = fieldNamed(model, name)
    const isBare = type === 'many2one' && !hasLabels
    return [`"${name}":`, isBare ? (id: number) => String(valueOf(id)) : jsonOf] as const
  })
  const records = ids.map((id) => `{${members.map(([key, valueAt]) => key + valueAt(id)).join(',')}}`)
  return { json: `[${records.join(',')}]`, records: records.length }
}

interface Request {
  readonly id?: unknown
  readonly params?: {
    readonly service?: string
    readonly method?: string
    readonly args?: readonly unknown[]
  }
}

/** What a page answers; what it throws is Odoo's error. */
const PAGES: Readonly<Record<string, (request: Request) => Answer>> = {
  '/jsonrpc': ({ params: { service, method, args = [] } = {} }) => {
    if (service === 'common' && method === 'version') return { json: VERSION_INFO }
    if (service === 'common' && method === 'login') return { json: '2' }
    if (service === 'object' && method === 'execute_kw') return execute(args)
    throw fault('builtins.KeyError', `${service}.${method}`)
  },
  // The log-in of OdooRPC.
  '/web/webclient/version_info': () => ({ json: VERSION_INFO }),
  '/web/session/authenticate': () => ({ json: '{"uid": 2, "user_context": {}}' }),
}
const VERSION_INFO = `{"server_version": "${VERSION}.0", "server_version_info": [${VERSION}, 0, 0, "final", 0, ""]}`

function execute([, , , name, method, args = [], keywords = {}]: readonly unknown[]): Answer {
  const model = models.get(String(name))
  if (model === undefined) throw fault('odoo.exceptions.UserError', `Object ${String(name)} doesn't exist`)
  const run = METHODS[String(method)]
  if (run === undefined)
    throw fault(
      'builtins.AttributeError',
      `type object '${String(name)}' has no attribute '${String(method)}'`,
    )
  return run(model, (args as readonly unknown[])[0], keywords as Keywords)
}

/** The members of the envelope that hold the answer, or the error. */
function outcomeOf(page: (request: Request) => Answer, request: Request): Answer {
  try {
    const { json, records } = page(request)
    return { json: `"result":${json}`, ...(records !== undefined && { records }) }
  } catch (thrown) {
    const { name, message } = thrown as TypeError
    const data = { name, message, debug: '', arguments: [message], context: {} }
    return { json: `"error":${JSON.stringify({ code: 200, message: 'Odoo Server Error', data })}` }
  }
}

/** As a reverse proxy does it on its way: fast rather than small. */
const COMPRESS = {
  gzip: (body: string) => promisify(gzip)(body, { level: 4 }),
  br: (body: string) => promisify(brotliCompress)(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }),
}

async function serve(incoming: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
  const body = await text(incoming)
  const page = PAGES[incoming.url ?? '']
  if (page === undefined) {
    response.writeHead(404, { 'content-type': 'text/html' }).end('Not Found')
    return
  }
  const request = JSON.parse(body) as Request
  const { json, records = 0 } = outcomeOf(page, request)
  if (microsecondsPerRow > 0) await wait((records * microsecondsPerRow) / 1000)
  const reply = `{"jsonrpc":"2.0","id":${JSON.stringify(request.id ?? null)},${json}}`
  const isWanted = (incoming.headers['accept-encoding'] ?? '').includes(encoding ?? 'none')
  const headers = { 'content-type': 'application/json', ...(isWanted && { 'content-encoding': encoding }) }
  const sent = encoding !== undefined && isWanted ? await COMPRESS[encoding](reply) : reply
  response.writeHead(200, headers).end(sent)
}

const server = http.createServer((incoming, response) => {
  // What is no JSON ends the connection, and so does a client that went away.
  serve(incoming, response).catch(() => response.destroy())
})
server.listen(0, '127.0.0.1', () => {
  console.log((server.address() as AddressInfo).port)
})
