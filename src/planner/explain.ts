import { qualifiedName, type TableSpec } from '../catalog/spec.ts'
import { prefixFromDomain } from '../odoo/domain.ts'
import type { EnginePlan, TableRead } from './engine-plan.ts'
import type { PlanNode } from './explained.ts'
import type { JoinKey } from './join-keys.ts'
import type { AggregatePlan } from './aggregate.ts'
import type { Access, JudgedConjunct, Scan, ScanPlan } from './scan-plan.ts'
import type { TableOnServer } from './server.ts'

/** A scan as EXPLAIN shows it: names and plain values, in the order in which they are printed. */
export interface ExplainedScan {
  readonly Partition: string
  readonly Version: string
  readonly Model: string
  readonly Method: string
  readonly Fields?: readonly string[]
  readonly Domain?: string
  readonly Order?: string
  readonly Limit?: number
  readonly Offset?: number
  /** Order of the rows that tie with the last of these. */
  readonly 'Ties By'?: string
  /** Further filters, one after the other until there are enough rows. */
  readonly 'In Turn'?: readonly string[]
  readonly 'Group By'?: readonly string[]
  readonly Aggregates?: readonly string[]
  readonly Exact: readonly string[]
  readonly 'Checked Again': readonly string[]
  readonly 'Not Pushed': readonly string[]
}

export interface ExplainedRead {
  readonly Node: 'Scan' | 'Count' | 'Load' | 'Groups'
  readonly Table: string
  /** Joins whose other side, where it has fewer rows, gives the keys to read by. */
  readonly 'Narrowed By'?: readonly string[]
  /** The columns that decide; the others are fetched for the rows that made it past LIMIT. */
  readonly 'Deciding Columns'?: readonly string[]
  readonly Scans: readonly ExplainedScan[]
}

export interface ExplainedPlan {
  /** What is read from Odoo. */
  readonly Reads: readonly ExplainedRead[]
  /** PostgreSQL's own plan over the loaded rows, where it finishes the statement. */
  readonly Engine?: PlanNode
  /** What PostgreSQL runs over the groups. */
  readonly Statement?: string
}

export function explainScanPlan({ scans, select }: ScanPlan): ExplainedPlan {
  const Node = select.countNames === undefined ? 'Scan' : 'Count'
  return { Reads: [explainRead(Node, select.table, scans)] }
}

export const explainEnginePlan = (plan: EnginePlan, root: PlanNode): ExplainedPlan => ({
  Reads: plan.reads
    .flatMap((read) => read.parts ?? [read])
    .map((read) => {
      const keys = plan.joinKeys.filter(({ target }) => target === read).map(printJoinKey)
      const deciding = plan.late?.keys.columns.map((column) => column.name)
      return {
        ...explainRead('Load', read.table, read.scans),
        ...(keys.length === 0 ? {} : { 'Narrowed By': [...new Set(keys)] }),
        ...(deciding === undefined ? {} : { 'Deciding Columns': deciding }),
      }
    }),
  Engine: root,
})

export const explainAggregatePlan = ({ table, scans, sql }: AggregatePlan): ExplainedPlan => ({
  Reads: [
    {
      Node: 'Groups',
      Table: qualifiedName(table),
      Scans: scans.map(({ server, domain, conjuncts, groupBy, aggregates }) => {
        const isCount = groupBy.length === 0 && aggregates.length === 0
        return {
          Partition: server.partition,
          Version: server.version.text,
          Model: table.model,
          Method: domain.kind === 'none' ? NO_CALL : isCount ? 'search_count' : groupingOf(server),
          ...(domain.kind === 'none' ? {} : { Domain: JSON.stringify(prefixFromDomain(domain)) }),
          ...(groupBy.length === 0 ? {} : { 'Group By': groupBy }),
          ...(aggregates.length === 0
            ? {}
            : { Aggregates: aggregates.map(({ field, operator }) => `${operator}(${field})`) }),
          ...explainConjuncts(conjuncts),
        }
      }),
    },
  ],
  Statement: sql,
})

const groupingOf = ({ capabilities }: TableOnServer): string =>
  capabilities.formattedReadGroup ? 'formatted_read_group' : 'read_group'

const printJoinKey = ({ source, sourceColumn, targetColumn, next, isAnti }: JoinKey<TableRead>): string =>
  `${targetColumn.name} in ${qualifiedName(source.table)}.${sourceColumn.name}` +
  (next === undefined ? '' : `, then in ${next.name} of what that finds, and so on`) +
  (isAnti === true ? ', as groups' : '')

const explainRead = (
  Node: ExplainedRead['Node'],
  table: TableSpec,
  scans: readonly Scan[],
): ExplainedRead => ({
  Node,
  Table: qualifiedName(table),
  Scans: scans.map((scan) => explainScan(scan, table.model)),
})

function explainScan(scan: Scan, model: string): ExplainedScan {
  const { access } = scan
  return {
    Partition: scan.server.partition,
    Version: scan.server.version.text,
    Model: model,
    Method: methodOf(scan),
    ...(access.kind === 'nothing'
      ? {}
      : {
          ...(access.kind === 'count' || access.kind === 'groups' ? {} : { Fields: scan.fields }),
          Domain: JSON.stringify(prefixFromDomain(scan.domain)),
          ...explainAccess(access),
        }),
    ...explainConjuncts(scan.conjuncts),
  }
}

function explainConjuncts(
  conjuncts: readonly JudgedConjunct[],
): Pick<ExplainedScan, 'Exact' | 'Checked Again' | 'Not Pushed'> {
  const texts = (support: string): string[] =>
    conjuncts
      .filter(({ verdict }) => verdict.support === support)
      .map(({ text, verdict }) => ('reason' in verdict ? `${text} (${verdict.reason})` : text))
  return { Exact: texts('exact'), 'Checked Again': texts('inexact'), 'Not Pushed': texts('unsupported') }
}

function explainAccess(
  access: Access,
): Pick<ExplainedScan, 'Order' | 'Limit' | 'Offset' | 'Ties By' | 'In Turn' | 'Group By'> {
  if (access.kind === 'count' || access.kind === 'nothing') return {}
  if (access.kind === 'groups') return { 'Group By': access.groupBy }
  if (access.kind === 'top') {
    const { order, limit, tieOrder, bands } = access
    return {
      // One more, to see whether there are ties.
      ...{ Order: order, Limit: limit + 1 },
      'Ties By': tieOrder ?? 'reading all of them',
      ...(bands.length === 1
        ? {}
        : { 'In Turn': bands.map(({ domain }) => JSON.stringify(prefixFromDomain(domain))) }),
    }
  }
  return {
    Order: access.kind === 'page' ? access.order : access.isDescending ? 'id desc' : 'id',
    ...(access.limit === undefined ? {} : { Limit: access.limit }),
    ...(access.offset === 0 ? {} : { Offset: access.offset }),
  }
}

const NO_CALL = 'none: no record can match'

function methodOf(scan: Scan): string {
  switch (scan.access.kind) {
    case 'nothing':
      return NO_CALL
    case 'count':
      return 'search_count'
    case 'groups':
      return groupingOf(scan.server)
    case 'page':
    case 'top':
    case 'batches': {
      const isTwoCalls = scan.manyToOne && !scan.labels && !scan.server.capabilities.loadInSearchRead
      const method = isTwoCalls ? 'search + read' : 'search_read'
      return scan.access.kind === 'batches' ? `${method}, in batches by id` : method
    }
    default:
      return scan.access satisfies never
  }
}

/** The lines of EXPLAIN's text form. Empty lists are left out. */
export function printExplainedPlan({ Reads, Engine, Statement }: ExplainedPlan): string[] {
  const reads = Reads.flatMap(({ Node, Table, Scans, ...further }) => [
    `${Node} ${Node === 'Load' ? '' : 'on '}${Table}`,
    ...printFields(further, '      '),
    ...Scans.flatMap(({ Partition, Version, ...fields }) => [
      `  ->  Partition ${Partition} (Odoo ${Version})`,
      ...printFields(fields, '        '),
    ]),
  ])
  if (Statement !== undefined) return [...reads, 'Finished by PostgreSQL', `  ->  ${Statement}`]
  return Engine === undefined ? reads : [...reads, 'Finished by PostgreSQL', ...printNode(Engine, '  ')]
}

/** PostgreSQL's plan, as much of it as says what is done locally. */
function printNode(node: PlanNode, indent: string): string[] {
  const join = node['Join Type'] === undefined ? '' : ` (${node['Join Type']})`
  const relation =
    node['Relation Name'] === undefined
      ? ''
      : ` on ${node.Schema ?? ''}.${node['Relation Name']} ${node.Alias ?? ''}`
  const details = (
    ['Hash Cond', 'Join Filter', 'Group Key', 'Sort Key', 'Filter', 'One-Time Filter'] as const
  ).flatMap((key) => {
    const value = node[key]
    return value === undefined
      ? []
      : [`${indent}      ${key}: ${typeof value === 'string' ? value : value.join(', ')}`]
  })
  const children = (node.Plans ?? []).flatMap((child) => printNode(child, `${indent}  `))
  return [`${indent}->  ${node['Node Type']}${join}${relation}`, ...details, ...children]
}

const LISTS: ReadonlySet<string> = new Set(['Fields', 'Deciding Columns', 'Group By', 'Aggregates'])

function printFields(fields: object, indent: string): string[] {
  return Object.entries(fields).flatMap(([name, value]: [string, unknown]) => {
    if (!Array.isArray(value)) return [`${indent}${name}: ${String(value)}`]
    if (LISTS.has(name)) return [`${indent}${name}: ${value.join(', ')}`]
    return value.map((item) => `${indent}${name}: ${String(item)}`)
  })
}
