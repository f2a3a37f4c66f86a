import type { ColumnSpec } from '../catalog/spec.ts'
import { scan, type Token } from '../sql/gate.ts'
import { conjunctsOfFilter, nameOf } from '../sql/plan-text.ts'
import { columnsOf } from './bound.ts'
import type { ReadNode } from './engine-plan.ts'
import type { PlanNode } from './explained.ts'

/**
 * An equality of two columns in a join: rows of `target` whose value is NULL, or none of the values that `source`
 * holds, cannot be part of the answer, so they need not be fetched.
 */
export interface JoinKey<Side> {
  readonly source: Side
  readonly sourceColumn: ColumnSpec
  readonly target: Side
  readonly targetColumn: ColumnSpec
  /**
   * The join drops the rows of `source` that have such a row of `target`, by this equality alone, and nothing else is
   * done with the rows of either.
   */
  readonly isAnti?: boolean
  /** Where the values of this column of `target` are keys to more of its rows, and so on (walks.ts). */
  readonly next?: ColumnSpec
}

/** Every way in which one scan of the plan can narrow another. */
export function joinKeysOf(root: PlanNode, nodes: readonly ReadNode[]): JoinKey<ReadNode>[] {
  const keys: JoinKey<ReadNode>[] = []
  const visit = (node: PlanNode): void => {
    keys.push(...keysOfJoin(node, nodes))
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

function keysOfJoin(join: PlanNode, nodes: readonly ReadNode[]): JoinKey<ReadNode>[] {
  const losing = LOSES_UNMATCHED[join['Join Type'] ?? '']
  const condition = join['Hash Cond'] ?? join['Merge Cond'] ?? join['Join Filter']
  if (losing === undefined || condition === undefined) return []
  return conjunctsOfFilter(condition).flatMap((text) => {
    const [left, right] = columnsOfEquality(text).map((name) => findColumn(name, nodes))
    if (left === undefined || right === undefined || left.column.type !== right.column.type) return []
    // What is masked here is something else there.
    if (left.column.secret || right.column.secret) return []
    return [...keyTowards(join, losing, left, right), ...keyTowards(join, losing, right, left)]
  })
}

export interface FoundColumn {
  readonly node: ReadNode
  readonly column: ColumnSpec
}

/** The key that narrows `target`, where its rows can reach the join only as they are. */
function keyTowards(
  join: PlanNode,
  losing: { readonly outer: boolean; readonly inner: boolean },
  source: FoundColumn,
  target: FoundColumn,
): JoinKey<ReadNode>[] {
  const [path, sourcePath] = [target.node.scan.path, source.node.scan.path]
  const below = path.slice(path.indexOf(join) + 1)
  const side = below[0]?.['Parent Relationship'] === 'Outer' ? 'outer' : 'inner'
  const isOnOtherSide = sourcePath.includes(join) && !sourcePath.includes(below[0] ?? join)
  if (!path.includes(join) || !isOnOtherSide || !losing[side]) return []
  if (!below.every((node, index) => keepsRows(node, below[index + 1]))) return []
  const key = {
    ...{ source: source.node, sourceColumn: source.column },
    ...{ target: target.node, targetColumn: target.column },
  }
  return isAntiAlone(join, source.node, target.node) ? [{ ...key, isAnti: true }] : [key]
}

/** Whether the join does nothing but drop rows of `source`, which no other scan of their table brings back. */
function isAntiAlone(join: PlanNode, source: ReadNode, target: ReadNode): boolean {
  if (!(join['Join Type'] ?? '').endsWith('Anti') || join['Join Filter'] !== undefined) return false
  const [sourceBelow, below] = [source, target].map(({ scan: { path } }) =>
    path.slice(path.indexOf(join) + 1),
  )
  return (
    conjunctsOfFilter(join['Hash Cond'] ?? '').length === 1 &&
    below?.slice(0, -1).every((node) => PASSES_ROWS.has(node['Node Type'])) === true &&
    sourceBelow?.every((node, index) => keepsRows(node, sourceBelow[index + 1])) === true
  )
}

/** Whether a row less below `node` can only be rows less above it, those that the row itself was part of. */
export function keepsRows(node: PlanNode, child: PlanNode | undefined): boolean {
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

interface QualifiedName {
  readonly alias: string
  readonly column: string
}

/** `(a.x = b.y)` as two qualified names; anything else gives none. */
export function columnsOfEquality(text: string): QualifiedName[] {
  const tokens = scan(text).filter((token) => token.text !== '(' && token.text !== ')')
  const names = [tokens.slice(0, 3), tokens.slice(4)].map(nameFrom)
  const [left, right] = names
  return left === undefined || right === undefined || tokens[3]?.text !== '=' ? [] : [left, right]
}

/** `a.x`; undefined for anything else. */
export const columnNamed = (text: string): QualifiedName | undefined => nameFrom(scan(text))

function nameFrom([alias, dot, column, ...more]: readonly Token[]): QualifiedName | undefined {
  if (alias === undefined || column === undefined || dot?.text !== '.' || more.length > 0) return undefined
  return { alias: nameOf(alias), column: nameOf(column) }
}

export function findColumn(name: QualifiedName, nodes: readonly ReadNode[]): FoundColumn | undefined {
  const node = nodes.find(({ scan: { alias } }) => alias === name.alias)
  const column = node && columnsOf(node.table).find((candidate) => candidate.name === name.column)
  return node === undefined || column === undefined ? undefined : { node, column }
}
