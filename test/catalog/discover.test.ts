import { expect } from 'chai'
import ts from 'typescript'
import { tableFromFields, type DiscoveredField } from '../../src/catalog/discover.ts'
import { mergeTables } from '../../src/catalog/merge-tables.ts'
import {
  identifierFrom,
  modelsOfTableName,
  tableNameOfModel,
  tableNamesOfModels,
  uniqueNames,
} from '../../src/catalog/naming.ts'
import { rowTypes } from '../../src/catalog/row-types.ts'
import { isSecretField } from '../../src/catalog/secret-fields.ts'
import { FIELD_TYPES, tableSchema, TYPES_OF_FIELD } from '../../src/catalog/spec.ts'

const field = (name: string, type: string, more: Partial<DiscoveredField> = {}): DiscoveredField => ({
  name,
  type,
  label: name,
  help: undefined,
  required: false,
  store: true,
  relation: undefined,
  selection: undefined,
  digits: undefined,
  companyDependent: false,
  ...more,
})

const discovered = (...fields: readonly DiscoveredField[]) =>
  tableFromFields({ model: 'x.y', label: 'Y', name: { schema: 'x', name: 'y' } }, fields)
const layoutOf = (...fields: readonly DiscoveredField[]) =>
  discovered(...fields).columns.map(({ name, type }) => `${name} ${type}`)

describe('names of discovered tables', () => {
  const nameOf = (model: string) => {
    const { schema, name } = tableNameOfModel(model)
    return `${schema}.${name}`
  }
  const namesOf = (models: readonly string[], taken: readonly string[] = []) =>
    [...tableNamesOfModels(models, taken)].map(([model, { schema, name }]) => `${model} ${schema}.${name}`)

  it('make a schema of the first part', () => {
    expect(nameOf('sale.order.line')).to.equal('sale.order_line')
    expect(nameOf('ir.mail_server')).to.equal('ir.mail_server')
    expect(nameOf('wizard')).to.equal('public.wizard')
    expect(nameOf('l10n.2nd')).to.equal('l10n._2nd')
  })

  it('stay out of the schemas of PostgreSQL and of the driver', () => {
    expect(nameOf('pg_catalog.pg_class')).to.equal('_pg_catalog.pg_class')
    expect(nameOf('system.tables')).to.equal('_system.tables')
    expect(nameOf('native.x')).to.equal('_native.x')
  })

  it('let the first model keep a name that two would have, in the order of the names', () => {
    const expected = ['a.b.c a.b_c', 'a.b_c a.b_c_2']
    expect(namesOf(['a.b_c', 'a.b.c'])).to.deep.equal(expected)
    expect(namesOf(['a.b.c', 'a.b_c'])).to.deep.equal(expected)
    // The number is that of nobody else.
    expect(namesOf(['a.b.c', 'a.b_c', 'a.b_c_2'])).to.include('a.b_c a.b_c_3')
    expect(namesOf(['a.b', 'c.b'], ['a.b'])).to.deep.equal(['a.b a.b_2', 'c.b c.b'])
  })

  it('fit into 63 characters and stay unique', () => {
    const long = 'a'.repeat(70)
    const [one, two] = [identifierFrom(`${long}x`), identifierFrom(`${long}y`)]
    expect(one)
      .to.have.length(63)
      .and.to.match(/^a{54}_[0-9a-f]{8}$/)
    expect(one).not.to.equal(two)
    const exact = 'b'.repeat(63)
    expect(uniqueNames([exact, exact])).to.satisfy(
      ([first, second]: string[]) => first === exact && second !== exact && second?.length === 63,
    )
  })

  it('tell which models may be behind one, the owner of the name first', () => {
    expect(modelsOfTableName({ schema: 'sale', name: 'order_line' })).to.deep.equal([
      'sale.order.line',
      'sale.order_line',
    ])
    expect(modelsOfTableName({ schema: 'public', name: 'a_b' })).to.deep.equal(['a_b'])
    const many = modelsOfTableName({ schema: 'a', name: 'b_c_d_e_f_g_h_i' })
    expect(many).to.have.length(17).and.to.include('a.b_c_d_e_f_g_h_i').and.to.include('a.b.c.d.e.f.g.h_i')
    for (const model of many) expect(nameOf(model)).to.equal('a.b_c_d_e_f_g_h_i')
    expect([...many.slice(0, 16)].sort()).to.deep.equal(many.slice(0, 16))
    expect(modelsOfTableName({ schema: 'a', name: 'B b' })).to.deep.equal([])
  })
})

describe('a discovered table', () => {
  it('shows each type of field as the design says, the id first, the rest by name', () => {
    expect(
      layoutOf(
        ...FIELD_TYPES.map((type) => field(`f_${type}`, type)),
        field('id', 'integer'),
        field('f_rounded', 'float', { digits: [16, 2] }),
      ),
    ).to.deep.equal([
      'id int4',
      'f_binary bytea',
      'f_boolean bool',
      'f_char text',
      'f_date date',
      'f_datetime timestamp',
      'f_float float8',
      'f_html text',
      'f_integer int4',
      'f_json jsonb',
      'f_many2many int4[]',
      'f_many2one int4',
      'f_many2one_label text',
      'f_many2one_reference int4',
      'f_monetary numeric',
      'f_one2many int4[]',
      'f_properties jsonb',
      'f_properties_definition jsonb',
      'f_reference text',
      'f_rounded numeric',
      'f_selection text',
      'f_text text',
    ])
    expect(Object.keys(TYPES_OF_FIELD)).to.have.members(FIELD_TYPES)
  })

  it('keeps labels apart from fields of that name', () => {
    expect(layoutOf(field('a', 'many2one'), field('a_label', 'char'))).to.deep.equal([
      'id int4',
      'a int4',
      'a_label_2 text',
      'a_label text',
    ])
  })

  it('leaves out what it cannot read, and says so', () => {
    const { columns, description } = discovered(field('a', 'char'), field('geo', 'geo_point'))
    expect(columns.map(({ name }) => name)).to.deep.equal(['id', 'a'])
    expect(description).to.contain('geo (geo_point)')
    expect(discovered(field('a', 'constructor')).columns).to.have.length(1)
  })

  it('gives odd fields names that PostgreSQL takes, and says which field it is', () => {
    const long = 'x_studio_'.repeat(8)
    const spec = discovered(
      ...['Foo', 'foo', '2nd', 'x$y', '_partition', 'xmin', '__dropped', 'select', 'user', long].map((name) =>
        field(name, 'char'),
      ),
    )
    expect(tableSchema.parse(spec)).to.be.an('object')
    const of = (name: string) => spec.columns.find((column) => (column.field ?? column.name) === name)
    expect(of('Foo')).to.include({ name: 'foo', field: 'Foo' })
    expect(of('foo')).to.include({ name: 'foo_2', field: 'foo' })
    expect(of('foo')?.description).to.contain('Odoo’s field is foo')
    expect(of('2nd')?.name).to.equal('_2nd')
    expect(of('x$y')?.name).to.equal('x_y')
    expect(of('_partition')?.name).to.equal('_partition_2')
    expect(of('xmin')?.name).to.equal('xmin_2')
    expect(of('__dropped')?.name).to.equal('__dropped_2')
    expect(of('select')).to.include({ name: 'select', field: undefined })
    expect(of(long)?.name).to.have.length(63)
  })

  it('describes links, codes and what Odoo computes', () => {
    const { columns } = discovered(
      field('a', 'many2one', { relation: 'res.users', label: 'Owner', store: false }),
      field('b', 'selection', { selection: [['x', 'Ex'], ['', ' ']] }), // prettier-ignore
      field('c', 'selection', {
        selection: Array.from({ length: 500 }, (_, n) => [`c${n}`, `C${n}`] as const),
      }),
      field('d', 'char', { help: 'Two\n lines', companyDependent: true, label: ' ' }),
    )
    const [, a, label, b, c, d] = columns
    expect(a?.description).to.equal('Owner. Id of a record of res.users. Odoo works it out when it is read.')
    expect(a).to.include({ part: 'id', relation: 'res.users' })
    expect(label).to.include({ part: 'label', field: 'a' })
    expect(b?.values).to.deep.equal({ x: 'Ex', '': '(empty)' })
    expect(c?.values).to.equal(undefined)
    expect(c?.description).to.contain('500 codes')
    expect(d?.description).to.equal('Two lines. Each company has its own value.')
    expect(d?.label).to.equal('d')
  })

  it('says when another table has its name', () => {
    const source = { model: 'a.b_c', label: '', name: { schema: 'a', name: 'b_c_2' } }
    const spec = tableFromFields(source, [])
    expect(spec).to.include({ schema: 'a', name: 'b_c_2', label: 'a.b_c' })
    expect(spec.description).to.contain('Another table has the name a.b_c.')
  })
})

describe('secret fields', () => {
  const isSecret = (name: string, type = 'char', model = 'x.y') => isSecretField(model, { name, type })

  it('are known by their names', () => {
    for (const name of ['smtp_pass', 'password', 'new_password', 'access_token', 'stripe_secret_key', 'pin'])
      expect(isSecret(name), name).to.equal(true)
    for (const name of ['api_key', 'apikey', 'x_apikey', 'adyen_hmac_key', 'google_gmail_authorization_code'])
      expect(isSecret(name), name).to.equal(true)
    expect(isSecret('smtp_ssl_private_key', 'binary')).to.equal(true)
    expect(isSecret('value', 'text', 'ir.config_parameter')).to.equal(true)
  })

  it('are not those that only sound like it, nor flags and numbers', () => {
    for (const name of ['passenger', 'compass', 'key', 'spin', 'pinned', 'value', 'public_key'])
      expect(isSecret(name), name).to.equal(false)
    expect(isSecret('has_password', 'boolean')).to.equal(false)
    expect(isSecret('access_token_expiration', 'datetime')).to.equal(false)
    expect(isSecret('payment_token_id', 'many2one')).to.equal(false)
  })
})

describe('tables of several partitions', () => {
  it('have every column of each, the first description counting', () => {
    const north = discovered(field('b', 'many2one'), field('d', 'char', { label: 'North' }))
    const south = discovered(
      field('a', 'char'),
      field('c', 'many2one'),
      field('d', 'char', { label: 'South' }),
    )
    const merged = mergeTables(north, south)
    expect(merged.columns.map(({ name }) => name)).to.deep.equal([
      'id',
      'a',
      'b',
      'b_label',
      'c',
      'c_label',
      'd',
    ])
    expect(merged.columns.at(-1)?.label).to.equal('North')
    expect(tableSchema.parse(merged)).to.be.an('object')
    expect(mergeTables(north, discovered(field('d', 'char')))).to.equal(north)
  })
})

describe('row types', () => {
  it('are TypeScript that compiles, with NULL only where it can be', () => {
    const spec = discovered(
      ...FIELD_TYPES.map((type) => field(`f_${type}`, type, { required: true, help: 'Ends */ here.' })),
    )
    const twin = tableFromFields({ model: 'x_y', label: 'T', name: { schema: 'x', name: 'y_' } }, [])
    const text = rowTypes([spec, twin])
    const { diagnostics = [] } = ts.transpileModule(text, { reportDiagnostics: true })
    expect(diagnostics.map(({ messageText }) => messageText)).to.deep.equal([])
    expect(text).to.contain('export interface XY {').and.to.contain('export interface XY_2 {')
    expect(text.match(/^ {2}\w+: .*$/gm)?.slice(0, 23)).to.deep.equal([
      '  id: number',
      '  f_binary: Uint8Array | null',
      '  f_boolean: boolean',
      '  f_char: string | null',
      '  f_date: Date | null',
      '  f_datetime: Date | null',
      '  f_float: number',
      '  f_html: string | null',
      '  f_integer: number',
      '  f_json: unknown',
      '  f_many2many: readonly number[]',
      '  f_many2one: number | null',
      '  f_many2one_label: string | null',
      '  f_many2one_reference: number',
      '  f_monetary: string',
      '  f_one2many: readonly number[]',
      '  f_properties: unknown',
      '  f_properties_definition: unknown',
      '  f_reference: string | null',
      '  f_selection: string | null',
      '  f_text: string | null',
      '  _partition: string',
      '  id: number',
    ])
  })

  it('take nothing for granted that a version or a group may lack', () => {
    const spec = discovered(field('a', 'integer', { required: true }))
    const limited = { ...spec, columns: spec.columns.map((column) => ({ ...column, since: 16 })) }
    expect(rowTypes([limited])).to.contain('  a: number | null')
    expect(rowTypes([limited])).to.contain('  id: number\n')
  })
})
