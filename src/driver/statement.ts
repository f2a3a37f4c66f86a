import type { TableSpec } from '../catalog/spec.ts'
import { SQL_TYPES, type Datum } from '../catalog/types.ts'
import type { EngineColumn } from '../engine/cursor.ts'
import type { EngineRun } from '../engine/engine.ts'
import type { EncodedRows as EncodedBatch } from '../engine/protocol.ts'
import { internalError, invalidParameterValue, notSupported } from '../errors.ts'
import type { CallOptions, CallRecord } from '../odoo/call.ts'
import type { EnginePlan } from '../planner/engine-plan.ts'
import type { ScanPlan } from '../planner/scan-plan.ts'
import type { SetStatement, UseTarget } from '../sql/commands.ts'
import { refuseUnbound } from '../sql/gate.ts'
import { quoteIdentifier, quoteLiteral } from '../sql/print.ts'
import { parseStatement, type SelectText, type SessionStatement, type Statement } from '../sql/statement.ts'
import { sourceOf } from './column-source.ts'
import type { Notice, ResultColumn, RowBatch } from './cursor.ts'
import { executeScanPlan, loadOfRead, type ExecuteOptions, type Progress } from './execute.ts'
import { explainRows } from './explain.ts'
import { loadsOfPlan, readOfRows } from './fetch.ts'
import { groupsOfPlan } from './groups.ts'
import { performNative } from './native.ts'
import { noticesOf } from './notices.ts'
import { parametersFromJs, type Parameter } from './parameters.ts'
import {
  planSelect,
  tablesOf,
  withNearestName,
  type BoundStatement,
  type FinishedPlan,
  type Plan,
} from './plan.ts'
import type { Session } from './session.ts'
import { PARTITIONS_SETTING } from './settings.ts'

/** A column as PostgreSQL's clients want it described. */
export interface DescribedColumn extends ResultColumn {
  /** PostgreSQL's object id of the type, and its modifier; -1 for none. */
  readonly oid: number
  readonly typmod: number
}

export interface ValueRows {
  readonly kind: 'values'
  readonly columns: readonly DescribedColumn[]
  readonly batches: AsyncIterable<RowBatch>
}

/** Rows as PostgreSQL's own messages, in the formats that were asked for. */
export interface EncodedRows {
  readonly kind: 'encoded'
  readonly columns: readonly DescribedColumn[]
  readonly batches: AsyncIterable<EncodedBatch>
}

export type ResultRows = ValueRows | EncodedRows

/** One statement under way: what it may take, and where it tells what happens. */
export interface StatementScope {
  readonly session: Session
  readonly signal: AbortSignal
  readonly calls: CallRecord[]
  readonly notices: Notice[]
  readonly onProgress?: ((progress: Progress) => void) | undefined
  /**
   * Formats of the result's columns, 0 for text and 1 for binary; one for all, or none for all text. Where they are
   * given, what PostgreSQL finishes comes encoded.
   */
  readonly formats?: readonly (0 | 1)[] | undefined
}

/** Runs the text of a statement, for clients that take values. */
export async function runText(
  sql: unknown,
  params: readonly unknown[],
  scope: StatementScope,
): Promise<ValueRows> {
  if (typeof sql !== 'string') throw invalidParameterValue('the statement is not a string')
  const statement = parseFor(scope.session, sql)
  return valuesOf(await runStatement(statement, parametersFromJs(params), { ...scope, formats: undefined }))
}

function valuesOf(rows: ResultRows): ValueRows {
  if (rows.kind === 'encoded') throw internalError('a result came encoded')
  return rows
}

/** What the text says, as far as the session may run it. Throws as `parseStatement` does. */
export const parseFor = ({ options: { nativeRequests = 'off' } }: Session, sql: string): Statement =>
  parseStatement(sql, { takesNative: nativeRequests !== 'off' })

/**
 * Runs any statement but those that only a wire session has (0A000). Its rows are still to be read; only then are the
 * calls made, and ending the reading early ends them.
 */
export async function runStatement(
  statement: Statement,
  params: readonly Parameter[],
  scope: StatementScope,
): Promise<ResultRows> {
  switch (statement.kind) {
    case 'select':
    case 'explain':
      return runSelect(statement, params, scope)
    case 'use':
      await use(statement, scope)
      return command()
    case 'set':
      await set(statement, scope)
      return command()
    case 'show':
      return show(statement.name, scope)
    case 'native':
      await performNative(statement.inputs, params, scope.session, callOptions(scope))
      return command()
    default:
      throw notSupported(`${COMMAND_OF_KIND[statement.kind]} is not supported here`, {
        hint: 'SELECT, EXPLAIN, USE, SET and SHOW run here; sessions of the bridge take it.',
      })
  }
}

const COMMAND_OF_KIND: Record<SessionStatement['kind'], string> = {
  transaction: 'a transaction',
  declare: 'DECLARE',
  fetch: 'FETCH',
  closeCursor: 'CLOSE',
  prepare: 'PREPARE',
  execute: 'EXECUTE',
  deallocate: 'DEALLOCATE',
  discard: 'DISCARD',
  copy: 'COPY',
  listen: 'LISTEN',
}

/** Types of a statement's parameters and columns, before there are values. `parameterOids` 0: to be inferred. */
export async function describeStatement(
  statement: Statement,
  parameterOids: readonly number[],
  scope: StatementScope,
): Promise<{ readonly parameterOids: readonly number[]; readonly columns: readonly DescribedColumn[] }> {
  switch (statement.kind) {
    case 'select':
      return describeSelect(statement, parameterOids, scope)
    case 'explain':
      return { ...(await describeSelect(statement.select, parameterOids, scope)), columns: EXPLAIN_COLUMNS }
    case 'show':
      return { parameterOids: [], columns: [textColumn(statement.name)] }
    default:
      return { parameterOids, columns: [] }
  }
}

async function describeSelect(
  select: SelectText,
  parameterOids: readonly number[],
  scope: StatementScope,
): Promise<{ readonly parameterOids: readonly number[]; readonly columns: readonly DescribedColumn[] }> {
  const context = scope.session.planningContext(toleranceOf(scope))
  const options = callOptions(scope)
  const tables = await tablesOf(select, context, options)
  const engine = context.engine()
  const within = { signal: scope.signal, settings: scope.session.engineSettings, tables }
  const described = await engine
    .describe({ sql: select.text, parameterOids }, within)
    .catch(async (thrown: unknown) => {
      throw await withNearestName(thrown, tables, context, options)
    })
  return { parameterOids: described.parameterOids, columns: columnsOfEngine(described.columns, tables) }
}

const command = (): ValueRows => ({ kind: 'values', columns: [], batches: batchesOf([]) })

// eslint-disable-next-line @typescript-eslint/require-await -- in the shape that results come in
async function* batchesOf(batches: readonly RowBatch[]): AsyncGenerator<RowBatch> {
  yield* batches
}

const callOptions = ({ session, signal, calls }: StatementScope): CallOptions => ({
  signal,
  onCall: (call) => {
    calls.push(call)
    session.record(call)
  },
})

async function runSelect(
  statement: Statement & { kind: 'select' | 'explain' },
  parameters: readonly Parameter[],
  scope: StatementScope,
): Promise<ResultRows> {
  const select = statement.kind === 'explain' ? statement.select : statement
  refuseUnbound(select, parameters.length)
  const context = scope.session.planningContext(toleranceOf(scope))
  const bound = { select, parameters }
  const plan = await planSelect(bound, context, callOptions(scope))
  scope.notices.push(...noticesOf(plan, context.revealSecrets))
  if (statement.kind === 'select') return runPlan(plan, bound, scope)
  const run = async (): Promise<ValueRows> =>
    valuesOf(await runPlan(plan, bound, { ...scope, formats: undefined }))
  const batches = explainRows(plan, statement.options, run, scope.calls)
  return { kind: 'values', columns: EXPLAIN_COLUMNS, batches }
}

const textColumn = (name: string): DescribedColumn => ({
  name,
  type: 'text',
  oid: SQL_TYPES.text.oid,
  typmod: -1,
})
const EXPLAIN_COLUMNS = [textColumn('QUERY PLAN')]

const toleranceOf = ({ session, notices }: StatementScope) => ({
  partitionErrors: session.partitionErrors,
  onNotice: (notice: Notice): void => {
    // A partition that fails for several tables is told of once.
    if (!notices.some(({ message }) => message === notice.message)) notices.push(notice)
  },
})

function executing(scope: StatementScope): ExecuteOptions {
  const { session, calls, onProgress } = scope
  return {
    ...toleranceOf(scope),
    ...callOptions(scope),
    onProgress: (progress) => onProgress?.({ ...progress, calls: calls.length }),
    revealSecrets: session.options.revealSecrets ?? false,
    cache: session.cache,
    clientOf: (partition) => session.clientOf(partition),
    systemRows: (table) => session.systemRows(table, callOptions(scope), toleranceOf(scope)),
  }
}

function runPlan(plan: Plan, bound: BoundStatement, scope: StatementScope): Promise<ResultRows> {
  if (plan.kind !== 'scan') return finish(plan, bound, scope)
  const batches = executeScanPlan(plan, executing(scope))
  return Promise.resolve({ kind: 'values', columns: columnsOfScan(plan), batches })
}

const columnsOfScan = ({ select }: ScanPlan): readonly DescribedColumn[] =>
  (
    select.countNames?.map((name) => ({ name, type: 'int8' as const })) ??
    select.output.map(({ name, type, column }) => ({ name, type, source: sourceOf(select.table, column) }))
  ).map((column) => ({ ...column, oid: SQL_TYPES[column.type].oid, typmod: -1 }))

/** Fetches what the plan needs, and has PostgreSQL run the statement over it. */
async function finish(plan: FinishedPlan, bound: BoundStatement, scope: StatementScope): Promise<ResultRows> {
  const { engine, now, explained, tables } = plan
  const options = executing(scope)
  const within = { signal: scope.signal, now, settings: scope.session.engineSettings, tables }
  const complete = async (run: EngineRun): Promise<ResultRows> => {
    if (scope.formats === undefined) {
      const batches = await engine.run(run, within)
      return { kind: 'values', columns: columnsOfEngine(batches.columns, plan.tables), batches }
    }
    const batches = await engine.runEncoded({ ...run, formats: scope.formats }, within)
    return { kind: 'encoded', columns: columnsOfEngine(batches.columns, plan.tables), batches }
  }
  // The statement over groups need not use all parameters, so their types are told.
  const params = bound.parameters.map(({ oid, value }, index) => ({
    oid: explained.parameterOids[index] ?? oid,
    value,
  }))
  if (plan.kind === 'aggregate') {
    const groups = await groupsOfPlan(plan, options)
    if (groups === undefined) return finish({ ...plan, ...plan.instead }, bound, scope)
    const json = { oid: SQL_TYPES.jsonb.oid, value: groups }
    const rows = await complete({ sql: plan.sql, params: [...params, json], loads: [] })
    return { ...rows, columns: columnsOfEngine(explained.columns, plan.tables) }
  }
  let needed: EnginePlan = plan
  const [read] = plan.reads
  if (plan.late !== undefined && read !== undefined) {
    const { keys, sql } = plan.late
    const rows = await rowsOf(await engine.run({ sql, loads: [loadOfRead(keys, options)] }, within))
    needed = { ...plan, reads: [readOfRows(read, rows)] }
  }
  return complete({ sql: bound.select.text, params, loads: await loadsOfPlan(needed, options) })
}

const columnsOfEngine = (
  columns: readonly EngineColumn[],
  tables: readonly TableSpec[],
): readonly DescribedColumn[] =>
  columns.map(({ name, type, typeName, oid, typmod, origin }) => {
    const described = { name, type: type ?? 'text', typeName, oid, typmod }
    const table = tables.find(({ schema, name }) => schema === origin?.schema && name === origin.table)
    const column = table?.columns.find(({ name }) => name === origin?.column)
    return table === undefined || column === undefined
      ? described
      : { ...described, source: sourceOf(table, column) }
  })

async function rowsOf(batches: AsyncIterable<RowBatch>): Promise<(readonly Datum[])[]> {
  const rows: (readonly Datum[])[] = []
  for await (const batch of batches) rows.push(...batch)
  return rows
}

async function use({ target }: Statement & { kind: 'use' }, scope: StatementScope): Promise<void> {
  const { session } = scope
  const names = await namesOf(target, scope)
  await reselect(scope, () => {
    session.select(names)
  })
  scope.notices.push({ severity: 'NOTICE', message: `selected: ${session.selected.join(', ')}` })
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
      const rows = await rowsOf((await runText(target.text, [], scope)).batches)
      if (rows.length === 0) throw invalidParameterValue('the query of USE gave no partition')
      return rows.map(([name]) => String(name))
    }
    default:
      return target satisfies never
  }
}

const reselect = (scope: StatementScope, change: () => void): Promise<void> =>
  scope.session.reselect(change, callOptions(scope), toleranceOf(scope))

async function set({ name, value, isLocal }: SetStatement, scope: StatementScope): Promise<void> {
  if (isLocal)
    throw notSupported('SET LOCAL needs a transaction', { hint: 'Sessions of the bridge have them.' })
  if (name === 'all')
    throw notSupported('RESET ALL is not supported here', { hint: 'Reset settings by name.' })
  const { session } = scope
  const before = session.settings[name]
  await reselect(scope, () => {
    session.set(name, value)
  })
  if (value === undefined || name === PARTITIONS_SETTING) return
  try {
    // PostgreSQL says now what is wrong with the value, or it would of every statement to come.
    await rowsOf(valuesOf(await show(name, { ...scope, formats: undefined })).batches)
  } catch (thrown) {
    session.set(name, before)
    throw thrown
  }
}

function show(name: string, scope: StatementScope): Promise<ResultRows> {
  const value = scope.session.show(name)
  if (value !== undefined)
    return Promise.resolve({ kind: 'values', columns: [textColumn(name)], batches: batchesOf([[[value]]]) })
  const sql = `SELECT current_setting(${quoteLiteral(name)}) AS ${quoteIdentifier(name)}`
  return runStatement(parseStatement(sql), [], scope)
}
