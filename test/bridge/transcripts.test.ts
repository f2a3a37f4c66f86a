import { expect } from 'chai'
import { readdirSync, writeFileSync } from 'node:fs'
import { serveSession } from '../../src/bridge/session.ts'
import { openService, type Service } from '../../src/driver/service.ts'
import { openMemoryWire } from '../support/memory-wire.ts'
import { openRawPostgres } from '../support/raw-postgres.ts'
import { describeReal } from '../support/real-odoo.ts'
import { messageFrom, readTranscript, textOf } from '../support/transcript.ts'

const FOLDER = new URL('transcripts/', import.meta.url)
const FILES = readdirSync(FOLDER).map((name) => ({ name, file: new URL(name, FOLDER) }))

/** With ACCEPT=1 what PostgreSQL answers is written down; the bridge is never asked what is right. */
const isAccepting = process.env['ACCEPT'] === '1' && process.env['CI'] === undefined

describe('conversations with PostgreSQL, held with the bridge', () => {
  let service: Service

  before(async () => {
    service = await openService({ demo: true })
  })
  after(() => service.close())

  for (const { name, file } of FILES)
    it(name, async () => {
      const client = openMemoryWire()
      const served = serveSession(client.wire, service.openSession(), {
        user: 'demo',
        database: 'odoo',
        settings: new Map(),
        statementTimeoutMs: undefined,
        onStatement: () => undefined,
      })
      await client.answered()
      for (const { said, answered } of readTranscript(file))
        expect(await client.say(...said.map(messageFrom)), said.join('\n')).to.deep.equal(answered)
      client.leave()
      await served
    })
})

describeReal('the conversations are those of a real PostgreSQL', ({ pgUrl, version }) => {
  // Under Odoo 14 stands a PostgreSQL that is too old: it tells of settings in another order.
  if (version === 14) return

  for (const { name, file } of FILES)
    it(name, async () => {
      const postgres = await openRawPostgres(pgUrl)
      const held = []
      for (const { said } of readTranscript(file))
        held.push({ said, answered: await postgres.say(...said.map(messageFrom)) })
      await postgres.close()
      if (isAccepting) writeFileSync(file, textOf(held))
      expect(textOf(readTranscript(file))).to.equal(textOf(held))
    })
})
