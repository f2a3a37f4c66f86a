import { expect } from 'chai'
import { queryCanceled } from '../../src/errors.ts'
import { openQueue } from '../../src/odoo/queue.ts'
import { sqlErrorOf } from '../support/errors.ts'

describe('call queue', () => {
  const never = new AbortController().signal
  const canceled = () => queryCanceled('canceled')
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

  it('runs no more at once than it may, first come, first served', async () => {
    const queue = openQueue({ concurrency: 2, callsPerSecond: undefined })
    const finish: (() => void)[] = []
    const started: number[] = []
    const tasks = [0, 1, 2, 3].map((index) =>
      queue.run(
        () => {
          started.push(index)
          return new Promise<void>((resolve) => finish.push(resolve))
        },
        never,
        canceled,
      ),
    )
    await settle()
    expect(started).to.deep.equal([0, 1])
    finish[1]?.()
    await settle()
    expect(started).to.deep.equal([0, 1, 2])
    finish[0]?.()
    await settle()
    expect(started).to.deep.equal([0, 1, 2, 3])
    for (const done of finish) done()
    await Promise.all(tasks)
  })

  it('goes on after a task that failed', async () => {
    const queue = openQueue({ concurrency: 1, callsPerSecond: undefined })
    await sqlErrorOf(queue.run(() => Promise.reject(canceled()), never, canceled))
    expect(await queue.run(() => Promise.resolve(7), never, canceled)).to.equal(7)
  })

  it('spaces the starts of tasks', async () => {
    const queue = openQueue({ concurrency: 4, callsPerSecond: 50 })
    const starts: number[] = []
    const task = () => {
      starts.push(performance.now())
      return Promise.resolve()
    }
    await Promise.all([1, 2, 3].map(() => queue.run(task, never, canceled)))
    for (const [index, start] of starts.slice(1).entries()) expect(start - starts[index]!).to.be.at.least(19)
  })

  it('starts nothing while it pauses, and an abort ends the wait', async () => {
    const queue = openQueue({ concurrency: 4, callsPerSecond: undefined })
    queue.pauseFor(3_600_000)
    const controller = new AbortController()
    let isStarted = false
    const task = () => {
      isStarted = true
      return Promise.resolve()
    }
    const waiting = sqlErrorOf(queue.run(task, controller.signal, canceled))
    await settle()
    controller.abort()
    expect(await waiting).to.include({ code: '57014' })
    expect(isStarted).to.equal(false)
  })
})
