import { expect } from 'chai'
import fc from 'fast-check'
import { runInNewContext } from 'node:vm'
import { connect, type Connection } from '../../src/driver/connection.ts'
import { sqlTag } from '../../src/driver/sql-template.ts'
import { errorOf, sqlErrorOf } from '../support/errors.ts'

/** A tag whose statements are looked at and not run. */
const sql = sqlTag(() => Promise.reject(new TypeError('not to be run')))

/** Texts that end literals, names, comments and statements. */
const hostile = fc.oneof(
  fc.constantFrom(
    `' OR 1 = 1 --`,
    `'; DROP TABLE res_partner; --`,
    '"; SELECT 1',
    '$1',
    '$$ $q$',
    '\\',
    `\\' OR ''='`,
    '/*',
    '*/',
    'NULL',
    '',
  ),
  fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0') && text.isWellFormed()),
)

describe('a template', () => {
  it('has a parameter for each value', () => {
    const statement = sql`SELECT name FROM ir.mail_server WHERE id = ${7} AND name = ${"O'Hara"}`
    expect(statement.text).to.equal('SELECT name FROM ir.mail_server WHERE id = $1 AND name = $2')
    expect(statement.params).to.deep.equal([7, "O'Hara"])
  })

  it('has a text that no value changes', () => {
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 3, maxLength: 3 }), ([a, b, c]) => {
        const inner = sql`name = ${a}`
        const statement = sql`SELECT id FROM res.partner WHERE ${inner} AND city IN ${sql.list([b, c])}`
        expect(statement.text).to.equal('SELECT id FROM res.partner WHERE name = $1 AND city IN ($2, $3)')
        expect(statement.params).to.deep.equal([a, b, c])
      }),
    )
  })

  it('counts the parameters of templates within in the order of the text', () => {
    const active = sql`active = ${true}`
    const filter = sql`(${active} OR ${sql`id > ${5}`}) AND ${active}`
    expect(sql`SELECT ${1} WHERE ${filter} LIMIT ${9}`).to.include({
      text: 'SELECT $1 WHERE (active = $2 OR id > $3) AND active = $4 LIMIT $5',
    })
    const none = sql``
    expect(sql`SELECT 1${none}`.text).to.equal('SELECT 1')
  })

  it('keeps a parameter apart from what touches it', () => {
    expect(sql`LIMIT${1}0`.text).to.equal('LIMIT $1 0')
    expect(sql`${1}${sql`0`}`.text).to.equal('$1 0')
    expect(sql`${1}${sql``}${2}é`.text).to.equal('$1 $2 é')
    expect(sql`(${1}::int4)`.text).to.equal('($1::int4)')
  })

  it('quotes identifiers', () => {
    expect(sql`SELECT * FROM ${sql.identifier('ir.mail_server')}`.text).to.equal(
      'SELECT * FROM "ir"."mail_server"',
    )
    fc.assert(
      fc.property(hostile, (name) => {
        const parts = name.split('.')
        if (parts.includes('')) return
        const { text, params } = sql.identifier(name)
        expect(params).to.deep.equal([])
        // What is left when whole quoted names are taken away are the dots between them.
        expect(text.replace(/"(?:[^"]|"")*"/g, '')).to.equal('.'.repeat(parts.length - 1))
      }),
    )
  })

  it('refuses what would not be bound', () => {
    const calls = [
      () => sql.identifier('ir.'),
      () => sql.list([]),
      () => sql('SELECT 1' as unknown as TemplateStringsArray),
      () => sql(['SELECT 1'] as unknown as TemplateStringsArray),
      () => sql`SELECT '\u'`,
    ]
    for (const call of calls) expect(errorOf(call)).to.include({ code: '22023' })
  })
})

describe('a template of a connection', () => {
  let odoo: Connection
  before(async () => {
    odoo = await connect({ demo: true })
  })
  after(() => odoo.close())

  it('runs when it is awaited, each time anew', async () => {
    const statement = odoo.sql<{ id: number; name: string }>`
      SELECT id, name FROM ir.mail_server WHERE id <= ${2} ORDER BY id`
    const first: { id: number; name: string } | undefined = (await statement).rows[0]
    expect(first?.id).to.equal(1)
    expect((await statement).rows).to.have.length(2)
  })

  it('goes where a text goes', async () => {
    const { sql } = odoo
    const table = sql.identifier('ir.mail_server')
    const ids = [1, 3]
    const statement = sql<{ id: number }>`SELECT id FROM ${table} WHERE id = ANY(${ids}) ORDER BY id`
    expect((await odoo.query(statement)).rows).to.deep.equal([{ id: 1 }, { id: 3 }])
    const streamed: number[] = []
    for await (const row of odoo.stream(statement)) streamed.push(row.id)
    expect(streamed).to.deep.equal(ids)
    expect(await odoo.explain(statement)).to.contain('["id","in",[1,3]]')
    const listed = sql`SELECT id FROM ${table} WHERE id IN ${sql.list(ids)} ORDER BY id`
    expect((await listed).rows).to.deep.equal([{ id: 1 }, { id: 3 }])
    expect((await sql`SELECT id FROM ${table} WHERE id = ANY(${[]})`).rows).to.deep.equal([])
    expect(await sqlErrorOf(odoo.query(statement, [1]))).to.include({ code: '22023' })
  })

  it('gives every text back as it was, on the short way and through the engine', async () => {
    await fc.assert(
      fc.asyncProperty(hostile, async (text) => {
        expect((await odoo.sql`SELECT ${text}::text AS given`).rows).to.deep.equal([{ given: text }])
        const found = await odoo.sql`SELECT id FROM ir.mail_server WHERE name = ${text}`
        expect(found.rows).to.deep.equal([])
      }),
      { numRuns: 60 },
    )
  })

  it('tells a value within quotes from a parameter', async () => {
    const name = 'x'
    const error = await sqlErrorOf(odoo.query(odoo.sql`SELECT id FROM ir.mail_server WHERE name = '${name}'`))
    expect(error).to.include({ code: '42P18', message: 'could not determine data type of parameter $1' })
  })

  it('takes values from another realm, as notebooks have', async () => {
    const values = runInNewContext(
      '({ date: new Date(Date.UTC(2022, 5, 1)), bytes: new Uint8Array([0, 255]), ids: [1, 2] })',
    ) as { date: Date; bytes: Uint8Array; ids: number[] }
    const { rows } = await odoo.sql`
      SELECT ${values.date}::timestamp AS date, ${values.bytes}::bytea AS bytes, ${values.ids}::int4[] AS ids`
    expect(rows).to.deep.equal([
      { date: new Date(Date.UTC(2022, 5, 1)), bytes: new Uint8Array([0, 255]), ids: [1, 2] },
    ])
  })
})
