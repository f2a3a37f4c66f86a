import { expect } from 'chai'
import { sqlErrorFromFault, type FaultContext } from '../../src/odoo/faults.ts'
import { FOREIGN_TEXT_MAX, redactorOf } from '../../src/odoo/redact.ts'

const CONTEXT: FaultContext = {
  database: 'demo',
  login: 'alice',
  model: 'res.partner',
  method: 'search_read',
  status: 200,
  redact: redactorOf([]),
}

describe('odoo faults', () => {
  const cases: readonly (readonly [
    name: string,
    message: string,
    code: string,
    more?: Partial<FaultContext>,
  ])[] = [
    ['odoo.exceptions.AccessDenied', 'Access Denied', '28P01'],
    ['werkzeug.exceptions.Unauthorized', 'Invalid apikey', '28P01', { status: 401 }],
    ['odoo.exceptions.AccessError', 'You are not allowed to access this', '42501'],
    ['odoo.exceptions.AccessError', 'Access to unauthorized or invalid companies.', '42501'],
    ['werkzeug.exceptions.Forbidden', '', '42501', { status: 403 }],
    ['odoo.exceptions.UserError', "Object res.partner doesn't exist", '42P01'],
    ['odoo.exceptions.UserError', 'L’objet res.partner n’existe pas', '42P01', { method: 'fields_get' }],
    ['odoo.exceptions.UserError', 'Something else about res.partner', '58000'],
    ['builtins.KeyError', "'res.partner'", '42P01'],
    ['builtins.KeyError', "'name'", '58000'],
    ['werkzeug.exceptions.NotFound', "the model 'res.partner' does not exist", '42P01', { status: 404 }],
    ['psycopg2.OperationalError', 'FATAL:  database "demo" does not exist\n', '3D000'],
    ['psycopg2.OperationalError', 'could not connect to server: too many clients', '58000'],
    ['psycopg2.errors.QueryCanceled', 'canceling statement due to statement timeout\n', '57014'],
    ['psycopg2.extensions.QueryCanceledError', 'canceling statement', '57014'],
    ['builtins.ValueError', 'Invalid field', '58000'],
    ['odoo.exceptions.MissingError', 'Record does not exist', '58000'],
    ['', '', '58000'],
  ]
  for (const [name, message, code, more] of cases)
    it(`${name} "${message.trim()}"${more === undefined ? '' : ` ${JSON.stringify(more)}`} is ${code}`, () => {
      expect(sqlErrorFromFault({ name, message }, { ...CONTEXT, ...more }).code).to.equal(code)
    })

  it('keeps to the first paragraph, on one line, of bounded length', () => {
    const show = redactorOf([])
    expect(show('  one\n  two\t three \n \nTraceback')).to.equal('one two three')
    expect(show('x'.repeat(10_000))).to.have.length(FOREIGN_TEXT_MAX + 1)
    expect(show('red\u001b[31m\u0000')).to.equal('red [31m')
  })

  const secrets = [
    'plain',
    'sp ace',
    'a&b=c',
    'quo"te',
    "apo'strophe",
    'back\\slash',
    'sla/sh',
    'ümläut',
    '<tag>',
    '%41',
  ]
  for (const secret of secrets)
    it(`masks ${secret} in every form it can come back in`, () => {
      const forms = [
        secret,
        encodeURIComponent(secret),
        new URLSearchParams({ k: secret }).toString().slice(2),
        JSON.stringify(secret).slice(1, -1),
        secret.replace(/[^ -~]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`),
      ]
      for (const form of forms)
        expect(redactorOf([undefined, '', secret])(`key ${form} end`)).not.to.contain(form)
    })

  it('masks a secret that stands across the cut', () => {
    const secret = 'verysecretkey'
    const shown = redactorOf([secret])('x'.repeat(FOREIGN_TEXT_MAX - 4) + secret)
    expect(shown).not.to.contain('very')
  })

  it('masks the longer of two secrets whole', () => {
    expect(redactorOf(['abc', 'abcdef'])('abcdef')).to.equal('***')
  })
})
