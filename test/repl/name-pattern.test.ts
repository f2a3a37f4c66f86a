import { expect } from 'chai'
import { namePattern } from '../../src/repl/name-pattern.ts'

describe('repl/name-pattern', () => {
  const matches = (pattern: string, schema: string, name: string): boolean =>
    namePattern(pattern).matches(schema, name)

  it('has wildcards, and a point between schema and name', () => {
    expect(matches('res.part*', 'res', 'partner')).to.be.true
    expect(matches('res.part*', 'crm', 'partner')).to.be.false
    expect(matches('*.partner', 'crm', 'partner')).to.be.true
    expect(matches('partner', 'anything', 'partner')).to.be.true
    expect(matches('partne?', 'res', 'partner')).to.be.true
    expect(matches('partne?', 'res', 'partne')).to.be.false
    expect(matches('part', 'res', 'partner')).to.be.false
    expect(matches('odoo.res.partner', 'res', 'partner')).to.be.true
  })

  it('folds to lower case, but not in quotes', () => {
    expect(matches('RES.Partner', 'res', 'partner')).to.be.true
    expect(matches('"RES".partner', 'res', 'partner')).to.be.false
    expect(matches('"a*b"', 'x', 'a*b')).to.be.true
    expect(matches('"a*b"', 'x', 'aXb')).to.be.false
    expect(matches('"a.b"', 'x', 'a.b')).to.be.true
  })

  it('takes what means something to regular expressions as it stands', () => {
    expect(matches('a+b(c', 'x', 'a+b(c')).to.be.true
    expect(matches('a|b', 'x', 'a')).to.be.false
  })

  it('knows a name that stands for itself', () => {
    expect(namePattern('IR.mail_server').exact).to.deep.equal({ schema: 'ir', name: 'mail_server' })
    expect(namePattern('"X".y').exact).to.deep.equal({ schema: 'X', name: 'y' })
    expect(namePattern('"a*"').exact).to.deep.equal({ schema: undefined, name: 'a*' })
    expect(namePattern('ir.*').exact).to.equal(undefined)
  })
})
