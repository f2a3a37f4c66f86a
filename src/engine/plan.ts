import { typeOfOid } from './decode.ts'
import type { SqlTypeName } from '../catalog/spec.ts'
import type { Datum } from '../catalog/types.ts'
import { internalError, sqlErrorFrom } from '../errors.ts'
import type { SqlError } from '../errors.ts'
import { lowerRights, PLANNING_SETTINGS } from './lockdown.ts'
import { sqlErrorFromFault } from './fault.ts'
import {
  describeStatementMessage,
  extendedQuery,
  oidsOf,
  parseMessage,
  queryMessage,
  syncMessage,
} from './protocol.ts'
import type { EngineParam, Field } from './protocol.ts'
import { request, rowsOfLast } from './transaction.ts'
import type { TransactionOptions } from './transaction.ts'
import type { EngineWorker } from './worker-host.ts'

/** The value of an expression without columns. */
export interface EngineValue {
  readonly oid: number
  readonly type: SqlTypeName | undefined
  /** PostgreSQL's text where `type` is undefined. */
  readonly value: Datum
}

const EXPLAIN = 'EXPLAIN (VERBOSE, COSTS OFF, FORMAT JSON) '

/** Plans over the empty tables: types and columns from the statement itself, then its plan. One request. */
export async function explainStatement(
  worker: EngineWorker,
  statement: { readonly sql: string; readonly params?: readonly EngineParam[] },
  within: TransactionOptions,
): Promise<{ plan: unknown; parameterOids: readonly number[]; fields: readonly Field[] }> {
  const { sql, params = [] } = statement
  const reply = await request(
    worker,
    [
      queryMessage(`BEGIN; ${within.settings} ${PLANNING_SETTINGS}; ${lowerRights(within.role)}`),
      parseMessage(sql, oidsOf(params)),
      describeStatementMessage(),
      extendedQuery(EXPLAIN + sql, params),
      syncMessage(),
      queryMessage('ROLLBACK'),
    ],
    within,
    (fault, parsed) => sqlErrorFromFault(fault, parsed === 0 ? 0 : EXPLAIN.length),
  )
  const text = rowsOfLast(reply.results)[0]?.[0]
  if (typeof text !== 'string') throw internalError('EXPLAIN gave no plan')
  const plan: unknown = JSON.parse(text)
  return { plan, parameterOids: reply.parameterOids, fields: reply.results.at(-2)?.fields ?? [] }
}

/** Types from the statement itself, which is neither given values nor planned. */
export async function describeStatement(
  worker: EngineWorker,
  statement: { readonly sql: string; readonly parameterOids: readonly number[] },
  within: TransactionOptions,
): Promise<{ parameterOids: readonly number[]; fields: readonly Field[] }> {
  const { parameterOids, results } = await request(
    worker,
    [
      queryMessage(`BEGIN; ${within.settings} ${lowerRights(within.role)}`),
      parseMessage(statement.sql, statement.parameterOids),
      describeStatementMessage(),
      syncMessage(),
      queryMessage('ROLLBACK'),
    ],
    within,
  )
  return { parameterOids, fields: results.at(-1)?.fields ?? [] }
}

/** All at once; where that fails, one by one, so that one that has no value does not hide the others. */
export async function evaluateExpressions(
  worker: EngineWorker,
  expressions: readonly string[],
  within: TransactionOptions,
): Promise<readonly (EngineValue | SqlError)[]> {
  if (expressions.length === 0) return []
  try {
    return await evaluateTogether(worker, expressions, within)
  } catch (thrown) {
    if (within.deadline.signal.aborted) throw thrown
    if (expressions.length === 1) return [sqlErrorFrom(thrown)]
    const values: (EngineValue | SqlError)[] = []
    for (const expression of expressions)
      values.push(...(await evaluateExpressions(worker, [expression], within)))
    return values
  }
}

async function evaluateTogether(
  worker: EngineWorker,
  expressions: readonly string[],
  within: TransactionOptions,
): Promise<EngineValue[]> {
  // A line end after each: an expression that ends in a comment must not swallow its parenthesis.
  const list = expressions.map((expression) => `(${expression}\n)`).join(', ')
  const { results } = await request(
    worker,
    [
      queryMessage(`BEGIN; ${within.settings} ${lowerRights(within.role)}`),
      extendedQuery(`SELECT ${list}`),
      syncMessage(),
      queryMessage('ROLLBACK'),
    ],
    within,
  )
  const { fields = [] } = results.at(-1) ?? {}
  const rows = rowsOfLast(results)
  const row = rows[0]
  if (rows.length !== 1 || row?.length !== expressions.length)
    throw internalError('an expression gave no single value')
  return fields.map(({ oid }, index) => ({ oid, type: typeOfOid(oid), value: row[index] ?? null }))
}
