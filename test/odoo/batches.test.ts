import { expect } from 'chai'
import fc from 'fast-check'
import { connectionLost } from '../../src/errors.ts'
import { BATCH_ROWS, readBatches, type BatchScan, type Progress } from '../../src/odoo/batches.ts'
import type { OdooClient, OdooRecord, SearchReadRequest, SearchRequest } from '../../src/odoo/client.ts'
import { ALL, leaf, prefixFromDomain, type Domain } from '../../src/odoo/domain.ts'
import { sqlErrorOf } from '../support/errors.ts'

const SCAN: BatchScan = { model: 'm', domain: ALL, fields: ['name'], labels: false }

describe('batches', () => {
  it('delivers every record once, in order, whatever the gaps between ids', async () => {
    await fc.assert(
      fc.asyncProperty(clusters(), scans(), fc.integer({ min: 1, max: 40 }), async (ids, scan, batchRows) => {
        const { client } = modelOf(ids)
        const batches = await collect(readBatches(client, { ...SCAN, ...scan }, { batchRows }))
        const ordered = [...ids].sort((a, b) => (scan.descending === true ? b - a : a - b))
        const start = scan.offset ?? 0
        const expected = ordered.slice(start, start + (scan.limit ?? Infinity))
        expect(batches.flat().map(({ id }) => id)).to.deep.equal(expected)
        for (const batch of batches) expect(batch.length).to.be.within(1, batchRows)
      }),
    )
  })

  it('neither repeats nor skips a record that stands still while others come and go', async () => {
    const change = fc.record({ add: fc.array(fc.integer({ min: 1, max: 2_000 })), remove: fc.nat(20) })
    await fc.assert(
      fc.asyncProperty(clusters(), fc.boolean(), fc.array(change), async (ids, descending, changes) => {
        const standing = new Set(ids.filter((id) => id % 3 === 0))
        const { client, present } = modelOf(ids)
        const waiting = [...changes]
        const seen: number[] = []
        for await (const batch of readBatches(client, { ...SCAN, descending }, { batchRows: 7 })) {
          seen.push(...batch.map(({ id }) => id))
          const { add = [], remove = 0 } = waiting.shift() ?? {}
          for (const id of add) present.add(id)
          for (const id of [...present].filter((each) => !standing.has(each)).slice(0, remove))
            present.delete(id)
        }
        expect(new Set(seen).size).to.equal(seen.length)
        expect(seen.filter((id) => standing.has(id)).sort((a, b) => a - b)).to.deep.equal(
          [...standing].sort((a, b) => a - b),
        )
      }),
    )
  })

  it('asks in few calls for clusters of ids with wide gaps between', async () => {
    const cluster = (start: number): number[] => Array.from({ length: 500 }, (_, index) => start + index)
    const ids = [1, 1_000_000, 50_000_000, 2_000_000_000].flatMap(cluster)
    const { client, calls } = modelOf(ids)
    const batches = await collect(readBatches(client, SCAN, { batchRows: 100 }))
    expect(batches.flat()).to.have.length(2_000)
    expect(calls.length).to.be.at.most(2 * 20)
  })

  it('asks for records spread thin in hardly more calls than batches', async () => {
    const ids = Array.from({ length: 5_000 }, (_, index) => 7 + index * 1_000)
    const { client, calls } = modelOf(ids)
    await collect(readBatches(client, SCAN, { batchRows: 100 }))
    expect(calls.length).to.be.within(50, 60)
  })

  it('asks for exactly the calls that a dense range needs', async () => {
    const { client, calls } = modelOf(Array.from({ length: 1_000 }, (_, index) => index + 1))
    await collect(readBatches(client, { ...SCAN, domain: leaf('active', '=', true) }, { batchRows: 250 }))
    expect(calls).to.deep.equal([
      'search_read [["active","=",true]] order id limit 250',
      'search [["active","=",true]] order id desc limit 1',
      'search_read [["active","=",true],["id",">",250],["id","<=",500]] order id limit 250',
      'search_read [["active","=",true],["id",">",500],["id","<=",750]] order id limit 250',
      'search_read [["active","=",true],["id",">",750],["id","<=",1000]] order id limit 250',
    ])
  })

  it('asks for as many as suits what records have cost, and delivers them in batches of a size', async () => {
    const ids = Array.from({ length: 50_000 }, (_, index) => index + 1)
    const limits = async (cost: RecordCost): Promise<number[]> => {
      const { client, calls } = modelOf(ids, { cost })
      const batches = await collect(readBatches(client, SCAN))
      expect(batches.flat().map(({ id }) => id)).to.deep.equal(ids)
      for (const batch of batches) expect(batch.length).to.be.within(1, BATCH_ROWS)
      const reads = calls.filter((call) => call.startsWith('search_read'))
      return reads.map((call) => Number(/limit (\d+)/.exec(call)?.[1]))
    }
    // The last two share what is left with the one under way.
    const quick = await limits({ bytes: 100, milliseconds: 0.01 })
    expect(quick.slice(0, 10)).to.deep.equal([2_000, 2_000, ...Array.from({ length: 8 }, () => 5_000)])
    expect(quick.length).to.be.at.most(13)
    // Half a second each, at 0.2 ms a record; 2 MiB each.
    for (const cost of [
      { bytes: 100, milliseconds: 0.2 },
      { bytes: 2 ** 21 / 2_500, milliseconds: 0.01 },
    ])
      expect((await limits(cost)).slice(0, 5)).to.deep.equal([2_000, 2_000, 2_500, 2_500, 2_500])
    expect((await limits({ bytes: 10_000, milliseconds: 0.5 })).slice(2, 4)).to.deep.equal([209, 209])
  })

  it('makes one call for what fits into one batch, and none for nothing', async () => {
    const one = modelOf([1, 2, 3])
    await collect(readBatches(one.client, SCAN, { batchRows: 4 }))
    expect(one.calls).to.have.length(1)
    const limited = modelOf([1, 2, 3, 4, 5])
    await collect(readBatches(limited.client, { ...SCAN, limit: 3, offset: 1 }, { batchRows: 4 }))
    expect(limited.calls).to.deep.equal(['search_read [] order id limit 3 offset 1'])
    const none = modelOf([1])
    await collect(readBatches(none.client, { ...SCAN, limit: 0 }))
    expect(none.calls).to.have.length(0)
  })

  it('leaves out what is created behind the end while it reads', async () => {
    const { client, present } = modelOf([1, 2, 3, 4, 5, 6])
    const seen: number[] = []
    for await (const batch of readBatches(client, SCAN, { batchRows: 2 })) {
      seen.push(...batch.map(({ id }) => id))
      if (seen.length > 2) present.add(100 + seen.length)
    }
    expect(seen).to.deep.equal([1, 2, 3, 4, 5, 6])
  })

  it('never asks for a batch before the one two before it was taken', async () => {
    const { client, calls } = modelOf(Array.from({ length: 100 }, (_, index) => index + 1))
    let taken = 0
    for await (const batch of readBatches(client, SCAN, { batchRows: 5 })) {
      await settle()
      taken++
      expect(batch).to.have.length(5)
      const reads = calls.filter((call) => call.startsWith('search_read')).length
      expect(reads).to.be.at.most(taken + 2)
    }
    expect(taken).to.equal(20)
  })

  it('aborts what is under way when the reader leaves early', async () => {
    const { client, signals } = modelOf(Array.from({ length: 100 }, (_, index) => index + 1))
    let taken = 0
    for await (const batch of readBatches(client, SCAN, { batchRows: 5 })) {
      expect(batch).to.have.length(5)
      if (++taken === 2) break
    }
    expect(signals).to.have.length(5)
    expect(signals.every((signal) => signal.aborted)).to.equal(true)
  })

  it('ends with the error of a batch at its turn, and aborts the others', async () => {
    const { client, signals } = modelOf(
      Array.from({ length: 100 }, (_, index) => index + 1),
      { failAt: 4 },
    )
    const seen: number[] = []
    const read = async (): Promise<void> => {
      for await (const batch of readBatches(client, SCAN, { batchRows: 5 })) seen.push(batch.length)
    }
    expect(await sqlErrorOf(read())).to.include({ code: '08006' })
    expect(seen).to.deep.equal([5, 5])
    expect(signals.every((signal) => signal.aborted)).to.equal(true)
  })

  it('tells progress that grows and ends at 1', async () => {
    const { client } = modelOf(Array.from({ length: 50 }, (_, index) => 100 + index * 3))
    for (const scan of [{}, { descending: true }, { limit: 33 }]) {
      const told: Progress[] = []
      await collect(
        readBatches(client, { ...SCAN, ...scan }, { batchRows: 10, onProgress: (step) => told.push(step) }),
      )
      const fractions = told.map(({ fraction }) => fraction ?? 0)
      expect(fractions).to.deep.equal([...fractions].sort((a, b) => a - b))
      expect(told[0]?.fraction).to.equal(null)
      expect(told.at(-1)).to.deep.equal({ rows: scan.limit ?? 50, fraction: 1 })
    }
  })

  it('refuses a server that does not keep to the order', async () => {
    const { client } = modelOf(
      Array.from({ length: 50 }, (_, index) => index + 1),
      { ignoresDomain: true },
    )
    expect(await sqlErrorOf(collect(readBatches(client, SCAN, { batchRows: 10 })))).to.include({
      code: '58000',
    })
  })
})

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

/** Ids in runs, dense or thin, with gaps from none to huge between them. */
const clusters = (): fc.Arbitrary<number[]> =>
  fc
    .array(
      fc.record({
        gap: fc.oneof(fc.nat(3), fc.nat(100), fc.nat(100_000)),
        step: fc.integer({ min: 1, max: 30 }),
        length: fc.nat(60),
      }),
      { maxLength: 6 },
    )
    .map((runs) => {
      let last = 0
      return runs.flatMap(({ gap, step, length }) => {
        last += gap
        return Array.from({ length }, () => (last += step))
      })
    })

const scans = (): fc.Arbitrary<Pick<BatchScan, 'descending' | 'limit' | 'offset'>> =>
  fc.record({ descending: fc.boolean(), limit: fc.nat(200), offset: fc.nat(50) }, { requiredKeys: [] })

/** What each record takes. */
interface RecordCost {
  readonly bytes: number
  readonly milliseconds: number
}
const CALL = { startedAt: '', partition: 'p', model: 'm', method: 'search_read', tries: 1, outcome: 'ok' }

interface Model {
  readonly client: OdooClient
  /** What records there are; to be changed at will. */
  readonly present: Set<number>
  readonly calls: string[]
  readonly signals: AbortSignal[]
}

/** A model in memory that knows ids only. */
function modelOf(
  ids: readonly number[],
  fault: { failAt?: number; ignoresDomain?: boolean; cost?: RecordCost } = {},
): Model {
  const present = new Set(ids)
  const calls: string[] = []
  const signals: AbortSignal[] = []
  const find = async (
    method: string,
    { domain, order = '', limit = Infinity, offset = 0 }: SearchRequest,
    signal: AbortSignal | undefined,
  ): Promise<number[]> => {
    calls.push(
      `${method} ${JSON.stringify(prefixFromDomain(domain))} order ${order} limit ${limit}${offset === 0 ? '' : ` offset ${offset}`}`,
    )
    if (signal !== undefined) signals.push(signal)
    const index = calls.length
    await settle()
    if (index === fault.failAt) throw connectionLost('gone')
    const matching =
      fault.ignoresDomain === true ? [...present] : [...present].filter((id) => holds(domain, id))
    matching.sort((a, b) => (order.endsWith('desc') ? b - a : a - b))
    return matching.slice(offset, offset + limit)
  }
  const client: Partial<OdooClient> = {
    search: (_model, request, options) => find('search', request, options?.signal),
    async searchRead(_model, request: SearchReadRequest, options): Promise<readonly OdooRecord[]> {
      if (request.limit === 0) return []
      const found = await find('search_read', request, options?.signal)
      if (fault.cost !== undefined) {
        const { bytes, milliseconds } = fault.cost
        const taken = { bytes: bytes * found.length, milliseconds: milliseconds * found.length }
        options?.onCall?.({ ...CALL, rows: found.length, ...taken })
      }
      return found.map((id) => ({ id }))
    },
  }
  return { client: client as OdooClient, present, calls, signals }
}

function holds(domain: Domain, id: number): boolean {
  if (domain.kind === 'and') return domain.operands.every((operand) => holds(operand, id))
  if (domain.kind !== 'leaf' || domain.field !== 'id') return true
  const value = Number(domain.value)
  switch (domain.operator) {
    case '>':
      return id > value
    case '<':
      return id < value
    case '>=':
      return id >= value
    case '<=':
      return id <= value
    default:
      throw connectionLost(`the fake knows no ${domain.operator}`)
  }
}
