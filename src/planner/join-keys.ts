import type { ColumnSpec } from '../catalog/spec.ts'
import { scan } from '../sql/gate.ts'
import { conjunctsOfFilter, nameOf } from '../sql/plan-text.ts'
import { columnsOf } from './bound.ts'
import type { TableRead } from './engine-plan.ts'
import type { PlanNode, ScanNode } from './explained.ts'

/**
 * An equality of two columns in a join: rows of `target` whose value is none of the values that `source` holds cannot
 * be part of the answer, so they need not be fetched.
 */
export interface JoinKey {
  readonly source: TableRead
  readonly sourceColumn: ColumnSpec
  readonly target: TableRead
  readonly targetColumn: ColumnSpec
}

/** Every way in which one read can narrow another. */
export function joinKeysOf(root: PlanNode, reads: readonly TableRead[]): JoinKey[] {
  const keys: JoinKey[] = []
  const visit = (node: PlanNode): void => {
    keys.push(...keysOfJoin(node, reads))
    node.Plans?.forEach(visit)
  }
  visit(root)
  return keys
}

/** Which side of a join loses its rows without a match, by the type of the join: PostgreSQL's outer and inner side. */
const LOSES_UNMATCHED: Readonly<Record<string, { readonly outer: boolean; readonly inner: boolean }>> = {
  Inner: { outer: true, inner: true },
  Semi: { outer: true, inner: true },
  'Right Semi': { outer: true, inner: true },
  Left: { outer: false, inner: true },
  Anti: { outer: false, inner: true },
  Right: { outer: true, inner: false },
  'Right Anti': { outer: true, inner: false },
}

function keysOfJoin(join: PlanNode, reads: readonly TableRead[]): JoinKey[] {
  const losing = LOSES_UNMATCHED[join['Join Type'] ?? '']
  const condition = join['Hash Cond'] ?? join['Merge Cond'] ?? join['Join Filter']
  if (losing === undefined || condition === undefined) return []
  return conjunctsOfFilter(condition).flatMap((text) => {
    const [left, right] = columnsOfEquality(text).map((name) => findColumn(name, reads))
    if (left === undefined || right === undefined) return []
    if (left.column.type !== right.column.type || left.read === right.read) return []
    return [...keyTowards(join, losing, left, right), ...keyTowards(join, losing, right, left)]
  })
}

interface FoundColumn {
  readonly read: TableRead
  readonly node: ScanNode
  readonly column: ColumnSpec
}

/** The key that narrows `target`, where its rows can reach the join only as they are. */
function keyTowards(
  join: PlanNode,
  losing: { readonly outer: boolean; readonly inner: boolean },
  source: FoundColumn,
  target: FoundColumn,
): JoinKey[] {
  const below = target.node.path.slice(target.node.path.indexOf(join) + 1)
  const side = below[0]?.['Parent Relationship'] === 'Outer' ? 'outer' : 'inner'
  const isOnOtherSide = source.node.path.includes(join) && !source.node.path.includes(below[0] ?? join)
  // Other scans of the same table need rows of their own, and the rows are loaded for all of them.
  const isSafe =
    target.node.path.includes(join) && isOnOtherSide && losing[side] && target.read.nodes.length === 1
  if (!isSafe || !below.every((node, index) => keepsRows(node, below[index + 1]))) return []
  return [
    { source: source.read, sourceColumn: source.column, target: target.read, targetColumn: target.column },
  ]
}

/** Whether a row less below `node` can only be rows less above it, those that the row itself was part of. */
function keepsRows(node: PlanNode, child: PlanNode | undefined): boolean {
  if (child === undefined) return node['Relation Name'] !== undefined
  if (PASSES_ROWS.has(node['Node Type'])) return true
  const isOuter = child['Parent Relationship'] === 'Outer'
  switch (node['Join Type']) {
    case 'Inner':
      return true
    case 'Left':
    case 'Semi':
    case 'Anti':
      return isOuter
    case 'Right':
    case 'Right Semi':
    case 'Right Anti':
      return !isOuter
    default:
      return false
  }
}

const PASSES_ROWS: ReadonlySet<string> = new Set([
  'Hash',
  'Sort',
  'Incremental Sort',
  'Materialize',
  'Gather',
])

/** `(a.x = b.y)` as two qualified names; anything else gives none. */
function columnsOfEquality(text: string): { alias: string; column: string }[] {
  const tokens = scan(text).filter((token) => token.text !== '(' && token.text !== ')')
  const [a, dot, x, equals, b, dot2, y] = tokens
  if (tokens.length !== 7 || dot?.text !== '.' || equals?.text !== '=' || dot2?.text !== '.') return []
  if (a === undefined || x === undefined || b === undefined || y === undefined) return []
  return [
    { alias: nameOf(a), column: nameOf(x) },
    { alias: nameOf(b), column: nameOf(y) },
  ]
}

function findColumn(
  name: { alias: string; column: string },
  reads: readonly TableRead[],
): FoundColumn | undefined {
  for (const read of reads)
    for (const node of read.nodes) {
      if (node.alias !== name.alias) continue
      const column = columnsOf(read.table).find((candidate) => candidate.name === name.column)
      return column === undefined ? undefined : { read, node, column }
    }
  return undefined
}
