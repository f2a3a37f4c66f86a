import type { ColumnSpec, FieldType, TableSpec } from '../catalog/spec.ts'
import { SQL_TYPES } from '../catalog/types.ts'
import type { GroupRequest } from '../odoo/groups.ts'
import type { Domain } from '../odoo/domain.ts'
import { readAggregateSelect, replaceParts, type AggregateCall } from '../sql/aggregate-text.ts'
import type { ParseNode } from '../sql/gate.ts'
import { quoteIdentifier } from '../sql/print.ts'
import { columnsOf, PARTITION_COLUMN } from './bound.ts'
import { fieldsToRead, type JudgedConjunct, type Scan } from './scan-plan.ts'
import { familyOfRules, groupRuleNamesOf } from './proven.ts'
import { sourceOf, type TableOnServer } from './server.ts'

/** The groups of one partition. */
export interface GroupScan {
  readonly server: TableOnServer
  readonly domain: Domain
  readonly conjuncts: readonly JudgedConjunct[]
  readonly groupBy: readonly string[]
  readonly aggregates: GroupRequest['aggregates']
  readonly missing: Scan['missing']
}

/**
 * Odoo groups and counts; PostgreSQL runs the user's statement over the groups instead of the rows, with each
 * aggregate replaced by one that merges the groups' partial results: count(*) is the sum of the groups' counts. So
 * HAVING, ORDER BY, expressions over keys and several partitions need nothing of their own.
 */
export interface AggregatePlan {
  readonly kind: 'aggregate'
  readonly table: TableSpec
  /** Columns that the groups are told apart by. */
  readonly keys: readonly ColumnSpec[]
  readonly partials: readonly Partial[]
  readonly scans: readonly GroupScan[]
  /** Reads the groups from its last parameter, JSON. */
  readonly sql: string
}

/** A partial aggregate of one group, and the name that the statement calls it by. */
export interface Partial {
  readonly name: string
  readonly operator: 'sum' | 'min' | 'max' | 'count'
  readonly column: ColumnSpec
}

/** What is known of the only scan of the statement, whose filter Odoo checks exactly. */
export interface AggregateInput {
  readonly text: string
  readonly node: ParseNode
  readonly parameterCount: number
  readonly table: TableSpec
  readonly scans: readonly Pick<GroupScan, 'server' | 'domain' | 'conjuncts'>[]
}

/** Plans the statement over groups, or undefined where Odoo's aggregates are not PostgreSQL's over the read values. */
export function planAggregate(input: AggregateInput): AggregatePlan | undefined {
  const { table, text } = input
  const select = readAggregateSelect(text, input.node)
  if (select === undefined) return undefined
  const columns = new Map(columnsOf(table).map((column) => [column.name, column]))
  const names = select.names.filter((name) => columns.has(name) || !select.aliases.includes(name))
  const keys = names.flatMap((name) => columns.get(name) ?? [])
  if (
    keys.length < names.length ||
    !input.scans.every(({ server }) => keys.every((key) => isGroupable(key, server)))
  )
    return undefined
  const partials: Partial[] = []
  const alias = quoteIdentifier(select.alias)
  const replaced = select.calls.map((call) => {
    const column = call.column === undefined ? undefined : columns.get(call.column)
    const merged = mergedAggregate(call, column, alias, partials, input.scans)
    return merged === undefined ? undefined : { start: call.start, end: call.end, by: merged }
  })
  if (!replaced.every((part) => part !== undefined)) return undefined
  const from = { ...select.from, by: recordset(alias, keys, partials, input.parameterCount + 1) }
  const where = select.where === undefined ? [] : [{ ...select.where, by: '' }]
  return {
    kind: 'aggregate',
    table,
    keys,
    partials,
    scans: input.scans.map((scan) => ({
      ...scan,
      ...requestOf(keys, partials, scan.server),
      missing: fieldsToRead(keys, scan.server).missing,
    })),
    sql: replaceParts(text, [...replaced, from, ...where]).trimStart(),
  }
}

const COUNT_NAME = '__count'

/** Fields that read_group tells apart as SQL does, once NULL numbers are merged into 0. */
const GROUPABLE: ReadonlySet<FieldType> = new Set(['char', 'selection', 'boolean', 'many2one', 'integer'])

/** Whether Odoo groups by the column on that server as SQL does. */
export function isGroupable(column: ColumnSpec, server: TableOnServer): boolean {
  const source = sourceOf(column, server)
  if (source.kind !== 'field') return true
  if (source.field === 'id' || column.part === 'label' || column.secret) return false
  return GROUPABLE.has(source.live.type) && !source.live.translate && isStored(column, server)
}

function isStored(column: ColumnSpec, server: TableOnServer): boolean {
  const source = sourceOf(column, server)
  return (
    source.kind === 'field' &&
    source.live.store &&
    !source.live.companyDependent &&
    familyOfRules(server.version, groupRuleNamesOf(source.live)) !== 'unproven'
  )
}

/** Fields whose absent value is NULL to Odoo and to SQL alike, so that their counts agree. */
const COUNTABLE: ReadonlySet<FieldType> = new Set(['char', 'selection', 'many2one', 'date', 'datetime'])

/** Whether an aggregate of the column can be left to that server. */
export function isAggregable(column: ColumnSpec, server: TableOnServer): boolean {
  const type = typeOn(column, server)
  const isKnown = type === 'integer' || (type !== undefined && COUNTABLE.has(type) && column.part !== 'label')
  return isKnown && isStored(column, server)
}

/** SQL that merges the partial results; adds what it needs to `partials`. Undefined where they would not be exact. */
function mergedAggregate(
  call: AggregateCall,
  column: ColumnSpec | undefined,
  alias: string,
  partials: Partial[],
  scans: AggregateInput['scans'],
): string | undefined {
  const count = `coalesce(sum(${alias}.${COUNT_NAME}), 0)::int8`
  if (call.column === undefined) return call.name === 'count' ? count : undefined
  if (column === undefined || column.secret || !scans.every(({ server }) => isStored(column, server)))
    return undefined
  const types = new Set(scans.map(({ server }) => typeOn(column, server)))
  const partial = (operator: Partial['operator']): string => {
    const name = `__${operator}_${column.name}`
    if (!partials.some((one) => one.name === name)) partials.push({ name, operator, column })
    return `${alias}.${quoteIdentifier(name)}`
  }
  const isInteger = column.type === 'int4' && types.size === 1 && types.has('integer')
  switch (call.name) {
    case 'count':
      if (isInteger || (types.size === 1 && types.has('boolean'))) return count
      return [...types].every((type) => type !== undefined && COUNTABLE.has(type)) && column.part !== 'label'
        ? `coalesce(sum(${partial('count')}), 0)::int8`
        : undefined
    case 'sum':
      return isInteger ? `sum(${partial('sum')})::int8` : undefined
    case 'avg':
      return isInteger
        ? `(sum(${partial('sum')})::numeric / nullif(sum(${alias}.${COUNT_NAME}), 0))`
        : undefined
    case 'min':
    case 'max':
      if (!isInteger) return undefined
      // Whether a NULL, which reads 0, is among the values can be told from their number.
      partial('count')
      return `${call.name}(${partial(call.name)})::int4`
    default:
      return undefined
  }
}

function typeOn(column: ColumnSpec, server: TableOnServer): FieldType | undefined {
  const source = sourceOf(column, server)
  return source.kind === 'field' ? source.live.type : undefined
}

/** FROM over the groups, with the columns of the table that are keys and those of the partial results. */
function recordset(
  alias: string,
  keys: readonly ColumnSpec[],
  partials: readonly Partial[],
  parameter: number,
): string {
  const columns = [
    ...keys.map((key) => `${quoteIdentifier(key.name)} ${SQL_TYPES[key.type].title}`),
    `${COUNT_NAME} int8`,
    ...partials.map(({ name }) => `${quoteIdentifier(name)} int8`),
  ]
  return `jsonb_to_recordset($${parameter}::jsonb) AS ${alias}(${columns.join(', ')})`
}

function requestOf(
  keys: readonly ColumnSpec[],
  partials: readonly Partial[],
  server: TableOnServer,
): Pick<GroupScan, 'groupBy' | 'aggregates'> {
  const fieldOn = (column: ColumnSpec): string[] => {
    const source = sourceOf(column, server)
    return source.kind === 'field' ? [source.field] : []
  }
  const groupBy = [...new Set(keys.filter((key) => key !== PARTITION_COLUMN).flatMap(fieldOn))]
  return {
    groupBy,
    // Up to 16, Odoo silently leaves out an aggregate over a key; it follows from the key and the count anyway.
    aggregates: partials.flatMap(({ column, operator }) =>
      fieldOn(column)
        .filter((field) => !groupBy.includes(field))
        .map((field) => ({ field, operator })),
    ),
  }
}
