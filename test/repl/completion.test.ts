import { expect } from 'chai'
import fc from 'fast-check'
import { commonPrefix, complete } from '../../src/repl/completion.ts'
import type { Completions } from '../../src/repl/completion-candidate.ts'
import { menuLines } from '../../src/repl/completion-menu.ts'
import { completionsOf } from '../../src/repl/completion-sources.ts'
import { paintNothing } from '../../src/repl/colors.ts'
import { METACOMMANDS } from '../../src/repl/metacommands.ts'
import { catalogOf } from '../../src/catalog/catalog.ts'
import { tableSchema, type TableSpec } from '../../src/catalog/spec.ts'
import type { ListedTable } from '../../src/driver/connection.ts'
import type { ShellConnection } from '../../src/repl/shell.ts'
import { undefinedTable } from '../../src/errors.ts'
import { loadGrammar } from '../../src/sql/gate.ts'

const table = (
  schema: string,
  name: string,
  columns: Record<string, Record<string, string> | undefined>,
): TableSpec =>
  tableSchema.parse({
    schema,
    name,
    model: `${schema}.${name}`,
    label: `Label of ${name}`,
    description: 'A table.',
    columns: Object.entries<Record<string, string> | undefined>({ id: undefined, ...columns }).map(
      ([column, values]) => ({
        name: column,
        type: 'text',
        fieldType: values === undefined ? 'char' : 'selection',
        label: `Label of ${column}`,
        description: 'A column.',
        ...(values !== undefined && { values }),
      }),
    ),
  })

const TABLES = [
  table('res', 'partner', {
    name: undefined,
    ref: undefined,
    user: undefined,
    type: { contact: 'Contact', invoice: 'Invoice address' },
  }),
  table('res', 'partner_bank', { partner_id: undefined }),
  table('res', 'users', { login: undefined, name: undefined }),
  table('sale', 'order', { state: { draft: 'Quotation', sale: "It's sold" }, amount_total: undefined }),
  table('sale', 'order_line', { price_unit: undefined }),
]

const never = new Promise<never>(() => undefined)
const CONNECTION: ShellConnection = {
  partitions: [],
  configured: ['north', 'south', 'far east'].map((name) => ({
    name,
    url: '',
    database: name,
    login: 'me',
    version: '',
    transport: undefined,
  })),
  catalog: catalogOf([]),
  cursor: () => never,
  clearCache: () => false,
  tables: () => Promise.resolve(TABLES.map((spec): ListedTable => ({ ...spec, isPublished: false }))),
  table(name) {
    const found = TABLES.find((spec) => `${spec.schema}.${spec.name}` === name)
    return found === undefined ? Promise.reject(undefinedTable(name, [])) : Promise.resolve(found)
  },
}

describe('repl/completion', () => {
  before(loadGrammar)

  /** What could stand at `|`; the texts that would be put there. */
  async function at(
    marked: string,
    completions: Completions = completionsOf(CONNECTION, METACOMMANDS),
  ): Promise<string[]> {
    const cursor = marked.indexOf('|')
    const text = marked.replace('|', '')
    return (await complete(text, cursor, completions)).candidates.map((candidate) => candidate.text)
  }
  /** The whole text with the only candidate in its place. */
  async function completed(marked: string): Promise<string> {
    const text = marked.replace('|', '')
    const { start, end, candidates } = await complete(
      text,
      marked.indexOf('|'),
      completionsOf(CONNECTION, METACOMMANDS),
    )
    expect(candidates, marked).to.have.length(1)
    return text.slice(0, start) + (candidates[0]?.text ?? '') + text.slice(end)
  }

  it('begins statements, in the letters that were typed', async () => {
    expect(await at('S|')).to.deep.equal(['SELECT ', 'SET ', 'SHOW '])
    expect(await at('select 1; se|')).to.deep.equal(['select ', 'set '])
    expect(await at('-- note\nEX|')).to.deep.equal(['EXPLAIN '])
    expect(await completed('EXPLAIN an|')).to.equal('EXPLAIN analyze ')
  })

  it('offers schemas, and the tables of one', async () => {
    expect(await at('SELECT * FROM |')).to.deep.equal(['res.', 'sale.', 'system.', 'native.'])
    expect(await at('SELECT * FROM res.|')).to.deep.equal(['res.partner', 'res.partner_bank', 'res.users'])
    expect(await at('SELECT * FROM a, sale.order_|')).to.deep.equal(['sale.order_line'])
    expect(await at('SELECT * FROM a JOIN us|')).to.deep.equal(['res.users'])
  })

  it('finds tables by their own names and by those in Odoo’s database, quoted where they must be', async () => {
    expect(await at('SELECT * FROM sale_order|')).to.deep.equal(['sale.order', 'sale.order_line'])
    expect(await completed('SELECT * FROM partner_b|')).to.equal('SELECT * FROM res.partner_bank')
    expect(await at('SELECT * FROM sale."or|')).to.deep.equal(['sale."order"', 'sale."order_line"'])
  })

  it('offers the columns of the tables in FROM, by alias too, also where FROM follows', async () => {
    expect(await at('SELECT | FROM res.users')).to.deep.equal(['id', 'login', 'name', '_partition', 'users.'])
    expect(await completed('SELECT u.lo| FROM res.users u')).to.equal('SELECT u.login FROM res.users u')
    expect(await completed('SELECT * FROM res.users AS u WHERE u.lo|')).to.equal(
      'SELECT * FROM res.users AS u WHERE u.login',
    )
    expect(await completed('SELECT res.users.lo| FROM res.users')).to.equal(
      'SELECT res.users.login FROM res.users',
    )
    expect(await completed('SELECT * FROM odoo.res.users WHERE log|')).to.contain('WHERE login')
    expect(await completed('SELECT count(log|) FROM users')).to.equal('SELECT count(login) FROM users')
  })

  it('names the table where several have the column', async () => {
    expect(await at('SELECT na| FROM res.users u JOIN res.partner ON true')).to.deep.equal([
      'u.name',
      'partner.name',
    ])
    expect(await completed('SELECT * FROM res.users u JOIN sale.order o ON o.am|')).to.contain(
      'ON o.amount_total',
    )
  })

  it('keeps to what a subquery sees, and knows what it selects', async () => {
    const cte = 'WITH t AS (SELECT login AS l, name FROM res.users) SELECT'
    expect(await at(`${cte} | FROM t`)).to.deep.equal(['l', 'name', 't.'])
    expect(await at(`${cte} * FROM |`)).to.include('t')
    expect(
      await at('WITH a AS (SELECT id AS x FROM b), c AS (SELECT * FROM a) SELECT | FROM c'),
    ).to.deep.equal(['x', 'c.'])
    expect(await at('WITH RECURSIVE a AS (SELECT * FROM a) SELECT a.| FROM a')).to.deep.equal([])
    expect(await at('SELECT q.| FROM (SELECT * FROM res.users) q')).to.deep.equal([
      'q.id',
      'q.login',
      'q.name',
      'q._partition',
    ])
    expect(
      await at('SELECT 1 FROM res.users WHERE EXISTS (SELECT price_|, lo FROM sale.order_line)'),
    ).to.deep.equal(['price_unit'])
    expect(await at('SELECT 1 FROM res.users WHERE id IN (SELECT log| FROM sale.order_line)')).to.deep.equal([
      'login',
    ])
  })

  it('knows how tables are joined', async () => {
    const link = (schema: string, name: string, ...relations: string[]): TableSpec => ({
      ...table(schema, name, {}),
      columns: ['id', ...relations].map((column) => ({
        ...table(schema, name, {}).columns[0]!,
        name: column.replace(/=.*/, ''),
        relation: column.replace(/.*=/, ''),
      })),
    })
    const tables = [
      link('a', 'b', 'create_uid=c.order', 'order_id=c.order'),
      link('c', 'order', 'back_id=a.b', 'x=y'),
    ]
    const connection: ShellConnection = {
      ...CONNECTION,
      tables: () => Promise.resolve(tables.map((spec): ListedTable => ({ ...spec, isPublished: false }))),
      table: (name) => Promise.resolve(tables.find((spec) => `${spec.schema}.${spec.name}` === name)!),
    }
    const completions = completionsOf(connection, [])
    expect(await at('SELECT * FROM a.b JOIN c.order ON |', completions)).to.deep.equal([
      'b.order_id = "order".id',
      '"order".back_id = b.id',
      'b.create_uid = "order".id',
    ])
    expect(await at('SELECT * FROM a.b JOIN c.order ON b|', completions))
      .to.include('b.')
      .and.to.include('back_id')
    expect(await at('SELECT * FROM a.b JOIN a.b c ON |', completions)).to.include('b.id')
  })

  it('quotes names that need it', async () => {
    expect(await completed('SELECT us| FROM res.partner_bank, res.partner LIMIT 1')).to.contain(
      'SELECT "user"',
    )
  })

  it('goes on behind values and tables with keywords', async () => {
    expect(await at('SELECT * FROM res.users wh|')).to.deep.equal(['when ', 'where '])
    expect(await at('SELECT id FR|')).to.deep.equal(['FROM '])
    expect(await at('SELECT * FROM t GROUP|')).to.deep.equal(['GROUP BY '])
    expect(await at("SELECT 'x' A|"))
      .to.include('AS ')
      .and.not.to.include('abs(')
    expect(await completed('SELECT id FR| res.users')).to.equal('SELECT id FROM res.users')
  })

  it('offers functions, types and none for an alias', async () => {
    expect(await at('SELECT date_t|')).to.deep.equal(['date_trunc('])
    expect(await completed('SELECT date_t|(x)')).to.equal('SELECT date_trunc(x)')
    expect(await at('SELECT 1::num|')).to.deep.equal(['numeric'])
    expect(await at('SELECT CAST(1 AS te|')).to.deep.equal(['text'])
    expect(await at('SELECT 1 AS |')).to.deep.equal([])
  })

  it('offers the values of a selection, and reads on in the quotes that are there', async () => {
    expect(await at('SELECT * FROM sale.order WHERE state = |')).to.deep.equal(["'draft'", "'sale'"])
    expect(await at("SELECT * FROM sale.order o WHERE o.state IN ('draft', '|")).to.deep.equal([
      "'draft'",
      "'sale'",
    ])
    expect(await completed("SELECT * FROM sale.order WHERE state <> 'dr|'")).to.contain("state <> 'draft'")
    expect(await completed('SELECT * FROM sale.order WHERE state NOT IN (quot|')).to.contain(
      "NOT IN ('draft'",
    )
    expect(await at("SELECT * FROM res.users WHERE login = 'a|")).to.deep.equal([])
    expect(await at('SELECT * FROM res.users WHERE login = log|')).to.deep.equal(['login'])
    expect(await completed("SELECT * FROM res.users WHERE _partition = 'no|")).to.contain("= 'north'")
  })

  it('offers partitions behind USE, and settings behind SET', async () => {
    expect(await at('USE |')).to.deep.equal(['north', 'south', '"far east"', 'ALL', 'DEFAULT', 'SELECT'])
    expect(await at('use north, s|')).to.deep.equal(['south'])
    expect(await completed('SET odoo.p|')).to.equal('SET odoo.partitions')
    expect(await at("SET odoo.partitions = '|")).to.include("'north'")
  })

  it('offers metacommands and their arguments', async () => {
    expect(await at('\\for|')).to.deep.equal(['\\format '])
    expect(await at('\\format cs|')).to.deep.equal(['csv'])
    expect(await at('\\d res.u|')).to.deep.equal(['res.users'])
    expect(await at('\\use so|')).to.deep.equal(['south'])
    expect(await at('\\timing o|')).to.deep.equal(['on', 'off'])
    expect(await at('\\i packa|')).to.include('package.json')
    expect(await at('\\i src/rep|')).to.deep.equal(['src/repl/'])
  })

  it('is silent in comments, strings and numbers', async () => {
    for (const text of [
      'SELECT -- a|',
      '-- a|\nSELECT 1',
      '/* a| */ SELECT 1',
      'SELECT /* a|',
      'SELECT /* a| */ 1',
      "SELECT 'a|",
      'SELECT $$ a|',
      'SELECT 12|3',
    ])
      expect(await at(text), text).to.deep.equal([])
  })

  it('does without a server that does not answer, or refuses', async () => {
    const slow: ShellConnection = { ...CONNECTION, tables: () => never, table: () => never }
    expect(await at('SELECT * FROM |', completionsOf(slow, [], 1))).to.deep.equal(['system.', 'native.'])
    const hidden: ShellConnection = {
      ...CONNECTION,
      table: (name) => Promise.reject(undefinedTable(name, [])),
    }
    expect(await at('SELECT lo| FROM res.users', completionsOf(hidden, []))).not.to.include('login')
  })

  it('reads whatever is typed, finished or not', async () => {
    const words = `SELECT FROM WHERE JOIN ON IN ( ) , . ; = :: ' " $$ /* */ -- \\d \n res.users u "a""b" 'x' 12 12ab WITH t AS *`
    const text = fc
      .array(fc.constantFrom(...words.split(/(?<= ) */)), { maxLength: 25 })
      .map((found) => found.join(''))
    const completions = completionsOf(CONNECTION, METACOMMANDS)
    await fc.assert(
      fc.asyncProperty(text, fc.nat(), async (typed, place) => {
        const cursor = place % (typed.length + 1)
        const { start, end } = await complete(typed, cursor, completions)
        expect(start).to.be.at.most(cursor)
        expect(end).to.be.at.least(cursor)
      }),
    )
  })

  it('finds what all share', () => {
    expect(commonPrefix(['order', 'ORDER_line', 'orders'])).to.equal('order')
    expect(commonPrefix(['a', 'b'])).to.equal('')
  })
})

describe('repl/completion-menu', () => {
  const lines = (labels: readonly string[], chosen?: number, columns = 40, note?: string) =>
    menuLines(
      labels.map((label) => ({ text: label, label, note })),
      chosen,
      { columns, rowsMax: 4, paint: paintNothing },
    )
  it('stands in columns, from top to bottom', () => {
    expect(lines(['alpha', 'beta', 'gamma', 'delta', 'eps', 'zeta', 'eta'])).to.deep.equal([
      'alpha  gamma  eps    eta',
      'beta   delta  zeta',
    ])
  })
  it('tells notes where there is room for them', () => {
    expect(lines(['a', 'bc'], undefined, 20, 'a note that is rather long')).to.deep.equal([
      'a   a note that is…',
      'bc  a note that is…',
    ])
  })
  it('shows the page of what is chosen, within the width', () => {
    const many = Array.from({ length: 100 }, (_, index) => `name_${index}`)
    expect(lines(many, undefined, 20).at(-1)).to.equal('1–6 of 100')
    const page = lines(many, 99, 20)
    expect(page.at(-1)).to.equal('97–100 of 100')
    expect(page[0]).to.equal('name_96  name_98')
    for (const line of lines([...many, 'x'.repeat(50)], 3, 20)) expect(line.length).to.be.at.most(19)
  })
})
