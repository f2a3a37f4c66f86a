import { SQL_TYPES, numericFromNumber, type Datum } from '../catalog/types.ts'
import {
  insufficientPrivilege,
  invalidParameterValue,
  invalidText,
  notSupported,
  sqlErrorFrom,
  type SqlError,
} from '../errors.ts'
import type { CallOptions } from '../odoo/call.ts'
import { NATIVE_READ_METHODS } from '../odoo/client.ts'
import type { NativePayload } from '../odoo/native.ts'
import type { NativeInput, NativeValue } from '../sql/native.ts'
import { parameterAt } from '../planner/bind-literal.ts'
import { textsOf, type Parameter } from './parameters.ts'
import type { Session } from './session.ts'

/** A request and what came of it, as the table `native.NativePlatformScalarRequests` shows it. */
export interface NativeRequest {
  readonly partition: string
  readonly model: string
  readonly method: string
  readonly payloadText: string
  readonly dryRun: boolean
  readonly failOnError: boolean
  readonly resultText: string | null
  readonly successful: boolean
  readonly error: SqlError | undefined
  readonly startedAt: Date
  readonly milliseconds: number
}

/** Requests that a session remembers. */
const REMEMBERED_REQUESTS_MAX = 10_000

/**
 * Performs native requests one after the other and remembers them. A request that fails ends the statement unless its
 * FAIL_ON_ERROR is false; what was done before it stays done.
 */
export async function performNative(
  inputs: readonly NativeInput[],
  given: readonly Parameter[],
  session: Session,
  options: CallOptions,
): Promise<void> {
  const parameters = textsOf(given)
  if (parameters === undefined) throw notSupported('a native request takes parameters in text format')
  for (const input of inputs) {
    const request = requestFrom(input, parameters, session)
    const [startedAt, start] = [new Date(), performance.now()]
    let [resultText, error]: [string | null, SqlError | undefined] = [null, undefined]
    try {
      const payload = payloadFrom(request.payloadText)
      refuseMethod(request.method, session)
      if (!request.dryRun) {
        const { client } = await session.partitions.open(request.partition, options)
        resultText = JSON.stringify(await client.callNative(request.model, request.method, payload, options))
      }
    } catch (thrown) {
      error = sqlErrorFrom(thrown)
    }
    const milliseconds = Math.round(performance.now() - start)
    session.nativeRequests.push({
      ...request,
      resultText,
      error,
      successful: error === undefined,
      startedAt,
      milliseconds,
    })
    if (session.nativeRequests.length > REMEMBERED_REQUESTS_MAX) session.nativeRequests.shift()
    if (error !== undefined && request.failOnError) throw error
  }
}

function requestFrom(
  input: NativeInput,
  parameters: readonly (string | null)[],
  session: Session,
): Pick<NativeRequest, 'partition' | 'model' | 'method' | 'payloadText' | 'dryRun' | 'failOnError'> {
  const textOf = (value: NativeValue | undefined): string | null => {
    if (value === undefined || value === null || typeof value === 'string') return value ?? null
    return typeof value === 'boolean' ? String(value) : parameterAt(value.parameter, parameters)
  }
  const required = (name: 'model' | 'method'): string => {
    const text = textOf(input[name])
    if (text === null || text === '')
      throw invalidParameterValue(`a native request needs ${name.toUpperCase()}`)
    return text
  }
  const flag = (name: 'dry_run' | 'fail_on_error', otherwise: boolean): boolean => {
    const text = textOf(input[name])
    return text === null ? otherwise : SQL_TYPES.bool.parse(text) === true
  }
  return {
    partition: textOf(input.partition) ?? onlyPartition(session),
    model: required('model'),
    method: required('method'),
    payloadText: textOf(input.payload_text) ?? '{}',
    dryRun: flag('dry_run', false),
    failOnError: flag('fail_on_error', true),
  }
}

function onlyPartition({ selected }: Session): string {
  const [only] = selected
  if (only !== undefined && selected.length === 1) return only
  throw invalidParameterValue('a native request needs PARTITION where several are selected')
}

function refuseMethod(method: string, { options }: Session): void {
  if (options.nativeRequests === 'write' || NATIVE_READ_METHODS.has(method)) return
  throw insufficientPrivilege(`native requests may only read here, and ${method} is not known to`, {
    hint: `These may be called: ${[...NATIVE_READ_METHODS].join(', ')}. Others need --native-requests write.`,
  })
}

function payloadFrom(text: string): NativePayload {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw invalidText('PAYLOAD_TEXT is not JSON')
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as NativePayload
  throw invalidText('PAYLOAD_TEXT is not a JSON object', {
    hint: 'It holds the arguments by name, such as {"domain": [["id", ">", 5]], "fields": ["name"]}, and "ids" for records.',
  })
}

/** The rows of the table, in the order of its columns after the id. */
export const nativeRows = (requests: readonly NativeRequest[]): readonly (readonly Datum[])[] =>
  requests.map((request) => [
    request.partition,
    request.model,
    request.method,
    request.payloadText,
    request.resultText,
    request.successful,
    request.error?.code ?? null,
    request.error?.message ?? null,
    timestampText(request.startedAt),
    timestampText(new Date(request.startedAt.getTime() + request.milliseconds)),
    numericFromNumber(request.milliseconds),
    request.dryRun,
    request.failOnError,
  ])

const timestampText = (date: Date): string => date.toISOString().replace('T', ' ').replace('Z', '')
