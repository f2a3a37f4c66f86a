import { SQL_TYPES, type Datum } from '../catalog/types.ts'
import type { Parameter } from '../driver/parameters.ts'
import { describeStatement, parseFor, type StatementScope } from '../driver/statement.ts'
import { notSupported, sqlErrorFrom, syntaxError } from '../errors.ts'
import type { Statement } from '../sql/statement.ts'
import { done, runRows, rowAnswer, type Answer } from './answer.ts'
import { ownQuery, scopeOf, type Backend } from './backend.ts'
import type { Portal } from './portals.ts'
import { parameterCountOf } from './prepared.ts'

/** PREPARE name (types) AS …; it shares its names with the statements that the protocol prepares. */
export async function prepare(
  backend: Backend,
  portal: Portal,
  { name, parameterTypes, select }: Statement & { kind: 'prepare' },
): Promise<Answer> {
  const scope = scopeOf(backend, portal)
  const declared = await oidsOf(parameterTypes, scope)
  const { parameterOids } = await describeStatement(select, declared, scope)
  backend.statements.add(name, { text: portal.prepared.text, statement: select, parameterOids })
  return done('PREPARE')
}

/** PostgreSQL knows what its types are called. */
async function oidsOf(types: readonly string[], scope: StatementScope): Promise<readonly number[]> {
  if (types.length === 0) return []
  const nulls = types.map((type) => `NULL::${type}`)
  const { columns } = await describeStatement(
    parseFor(scope.session, `SELECT ${nulls.join(', ')}`),
    [],
    scope,
  )
  return columns.map(({ oid }) => oid)
}

/** EXECUTE name (arguments). */
export async function executePrepared(
  backend: Backend,
  portal: Portal,
  { name, arguments: expressions }: Statement & { kind: 'execute' },
): Promise<Answer> {
  const prepared = backend.statements.get(name)
  const { statement, parameterOids } = prepared
  if (statement?.kind !== 'select') throw notSupported('EXECUTE runs a prepared SELECT')
  const count = parameterCountOf(prepared)
  if (expressions.length !== count)
    throw syntaxError(`wrong number of parameters for prepared statement "${name}"`, {
      detail: `Expected ${count} parameters but got ${expressions.length}.`,
    })
  const values = await valuesOf(expressions, backend, portal)
  const parameters = values.map((value, index) => ({ oid: parameterOids[index] ?? 0, value }))
  const result = await runRows(backend, { ...portal, parameters }, statement).catch((thrown: unknown) => {
    // It would count in the text of PREPARE, which is not what the client sees.
    throw sqlErrorFrom(thrown).with({ position: undefined })
  })
  return rowAnswer(result, portal.formats)
}

/** Plain literals as they stand; whatever is to be computed, PostgreSQL computes. */
async function valuesOf(
  expressions: readonly string[],
  backend: Backend,
  portal: Portal,
): Promise<readonly Parameter['value'][]> {
  const literals = expressions.map(literalFrom)
  if (!literals.includes(undefined)) return literals.map((literal) => literal ?? null)
  const texts = expressions.map((expression, index) => `(${expression})::text AS "${index}"`)
  const [row = []] = await ownQuery(`SELECT ${texts.join(', ')}`, [], scopeOf(backend, portal))
  return row.map((datum: Datum) => (datum === null ? null : SQL_TYPES.text.toText(datum)))
}

/** Undefined: it is more than a literal. */
function literalFrom(expression: string): string | null | undefined {
  if (/^null$/i.test(expression)) return null
  if (/^([+-]?\d+(\.\d+)?|true|false)$/i.test(expression)) return expression
  const [, quoted] = /^'((?:[^'\\]|'')*)'$/s.exec(expression) ?? []
  return quoted?.replaceAll("''", "'")
}

/** DEALLOCATE name, or DEALLOCATE ALL. */
export function deallocate({ statements }: Backend, { name }: Statement & { kind: 'deallocate' }): Answer {
  if (name === undefined) {
    statements.closeAll()
    return done('DEALLOCATE ALL')
  }
  statements.get(name)
  statements.close(name)
  return done('DEALLOCATE')
}
