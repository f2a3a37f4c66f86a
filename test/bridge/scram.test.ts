import { expect } from 'chai'
import {
  mockVerifier,
  openScram,
  prepared,
  verifierFromPassword,
  verifierFromText,
} from '../../src/bridge/scram.ts'
import { errorOf } from '../support/errors.ts'

/** The example of RFC 7677, section 3. */
const CLIENT_FIRST = 'n,,n=user,r=rOprNGfwEbeRWgbNEkqO'
const NONCE = '%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0'
const SERVER_FIRST = `r=rOprNGfwEbeRWgbNEkqO${NONCE},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`
const CLIENT_FINAL = `c=biws,r=rOprNGfwEbeRWgbNEkqO${NONCE},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=`
const SERVER_FINAL = 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4='
const SALT = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64')

const codeOf = (run: () => unknown): string => errorOf(run).code

describe('SCRAM-SHA-256', () => {
  it('answers as the RFC has it', async () => {
    const exchange = openScram(await verifierFromPassword('pencil', SALT), NONCE)
    expect(exchange.first(CLIENT_FIRST)).to.equal(SERVER_FIRST)
    expect(exchange.last(CLIENT_FINAL)).to.equal(SERVER_FINAL)
  })

  it('takes a verifier that was stored', async () => {
    const made = await verifierFromPassword('pencil', SALT)
    const text = `SCRAM-SHA-256$4096:${SALT.toString('base64')}$${made.storedKey.toString('base64')}:${made.serverKey.toString('base64')}`
    expect(verifierFromText(text)).to.deep.equal(made)
    const wrong = ['', 'md5abc', text.slice(0, -1).slice(0, 40), text.replace('4096', '0'), text.replace('4096', '9999999'), `${text}x`.replace(':', '::')]
    for (const other of wrong) expect(codeOf(() => verifierFromText(other)), other).to.equal('22023')
  }) // prettier-ignore

  it('refuses a wrong password with 28P01', async () => {
    const exchange = openScram(await verifierFromPassword('pen', SALT), NONCE)
    exchange.first(CLIENT_FIRST)
    expect(codeOf(() => exchange.last(CLIENT_FINAL))).to.equal('28P01')
  })

  it('goes the same way for a name that is no user, and ends in 28P01', () => {
    const secret = Buffer.alloc(32, 7)
    const [one, again, other] = ['user', 'user', 'ruse'].map((name) =>
      openScram(mockVerifier(name, secret), NONCE).first(CLIENT_FIRST),
    )
    expect(one).to.equal(again).and.not.equal(other)
    expect(one).to.match(/^r=[^,]+,s=[^,]{24},i=4096$/)
    const exchange = openScram(mockVerifier('user', secret), NONCE)
    exchange.first(CLIENT_FIRST)
    expect(codeOf(() => exchange.last(CLIENT_FINAL))).to.equal('28P01')
  })

  it('refuses what is no exchange with 08P01', async () => {
    const verifier = await verifierFromPassword('pencil', SALT)
    for (const first of ['', 'n,,', 'x,,n=u,r=a', 'p=tls-unique,,n=u,r=a', 'n,,n=u,r=', 'n,,m=x,n=u,r=a'])
      expect(
        codeOf(() => openScram(verifier).first(first)),
        first,
      ).to.equal('08P01')
    const finals = [
      '',
      CLIENT_FINAL.replace('biws', 'eSws'),
      CLIENT_FINAL.replace('k0,', 'k1,'),
      CLIENT_FINAL.replace(/p=.*/, 'p=AAAA'),
    ]
    for (const last of finals) {
      const exchange = openScram(verifier, NONCE)
      exchange.first(CLIENT_FIRST)
      expect(
        codeOf(() => exchange.last(last)),
        last,
      ).to.equal('08P01')
    }
    expect(codeOf(() => openScram(verifier).last(CLIENT_FINAL))).to.equal('08P01')
  })

  it('takes a client that could bind a channel, where none is offered', async () => {
    const exchange = openScram(await verifierFromPassword('pencil', SALT), NONCE)
    expect(exchange.first(CLIENT_FIRST.replace('n,,', 'y,,'))).to.equal(SERVER_FIRST)
    // The header is part of the proof.
    expect(codeOf(() => exchange.last(CLIENT_FINAL))).to.equal('08P01')
    expect(codeOf(() => exchange.last(CLIENT_FINAL.replace('biws', 'eSws')))).to.equal('28P01')
  })

  it('normalises a password as SASLprep does', () => {
    expect(prepared('I\u00adX')).to.equal('IX')
    expect(prepared('a\u00a0b')).to.equal('a b')
    expect(prepared('\u2168')).to.equal('IX')
    expect(prepared('ª')).to.equal('a')
    expect(prepared('e\u0301')).to.equal('é')
  })
})
