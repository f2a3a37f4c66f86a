import { expect } from 'chai'
import type { TableSpec } from '../../src/catalog/spec.ts'
import { tableSchema } from '../../src/catalog/spec.ts'
import type { Datum } from '../../src/catalog/types.ts'
import { openOracle } from './oracle.ts'
import { realServers } from './real-odoo.ts'

const column = (name: string, type: string, fieldType: string) => ({
  name,
  type,
  fieldType,
  label: name,
  description: name,
})
const TABLE: TableSpec = tableSchema.parse({
  schema: 'ir',
  name: 'sample',
  model: 'ir.sample',
  label: 'Sample',
  description: 'A column of each kind.',
  columns: [
    column('id', 'int4', 'integer'),
    column('name', 'text', 'char'),
    column('active', 'bool', 'boolean'),
    column('amount', 'numeric', 'monetary'),
    column('ratio', 'float8', 'float'),
    column('day', 'date', 'date'),
    column('moment', 'timestamp', 'datetime'),
    column('bytes', 'bytea', 'binary'),
    column('ids', 'int4[]', 'many2many'),
    column('extra', 'jsonb', 'json'),
  ],
})
const ROWS: readonly (readonly Datum[])[] = [
  [
    1,
    'O\'Br\\ien, "x" {1}',
    true,
    '1.50',
    0.1,
    '0999-12-31',
    '9999-12-31 23:59:59',
    Uint8Array.of(0, 255),
    [1, 2],
    '{"a": 1}',
    'demo',
  ],
  [2, '', false, '-0.00001', 1e21, '2026-02-28', '1969-12-31 23:59:59', Uint8Array.of(), [], '[]', 'demo'],
  [3, null, null, null, null, null, null, null, null, null, null],
]
const TEXTS = [
  [
    '1',
    'O\'Br\\ien, "x" {1}',
    't',
    '1.50',
    '0.1',
    '0999-12-31',
    '9999-12-31 23:59:59',
    '\\x00ff',
    '{1,2}',
    '{"a": 1}',
    'demo',
  ],
  ['2', '', 'f', '-0.00001', '1e+21', '2026-02-28', '1969-12-31 23:59:59', '\\x', '{}', '[]', 'demo'],
  ['3', null, null, null, null, null, null, null, null, null, null],
]

const ORACLES = [undefined, ...realServers().map(({ pgUrl }) => pgUrl)]

for (const [index, pgUrl] of ORACLES.entries())
  describe(`the oracle (${pgUrl === undefined ? 'embedded' : `on server ${index}`})`, () => {
    it('gives back every kind of value as PostgreSQL writes it', async () => {
      const oracle = await openOracle(pgUrl)
      try {
        await oracle.load(TABLE, ROWS)
        expect(await oracle.query('SELECT * FROM sample ORDER BY id')).to.deep.equal(TEXTS)
        expect(
          await oracle.query('SELECT id FROM ir.sample WHERE name = $1 OR id = $2', ['', '1']),
        ).to.have.length(2)
      } finally {
        await oracle.close()
      }
    })

    it('orders by bytes and folds case as Unicode does', async () => {
      const oracle = await openOracle(pgUrl)
      try {
        expect(await oracle.query("SELECT 'a' < 'B', 'É' ILIKE 'é', lower('Ω')")).to.deep.equal([
          ['f', 't', 'ω'],
        ])
      } finally {
        await oracle.close()
      }
    })
  })
