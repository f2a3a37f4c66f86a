import type { TableSpec } from '../catalog/spec.ts'
import { scan } from '../sql/gate.ts'
import { nameOf } from '../sql/plan-text.ts'
import type { SortKey } from './bind-select.ts'
import { columnsOf } from './bound.ts'
import type { ScanNode } from './explained.ts'

/** What stands above the only scan of a plan, where it is nothing but LIMIT, with or without a sort below it. */
export interface TopOfPlan {
  /** Empty where the rows may come in any order. */
  readonly sortTexts: readonly string[]
  /** The sort keys as columns; undefined where one is an expression. */
  readonly sortKeys: readonly SortKey[] | undefined
}

/** Undefined where more than LIMIT and a sort is done with the rows of the scan. */
export function topOfPlan(node: ScanNode, table: TableSpec): TopOfPlan | undefined {
  const [limit, ...rest] = node.path.slice(0, -1)
  if (limit?.['Node Type'] !== 'Limit' || rest.length > 1) return undefined
  const [sort] = rest
  if (sort === undefined) return { sortTexts: [], sortKeys: [] }
  if (sort['Node Type'] !== 'Sort') return undefined
  const sortTexts = sort['Sort Key'] ?? []
  const keys = sortTexts.map((text) => sortKeyFrom(text, node.alias, table))
  return { sortTexts, sortKeys: keys.every((key) => key !== undefined) ? keys : undefined }
}

/** Reads `m.name DESC NULLS LAST`; undefined for anything but a plain column. */
function sortKeyFrom(text: string, alias: string, table: TableSpec): SortKey | undefined {
  const tokens = scan(text)
  const isQualified = tokens[1]?.text === '.'
  const [first] = tokens
  const nameToken = isQualified ? tokens[2] : first
  if (first === undefined || nameToken === undefined || (isQualified && nameOf(first) !== alias))
    return undefined
  const words = tokens.slice(isQualified ? 3 : 1).map((token) => token.text.toUpperCase())
  const column = columnsOf(table).find((candidate) => candidate.name === nameOf(nameToken))
  const suffix = /^(ASC|DESC)?(?: ?NULLS (FIRST|LAST))?$/.exec(words.join(' '))
  if (column === undefined || suffix === null) return undefined
  const isDescending = suffix[1] === 'DESC'
  return { column, isDescending, nullsFirst: suffix[2] === undefined ? isDescending : suffix[2] === 'FIRST' }
}
