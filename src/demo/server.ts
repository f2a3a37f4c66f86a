import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { demoDatabases } from './databases.ts'
import type { DemoDatabase } from './databases.ts'
import type { Version } from './fields.ts'
import type { DemoHost } from './host.ts'
import { answerJson2 } from './json-2.ts'
import { answerJsonRpc } from './json-rpc.ts'
import { completeRecords } from './complete.ts'
import { modelsOf } from './models.ts'
import { openRecords } from './records.ts'
import { NO_DATABASE, html, json } from './reply.ts'
import type { HttpReply } from './reply.ts'

export type { DemoDatabase } from './databases.ts'

export interface DemoOptions {
  /** 0, the default: any that is free. */
  readonly port?: number
  /** Series of Odoo to answer as; default 19. */
  readonly version?: Version
  /** Default: two made-up databases, `demo` and `demo_eu`. */
  readonly databases?: readonly DemoDatabase[]
}

export interface DemoServer {
  readonly url: string
  readonly port: number
  readonly version: Version
  readonly databases: readonly string[]
  readonly login: 'admin'
  readonly password: string
  readonly apiKey: string
  close(): Promise<void>
}

/** As in Odoo 17 and later; 14 has no limit of its own. */
const BODY_BYTES_MAX = 128 * 1024 * 1024
/** A client that is slower than this to send its request is cut off. */
const REQUEST_TIMEOUT_MS = 60_000

/** Starts an Odoo of made-up records on 127.0.0.1, which can be read through its API and never written to. */
export async function startDemo(options: DemoOptions = {}): Promise<DemoServer> {
  const { port = 0, version = 19 } = options
  const given = options.databases ?? demoDatabases(version)
  const models = modelsOf(version)
  const databases = given.map(({ name, accounts, records }) => ({
    name,
    accounts,
    records: openRecords(completeRecords(version, models, records)),
  }))
  const host: DemoHost = { version, models, databases }
  const server = createServer((request, response) => {
    void serve(host, request, response)
  })
  server.requestTimeout = REQUEST_TIMEOUT_MS
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const { port: bound } = server.address() as AddressInfo
  const admin = given[0]?.accounts.find((account) => account.login === 'admin')
  return {
    url: `http://127.0.0.1:${bound}`,
    port: bound,
    version,
    databases: given.map((database) => database.name),
    login: 'admin',
    password: admin?.password ?? '',
    apiKey: admin?.apiKey ?? '',
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          for (const database of databases) database.records.close()
          resolve()
        })
        server.closeAllConnections()
      }),
  }
}

async function serve(host: DemoHost, request: IncomingMessage, response: ServerResponse): Promise<void> {
  let reply: HttpReply
  try {
    const body = await bodyOf(request)
    reply =
      body === undefined
        ? { ...html(413, 'Request Entity Too Large'), headers: CLOSING }
        : answer(host, request, body)
  } catch {
    // The client went away, or the demo has a defect: neither may end it.
    reply = html(500, 'Internal Server Error')
  }
  response.writeHead(reply.status, { ...reply.headers, 'content-length': Buffer.byteLength(reply.body) })
  response.end(request.method === 'HEAD' ? undefined : reply.body)
}

const CLOSING = { 'content-type': 'text/html; charset=utf-8', connection: 'close' }

/** Undefined where the body is longer than Odoo takes. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > BODY_BYTES_MAX) return undefined
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > BODY_BYTES_MAX) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function answer(host: DemoHost, request: IncomingMessage, body: string): HttpReply {
  const { method = 'GET', headers } = request
  const path = (request.url ?? '/').split('?')[0] ?? '/'
  const isJson = /^application\/json\b/i.test(headers['content-type'] ?? '')
  if (path === '/jsonrpc') return isJson ? answerJsonRpc(host, body) : wrongType(host)
  if (path === '/web/webclient/version_info' && isJson) return versionInfo(host)
  if (host.version === 14) return isJson ? unknownJson() : html(404, 'Not Found')
  if ((path === '/web/version' || path === '/json/version') && method === 'GET')
    return json(200, { version_info: [host.version, 0, 0, 'final', 0, ''], version: `${host.version}.0` })
  if (path === '/json/2' || path.startsWith('/json/2/')) {
    const database = headers['x-odoo-database']
    if (method === 'POST' && !isJson && body !== '') return wrongType(host)
    return answerJson2(host, {
      method,
      path,
      body,
      authorization: headers.authorization ?? '',
      database: Array.isArray(database) ? database[0] : database,
    })
  }
  return NO_DATABASE
}

/** A body that is not said to be JSON, or a GET. */
const wrongType = (host: DemoHost): HttpReply =>
  host.version === 14
    ? html(400, 'Bad Request')
    : html(415, 'Please verify the Content-Type request header and try again.')

const unknownJson = (): HttpReply =>
  json(404, {
    jsonrpc: '2.0',
    id: null,
    error: {
      code: 404,
      message: '404: Not Found',
      data: {
        name: 'werkzeug.exceptions.NotFound',
        debug: '',
        message: '404 Not Found',
        arguments: [],
        context: {},
      },
    },
  })

const versionInfo = (host: DemoHost): HttpReply =>
  json(200, {
    jsonrpc: '2.0',
    id: null,
    result: {
      server_version: `${host.version}.0`,
      server_version_info: [host.version, 0, 0, 'final', 0, ''],
      server_serie: `${host.version}.0`,
      protocol_version: 1,
    },
  })
