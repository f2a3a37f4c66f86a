import { expect } from 'chai'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { settleBridge } from '../../src/bridge/configuration.ts'
import { checkCatalog, loadCatalog, publishedDirectory } from '../../src/catalog/load.ts'
import { settle } from '../../src/driver/config.ts'
import { connect } from '../../src/driver/connection.ts'
import { SqlError } from '../../src/errors.ts'
import { randomFrom } from '../support/generate-random.ts'
import { mutateText, mutateValue } from './mutate.ts'
import { SEED } from './seed.ts'

const FILES = 2_000
/** Of the catalog files that are taken; each needs an engine of its own. */
const QUERIED = 3

const SECRET = 'hunter2-not-to-be-seen'
const CONFIGURATION = {
  partitions: {
    north: { url: 'https://odoo.example.com', database: 'north', login: 'reader', apiKey: SECRET, companies: [1, 3] },
    south: { url: 'odoo://reader@127.0.0.1:8069/south', password: SECRET, concurrency: 2, callsPerSecond: 5, lang: 'en_US' },
  },
  default: ['north'],
  settings: { textOrder: 'auto', timeoutMs: 60_000, maxRows: 1000, partitionErrors: 'skip', cache: { ttlMs: 1000 } },
  bridge: {
    port: 5433,
    auth: 'scram',
    users: [{ name: 'bi', password: SECRET, partitions: ['north'], odoo: { login: 'bi', apiKey: SECRET } }],
    maxSessions: 10,
  },
} // prettier-ignore

describe(`fuzz: files (FAULT_SEED=${SEED})`, function () {
  this.timeout(120_000)
  let folder: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'odoo-sql-fuzz-'))
  })
  after(() => rm(folder, { recursive: true }))

  /** The JSON with something else in it, or text that is hardly JSON any more. */
  const mutated = (seed: number, json: string): string => {
    const random = randomFrom(seed)
    return random.chance(70)
      ? JSON.stringify(mutateValue(random, JSON.parse(json)), null, 1)
      : mutateText(random, json, [json])
  }

  it(`${FILES} catalog files are taken or told what is wrong with them; what is taken can be queried`, async () => {
    const original = (await readFile(join(publishedDirectory(), 'ir', 'mail_server.json'), 'utf8')).replace(
      '"mail_server"',
      '"fuzzed"',
    )
    const directory = join(folder, 'catalog')
    await mkdir(join(directory, 'ir'), { recursive: true })
    const file = join(directory, 'ir', 'fuzzed.json')
    const taken: string[] = []
    for (let run = 0; run < FILES; run++) {
      const text = mutated(SEED + run, original)
      await writeFile(file, text)
      const faulty = await checkCatalog(directory)
      for (const { faults } of faulty)
        for (const { line, message } of faults) {
          expect(line).to.be.within(1, text.split('\n').length)
          expect(message).to.match(/\S/).and.not.contain('undefined')
        }
      if (faulty.length === 0) taken.push(text)
    }
    expect(taken.length).to.be.within(1, FILES - 1)
    for (const text of taken.slice(0, QUERIED)) {
      await writeFile(file, text)
      expect((await loadCatalog([directory])).find('ir', 'fuzzed')).to.not.equal(undefined)
      const connection = await connect({ demo: true, catalog: directory, timeoutMs: 30_000 })
      for (const sql of ['SELECT * FROM ir.fuzzed', "SELECT count(*) || 'x' FROM ir.fuzzed"])
        await connection.query(sql).catch((thrown: unknown) => {
          expectRefusal(thrown, `${sql} with ${text}`)
        })
      await connection.close()
    }
  })

  it(`${FILES} configurations are taken or told what is wrong with them, and their secrets never`, async () => {
    const file = join(folder, 'config.json')
    const original = JSON.stringify(CONFIGURATION, null, 1)
    let taken = 0
    for (let run = 0; run < FILES; run++) {
      const text = mutated(SEED + run, original)
      await writeFile(file, text)
      const isSettled = await Promise.all([
        settle({ config: file }),
        settleBridge({
          connect: { config: file },
          allowUnencrypted: true,
          logLiterals: false,
          isQuiet: true,
        }),
      ]).then(
        () => true,
        (thrown: unknown) => {
          expectRefusal(thrown, text)
          const { message, detail, hint } = thrown as SqlError
          expect([message, detail, hint].join('\n'), text).to.not.contain(SECRET)
          return false
        },
      )
      if (isSettled) taken++
    }
    expect(taken).to.be.within(1, FILES - 1)
  })
})

function expectRefusal(thrown: unknown, about: string): void {
  expect(thrown, about).to.be.instanceOf(SqlError)
  expect((thrown as SqlError).code, `${about}: ${(thrown as SqlError).message}`).to.not.equal('XX000')
}
