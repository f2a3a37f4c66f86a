import { expect } from 'chai'
import { loadGrammar } from '../../src/sql/gate.ts'
import { readPredicate, readSelect } from '../../src/sql/reader.ts'
import { parseStatement } from '../../src/sql/statement.ts'

before(loadGrammar)

function read(sql: string) {
  const statement = parseStatement(sql)
  return statement.kind === 'select' ? readSelect(sql, statement.node) : undefined
}

const READ: readonly string[] = [
  `SELECT id, m.name AS "Na me", m.* FROM odoo.ir.mail_server AS m WHERE smtp_port = 587 ORDER BY name DESC NULLS LAST, 2 LIMIT 5 OFFSET 3`,
  `SELECT Id, NAME as Foo FROM ir.Mail_Server m WHERE M.Name = 'It''s' /* c */ -- d\n AND not active`,
  "SELECT count(*) n FROM t WHERE x IN (1, 2, NULL) AND y NOT IN ('a') AND id BETWEEN 1 AND -2",
  'SELECT * FROM t WHERE id NOT BETWEEN $1 AND $2 LIMIT $3 OFFSET $4',
  'SELECT id FROM t WHERE x = 1.10 AND y = 123456789012345678901 AND z = -1.5e3 AND $2 > b',
  "SELECT id FROM t WHERE a = E'x\\ny\\'z' AND b = $$it's$$ AND c = 'back\\slash'",
  `SELECT "Id" FROM "Mail" WHERE "A b" = 'x;y'`,
  'SELECT id FROM t WHERE (a AND (b AND c)) OR d OR (e OR f)',
  'SELECT id FROM t WHERE (a = 1 OR b) IS NOT TRUE AND c IS UNKNOWN',
  "SELECT id FROM t WHERE name NOT ILIKE '100#%' ESCAPE '#'",
  "SELECT id FROM t WHERE d >= '2026-01-31'::date AND x = ANY ('{1,2}'::int4[])",
  'SELECT id FROM t WHERE date = 1 AND name = 2 AND type = 3 AND value = 4 AND "user" = 5',
  'SELECT id FROM t OFFSET 3',
  'SELECT id FROM t WHERE a OR b AND c OR NOT d AND (e OR f AND g) ORDER BY id LIMIT 1',
  "SELECT id FROM t WHERE a = 25 AND id < 0 OR id = 1 AND b = 'or'",
  'SELECT id FROM t WHERE a BETWEEN 1 AND 2 OR b IN (1, 2) AND c;',
  'SELECT "or", "where" FROM t WHERE "or" OR "order" AND "limit"',
  "SELECT id FROM t WHERE lower(a) = $1 AND UPPER(t.b) LIKE 'X%' AND COALESCE(c, '') <> ''",
  "SELECT id FROM t WHERE a && '{1,2}' AND t.b @> '{3}'::int[] AND 4 = ANY (c)",
]

/** Valid SQL that the reader leaves to PostgreSQL. */
const LEFT: readonly string[] = [
  'SELECT 1',
  'SELECT DISTINCT id FROM t',
  'SELECT id FROM a, b',
  'SELECT id FROM a JOIN b ON true',
  'SELECT lower(name) FROM t',
  'SELECT id FROM t GROUP BY id',
  'SELECT id FROM t UNION SELECT id FROM t',
  'WITH x AS (SELECT 1) SELECT id FROM t',
  'SELECT id FROM t FETCH FIRST 2 ROWS ONLY',
  'SELECT id FROM t ORDER BY id FETCH FIRST 2 ROWS WITH TIES',
  'SELECT id FROM t WHERE a IS DISTINCT FROM 1',
  'SELECT id FROM t WHERE a + 1 = 2',
  'SELECT id FROM t WHERE initcap(a) = $1',
  'SELECT id FROM t WHERE pg_catalog.lower(a) = $1',
  'SELECT id FROM t WHERE "LOWER"(a) = $1',
  'SELECT id FROM t WHERE a && ARRAY[1, 2]',
  'SELECT id FROM t WHERE a IN (SELECT id FROM t)',
  'SELECT id FROM ONLY t',
  'SELECT id FROM t TABLESAMPLE SYSTEM (1)',
  'SELECT id FROM t ORDER BY id USING >',
  'SELECT x.y.id FROM t',
  'SELECT id FROM t WHERE NOT (a) IS TRUE',
  'SELECT count(DISTINCT id) FROM t',
  "SELECT id FROM t WHERE a = U&'\\0061'",
  "SELECT id FROM t WHERE a ~ 'x'",
  "SELECT id FROM t WHERE a SIMILAR TO 'x'",
  'SELECT id FROM t WHERE (a, b) = (1, 2)',
  'SELECT id FROM t WHERE a COLLATE "C" = \'x\'',
]

describe('the reader', () => {
  for (const sql of READ) it(`reads ${sql.replaceAll('\n', ' ')}`, () => expect(read(sql)).to.be.an('object'))
  for (const sql of LEFT) it(`leaves ${sql}`, () => expect(read(sql)).to.equal(undefined))

  it('folds names as PostgreSQL does, and keeps the digits of numbers', () => {
    expect(read('SELECT M.Id AS Foo FROM Ir.Mail_Server M WHERE "X" = 1.10')).to.deep.include({
      items: [{ kind: 'column', table: 'm', name: 'id', alias: 'foo' }],
      from: { catalog: undefined, schema: 'ir', name: 'mail_server', alias: 'm' },
      where: {
        kind: 'compare',
        operator: '=',
        left: { kind: 'column', table: undefined, name: 'X' },
        right: { kind: 'number', text: '1.10' },
      },
    })
  })

  it('reads the filters of PostgreSQL’s plans', () => {
    for (const filter of [
      "(name ~~ 'Acme%'::text)",
      "(m.name !~~* 'Acme%'::text)",
      "(smtp_port = ANY ('{25,587}'::integer[]))",
      "(smtp_port <> ALL ('{25,587}'::integer[]))",
      "(m.create_date >= '2025-01-01 00:00:00'::timestamp without time zone)",
      '(NOT active)',
      '(active IS NOT TRUE)',
      "(lower(p.name) = 'x'::text)",
      "(COALESCE(email, ''::text) = ''::text)",
      "(category_id && '{1,4}'::integer[])",
      '(4 = ANY (p.category_id))',
    ])
      expect(readPredicate(filter), filter).to.be.an('object')
    for (const filter of ['(a.id = (InitPlan 1).col1)', "(initcap(name) = 'x'::text)", '(a.id = b.id + 1)'])
      expect(readPredicate(filter), filter).to.equal(undefined)
  })

  it('survives what is deep or long', () => {
    expect(read(`SELECT id FROM t WHERE ${Array(20_000).fill('x = 1').join(' OR ')}`)).to.be.an('object')
    expect(read(`SELECT id FROM t WHERE ${'('.repeat(2_000)}x = 1${')'.repeat(2_000)}`)).to.equal(undefined)
    expect(read(`SELECT id FROM t WHERE ${'NOT '.repeat(3_000)}x = 1`)).to.equal(undefined)
  })
})
