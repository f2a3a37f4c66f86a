import { SQL_TYPES, type Datum } from '../catalog/types.ts'
import type { EngineColumn } from '../engine/cursor.ts'
import { invalidParameterValue } from '../errors.ts'
import type { CallRecord } from '../odoo/call.ts'
import type { EnginePlan } from '../planner/engine-plan.ts'
import type { ScanPlan } from '../planner/scan-plan.ts'
import type { UseTarget } from '../sql/commands.ts'
import { quoteIdentifier, quoteLiteral } from '../sql/print.ts'
import { parseStatement, type Statement } from '../sql/statement.ts'
import type { Notice, ResultColumn, RowBatch } from './cursor.ts'
import { executeScanPlan, loadOfRead, type ExecuteOptions, type Progress } from './execute.ts'
import { explainRows } from './explain.ts'
import { loadsOfPlan, readOfRows } from './fetch.ts'
import { groupsOfPlan } from './groups.ts'
import { performNative } from './native.ts'
import { noticesOf } from './notices.ts'
import { parameterTexts } from './parameters.ts'
import { planSelect, type FinishedPlan, type Plan } from './plan.ts'
import type { Session } from './session.ts'

export interface ResultRows {
  readonly columns: readonly ResultColumn[]
  readonly batches: AsyncIterable<RowBatch>
}

/** One statement under way: what it may take, and where it tells what happens. */
export interface StatementScope {
  readonly session: Session
  readonly signal: AbortSignal
  readonly calls: CallRecord[]
  readonly notices: Notice[]
  readonly onProgress: ((progress: Progress) => void) | undefined
}

/** Runs any statement that we take. Its rows are still to be read; only then are the calls made. */
export async function runStatement(
  sql: unknown,
  params: readonly unknown[],
  scope: StatementScope,
): Promise<ResultRows> {
  if (typeof sql !== 'string') throw invalidParameterValue('the statement is not a string')
  const { nativeRequests = 'off' } = scope.session.options
  const statement = parseStatement(sql, { takesNative: nativeRequests !== 'off' })
  switch (statement.kind) {
    case 'select':
    case 'explain':
      return runSelect(statement, params, scope)
    case 'use':
      await use(statement, scope)
      return command()
    case 'set':
      await reselect(scope, () => {
        scope.session.set(statement.name, statement.value)
      })
      return command()
    case 'show':
      return show(statement.name, scope)
    case 'native':
      await performNative(statement.inputs, parameterTexts(params), scope.session, {
        signal: scope.signal,
        onCall: (call) => scope.calls.push(call),
      })
      return command()
    default:
      return statement satisfies never
  }
}

const command = (): ResultRows => ({ columns: [], batches: batchesOf([]) })

// eslint-disable-next-line @typescript-eslint/require-await -- in the shape that results come in
async function* batchesOf(batches: readonly RowBatch[]): AsyncGenerator<RowBatch> {
  yield* batches
}

async function runSelect(
  statement: Statement & { kind: 'select' | 'explain' },
  params: readonly unknown[],
  scope: StatementScope,
): Promise<ResultRows> {
  const { session, signal, calls, notices } = scope
  const select = statement.kind === 'explain' ? statement.select : statement
  const parameters = parameterTexts(params)
  const onCall = (call: CallRecord): number => calls.push(call)
  const context = session.planningContext(toleranceOf(scope))
  const plan = await planSelect(select, parameters, context, { signal, onCall })
  notices.push(...noticesOf(plan, context.revealSecrets))
  const run = (): Promise<ResultRows> => runPlan(plan, { sql: select.text, parameters }, scope)
  if (statement.kind === 'select') return run()
  return { columns: EXPLAIN_COLUMNS, batches: explainRows(plan, statement.options, run, calls) }
}

const EXPLAIN_COLUMNS: readonly ResultColumn[] = [{ name: 'QUERY PLAN', type: 'text' }]

const toleranceOf = ({ session, notices }: StatementScope) => ({
  partitionErrors: session.partitionErrors,
  onNotice: (notice: Notice): void => {
    // A partition that fails for several tables is told of once.
    if (!notices.some(({ message }) => message === notice.message)) notices.push(notice)
  },
})

function executing(scope: StatementScope): ExecuteOptions {
  const { session, signal, calls, onProgress } = scope
  return {
    ...toleranceOf(scope),
    signal,
    onCall: (call) => calls.push(call),
    onProgress,
    revealSecrets: session.options.revealSecrets ?? false,
    clientOf: (partition) => session.clientOf(partition),
    systemRows: (table) => session.systemRows(table, { signal }, toleranceOf(scope)),
  }
}

type BoundText = { readonly sql: string; readonly parameters: readonly (string | null)[] }

function runPlan(plan: Plan, text: BoundText, scope: StatementScope): Promise<ResultRows> {
  if (plan.kind !== 'scan') return finish(plan, text, scope)
  return Promise.resolve({ columns: columnsOfScan(plan), batches: executeScanPlan(plan, executing(scope)) })
}

const columnsOfScan = ({ select }: ScanPlan): readonly ResultColumn[] =>
  select.countNames?.map((name) => ({ name, type: 'int8' as const })) ??
  select.output.map(({ name, type }) => ({ name, type }))

/** Fetches what the plan needs, and has PostgreSQL run the statement over it. */
async function finish(
  plan: FinishedPlan,
  { sql, parameters }: BoundText,
  scope: StatementScope,
): Promise<ResultRows> {
  const { engine, now, explained } = plan
  const options = executing(scope)
  const within = { signal: scope.signal, now, settings: scope.session.settings }
  // The statement over groups need not use all parameters, so their types are told.
  const params = parameters.map((value, index) => ({ oid: explained.parameterOids[index] ?? 0, value }))
  if (plan.kind === 'aggregate') {
    const groups = await groupsOfPlan(plan, options)
    if (groups === undefined) return finish({ ...plan, ...plan.instead }, { sql, parameters }, scope)
    const json = { oid: SQL_TYPES.jsonb.oid, value: groups }
    const batches = await engine.run({ sql: plan.sql, params: [...params, json], loads: [] }, within)
    return { columns: columnsOfEngine(explained.columns), batches }
  }
  let needed: EnginePlan = plan
  const [read] = plan.reads
  if (plan.late !== undefined && read !== undefined) {
    const { keys, sql: keySql } = plan.late
    const rows = await rowsOf(await engine.run({ sql: keySql, loads: [loadOfRead(keys, options)] }, within))
    needed = { ...plan, reads: [readOfRows(read, rows)] }
  }
  const loads = await loadsOfPlan(needed, options)
  const batches = await engine.run({ sql, params, loads }, within)
  return { columns: columnsOfEngine(batches.columns), batches }
}

const columnsOfEngine = (columns: readonly EngineColumn[]): ResultColumn[] =>
  columns.map(({ name, type, typeName }) => ({ name, type: type ?? 'text', typeName }))

async function rowsOf(batches: AsyncIterable<RowBatch>): Promise<(readonly Datum[])[]> {
  const rows: (readonly Datum[])[] = []
  for await (const batch of batches) rows.push(...batch)
  return rows
}

async function use({ target }: Statement & { kind: 'use' }, scope: StatementScope): Promise<void> {
  const { partitions } = scope.session
  const names = await namesOf(target, scope)
  await reselect(scope, () => {
    partitions.select(names)
  })
  scope.notices.push({ severity: 'NOTICE', message: `selected: ${partitions.selected.join(', ')}` })
}

async function namesOf(target: UseTarget, scope: StatementScope): Promise<readonly string[]> {
  const { partitions } = scope.session
  switch (target.kind) {
    case 'all':
      return partitions.configs.map(({ name }) => name)
    case 'default':
      return partitions.defaults
    case 'names':
      return target.names
    case 'query': {
      const rows = await rowsOf((await runStatement(target.text, [], scope)).batches)
      if (rows.length === 0) throw invalidParameterValue('the query of USE gave no partition')
      return rows.map(([name]) => String(name))
    }
    default:
      return target satisfies never
  }
}

const reselect = (scope: StatementScope, change: () => void): Promise<void> => {
  const { session, signal, calls } = scope
  return session.reselect(change, { signal, onCall: (call) => calls.push(call) }, toleranceOf(scope))
}

function show(name: string, scope: StatementScope): Promise<ResultRows> {
  const value = scope.session.show(name)
  if (value !== undefined)
    return Promise.resolve({ columns: [{ name, type: 'text' }], batches: batchesOf([[[value]]]) })
  const sql = `SELECT current_setting(${quoteLiteral(name)}) AS ${quoteIdentifier(name)}`
  return runStatement(sql, [], scope)
}
