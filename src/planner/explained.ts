import { conjunctsOfFilter, namesIn, namesOfTable } from '../sql/plan-text.ts'

/** A node of PostgreSQL's plan, as far as we read it. */
export interface PlanNode {
  readonly 'Node Type': string
  readonly 'Parent Relationship'?: string
  readonly 'Subplan Name'?: string
  readonly 'CTE Name'?: string
  readonly 'Join Type'?: string
  readonly Schema?: string
  readonly 'Relation Name'?: string
  readonly Alias?: string
  readonly Output?: readonly string[]
  readonly Filter?: string
  readonly 'Hash Cond'?: string
  readonly 'Merge Cond'?: string
  readonly 'Join Filter'?: string
  readonly 'Group Key'?: readonly string[]
  readonly 'Sort Key'?: readonly string[]
  readonly 'One-Time Filter'?: string
  readonly Plans?: readonly PlanNode[]
}

/** One scan of a table in PostgreSQL's plan. */
export interface ScanNode {
  readonly schema: string
  readonly name: string
  readonly alias: string
  readonly node: PlanNode
  /** From the root down to the scan itself. */
  readonly path: readonly PlanNode[]
  /** AND-ed parts of the filter, in PostgreSQL's canonical text. */
  readonly conjuncts: readonly string[]
}

/** The root of what EXPLAIN (FORMAT JSON) gives. */
export const rootOfPlan = (explained: unknown): PlanNode =>
  (explained as readonly { Plan: PlanNode }[])[0]?.Plan ?? { 'Node Type': 'Result' }

/** Every scan of a table, subplans included, in the order of the plan. */
export function scanNodesOf(root: PlanNode): ScanNode[] {
  const found: ScanNode[] = []
  const visit = (node: PlanNode, above: readonly PlanNode[]): void => {
    const path = [...above, node]
    const name = node['Relation Name']
    if (name !== undefined)
      found.push({
        schema: node.Schema ?? 'public',
        name,
        alias: node.Alias ?? name,
        node,
        path,
        conjuncts: node.Filter === undefined ? [] : conjunctsOfFilter(node.Filter),
      })
    for (const child of node.Plans ?? []) visit(child, path)
  }
  visit(root, [])
  return found
}

/**
 * The columns that a scan needs: those that it gives out, those that its filter reads, and those that correlated
 * subqueries below it name, as `p.city`.
 */
export function columnsOfScan({ alias, node }: ScanNode, names: ReadonlySet<string>): string[] {
  const own = [...(node.Output ?? []), ...(node.Filter === undefined ? [] : [node.Filter])]
  return [
    ...new Set([
      ...own.flatMap((expression) => namesIn(expression, names)),
      ...(node.Plans ?? []).flatMap(expressionsBelow).flatMap((text) => namesOfTable(text, alias, names)),
    ]),
  ]
}

/** Keys whose values are names, or nodes of their own; the other texts are expressions, or plain words. */
const NAMES: ReadonlySet<string> = new Set([
  'Plans',
  'Alias',
  'Schema',
  'Relation Name',
  'Index Name',
  'Function Name',
  'Table Function Name',
  'CTE Name',
  'Tuplestore Name',
  'Subplan Name',
])

const expressionsBelow = (node: PlanNode): string[] => [
  ...Object.entries(node).flatMap(([key, value]: [string, unknown]) =>
    NAMES.has(key) ? [] : [value].flat().filter((text) => typeof text === 'string'),
  ),
  ...(node.Plans ?? []).flatMap(expressionsBelow),
]
