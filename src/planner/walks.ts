import type { ColumnSpec } from '../catalog/spec.ts'
import { conjunctsOfFilter } from '../sql/plan-text.ts'
import { PARTITION_COLUMN } from './bound.ts'
import type { ReadNode } from './engine-plan.ts'
import type { PlanNode } from './explained.ts'
import { columnNamed, columnsOfEquality, findColumn, keepsRows, type JoinKey } from './join-keys.ts'

/**
 * A recursive CTE that goes from row to row, such as from a partner to its children: only rows that are reached are
 * needed. `source` gives the first keys, and `next` of the rows that they find gives those of the next step.
 */
export function walksOf(
  root: PlanNode,
  nodes: readonly ReadNode[],
  cteColumns: ReadonlyMap<string, readonly string[]>,
): JoinKey<ReadNode>[] {
  const walks: JoinKey<ReadNode>[] = []
  const visit = (node: PlanNode): void => {
    if (node['Node Type'] === 'Recursive Union') walks.push(...walksOfUnion(node, nodes, cteColumns))
    node.Plans?.forEach(visit)
  }
  visit(root)
  return walks
}

function walksOfUnion(
  union: PlanNode,
  nodes: readonly ReadNode[],
  cteColumns: ReadonlyMap<string, readonly string[]>,
): JoinKey<ReadNode>[] {
  const [start, step] = union.Plans ?? []
  if (start === undefined || step === undefined) return []
  return nodes.flatMap((target) =>
    equalitiesWithLastStep(union, target).flatMap(({ column, reached, cte }): JoinKey<ReadNode>[] => {
      const position = cteColumns.get(cte)?.indexOf(reached) ?? -1
      const targetColumn = findColumn({ alias: target.scan.alias, column }, [target])?.column
      const first = columnOfOutput(start, position, nodes)
      const next = columnOfOutput(step, position, [target])?.column
      if (targetColumn === undefined || first === undefined || next === undefined) return []
      if (!first.node.scan.path.includes(start) || !isOneType([targetColumn, first.column, next])) return []
      // Every row of a partition has its name, so that it leads nowhere.
      if (targetColumn === PARTITION_COLUMN) return []
      return [{ source: first.node, sourceColumn: first.column, target, targetColumn, next }]
    }),
  )
}

/** Columns of a table that must equal one of the rows of the last step, called `reached` there. */
function equalitiesWithLastStep(
  union: PlanNode,
  { scan: { path, alias } }: ReadNode,
): { readonly column: string; readonly reached: string; readonly cte: string }[] {
  return path.flatMap((join, at) => {
    const below = path.slice(at + 1)
    const condition = join['Hash Cond'] ?? join['Merge Cond'] ?? join['Join Filter']
    const others = join.Plans?.filter((other) => other !== below[0]) ?? []
    const last = others
      .flatMap(workTables)
      .find(({ 'CTE Name': name = '' }) => union['Subplan Name'] === `CTE ${name}`)
    if (join['Join Type'] !== 'Inner' || condition === undefined || last === undefined) return []
    if (!below.every((node, index) => keepsRows(node, below[index + 1]))) return []
    return conjunctsOfFilter(condition).flatMap((text) => {
      const names = columnsOfEquality(text)
      const own = names.find((name) => name.alias === alias)
      const reached = names.find((name) => name.alias === last.Alias)
      if (own === undefined || reached === undefined) return []
      return [{ column: own.column, reached: reached.column, cte: last['CTE Name'] ?? '' }]
    })
  })
}

const workTables = (node: PlanNode): readonly PlanNode[] =>
  node['Node Type'] === 'WorkTable Scan' ? [node] : (node.Plans ?? []).flatMap(workTables)

const isOneType = (columns: readonly ColumnSpec[]): boolean =>
  new Set(columns.map(({ type }) => type)).size === 1

/** The column that a node gives out at a position, where it is one of a table as it stands. */
function columnOfOutput(
  { Output = [] }: PlanNode,
  position: number,
  nodes: readonly ReadNode[],
): ReturnType<typeof findColumn> {
  const name = columnNamed(Output[position] ?? '')
  return name && findColumn(name, nodes)
}
