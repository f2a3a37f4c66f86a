import { expect } from 'chai'
import { cteColumnsIn } from '../../src/sql/cte-columns.ts'
import { loadGrammar } from '../../src/sql/gate.ts'
import { parseStatement } from '../../src/sql/statement.ts'

const columnsIn = (sql: string): Record<string, readonly string[]> => {
  const statement = parseStatement(sql)
  return statement.kind === 'select' ? Object.fromEntries(cteColumnsIn(statement.node)) : {}
}

describe('the columns of a CTE', () => {
  before(loadGrammar)

  it('are those that it declares, or those of its first SELECT', () => {
    expect(
      columnsIn(
        'WITH RECURSIVE t(a, b) AS (SELECT x, y FROM p UNION ALL SELECT 1, 2), u AS (SELECT 1) TABLE t',
      ),
    ).to.deep.equal({ t: ['a', 'b'], u: [''] })
    expect(
      columnsIn(
        'WITH RECURSIVE t AS ((SELECT p.id, name AS n, 0 AS level, lower(name) FROM p) UNION (SELECT 1 AS z) UNION SELECT 2) SELECT * FROM t',
      ),
    ).to.deep.equal({ t: ['id', 'n', 'level', ''] })
  })

  it('are left out where they cannot be told for certain', () => {
    expect(columnsIn('WITH t AS (SELECT * FROM p) SELECT * FROM t')).to.deep.equal({})
    expect(columnsIn('WITH t AS (VALUES (1, 2)) SELECT * FROM t')).to.deep.equal({})
    expect(
      columnsIn('WITH t AS (SELECT 1 AS a), u AS (WITH t AS (SELECT 2 AS b) TABLE t) SELECT * FROM t, u'),
    ).to.deep.equal({})
    expect(columnsIn('WITH t AS (SELECT 1 AS a, 2 AS b) SELECT * FROM t AS x(b, a)')).to.deep.equal({})
  })
})
