import { expect } from 'chai'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { settleBridge } from '../../src/bridge/configuration.ts'
import type { BridgeArguments } from '../../src/bridge/configuration.ts'
import { verifierFromPassword } from '../../src/bridge/scram.ts'
import { clientFrom } from '../../src/bridge/startup-parameters.ts'
import { errorOf, sqlErrorOf } from '../support/errors.ts'

const GIVEN: BridgeArguments = {
  allowUnencrypted: false,
  logLiterals: false,
  isQuiet: false,
  connect: { demo: true },
}

const PARTITIONS = {
  north: { url: 'http://north', database: 'n', login: 'tool', apiKey: 'north-key' },
  south: { url: 'http://south', database: 's', login: 'tool', password: 'south-password' },
}

describe('the configuration of the bridge', () => {
  let folder: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'odoo-sql-bridge-'))
  })
  after(() => rm(folder, { recursive: true }))

  async function settleFile(bridge: unknown, given: Partial<BridgeArguments> = {}, rest: object = {}) {
    const path = join(folder, 'config.json')
    await writeFile(path, JSON.stringify({ partitions: PARTITIONS, ...rest, bridge }))
    return settleBridge({ ...GIVEN, ...given, connect: { config: path } })
  }

  async function servicesOf(bridge: unknown, rest: object = {}) {
    const { authentication } = await settleFile(bridge, {}, rest)
    expect(authentication.kind).to.equal('scram')
    return authentication.kind === 'scram' ? [...authentication.users.values()].map(({ service }) => service) : []
  } // prettier-ignore

  it('has defaults, which the file goes before, and the command line before that', async () => {
    const users = [{ name: 'a', password: 'x' }]
    const plain = await settleFile({ users })
    expect(plain).to.include({ host: '127.0.0.1', port: 5433, maxSessions: 100, drainMs: 10_000, authenticationTimeoutMs: 60_000 })
    const numbers = { host: '::1', port: 6000, maxSessions: 5, drainMs: 0, idleTimeoutMs: 7, statementTimeoutMs: 8, authenticationTimeoutMs: 9 }
        expect(await settleFile({ users, ...numbers })).to.include(numbers)
    expect(await settleFile({ users, ...numbers }, { host: 'localhost', port: 0, maxSessions: 6 })).to.include({ host: 'localhost', port: 0, maxSessions: 6 })
  }) // prettier-ignore

  it('gives each user their own partitions and credentials', async () => {
    const services = await servicesOf(
      {
        users: [
          { name: 'all', password: 'x' },
          { name: 'some', password: 'x', partitions: ['south'] },
          { name: 'other', password: 'x', odoo: { login: 'other', apiKey: 'other-key' } },
          { name: 'mixed', password: 'x', odoo: { south: { login: 'mixed', password: 'mixed-password' } } },
        ],
        enginesMax: 2,
      },
      { default: ['north'], settings: { maxRows: 5 } },
    )
    const undefinedRest = { apiKey: undefined, password: undefined }
    const [all, some, other, mixed] = services
    expect(all).to.deep.include({ enginesMax: 2, maxRows: 5, partition: ['north'] })
    expect(all?.config).to.equal(undefined)
    expect(all?.partitions).to.deep.equal({ north: { ...undefinedRest, ...PARTITIONS.north }, south: { ...undefinedRest, ...PARTITIONS.south } })
    expect(some?.partitions).to.deep.equal({ south: { ...undefinedRest, ...PARTITIONS.south } })
    expect(some?.partition).to.equal(undefined)
    expect(other?.partitions?.['south']).to.deep.include({ login: 'other', apiKey: 'other-key', password: undefined })
    expect(mixed?.partitions?.['north']).to.deep.include({ login: 'tool', apiKey: 'north-key' })
    expect(mixed?.partitions?.['south']).to.deep.include({ login: 'mixed', apiKey: undefined, password: 'mixed-password' })
  }) // prettier-ignore

  it('takes secrets from the environment, from files, and as verifiers', async () => {
    const { iterations, salt, storedKey, serverKey } = await verifierFromPassword('pencil')
    const text = `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${storedKey.toString('base64')}:${serverKey.toString('base64')}`
    const secret = join(folder, 'secret')
    await writeFile(secret, `${text}\n`)
    const { authentication } = await settleFile({ users: [{ name: 'a', verifier: { file: secret } }] })
    expect(authentication.kind === 'scram' && authentication.users.get('a')?.verifier).to.deep.equal({ iterations, salt, storedKey, serverKey })
    const error = await sqlErrorOf(settleFile({ users: [{ name: 'a', password: { env: 'ODOO_SQL_NOT_SET' } }] }))
    expect([error.code, error.message]).to.deep.equal(['F0000', 'environment variable ODOO_SQL_NOT_SET is not set'])
  }) // prettier-ignore

  it('names what is wrong with it', async () => {
    const user = { name: 'a', password: 'x' }
    const wrong: [unknown, string, string][] = [
      [{ users: [{ name: 'a' }] }, 'F0000', 'bridge.users[0]: needs a password or a verifier, and not both'],
      [{ users: [user], prot: 1 }, 'F0000', 'bridge: Unrecognized key: "prot"'],
      [{ users: [user, user] }, 'F0000', 'user "a" of the bridge is named twice'],
      [{ users: [{ ...user, partitions: ['west'] }] }, 'F0000', 'user "a" of the bridge: partition "west" is not configured'],
      [{ users: [{ ...user, odoo: { west: { login: 'x' } } }] }, 'F0000', 'user "a" of the bridge: partition "west" is not configured'],
      [{ users: [{ name: 'a', verifier: 'md5' }] }, '22023', 'a SCRAM verifier cannot be read'],
      [{}, '22023', 'nobody could log in: no user of the bridge is named'],
      [{ auth: 'odoo' }, '22023', 'log-ins by Odoo need TLS: clients send their API keys as they are'],
      [{ users: [user], host: '0.0.0.0' }, '22023', 'host "0.0.0.0" would be reached without encryption'],
      [{ users: [user], host: '192.168.1.1' }, '22023', 'host "192.168.1.1" would be reached without encryption'],
      [{ users: [user], host: 'bridge.example.com' }, '22023', 'host "bridge.example.com" would be reached without encryption'],
      [{ users: [user], tls: { certificate: 'no.pem', key: 'no.pem' } }, 'F0000', 'the file no.pem cannot be read'],
    ]
    for (const [bridge, code, message] of wrong) {
      const error = await sqlErrorOf(settleFile(bridge))
      expect(error.code, message).to.equal(code)
      expect(`${error.message}\n${error.detail ?? ''}`).to.include(message)
    }
    const half = await sqlErrorOf(settleFile({ users: [user] }, { key: 'key.pem' }))
    expect(half.message).to.equal('TLS needs a certificate and a key')
  }) // prettier-ignore

  it('listens on this machine only, unless it is told otherwise', async () => {
    for (const host of ['127.0.0.1', '127.1.2.3', '::1', 'localhost'])
      expect((await settleBridge({ ...GIVEN, host })).host).to.equal(host)
    expect((await settleBridge({ ...GIVEN, host: '0.0.0.0', allowUnencrypted: true })).host).to.equal(
      '0.0.0.0',
    )
  })

  it('has one user without a file', async () => {
    const names = async (given: Partial<BridgeArguments>) => {
      const { authentication } = await settleBridge({ ...GIVEN, ...given })
      return authentication.kind === 'scram' ? [...authentication.users.keys()] : []
    }
    expect(await names({})).to.deep.equal(['demo'])
    const url = 'odoo://login@host/database'
    expect(await names({ connect: { url }, password: 'x' })).to.deep.equal(['odoo'])
    expect(await names({ connect: { url }, user: 'bi', password: 'x' })).to.deep.equal(['bi'])
    const error = await sqlErrorOf(names({ connect: { url } }))
    expect([error.code, error.hint]).to.deep.equal([
      '22023',
      'Set ODOO_BRIDGE_PASSWORD (and ODOO_BRIDGE_USER), or name users in the section "bridge" of --config.',
    ])
  })
})

describe('what a client says when it starts', () => {
  const clientOf = (parameters: Record<string, string>) =>
    clientFrom({ kind: 'startup', protocol: 196_608, parameters: new Map(Object.entries(parameters)) })

  it('is its name, its database and settings', () => {
    const client = clientOf({
      user: 'a', database: 'north', application_name: 'psql', DateStyle: 'ISO', '_pq_.command_tag': '1',
      options: "-c odoo.partitions=north,south  -cgeqo=off --search-path=ir\\,\\ res -c application_name=other",
    }) // prettier-ignore
    expect({ ...client, settings: Object.fromEntries(client.settings) }).to.deep.equal({
      user: 'a',
      database: 'north',
      applicationName: 'other',
      settings: { application_name: 'other', datestyle: 'ISO', 'odoo.partitions': 'north,south', geqo: 'off', search_path: 'ir, res' },
      protocolOptions: ['_pq_.command_tag'],
    }) // prettier-ignore
    expect(clientOf({ user: 'a' })).to.include({ database: 'odoo', applicationName: undefined })
  })

  it('is refused without a user, for replication, and with options that are none', () => {
    expect(errorOf(() => clientOf({})).code).to.equal('28000')
    expect(errorOf(() => clientOf({ user: 'a', replication: 'database' })).code).to.equal('0A000')
    expect(clientOf({ user: 'a', replication: 'false' }).user).to.equal('a')
    for (const options of ['-x', '-c', '-c a', '--', 'a=b'])
      expect(errorOf(() => clientOf({ user: 'a', options })).code, options).to.equal('28000')
  })
})
