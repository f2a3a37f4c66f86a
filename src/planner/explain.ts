import { qualifiedName, type TableSpec } from '../catalog/spec.ts'
import { prefixFromDomain } from '../odoo/domain.ts'
import type { EnginePlan } from './engine-plan.ts'
import type { PlanNode } from './explained.ts'
import type { Access, Scan, ScanPlan } from './scan-plan.ts'

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
  readonly Exact: readonly string[]
  readonly 'Checked Again': readonly string[]
  readonly 'Not Pushed': readonly string[]
}

export interface ExplainedRead {
  readonly Node: 'Scan' | 'Count' | 'Load'
  readonly Table: string
  readonly Scans: readonly ExplainedScan[]
}

export interface ExplainedPlan {
  /** What is read from Odoo. */
  readonly Reads: readonly ExplainedRead[]
  /** PostgreSQL's own plan over the loaded rows, where it finishes the statement. */
  readonly Engine?: PlanNode
}

export function explainScanPlan({ scans, select }: ScanPlan): ExplainedPlan {
  const Node = select.countNames === undefined ? 'Scan' : 'Count'
  return { Reads: [explainRead(Node, select.table, scans)] }
}

export const explainEnginePlan = (plan: EnginePlan, root: PlanNode): ExplainedPlan => ({
  Reads: plan.reads.map(({ table, scans }) => explainRead('Load', table, scans)),
  Engine: root,
})

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
  const texts = (support: string, withReason: boolean): string[] =>
    scan.conjuncts
      .filter(({ verdict }) => verdict.support === support)
      .map(({ text, verdict }) => (withReason && 'reason' in verdict ? `${text} (${verdict.reason})` : text))
  return {
    Partition: scan.server.partition,
    Version: scan.server.version.text,
    Model: model,
    Method: methodOf(scan),
    ...(access.kind === 'nothing'
      ? {}
      : {
          ...(access.kind === 'count' ? {} : { Fields: scan.fields }),
          Domain: JSON.stringify(prefixFromDomain(scan.domain)),
          ...explainAccess(access),
        }),
    Exact: texts('exact', false),
    'Checked Again': texts('inexact', true),
    'Not Pushed': texts('unsupported', true),
  }
}

function explainAccess(access: Access): Pick<ExplainedScan, 'Order' | 'Limit' | 'Offset'> {
  if (access.kind === 'count' || access.kind === 'nothing') return {}
  return {
    Order: access.kind === 'page' ? access.order : access.isDescending ? 'id desc' : 'id',
    ...(access.limit === undefined ? {} : { Limit: access.limit }),
    ...(access.offset === 0 ? {} : { Offset: access.offset }),
  }
}

function methodOf(scan: Scan): string {
  switch (scan.access.kind) {
    case 'nothing':
      return 'none: no record can match'
    case 'count':
      return 'search_count'
    case 'page':
    case 'batches': {
      const isTwoCalls = scan.manyToOne && !scan.labels && !scan.server.capabilities.loadInSearchRead
      const method = isTwoCalls ? 'search + read' : 'search_read'
      return scan.access.kind === 'page' ? method : `${method}, in batches by id`
    }
    default:
      return scan.access satisfies never
  }
}

/** The lines of EXPLAIN's text form. Empty lists are left out. */
export function printExplainedPlan({ Reads, Engine }: ExplainedPlan): string[] {
  const reads = Reads.flatMap(({ Node, Table, Scans }) => [
    `${Node} ${Node === 'Load' ? '' : 'on '}${Table}`,
    ...Scans.flatMap(({ Partition, Version, ...fields }) => [
      `  ->  Partition ${Partition} (Odoo ${Version})`,
      ...printFields(fields, '        '),
    ]),
  ])
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

function printFields(fields: object, indent: string): string[] {
  return Object.entries(fields).flatMap(([name, value]: [string, unknown]) => {
    if (!Array.isArray(value)) return [`${indent}${name}: ${String(value)}`]
    if (name === 'Fields') return [`${indent}Fields: ${value.join(', ')}`]
    return value.map((item) => `${indent}${name}: ${String(item)}`)
  })
}
