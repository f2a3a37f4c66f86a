import type { CallRecord } from '../odoo/call.ts'
import {
  explainAggregatePlan,
  explainEnginePlan,
  explainScanPlan,
  printExplainedPlan,
  type ExplainedPlan,
} from '../planner/explain.ts'
import type { ExplainOptions } from '../sql/statement.ts'
import type { RowBatch } from './cursor.ts'
import type { Plan } from './plan.ts'
import type { ValueRows } from './statement.ts'

/** The rows of EXPLAIN: a line each, or one JSON text. With ANALYZE the statement is run and its calls are told. */
export async function* explainRows(
  plan: Plan,
  { analyze, format }: ExplainOptions,
  run: () => Promise<ValueRows>,
  calls: readonly CallRecord[],
): AsyncGenerator<RowBatch> {
  const explained = explainPlan(plan)
  const before = calls.length
  let returned = 0
  if (analyze) for await (const batch of (await run()).batches) returned += batch.length
  const made = calls.slice(before)
  if (format === 'json') {
    const measured = analyze ? { Calls: made, 'Rows Returned': returned } : {}
    yield [[JSON.stringify([{ Plan: { ...explained, ...measured } }], undefined, 2)]]
    return
  }
  yield printExplainedPlan(explained).map((line) => [line])
  if (!analyze) return
  yield made.map((call) => [printCall(call)])
  yield [[`Rows Returned: ${returned}`]]
}

function explainPlan(plan: Plan): ExplainedPlan {
  if (plan.kind === 'scan') return explainScanPlan(plan)
  return plan.kind === 'aggregate' ? explainAggregatePlan(plan) : explainEnginePlan(plan, plan.root)
}

function printCall({ partition, model, method, rows, bytes, milliseconds, tries }: CallRecord): string {
  const fetched = rows === null ? '' : `${rows} rows, `
  const tried = tries === 1 ? '' : `, tries ${tries}`
  return `Call: ${partition} ${model}.${method}: ${fetched}${bytes} bytes, ${milliseconds} ms${tried}`
}
