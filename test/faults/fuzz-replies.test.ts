import { expect } from 'chai'
import { TYPES_OF_FIELD, type FieldType } from '../../src/catalog/spec.ts'
import { decoderOf, SQL_TYPES } from '../../src/catalog/types.ts'
import { startDemo } from '../../src/demo/server.ts'
import { connect, type Connection } from '../../src/driver/connection.ts'
import { SqlError } from '../../src/errors.ts'
import { randomFrom } from '../support/generate-random.ts'
import { startProxy } from '../support/proxy.ts'
import { mutateText, mutateValue } from './mutate.ts'
import { SEED } from './seed.ts'

const REPLIES = 700
const VALUES = 50_000
/** These start no engine. */
const SCANS = [
  'SELECT * FROM ir.mail_server',
  'SELECT count(*) FROM ir.mail_server WHERE active',
  'SELECT * FROM res.partner',
]
const STATEMENTS = [
  ...SCANS,
  "SELECT id, name FROM ir.mail_server WHERE name LIKE 'B%' ORDER BY name LIMIT 3",
  'SELECT l.id, p.name FROM crm.lead l JOIN res.partner p ON p.id = l.partner_id',
  'SELECT smtp_encryption, count(*), max(smtp_port) FROM ir.mail_server GROUP BY smtp_encryption',
  'SELECT * FROM crm.lead ORDER BY expected_revenue DESC, id LIMIT 5',
]

describe(`fuzz: replies of Odoo (FAULT_SEED=${SEED})`, function () {
  this.timeout(300_000)

  for (const version of [14, 19] as const)
    it(`${REPLIES} replies of Odoo ${version} with something else in them are read, or are one clear error`, async () => {
      const demo = await startDemo({ version })
      let random = randomFrom(SEED)
      let left = -1
      const proxy = await startProxy(demo.url, {
        rewrite: (reply) => {
          if (left-- !== 0) return reply
          if (random.chance(15)) return mutateText(random, reply, [reply])
          const envelope = JSON.parse(reply) as { result?: unknown }
          return JSON.stringify(
            version === 14 && random.chance(85)
              ? { ...envelope, result: mutateValue(random, envelope.result) }
              : mutateValue(random, envelope),
          )
        },
      })
      const account = version === 14 ? { password: demo.password } : { apiKey: demo.apiKey }
      const options = { url: proxy.url, database: 'demo', login: demo.login, ...account, catalogCache: false }
      const opened: Connection[] = []
      const open = async (): Promise<Connection> => {
        const connection = await connect(options)
        opened.push(connection)
        return connection
      }
      let [answered, refused] = [0, 0]
      try {
        const known = await open()
        for (const sql of STATEMENTS) await known.query(sql)
        for (let run = 0; run < REPLIES; run++) {
          random = randomFrom(SEED + run)
          // Now and then it is the log-in, or what is said of the fields, that has something else in it.
          const isFresh = random.chance(30)
          const sql = random.pick(isFresh ? SCANS : STATEMENTS)
          left = random.below(isFresh ? 5 : 3)
          try {
            const connection = isFresh ? await open() : known
            await connection.query(sql, [], { timeoutMs: 20_000 })
            answered++
          } catch (thrown) {
            const about = `seed ${SEED + run}: ${sql}`
            expect(thrown, about).to.be.instanceOf(SqlError)
            const { code, message, stack } = thrown as SqlError
            // Nor is anything read for ever.
            expect(code, `${about}: ${message} ${stack}`).to.not.be.oneOf(['XX000', '57014'])
            refused++
          }
          if (isFresh) await opened.splice(1).at(0)?.close()
        }
        expect(answered).to.be.greaterThan(REPLIES / 20)
        expect(refused).to.be.greaterThan(REPLIES / 20)
      } finally {
        for (const connection of opened) await connection.close()
        await proxy.close()
        await demo.close()
      }
    })

  it(`${VALUES} odd values are decoded and written as text, or refused as what they are`, () => {
    const types = Object.entries(TYPES_OF_FIELD) as [FieldType, (typeof TYPES_OF_FIELD)[FieldType]][]
    for (let run = 0; run < VALUES; run++) {
      const random = randomFrom(SEED + run)
      const [fieldType, sqlTypes] = random.pick(types)
      const type = random.pick(sqlTypes)
      const value = mutateValue(random, random.pick<unknown>([[1, 'one'], [1, 2, 3], { a: [1] }, 'x', 1]))
      try {
        const datum = decoderOf({ name: 'c', type, fieldType })(value)
        if (datum !== null) expect(SQL_TYPES[type].toText(datum)).to.be.a('string')
      } catch (thrown) {
        expect(thrown, `${fieldType} as ${type}: ${JSON.stringify(value)}`).to.be.instanceOf(SqlError)
      }
    }
  })
})
