import { expect } from 'chai'
import { readBatches, type BatchScan } from '../../src/odoo/batches.ts'
import { openClient, type CallRecord, type OdooClient } from '../../src/odoo/client.ts'
import { ALL, leaf } from '../../src/odoo/domain.ts'
import { sqlErrorOf } from '../support/errors.ts'
import { connectOdoo } from '../support/odoo-rpc.ts'
import { describeReal } from '../support/real-odoo.ts'

describeReal('batches of a real Odoo', (server) => {
  const { url, database, login, password, apiKey } = server
  const calls: CallRecord[] = []
  let client: OdooClient
  before(async () => {
    const config = { name: 'north', url, database, login, apiKey }
    client = await openClient({ ...config, onCall: (call) => calls.push(call) })
  })
  beforeEach(() => calls.splice(0))
  after(() => {
    client.close()
  })

  const partners: BatchScan = {
    model: 'res.partner',
    domain: ALL,
    fields: ['name', 'country_id', 'active'],
    labels: false,
  }

  for (const descending of [false, true])
    it(`reads every partner once, archived ones too, ${descending ? 'down' : 'up'}wards`, async () => {
      const order = descending ? 'id desc' : 'id'
      const ids = await client.search('res.partner', { domain: ALL, order })
      expect(ids).to.have.length.greaterThan(20_000)
      calls.splice(0)
      const read: number[] = []
      const kinds = new Set<string>()
      for await (const batch of readBatches(client, { ...partners, descending })) {
        expect(batch.length).to.be.at.most(2_000)
        for (const { id, country_id } of batch) {
          read.push(id)
          kinds.add(typeof country_id)
        }
      }
      expect(read).to.deep.equal(ids)
      expect([...kinds].sort()).to.deep.equal(['boolean', 'number'])
      const perBatch = server.version === 14 ? 2 : 1
      expect(calls.length).to.be.at.most(perBatch * 16)
      expect(calls.every(({ method }) => ['search', 'read', 'search_read'].includes(method))).to.equal(true)
    })

  it('spares version 14 the second call where no field is a many2one', async () => {
    const scan = { ...partners, fields: ['name'], manyToOne: false, limit: 3_000 }
    let rows = 0
    for await (const batch of readBatches(client, scan)) rows += batch.length
    expect(rows).to.equal(3_000)
    expect(calls.map(({ method }) => method)).to.deep.equal(['search_read', 'search', 'search_read'])
  })

  it('reads records that stand still once while others are created and deleted', async function () {
    this.timeout(60_000)
    const other = await connectOdoo({ url, database, login, password, apiKey })
    const created: number[] = []
    const create = async (count: number): Promise<void> => {
      const values = Array.from({ length: count }, (_, index) => ({ name: `Batch test ${index}` }))
      const { result } = await other.call('res.partner.category', 'create', [values])
      created.push(...(result as number[]))
    }
    const remove = (ids: number[]) => other.call('res.partner.category', 'unlink', [ids])
    try {
      await create(60)
      const mine = [...created]
      const doomed = mine.filter((_, index) => index % 3 === 1)
      const standing = (await client.search('res.partner.category', { domain: ALL })).filter(
        (id) => !doomed.includes(id),
      )
      const read: number[] = []
      const scan: BatchScan = { ...partners, model: 'res.partner.category', fields: ['name', 'parent_id'] }
      for await (const batch of readBatches(client, scan, { batchRows: 10 })) {
        read.push(...batch.map(({ id }) => id))
        await remove(doomed.splice(0, 5))
        await create(1)
      }
      expect(new Set(read).size).to.equal(read.length)
      expect(read).to.deep.equal([...read].sort((a, b) => a - b))
      expect(read.filter((id) => standing.includes(id))).to.deep.equal(standing.sort((a, b) => a - b))
    } finally {
      const left = await client.search('res.partner.category', { domain: leaf('id', 'in', created) })
      await remove([...left])
    }
    expect(await client.searchCount('res.partner.category', leaf('name', '=like', 'Batch test %'))).to.equal(
      0,
    )
  })

  it('takes a record that goes between the two calls of version 14 for gone, and no other', async function () {
    if (server.version !== 14) this.skip()
    const other = await connectOdoo({ url, database, login, password, apiKey })
    const values = ['a', 'b', 'c'].map((name) => ({ name: `Vanishing ${name}` }))
    const { result } = await other.call('res.partner.category', 'create', [values])
    const ids = result as number[]
    let isDeleted = false
    const racing = await openClient({
      ...{ name: 'north', url, database, login, apiKey },
      onCall: ({ method }) => {
        if (method === 'search') isDeleted = true
      },
    })
    try {
      const read = racing.read.bind(racing)
      // Deletes one exactly between search and read.
      racing.read = async (...args) => {
        expect(isDeleted).to.equal(true)
        await other.call('res.partner.category', 'unlink', [[ids[1]]])
        return read(...args)
      }
      const records = await racing.searchRead('res.partner.category', {
        domain: leaf('id', 'in', ids),
        fields: ['name', 'parent_id', 'create_uid'],
        order: 'id',
        labels: false,
      })
      expect(records).to.deep.equal([
        { id: ids[0], name: 'Vanishing a', parent_id: false, create_uid: 2 },
        { id: ids[2], name: 'Vanishing c', parent_id: false, create_uid: 2 },
      ])
    } finally {
      await other.call('res.partner.category', 'unlink', [[ids[0], ids[2]]])
      racing.close()
    }
  })

  it('ends when its signal is aborted', async () => {
    const controller = new AbortController()
    const read = async (): Promise<void> => {
      for await (const batch of readBatches(client, partners, { signal: controller.signal })) {
        expect(batch).to.have.length(2_000)
        controller.abort()
      }
    }
    expect(await sqlErrorOf(read())).to.include({ code: '57014', partition: 'north' })
  })
})
