import { expect } from 'chai'
import { tableSchema } from '../../src/catalog/spec.ts'
import type { TableSpec } from '../../src/catalog/spec.ts'
import { PARTNER, errorOf, startTestEngine } from './support.ts'

const TABLES = 600
const COLUMNS = 25
const TYPES = [
  ['text', 'char'],
  ['int4', 'integer'],
  ['timestamp', 'datetime'],
  ['numeric', 'monetary'],
] as const

/** As many tables as a large Odoo has models, and links between them. */
const many: readonly TableSpec[] = Array.from({ length: TABLES }, (_, number) =>
  tableSchema.parse({
    schema: 'x',
    name: `t${number}`,
    model: `x.t${number}`,
    label: `Table ${number}`,
    description: 'One of many.',
    columns: Array.from({ length: COLUMNS }, (_, index) => {
      const about = { label: `Column ${index}`, description: 'One of a few.' }
      if (index === 0) return { ...about, name: 'id', type: 'int4', fieldType: 'integer' }
      const relation = `x.t${(number * 7 + index) % TABLES}`
      if (index < 5)
        return { ...about, name: `to${index}`, type: 'int4', fieldType: 'many2one', part: 'id', relation }
      const [type, fieldType] = TYPES[index % TYPES.length] ?? TYPES[0]
      return { ...about, name: `c${index}`, type, fieldType }
    }),
  }),
)
const COUNTS = `SELECT (SELECT count(*) FROM pg_tables WHERE schemaname = 'x'),
  (SELECT count(*) FROM information_schema.columns WHERE table_schema = 'x' AND column_name <> '_partition'),
  (SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND connamespace = 'x'::regnamespace),
  (SELECT count(*) FROM pg_description WHERE objoid IN (SELECT oid FROM pg_class WHERE relname ~ '^t[0-9]+$'))`
const EXPECTED = [TABLES, TABLES * COLUMNS, TABLES * 4, TABLES * (COLUMNS + 2)].map(String)

describe('hundreds of tables', function () {
  this.timeout(60_000)

  it('are added in one go, with comments and keys, or from the start', async () => {
    const engine = startTestEngine()
    // One turn of the engine for all, whoever comes meanwhile.
    const ended: string[] = []
    const adding = engine.evaluate([], { tables: many }).then(() => ended.push('added'))
    const other = engine.all(COUNTS).then((rows) => ended.push(String(rows)))
    await Promise.all([adding, other])
    expect(ended).to.deep.equal(['added', String(EXPECTED)])
    await engine.close()
    const started = startTestEngine({ tables: many })
    expect(await started.all(COUNTS)).to.deep.equal([EXPECTED])
    await started.close()
  })

  it('that could not be added are added the next time', async () => {
    const engine = startTestEngine()
    await engine.ready
    expect((await errorOf(engine.evaluate([], { tables: many, timeoutMs: 20 }))).code).to.equal('57014')
    const changed = { ...PARTNER, columns: PARTNER.columns.slice(0, 2) }
    const broken = { ...PARTNER, name: 'broken', columns: [...PARTNER.columns, ...PARTNER.columns] }
    expect((await errorOf(engine.evaluate([], { tables: [changed, broken] }))).code).to.equal('42701')
    expect((await engine.result('TABLE partner')).columns).to.have.length(PARTNER.columns.length + 1)
    await engine.evaluate([], { tables: [...many, changed] })
    expect(await engine.all(COUNTS)).to.deep.equal([EXPECTED])
    expect((await engine.result('TABLE partner')).columns).to.have.length(3)
    await engine.close()
  })
})
