import { findNode, type ParseNode } from './gate.ts'

/** Names of the columns of each CTE, in order. A CTE whose columns cannot be told for certain is left out. */
export function cteColumnsIn(statement: ParseNode): ReadonlyMap<string, readonly string[]> {
  // `tree AS t(a, b)` gives columns other names.
  const renamed = findNode(statement, (key, value) => key === 'alias' && 'colnames' in (value as ParseNode))
  if (renamed !== undefined) return new Map()
  const columns = new Map<string, readonly string[] | undefined>()
  findNode(statement, (key, value) => {
    if (key !== 'CommonTableExpr') return false
    const cte = value as { ctename?: string; aliascolnames?: readonly Name[]; ctequery?: Query }
    const name = cte.ctename ?? ''
    // Of two of one name, which is meant depends on where it stands.
    columns.set(
      name,
      columns.has(name) ? undefined : (namesOf(cte.aliascolnames) ?? columnsOfQuery(cte.ctequery)),
    )
    return false
  })
  return new Map(
    [...columns].flatMap(([name, names]) => (names === undefined ? [] : [[name, names] as const])),
  )
}

interface Name {
  readonly String?: { readonly sval?: string }
}

interface Select {
  readonly larg?: Select
  readonly targetList?: readonly {
    readonly ResTarget?: { readonly name?: string; readonly val?: ParseNode }
  }[]
}

interface Query {
  readonly SelectStmt?: Select
}

const namesOf = (names: readonly Name[] | undefined): string[] | undefined =>
  names?.map((name) => name.String?.sval ?? '')

/** The names that the first SELECT of a UNION gives; '' for what has none that is plain to see. */
function columnsOfQuery(query: Query | undefined): string[] | undefined {
  let select = query?.SelectStmt
  while (select?.larg !== undefined) select = select.larg
  const names = select?.targetList?.map(({ ResTarget: target }) => {
    const reference = target?.val?.['ColumnRef'] as { fields?: readonly (Name & ParseNode)[] } | undefined
    const last = reference?.fields?.at(-1)
    return last !== undefined && 'A_Star' in last ? undefined : (target?.name ?? last?.String?.sval ?? '')
  })
  return names?.every((name) => name !== undefined) === true ? names : undefined
}
