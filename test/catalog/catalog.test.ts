import { expect } from 'chai'
import { catalogOf } from '../../src/catalog/catalog.ts'
import type { TableSpec } from '../../src/catalog/spec.ts'

const table = (schema: string, name: string): TableSpec => ({
  schema,
  name,
  model: `${schema}.${name}`,
  label: name,
  description: name,
  columns: [],
  examples: [],
})

describe('catalog/catalog', () => {
  const catalog = catalogOf([
    table('sale', 'order'),
    table('res', 'log'),
    table('ir', 'log'),
    table('res', 'users'),
  ])

  it('finds a table by schema and name', () => {
    expect(catalog.find('sale', 'order')?.model).to.equal('sale.order')
    expect(catalog.find('res', 'log')?.schema).to.equal('res')
    expect(catalog.find('sale', 'users')).to.be.undefined
  })

  it('searches ir, then res, for a table without a schema, and no other schema', () => {
    expect(catalog.find(undefined, 'log')?.schema).to.equal('ir')
    expect(catalog.find(undefined, 'users')?.schema).to.equal('res')
    expect(catalog.find(undefined, 'order')).to.be.undefined
  })

  it('compares names as they stand, for quoted ones are not folded', () => {
    expect(catalog.find('SALE', 'order')).to.be.undefined
    expect(catalog.find(undefined, 'constructor')).to.be.undefined
  })

  it('offers every way to write a table as candidates of a hint', () => {
    expect(catalog.names).to.deep.equal(['ir.log', 'res.log', 'res.users', 'sale.order', 'log', 'users'])
  })
})
