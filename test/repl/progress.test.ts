import { expect } from 'chai'
import { progressText, QUIET_MS, startProgress } from '../../src/repl/progress.ts'

describe('repl/progress', () => {
  let [time, screen] = [0, '']
  const terminal = {
    write(text: string | Uint8Array): boolean {
      screen += String(text)
      return true
    },
  }
  beforeEach(() => {
    ;[time, screen] = [0, '']
  })

  it('keeps silent in the first second', () => {
    const progress = startProgress(terminal, () => time)
    time = QUIET_MS - 1
    progress.update({ rows: 100, fraction: 0.1 })
    progress.end()
    expect(screen).to.equal('')
  })

  it('draws one line, not too often, and leaves no trace', () => {
    const progress = startProgress(terminal, () => time)
    time = 2_000
    progress.update({ rows: 4_000, fraction: 0.255 })
    progress.update({ rows: 4_001, fraction: 0.256 })
    expect(screen).to.equal('\r\u001b[K4,000 rows, 25 %, 2,000 rows/s')
    screen = ''
    progress.hide()
    progress.hide()
    expect(screen).to.equal('\r\u001b[K')
    time = 3_000
    progress.update({ rows: 6_000, fraction: undefined })
    expect(screen).to.contain('6,000 rows, 2,000 rows/s')
    screen = ''
    progress.end()
    progress.update({ rows: 7_000, fraction: 1 })
    expect(screen).to.equal('\r\u001b[K')
  })

  it('tells the time while there are no rows yet', () => {
    expect(progressText({ rows: 0, fraction: undefined }, 3_999)).to.equal('0 rows, 3 s')
    expect(progressText({ rows: 10, fraction: 1.5 }, 1_000)).to.equal('10 rows, 100 %, 10 rows/s')
  })
})
