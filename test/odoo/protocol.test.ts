import { expect } from 'chai'
import fc from 'fast-check'
import { capabilitiesOf, versionFromInfo } from '../../src/odoo/capabilities.ts'
import { SqlError } from '../../src/errors.ts'
import * as protocol from '../../src/odoo/protocol.ts'

describe('odoo protocol', () => {
  const shapes = [
    protocol.FIELDS,
    protocol.RECORDS,
    protocol.IDS,
    protocol.COUNT,
    protocol.FLAG,
    protocol.USER_CONTEXT,
    protocol.LOGIN,
    protocol.VERSION,
    protocol.ENVELOPE,
  ] as const
  it('takes any JSON for a reply, or says with a SqlError that it is none', () => {
    const odd = fc.oneof(
      fc.jsonValue(),
      fc.dictionary(
        fc.string(),
        fc.dictionary(fc.constantFrom(...protocol.FIELD_ATTRIBUTES), fc.jsonValue()),
      ),
      fc.array(fc.record({ id: fc.jsonValue(), name: fc.jsonValue() })),
    )
    fc.assert(
      fc.property(odd, fc.constantFrom<protocol.ReplyShape<unknown>>(...shapes), (reply, shape) => {
        try {
          protocol.valueFromReply(shape, reply)
        } catch (thrown) {
          if (!(thrown instanceof SqlError)) throw thrown
          expect(thrown.code).to.equal('58000')
        }
      }),
      { numRuns: 1_000 },
    )
  })

  it('reads fields with odd attributes', () => {
    const fields = protocol.valueFromReply(protocol.FIELDS, {
      a: {
        type: 'char',
        string: false,
        size: false,
        digits: false,
        selection: [['x', 'X'], [1, false], 'odd'],
      },
      b: { type: 'float', string: 'B', digits: [16, 2], size: 0, store: true, company_dependent: true },
      c: { type: 'brand_new', translate: 'xml' },
    })
    expect(fields.get('a')).to.deep.include({ label: 'a', size: undefined, digits: undefined, store: false })
    expect(fields.get('a')?.selection).to.deep.equal([
      ['x', 'X'],
      ['1', 'false'],
    ])
    expect(fields.get('b')).to.deep.include({
      digits: [16, 2],
      size: undefined,
      companyDependent: true,
      store: true,
    })
    expect(fields.get('c')).to.include({ type: 'brand_new', translate: true, searchable: false })
  })

  it('names where a reply is wrong, and none of its values', () => {
    const check = () =>
      protocol.valueFromReply(protocol.FIELDS, { smtp_pass: { type: 7, string: 'hunter2' } })
    expect(check).to.throw(SqlError, "Odoo's reply is not a list of fields")
    try {
      check()
    } catch (thrown) {
      expect((thrown as SqlError).detail).to.equal(
        'It is of type object; the first fault is at smtp_pass.type.',
      )
    }
  })

  it('reads versions, and takes none as proven that was not measured', () => {
    const familyOf = (...info: (string | number)[]) => versionFromInfo([...info, 'final', 0, ''])
    expect(familyOf(14, 0, 0)).to.deep.equal({ major: 14, text: '14.0', family: '14' })
    expect(familyOf(17, 0, 0)?.family).to.equal('14')
    expect(familyOf(18, 0, 0)?.family).to.equal('18')
    expect(familyOf(19, 0, 0)?.family).to.equal('19')
    expect(familyOf('saas~18', 2, 0)).to.deep.equal({ major: 18, text: 'saas~18.2', family: 'unproven' })
    expect(familyOf(13, 0, 0)?.family).to.equal('unproven')
    expect(familyOf(20, 0, 0)?.family).to.equal('unproven')
    expect(familyOf('unknown')).to.equal(undefined)
  })

  it('knows what came with which version', () => {
    const of = (major: number) => Object.values(capabilitiesOf({ major })).filter(Boolean).length
    expect([14, 15, 16, 17, 18, 19].map(of)).to.deep.equal([0, 1, 1, 2, 3, 5])
  })
})
