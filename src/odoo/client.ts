import { cannotConnect, invalidAuthorization, notSupported, SqlError, systemError } from '../errors.ts'
import { recordCall, type CallOptions, type CallRecord, type Tally } from './call.ts'
import { capabilitiesOf, versionFromInfo, type Capabilities, type ServerVersion } from './capabilities.ts'
import type { Group, GroupRequest } from './groups.ts'
import type { NativePayload } from './native.ts'
import type { OdooClient } from './contract.ts'
import { prefixFromDomain, type Domain } from './domain.ts'
import { openEndpoint, type ClientConfig, type Endpoint } from './endpoint.ts'
import type { ExchangeOptions } from './exchange.ts'
import { isRefusal, wrongPassword } from './faults.ts'
import { json2Wire } from './json-2.ts'
import { callService, jsonRpcWire, sendService } from './json-rpc.ts'
import * as shapes from './protocol.ts'
import {
  valueFromReply,
  type FieldInfo,
  type ModelName,
  type OdooRecord,
  type ReplyShape,
} from './protocol.ts'
import {
  fieldNames,
  findsNothing,
  searchArguments,
  withoutLabels,
  type ReadRequest,
  type SearchReadRequest,
  type SearchRequest,
} from './search.ts'
import type { Wire, WireCall } from './wire.ts'

export type { CallRecord } from './call.ts'
export type { OdooClient } from './contract.ts'
export type { ClientConfig } from './endpoint.ts'
export type { FieldInfo, ModelName, OdooRecord, OdooValues } from './protocol.ts'
export type { ReadRequest, SearchReadRequest, SearchRequest } from './search.ts'

/** Every method that ever goes to a model. All of them only read, and no other file names one. */
export type ReadMethod =
  | 'context_get'
  | 'fields_get'
  | 'has_access'
  | 'check_access_rights'
  | 'get_available_models'
  | 'search'
  | 'search_count'
  | 'search_read'
  | 'read'
  | 'read_group'
  | 'formatted_read_group'

/** Methods that change nothing in any model: what native requests may call where they may only read. */
export const NATIVE_READ_METHODS: ReadonlySet<string> = new Set([
  'search',
  'search_read',
  'search_count',
  'read',
  'read_group',
  'formatted_read_group',
  'name_search',
  'fields_get',
  'default_get',
  'get_metadata',
  'has_access',
  'check_access_rights',
  'context_get',
])

/** To tell its version takes Odoo a few milliseconds; who waits longer has the wrong address. */
const FIRST_TIMEOUT_MS = 15_000

/**
 * Asks for the version, picks the transport and logs in. 08001 where nothing or no Odoo answers, 28P01 for a wrong
 * login, password or key, 28000 where none is given, 3D000 for an unknown database, 0A000 for JSON-2 before 19.
 */
export async function openClient(config: ClientConfig, options: CallOptions = {}): Promise<OdooClient> {
  let endpoint: Endpoint | undefined
  try {
    endpoint = openEndpoint(config)
    const version = await serverVersion(endpoint, options)
    const capabilities = capabilitiesOf(version)
    const isJson2 = pickTransport(config, version, capabilities) === 'json-2'
    const { wire, userId } = await (isJson2 ? logInByKey : logInByPassword)(endpoint, options)
    return new RpcClient(endpoint, { version, capabilities, wire, userId })
  } catch (thrown) {
    endpoint?.close()
    throw thrown instanceof SqlError ? thrown.with({ partition: config.name }) : thrown
  }
}

/** One recorded call of the service `common`, which belongs to no model and needs no log-in. */
function callCommon<T>(
  endpoint: Endpoint,
  method: 'version' | 'login',
  options: CallOptions,
  run: (options: ExchangeOptions) => Promise<T>,
): Promise<T> {
  return recordCall(
    { partition: endpoint.config.name, model: 'common', method, onCall: tellOf(endpoint, options) },
    (tally) => run(exchangeOptions(endpoint, options, tally)),
  )
}

/** Who is told of a call: the client's observer and the call's own. */
const tellOf =
  ({ config }: Endpoint, options: CallOptions) =>
  (record: CallRecord): void => {
    config.onCall?.(record)
    options.onCall?.(record)
  }

/** Every call ends with the caller's signal and with the client. */
const exchangeOptions = (
  { closed, timeoutMs }: Endpoint,
  { signal }: CallOptions,
  tally: Tally,
): ExchangeOptions => ({
  signal: signal === undefined ? closed : AbortSignal.any([signal, closed]),
  timeoutMs,
  tally,
})

function serverVersion(endpoint: Endpoint, options: CallOptions): Promise<ServerVersion> {
  const { exchange } = endpoint
  return callCommon(endpoint, 'version', options, async (given) => {
    const bounded = { ...given, timeoutMs: Math.min(given.timeoutMs, FIRST_TIMEOUT_MS) }
    let { answer } = await sendService(exchange, { service: 'common', method: 'version', args: [] }, bounded)
    // JSON-RPC goes with version 22; the page that tells the version came with 19.
    if (answer.status === 404) answer = await exchange.send({ method: 'GET', path: '/web/version' }, bounded)
    const info = shapes.VERSION.schema.safeParse(answer.json)
    if (!info.success) throw exchange.unexpected(answer)
    const version = versionFromInfo(info.data)
    if (version === undefined) throw cannotConnect('the server tells no version that odoo-sql can read')
    exchange.establish()
    return version
  })
}

function pickTransport(
  config: ClientConfig,
  version: ServerVersion,
  capabilities: Capabilities,
): Wire['kind'] {
  const { transport = 'auto', apiKey = '', database } = config
  if (transport === 'json-rpc') return 'json-rpc'
  if (transport === 'auto') {
    // A header takes no other characters, and the name of the database goes in one.
    const isPlain = /^[\x21-\x7e]+$/.test(apiKey + database)
    return capabilities.json2 && apiKey !== '' && isPlain ? 'json-2' : 'json-rpc'
  }
  if (!capabilities.json2)
    throw notSupported(`Odoo ${version.text} has no JSON-2 interface`, {
      hint: 'It came with version 19: leave the transport at auto.',
    })
  if (apiKey !== '') return 'json-2'
  throw invalidAuthorization('JSON-2 needs an API key', {
    hint: 'Make one in the preferences of the Odoo user, or set the transport to json-rpc.',
  })
}

async function logInByPassword(
  endpoint: Endpoint,
  options: CallOptions,
): Promise<{ wire: Wire; userId: number }> {
  const { account, exchange, redact } = endpoint
  const { database, login, secret } = account
  const context = { database, login, model: 'common', method: 'login', redact }
  const userId = await callCommon(endpoint, 'login', options, async (given) => {
    const call = { service: 'common', method: 'login', args: [database, login, secret] } as const
    const reply = await callService(exchange, call, context, given)
    const id = valueFromReply(shapes.LOGIN, reply)
    if (id === false || id === null) throw wrongPassword({ ...context, status: 200 })
    return id
  })
  return { wire: jsonRpcWire(exchange, account, userId, { redact }), userId }
}

async function logInByKey(endpoint: Endpoint, options: CallOptions): Promise<{ wire: Wire; userId: number }> {
  const { account, exchange, redact } = endpoint
  const wire = json2Wire(exchange, account, { redact })
  const call = { model: 'res.users', method: 'context_get', named: {} } as const
  const { uid } = await callModel(endpoint, wire, call, shapes.USER_CONTEXT, options)
  if (account.login === '') return { wire, userId: uid }
  // The key alone says who calls. Who named another login by mistake would read with rights that are not theirs.
  const own = { model: 'res.users', method: 'read', ids: [uid], named: { fields: ['login'] } } as const
  const [user] = await callModel(endpoint, wire, own, shapes.RECORDS, options)
  if (String(user?.['login']).toLowerCase() !== account.login.toLowerCase())
    throw wrongPassword({ ...account, model: 'res.users', method: 'context_get', status: 401, redact })
  return { wire, userId: uid }
}

interface ModelCall extends WireCall {
  readonly method: ReadMethod
}

/** One recorded call of a model's method, under the context that every call shares. */
function callModel<T>(
  endpoint: Endpoint,
  wire: Wire,
  call: ModelCall,
  shape: ReplyShape<T>,
  options: CallOptions,
  binarySizes = false,
): Promise<T> {
  const { name, lang = 'en_US', companies = [] } = endpoint.config
  const onCall = tellOf(endpoint, options)
  const context = {
    // Without it archived records are left out.
    active_test: false,
    // Translated fields are searched and read in it: it must not change between calls.
    lang,
    ...(companies.length > 0 && { allowed_company_ids: companies }),
    ...(binarySizes && { bin_size: true }),
  }
  return recordCall({ partition: name, model: call.model, method: call.method, onCall }, async (tally) => {
    const reply = await wire.call(
      { ...call, named: { ...call.named, context } },
      exchangeOptions(endpoint, options, tally),
    )
    return valueFromReply(shape, reply)
  })
}

class RpcClient implements OdooClient {
  readonly name: string
  readonly database: string
  readonly version: ServerVersion
  readonly capabilities: Capabilities
  readonly transport: Wire['kind']
  readonly userId: number
  readonly #endpoint: Endpoint
  readonly #wire: Wire

  constructor(
    endpoint: Endpoint,
    server: { version: ServerVersion; capabilities: Capabilities; wire: Wire; userId: number },
  ) {
    this.name = endpoint.config.name
    this.database = endpoint.config.database
    this.version = server.version
    this.capabilities = server.capabilities
    this.transport = server.wire.kind
    this.userId = server.userId
    this.#endpoint = endpoint
    this.#wire = server.wire
  }

  #call<T>(
    call: ModelCall,
    shape: ReplyShape<T>,
    options: CallOptions = {},
    binarySizes = false,
  ): Promise<T> {
    return callModel(this.#endpoint, this.#wire, call, shape, options, binarySizes)
  }

  fieldsGet(model: string, options?: CallOptions): Promise<ReadonlyMap<string, FieldInfo>> {
    const named = { attributes: shapes.FIELD_ATTRIBUTES }
    return this.#call({ model, method: 'fields_get', named }, shapes.FIELDS, options)
  }

  async searchRead(
    model: string,
    request: SearchReadRequest,
    options?: CallOptions,
  ): Promise<readonly OdooRecord[]> {
    if (findsNothing(request)) return []
    const { labels, manyToOne = true, binarySizes = false } = request
    if (!labels && manyToOne && !this.capabilities.loadInSearchRead)
      return this.#searchThenRead(model, request, options)
    const load = labels || !this.capabilities.loadInSearchRead ? {} : { load: null }
    const named = { ...searchArguments(request), fields: fieldNames(request), ...load }
    const domain = prefixFromDomain(request.domain)
    return this.#call({ model, method: 'search_read', domain, named }, shapes.RECORDS, options, binarySizes)
  }

  /** Version 14 reads a many2one without its label by `read` only. */
  async #searchThenRead(
    model: string,
    request: SearchReadRequest,
    options?: CallOptions,
  ): Promise<readonly OdooRecord[]> {
    const ids = await this.search(model, request, options)
    const records = await this.read(model, ids, request, options)
    if (records.length === ids.length) return records
    // A record was deleted between the two calls. One call sees one state, so a short list means what it says.
    const labelled = await this.searchRead(model, { ...request, labels: true }, options)
    return labelled.map(withoutLabels)
  }

  async search(model: string, request: SearchRequest, options?: CallOptions): Promise<readonly number[]> {
    if (findsNothing(request)) return []
    const domain = prefixFromDomain(request.domain)
    return this.#call(
      { model, method: 'search', domain, named: searchArguments(request) },
      shapes.IDS,
      options,
    )
  }

  async read(
    model: string,
    ids: readonly number[],
    request: ReadRequest,
    options?: CallOptions,
  ): Promise<readonly OdooRecord[]> {
    if (ids.length === 0) return []
    const named = { fields: fieldNames(request), ...(!request.labels && { load: null }) }
    return this.#call({ model, method: 'read', ids, named }, shapes.RECORDS, options, request.binarySizes)
  }

  async searchCount(model: string, domain: Domain, options?: CallOptions): Promise<number> {
    if (domain.kind === 'none') return 0
    const prefix = prefixFromDomain(domain)
    return this.#call({ model, method: 'search_count', domain: prefix, named: {} }, shapes.COUNT, options)
  }

  async readGroup(model: string, request: GroupRequest, options?: CallOptions): Promise<readonly Group[]> {
    if (request.domain.kind === 'none') return []
    const { groupBy, aggregates } = request
    const domain = prefixFromDomain(request.domain)
    // The names under which the aggregates come back.
    const isFormatted = this.capabilities.formattedReadGroup
    const names = aggregates.map(({ field, operator }, index) =>
      isFormatted ? `${field}:${operator}` : `a${index}`,
    )
    const call: ModelCall = isFormatted
      ? {
          model,
          method: 'formatted_read_group',
          domain,
          named: { groupby: groupBy, aggregates: ['__count', ...names] },
        }
      : {
          model,
          method: 'read_group',
          domain,
          named: {
            fields: aggregates.map(({ field, operator }, index) => `a${index}:${operator}(${field})`),
            groupby: groupBy,
            lazy: false,
          },
        }
    const groups = await this.#call(call, shapes.GROUPS, options)
    return groups.map((group) => ({
      count: group.__count,
      keys: group,
      aggregates: names.map((name) => {
        // A value that is not there must not be taken for one that is empty.
        if (!(name in group)) throw systemError(`Odoo left an aggregate out of its groups of ${model}`)
        return group[name]
      }),
    }))
  }

  callNative(
    model: string,
    method: string,
    { ids, args, context, ...named }: NativePayload,
    options: CallOptions = {},
  ): Promise<unknown> {
    const { name, lang = 'en_US', companies = [] } = this.#endpoint.config
    const own = { lang, ...(companies.length > 0 && { allowed_company_ids: companies }), ...context }
    const call = {
      model,
      method,
      ...(ids && { ids }),
      ...(args && { args }),
      named: { ...named, context: own },
    }
    const onCall = tellOf(this.#endpoint, options)
    return recordCall({ partition: name, model, method, onCall }, (tally) =>
      this.#wire.call(call, { ...exchangeOptions(this.#endpoint, options, tally), isRepeatable: false }),
    )
  }

  canRead(model: string, options?: CallOptions): Promise<boolean> {
    const call: ModelCall = this.capabilities.hasAccess
      ? { model, method: 'has_access', ids: [], named: { operation: 'read' } }
      : { model, method: 'check_access_rights', named: { operation: 'read', raise_exception: false } }
    return this.#call(call, shapes.FLAG, options)
  }

  async availableModels(options?: CallOptions): Promise<readonly ModelName[] | undefined> {
    if (this.version.major < 16) return undefined
    try {
      const call: ModelCall = { model: 'ir.model', method: 'get_available_models', named: {} }
      return await this.#call(call, shapes.MODELS, options)
    } catch (thrown) {
      // A portal user may not ask, and a server without Odoo's web module has no such method.
      if (isRefusal(thrown)) return undefined
      throw thrown
    }
  }

  close(): void {
    this.#endpoint.close()
  }
}
