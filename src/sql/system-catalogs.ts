import { findNode, type ParseNode } from './gate.ts'

/**
 * Whether a statement asks what tables there are: it names PostgreSQL's system catalogs, information_schema, or what
 * looks a table up by its name. Every table must then be known, not only those that the statement reads.
 */
export function readsSystemCatalogs(node: ParseNode): boolean {
  const found = findNode(node, (key, value) => {
    switch (key) {
      case 'RangeVar': {
        const { schemaname, relname = '' } = value as { schemaname?: string; relname?: string }
        return schemaname === undefined ? relname.startsWith('pg_') : SYSTEM_SCHEMAS.has(schemaname)
      }
      case 'FuncCall':
        return LOOK_UP.test(lastNameIn((value as { funcname?: readonly NameNode[] }).funcname))
      case 'TypeName':
        return lastNameIn((value as { names?: readonly NameNode[] }).names) === 'regclass'
      default:
        return false
    }
  })
  return found !== undefined
}

const SYSTEM_SCHEMAS: ReadonlySet<string> = new Set(['pg_catalog', 'information_schema'])
/** Functions that take a table by its name. */
const LOOK_UP =
  /^(to_reg|has_(any_)?(table|column|schema)_|pg_(relation_size|table_size|total_relation_size))/

interface NameNode {
  readonly String?: { readonly sval?: string }
}

const lastNameIn = (names: readonly NameNode[] | undefined): string => names?.at(-1)?.String?.sval ?? ''
