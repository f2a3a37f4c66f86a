import type { TableSpec } from '../catalog/spec.ts'
import { scan as tokensOf } from '../sql/gate.ts'
import { nameOf } from '../sql/plan-text.ts'
import { columnsOf } from './bound.ts'
import type { PlanNode, ScanNode } from './explained.ts'

/** Whether the answer stays the same however often the scan gives the same values, as below DISTINCT or in `NOT IN`. */
export function isDistinctEnough({ path, node }: ScanNode, table: TableSpec): boolean {
  // An expression might be another at every row, as random() is.
  if (!(node.Output ?? []).every((text) => isPlainColumn(text, table))) return false
  const [root] = path
  for (const above of path.toReversed()) {
    const subplan = above['Subplan Name']
    if (subplan !== undefined) return JSON.stringify(root).includes(`(hashed ${subplan})`)
    if (above === node || PASSES_ROWS.has(above['Node Type'])) continue
    return above['Node Type'] === 'Unique' || isDistinctAggregate(above)
  }
  return false
}

const PASSES_ROWS: ReadonlySet<string> = new Set(['Sort', 'Append'])

/** GROUP BY without aggregates, and those that count values once. */
const isDistinctAggregate = (node: PlanNode): boolean =>
  node['Node Type'] === 'Aggregate' &&
  node.Filter === undefined &&
  (node.Output ?? []).every(
    (text) =>
      (node['Group Key'] ?? []).some((key) => key === text || key.endsWith(`.${text}`)) ||
      /^count\(DISTINCT [^()]*\)$/.test(text),
  )

/** `partner.city` or `city`, and none of PostgreSQL's own columns. */
function isPlainColumn(text: string, table: TableSpec): boolean {
  const tokens = tokensOf(text)
  const column = tokens.at(-1)
  const isBare = tokens.length === 1 || (tokens.length === 3 && tokens[1]?.text === '.')
  return isBare && columnsOf(table).some(({ name }) => column !== undefined && name === nameOf(column))
}
