import { expect } from 'chai'
import { deepStrictEqual } from 'node:assert/strict'
import { inspect } from 'node:util'
import { connect, type Connection } from '../../src/driver/connection.ts'
import { htmlOf, textOf } from '../../src/driver/display.ts'
import type { ResultColumn } from '../../src/driver/cursor.ts'

const JUPYTER_DISPLAY = Symbol.for('Jupyter.display')

describe('a result', () => {
  let odoo: Connection
  before(async () => {
    odoo = await connect({ demo: true })
  })
  after(() => odoo.close())

  it('prints as a table, with types, NULLs and the count', async () => {
    const result = await odoo.query(
      'SELECT id, name, smtp_port, from_filter FROM ir.mail_server ORDER BY id LIMIT 2',
    )
    expect(inspect(result).split('\n')).to.deep.equal([
      '     id  name                   smtp_port  from_filter',
      'integer  text                     integer  text',
      '-------  ---------------------  ---------  -----------',
      '      1  Demo Trading outgoing        587  example.com',
      '      2  Backup relay                 465  NULL',
      '2 rows',
    ])
    expect(inspect(await odoo.query("SET TimeZone = 'UTC'"))).to.equal('0 rows')
  })

  it('shows as HTML where Jupyter asks, and as text beside it', async () => {
    const result = await odoo.query('SELECT id, name FROM ir.mail_server ORDER BY id LIMIT 1')
    const display = (result as unknown as Record<symbol, () => Record<string, string>>)[JUPYTER_DISPLAY]!()
    expect(Object.keys(display)).to.deep.equal(['text/plain', 'text/html'])
    expect(display['text/plain']).to.equal(inspect(result))
    expect(display['text/html']).to.equal(result.toHtml())
    expect(result.toHtml()).to.match(/^<table><caption>1 row<\/caption><thead><tr><th title="[^"<>]+">id<br>/)
    expect(result.toHtml()).to.contain('<td style="text-align: right">1</td><td>Demo Trading outgoing</td>')
  })

  it('keeps secrets masked', async () => {
    const result = await odoo.query('SELECT smtp_pass FROM ir.mail_server WHERE id = 1')
    expect(result.toHtml()).to.contain('<td>********</td>')
    expect(inspect(result)).to.contain('********')
  })

  it('shows the first rows of many', async () => {
    const result = await odoo.query('SELECT generate_series(1, 1000) AS n')
    expect(result.toHtml()).to.contain('<caption>first 20 of 1000 rows</caption>')
    expect(inspect(result).split('\n')).to.have.length(2 + 1 + 20 + 1)
  })

  it('is plain data otherwise', async () => {
    const result = await odoo.query('SELECT 1 AS one')
    const data = {
      rows: [{ one: 1 }],
      columns: result.columns,
      rowCount: 1,
      calls: [],
      notices: [],
    }
    deepStrictEqual(result, data)
    expect(Object.keys(result)).to.deep.equal(Object.keys(data))
    expect(JSON.parse(JSON.stringify(result))).to.deep.equal(data)
    expect({ ...result }).to.deep.equal(data)
  })
})

describe('what is shown of a result', () => {
  const column = (name: string): ResultColumn => ({ name, type: 'text' })

  it('is escaped, also in names and descriptions', () => {
    const attack = `<img src=x onerror="alert('&')">`
    const source = { table: 'a.b', column: 'c', model: 'a.b', field: 'c', label: attack, description: attack }
    const html = htmlOf({ columns: [{ ...column(attack), source }], rows: [[attack]], rowCount: 1 })
    const escaped = '&lt;img src=x onerror=&quot;alert(&#39;&amp;&#39;)&quot;&gt;'
    expect(html.split(escaped)).to.have.length(4)
    expect(html).not.to.contain('<img')
  })

  it('has one line a row, whatever is in it, and cuts what is long', () => {
    const rows = [['a\nb\tc\u001b[31m'], ['x'.repeat(100)], ['😀'.repeat(100)]]
    const lines = textOf({ columns: [column('a')], rows, rowCount: 3 }).split('\n')
    expect(lines.slice(3)).to.deep.equal([
      'a b c [31m',
      `${'x'.repeat(59)}…`,
      `${'😀'.repeat(59)}…`,
      '3 rows',
    ])
  })
})
