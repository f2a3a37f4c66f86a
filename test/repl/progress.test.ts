import { expect } from 'chai'
import { progressText, QUIET_MS, startProgress, type ProgressReport } from '../../src/repl/progress.ts'

const report = (partitionRows: number, fraction: number | undefined, more: Partial<ProgressReport> = {}) => ({
  partition: 'north',
  table: 'res.partner',
  partitionRows,
  fraction,
  calls: 3,
  ...more,
})

describe('repl/progress', () => {
  let [time, screen] = [0, '']
  const terminal = {
    columns: 100,
    write(text: string): boolean {
      screen += text
      return true
    },
  }
  const start = () =>
    startProgress(
      terminal,
      (_color, text) => text,
      () => time,
    )
  beforeEach(() => {
    ;[time, screen] = [0, '']
  })

  it('keeps silent at first', () => {
    const progress = start()
    time = QUIET_MS - 1
    progress.update(report(100, 0.1))
    progress.end()
    expect(screen).to.equal('')
  })

  it('draws one line, not too often, and leaves no trace', () => {
    const progress = start()
    time = 2_000
    progress.update(report(4_000, 0.25))
    progress.update(report(4_001, 0.256))
    expect(screen).to.equal(
      '\r\u001b[K[█████               ] 25 %, 4,000 of about 16,000 rows, 2,000 rows/s, 3 calls, 6 s left',
    )
    screen = ''
    progress.hide()
    progress.hide()
    expect(screen).to.equal('\r\u001b[K')
    time = 3_000
    progress.update(report(6_000, undefined))
    expect(screen).to.contain('6,000 rows, 2,000 rows/s')
    screen = ''
    progress.end()
    progress.update(report(7_000, 1))
    expect(screen).to.equal('\r\u001b[K')
  })

  it('tells the time while there are no rows yet', () => {
    expect(progressText([], 3_999, 80)).to.equal('0 rows, 4 s')
    expect(progressText([report(10, 1)], 1_000, 80)).to.equal(
      '[████████████████████] 100 %, 10 rows, 10 rows/s, 3 calls',
    )
  })

  it('sums up partitions and tables, and tells of each', () => {
    const both = [report(500, 0.5, { calls: 4 }), report(100, 0.1, { partition: 'south', calls: 7 })]
    expect(progressText(both, 1_000, 200)).to.equal(
      '[██████              ] 30 %, 600 of about 2,000 rows, 600 rows/s, 7 calls, 3 s left; north 50 %, south 10 %',
    )
    const tables = [report(500, 1), report(100, undefined, { table: 'crm.lead' })]
    expect(progressText(tables, 1_000, 200)).to.equal(
      '600 rows, 600 rows/s, 3 calls; res.partner 100 %, crm.lead 100',
    )
  })

  it('never takes more than a line', () => {
    const many = Array.from({ length: 50 }, (_, n) => report(n, 0.5, { partition: `partition ${n}` }))
    for (const width of [19, 40, 79]) expect(progressText(many, 1_000, width).length).to.be.at.most(width)
  })
})
