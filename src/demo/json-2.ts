import type { DemoHost } from './host.ts'
import { databaseOf, environmentFor } from './host.ts'
import { OdooFault, badRequest, notFound, typeError, unauthorized, unprocessable } from './faults.ts'
import { faultFrom } from './json-rpc.ts'
import { argumentsOf, idsOf, methodOf } from './methods.ts'
import { NO_DATABASE, json } from './reply.ts'
import type { HttpReply } from './reply.ts'
import { isTruthy } from './values.ts'
import type { Json } from './values.ts'

export interface Json2Request {
  readonly method: string
  /** Without the query. */
  readonly path: string
  readonly authorization: string
  /** The X-Odoo-Database header. */
  readonly database: string | undefined
  readonly body: string
}

/** Answers `/json/2/<model>/<method>`: the bare result, or the fault itself with its own HTTP status. */
export function answerJson2(host: DemoHost, request: Json2Request): HttpReply {
  const [only] = host.databases
  const database =
    request.database === undefined && host.databases.length === 1
      ? only
      : databaseOf(host, request.database ?? null)
  if (database === undefined) return NO_DATABASE
  try {
    const match = /^\/json\/2\/([^/]+)\/([^/]+)$/.exec(request.path)
    if (request.method !== 'POST' || match === null)
      throw notFound('Did you mean POST /json/2/<model>/<method>?')
    const key = /^bearer +(\S+)$/i.exec(request.authorization.trim())?.[1]
    if (key === undefined)
      throw unauthorized('User not authenticated, use an API Key with a Bearer Authorization header.')
    const account = database.accounts.find((candidate) => candidate.apiKey === key)
    if (account === undefined) throw unauthorized('Invalid apikey')
    const { ids = null, context = null, ...named } = bodyOf(request.body)
    const env = environmentFor(host, database, account, context)
    const [modelName, methodName] = [decodeURIComponent(match[1] ?? ''), decodeURIComponent(match[2] ?? '')]
    return json(200, call(host, env, modelName, methodName, ids, named))
  } catch (thrown) {
    const { fault, status, message } = faultFrom(thrown)
    const isHttpError = fault.startsWith('werkzeug.')
    const reply = json(status, {
      name: fault,
      message,
      arguments: isHttpError ? [message, status] : [message],
      context: {},
      debug: '',
    })
    return status === 401 ? { ...reply, headers: { ...reply.headers, 'www-authenticate': 'Bearer' } } : reply
  }
}

function call(
  host: DemoHost,
  env: ReturnType<typeof environmentFor>,
  modelName: string,
  name: string,
  ids: Json,
  named: Readonly<Record<string, Json>>,
): Json {
  const model = host.models.get(modelName)
  if (model === undefined) throw notFound(`the model '${modelName}' does not exist`)
  const method = asHttp(() => methodOf(host.version, model, name), 'builtins.AttributeError', notFound)
  if (!method.takesIds && isTruthy(ids)) throw unprocessable(`cannot call ${modelName}.${name} with ids`)
  const bound = asHttp(
    () => argumentsOf(host.version, name, method, [], named),
    'builtins.TypeError',
    unprocessable,
  )
  return method.run(env, model, method.takesIds ? idsOf(ids) : [], bound)
}

/** Here two of Python's errors are HTTP errors of their own. */
function asHttp<T>(run: () => T, from: string, to: (message: string) => OdooFault): T {
  try {
    return run()
  } catch (thrown) {
    if (thrown instanceof OdooFault && thrown.fault === from) throw to(thrown.message)
    throw thrown
  }
}

/** An empty body, or one that is no object, gives no arguments. */
function bodyOf(body: string): Readonly<Record<string, Json>> {
  if (body === '') return {}
  let parsed: Json
  try {
    parsed = JSON.parse(body) as Json
  } catch (error) {
    throw badRequest(`could not parse the body as json: ${String(error)}`)
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return {}
  const { context } = parsed as Readonly<Record<string, Json>>
  if (context !== undefined && isTruthy(context) && (typeof context !== 'object' || Array.isArray(context)))
    throw typeError('context is not iterable')
  return parsed as Readonly<Record<string, Json>>
}
