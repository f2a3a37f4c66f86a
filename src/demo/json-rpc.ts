import type { DemoHost } from './host.ts'
import { databaseOf, environmentFor } from './host.ts'
import {
  OdooFault,
  accessDenied,
  indexError,
  missingError,
  operationalError,
  typeError,
  userError,
  valueError,
} from './faults.ts'
import { callMethod } from './methods.ts'
import { html, json } from './reply.ts'
import type { HttpReply } from './reply.ts'
import { isTruthy, reprOf, textOf } from './values.ts'
import type { Json } from './values.ts'

type Members = Readonly<Record<string, Json>>

/** Answers the body of a POST to `/jsonrpc`: an error too comes with HTTP status 200. */
export function answerJsonRpc(host: DemoHost, body: string): HttpReply {
  let request: Json
  try {
    request = JSON.parse(body) as Json
  } catch {
    return html(400, 'Invalid JSON data')
  }
  if (typeof request !== 'object' || request === null || Array.isArray(request))
    return host.version === 14 ? html(500, 'Internal Server Error') : html(400, 'Invalid JSON-RPC data')
  const { id = null, params = {} } = request as Members
  const envelope = { jsonrpc: '2.0', id }
  try {
    const result = dispatch(host, (isTruthy(params) ? params : {}) as Members)
    return json(200, result === null ? envelope : { ...envelope, result })
  } catch (thrown) {
    const { fault, message } = faultFrom(thrown)
    const data = { name: fault, debug: '', message, arguments: [message], context: {} }
    // 14 says 200, 19 says 0.
    return json(200, {
      ...envelope,
      error: { code: host.version === 14 ? 200 : 0, message: 'Odoo Server Error', data },
    })
  }
}

/** Whatever went wrong, as a fault: what is none is a defect of the demo, and must not end it. */
export function faultFrom(thrown: unknown): OdooFault {
  if (thrown instanceof OdooFault) return thrown
  return new OdooFault(
    'builtins.Exception',
    500,
    thrown instanceof RangeError ? 'maximum recursion depth exceeded' : String(thrown),
  )
}

function dispatch(host: DemoHost, params: Members): Json {
  const missing = ['service', 'method', 'args'].filter((name) => !Object.hasOwn(params, name))
  if (missing.length > 0)
    throw typeError(
      `jsonrpc() missing ${missing.length} required positional arguments: ${missing.map(reprOf).join(', ')}`,
    )
  const { service, method = null } = params
  const args = (Array.isArray(params['args']) ? params['args'] : []) as readonly Json[]
  switch (service) {
    case 'common':
      return common(host, textOf(method), args)
    case 'object':
      return executeKw(host, textOf(method), args)
    case 'db':
      if (method === 'list') return host.databases.map((database) => database.name)
      throw accessDenied()
    default:
      if (host.version === 19) throw new OdooFault('builtins.KeyError', 500, textOf(service))
      throw new OdooFault(
        'builtins.UnboundLocalError',
        500,
        "local variable 'dispatch' referenced before assignment",
      )
  }
}

function common(host: DemoHost, method: string, args: readonly Json[]): Json {
  switch (method) {
    case 'version':
      return {
        server_version: `${host.version}.0`,
        server_version_info: [host.version, 0, 0, 'final', 0, ''],
        server_serie: `${host.version}.0`,
        protocol_version: 1,
      }
    case 'login':
    case 'authenticate': {
      const names = ['db', 'login', 'password', ...(method === 'authenticate' ? ['user_agent_env'] : [])]
      const missing = names.slice(args.length)
      if (missing.length > 0)
        throw typeError(
          `exp_${method}() missing ${missing.length} required positional argument: ${missing.map(reprOf).join(', ')}`,
        )
      const database = databaseOf(host, args[0] ?? null)
      if (database === undefined) throw noDatabase(args[0] ?? null)
      const account = database.accounts.find(
        ({ login, password, apiKey }) => login === args[1] && (password === args[2] || apiKey === args[2]),
      )
      return account?.id ?? false
    }
    default:
      throw new OdooFault('builtins.Exception', 500, `Method not found: ${method}`)
  }
}

const noDatabase = (name: Json): OdooFault =>
  operationalError(`FATAL:  database "${textOf(name)}" does not exist\n`)

function executeKw(host: DemoHost, method: string, args: readonly Json[]): Json {
  if (host.version === 14 && args.length < 3) throw indexError('list index out of range')
  if (host.version === 19 && args.length < 5)
    throw valueError(`not enough values to unpack (expected at least 5, got ${args.length})`)
  const [name = null, uid = null, password = null, modelName, methodName, ...rest] = args
  const id =
    typeof uid === 'number' ? uid : typeof uid === 'string' && /^\d+$/.test(uid) ? Number(uid) : undefined
  if (uid === null)
    throw typeError("int() argument must be a string, a bytes-like object or a real number, not 'NoneType'")
  if (id === undefined && uid !== false)
    throw valueError(`invalid literal for int() with base 10: ${reprOf(uid)}`)
  if (method !== 'execute_kw' && method !== 'execute')
    throw new OdooFault('builtins.NameError', 500, `Method not available ${method}`)
  const database = databaseOf(host, name)
  if (database === undefined) throw noDatabase(name)
  if (!isTruthy(password) || id === undefined || id === 0) throw accessDenied()
  const account = database.accounts.find((candidate) => candidate.id === id)
  if (account === undefined) {
    if (database.records.one('res.users', id) !== undefined) throw accessDenied()
    throw missingError('Record does not exist or has been deleted.')
  }
  if (password !== account.password && password !== account.apiKey) throw accessDenied()
  const [positional, named] = method === 'execute' ? [rest, {}] : argumentsOfCall(host, rest)
  const { context, ...kwargs } = named
  const model = host.models.get(textOf(modelName))
  if (model === undefined) throw userError(`Object ${textOf(modelName)} doesn't exist`)
  const env = environmentFor(host, database, account, context ?? null)
  return callMethod(env, model, textOf(methodName), positional, kwargs)
}

function argumentsOfCall(host: DemoHost, rest: readonly Json[]): readonly [readonly Json[], Members] {
  if (rest.length === 0 || rest.length > 2) {
    if (host.version === 19) throw valueError(`not enough values to unpack (expected 2, got ${rest.length})`)
    throw typeError("execute_kw() missing 1 required positional argument: 'args'")
  }
  const [positional = [], named = {}] = rest
  if (!Array.isArray(positional)) throw typeError('argument after * must be an iterable')
  if (named !== null && (typeof named !== 'object' || Array.isArray(named)))
    throw typeError('argument after ** must be a mapping')
  return [positional as readonly Json[], (named ?? {}) as Members]
}
