import { syntaxError, wrongState } from '../errors.ts'
import { barsText } from './chart-bars.ts'
import { chartOf } from './chart.ts'
import { paintNothing } from './colors.ts'
import type { Metacommand } from './metacommand.ts'
import type { Output } from './output.ts'
import { runStatement } from './run-statement.ts'
import type { Shell } from './shell.ts'
import { showText } from './show.ts'

/** What a chart fills where there is no terminal. */
const PAGE = { columns: 80, rows: 24 }

/** Takes the rows of a statement that is only drawn. */
const NOWHERE: Output = {
  isTerminal: false,
  isBlank: true,
  screen: undefined,
  paint: paintNothing,
  write: () => Promise.resolve(),
  close: () => Promise.resolve(),
  discard: () => Promise.resolve(),
}

export const CHART_COMMANDS: readonly Metacommand[] = [
  {
    name: '\\chart',
    argument: '[bar|line] [X] [Y]',
    text: 'draw the last result: texts as bars, times and numbers as a line',
    takes: 3,
    run: async (shell, { words, query, signal }) => {
      if (query !== undefined) {
        shell.last.statement = query
        const within: Shell = { ...shell, output: NOWHERE, format: 'csv', isTimed: false }
        await runStatement(within, query, signal)
      }
      const { result } = shell.last
      if (result === undefined) throw wrongState('there is no result to draw')
      const [first, ...rest] = words
      const kind = first === 'bar' || first === 'line' ? first : undefined
      const [x, y, extra] = kind === undefined ? words : rest
      if (extra !== undefined) throw syntaxError('\\chart takes the name of one column for each axis')
      const chart = chartOf(result, { kind, x, y })
      const screen = shell.output.screen ?? PAGE
      const text =
        chart.kind === 'bar'
          ? barsText(chart, screen.columns)
          : (await import('./chart-line.ts')).lineText(chart, screen)
      await showText(shell, text)
      return undefined
    },
  },
]
