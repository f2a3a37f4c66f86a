import { expect } from 'chai'
import { systemError } from '../../src/errors.ts'
import { openSpool } from '../../src/engine/spool.ts'
import type { Spool } from '../../src/engine/spool.ts'
import { errorOf, spoolFiles } from './support.ts'

describe('a spool', () => {
  const bytes = (value: number, length = 100): Uint8Array => new Uint8Array(length).fill(value)
  const open = (memoryBytesMax: number, spoolBytesMax = 10_000): Spool<number> =>
    openSpool(memoryBytesMax, { spoolBytesMax })
  const taken = async (spool: Spool<number>): Promise<[number, number, number] | undefined> => {
    const next = await spool.take()
    if (next === undefined) return undefined
    expect(new Set(next.bytes).size).to.equal(1)
    return [next.label, next.bytes[0] ?? -1, next.bytes.length]
  }

  it('gives what it got, in order, from memory and from its file', async () => {
    const spool = open(250)
    for (let label = 0; label < 20; label++) await spool.put(bytes(label, 100 + label), label)
    expect(await taken(spool)).to.deep.equal([0, 0, 100])
    // There is room in memory again: what comes now still comes last.
    await spool.put(bytes(20), 20)
    spool.end()
    for (let label = 1; label < 20; label++)
      expect(await taken(spool)).to.deep.equal([label, label, 100 + label])
    expect(await taken(spool)).to.deep.equal([20, 20, 100])
    expect(await taken(spool)).to.equal(undefined)
    await spool.close()
  })

  it('takes several writers at once', async () => {
    const spool = open(0)
    await Promise.all(Array.from({ length: 50 }, (_, label) => spool.put(bytes(label), label)))
    spool.end()
    const labels = new Set<number>()
    for (let next = await taken(spool); next !== undefined; next = await taken(spool)) {
      expect(next[0]).to.equal(next[1])
      labels.add(next[0])
    }
    expect(labels.size).to.equal(50)
    await spool.close()
  })

  it('lets its reader wait for more, for the end, and for an error', async () => {
    const spool = open(1000)
    const first = taken(spool)
    await spool.put(bytes(7), 1)
    expect(await first).to.deep.equal([1, 7, 100])
    const second = errorOf(taken(spool))
    spool.end(systemError('it broke'))
    expect((await second).message).to.equal('it broke')
    await spool.close()
    const ended = open(0)
    await ended.put(bytes(1), 1)
    ended.end(systemError('it broke'))
    expect(await taken(ended)).to.deep.equal([1, 1, 100])
    expect((await errorOf(taken(ended))).message).to.equal('it broke')
    await ended.close()
  })

  it('bounds its file, and starts it over when all was read', async () => {
    const spool = open(0, 250)
    await spool.put(bytes(1), 1)
    await spool.put(bytes(2), 2)
    expect((await errorOf(spool.put(bytes(3), 3))).code).to.equal('54000')
    expect([await taken(spool), await taken(spool)]).to.deep.equal([
      [1, 1, 100],
      [2, 2, 100],
    ])
    await spool.put(bytes(4, 250), 4)
    expect(await taken(spool)).to.deep.equal([4, 4, 250])
    await spool.close()
  })

  it('lets go of writers and readers when it is closed, and of its file', async () => {
    const before = spoolFiles()
    const spool = open(0)
    const [waiting, writing] = [taken(spool), spool.put(bytes(1), 1)]
    await spool.close()
    expect(await waiting).to.equal(undefined)
    await writing
    await spool.put(bytes(2), 2)
    expect(await taken(spool)).to.equal(undefined)
    await spool.close()
    expect(spoolFiles()).to.deep.equal(before)
  })

  it('says so where there is no place for its file', async () => {
    const { TMPDIR } = process.env
    process.env['TMPDIR'] = '/nowhere'
    const spool = open(0)
    try {
      const error = await errorOf(spool.put(bytes(1), 1))
      expect([error.code, error.detail]).to.deep.equal(['58000', 'ENOENT'])
    } finally {
      if (TMPDIR === undefined) delete process.env['TMPDIR']
      else process.env['TMPDIR'] = TMPDIR
      await spool.close()
    }
  })
})
