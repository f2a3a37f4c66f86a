import type { Chart } from './chart.ts'
import { rowWidth } from './format-fit.ts'
import { listText } from './format-list.ts'
import { cutToWidth } from './format-width.ts'
import { tableWidth } from './width.ts'
import { visibleLine } from './visible.ts'

/** Bars that are drawn; the rest is counted. */
export const BARS_MAX = 100

const BAR_WIDTH_MIN = 4
const LABEL_WIDTH_MIN = 3
/** Columns for the name above the values, where they need less. */
const NAME_WIDTH_MAX = 12
/** The parts of a column, in eighths. */
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']

/** A bar to the right for each value, or to the left of the axis for one below zero. No wider than the terminal. */
export function barsText({ x, y, points, rowsLeftOut }: Chart, width: number): string {
  const shown = points.slice(0, BARS_MAX)
  const values = shown.map(({ value }) => (value === undefined ? 'NULL' : shortNumber(value)))
  const nameWidth = Math.min(NAME_WIDTH_MAX, width >> 2)
  const name = cutToWidth(visibleLine(y.name), Math.max(...values.map((text) => text.length), nameWidth))
  const valueWidth = Math.max(...values.map((text) => text.length), name.length)
  const room = Math.max(width - valueWidth - rowWidth([0, 0, 0]), BAR_WIDTH_MIN + LABEL_WIDTH_MIN)
  const labelWidthMax = Math.max(LABEL_WIDTH_MIN, Math.min(room >> 1, room - BAR_WIDTH_MIN))
  const labels = [x.name, ...shown.map(({ label }) => label)].map((label) =>
    cutToWidth(visibleLine(label), labelWidthMax),
  )
  const labelWidth = Math.max(...labels.map(tableWidth))
  const bar = barMaker(
    shown.map(({ value }) => value ?? 0),
    room - labelWidth,
  )
  const rows = shown.map(({ value }, index) => [
    labels[index + 1] ?? '',
    values[index] ?? '',
    value === undefined ? '' : bar(value),
  ])
  const columns = [{ name: labels[0] ?? '' }, { name, isNumeric: true }, { name: '' }]
  const left = points.length - shown.length + rowsLeftOut
  const more = left === 0 ? '' : `(${left.toLocaleString('en-US')} more rows)\n`
  return `${listText(columns, rows, Infinity)}${more}\n`
}

function barMaker(values: readonly number[], width: number): (value: number) => string {
  const finite = values.filter((value) => Number.isFinite(value))
  const [least, most] = [Math.min(0, ...finite), Math.max(0, ...finite)]
  const unit = most === least ? 0 : (least < 0 ? width - 1 : width) / (most - least)
  const left = Math.round(-least * unit)
  return (value) => {
    const length = Math.abs(Math.max(least, Math.min(most, value))) * unit
    if (value < 0) {
      const whole = Math.min(left, Math.max(1, Math.round(length)))
      return `${' '.repeat(left - whole)}${'█'.repeat(whole)}│`
    }
    const eighths = Math.round(length * 8)
    const drawn = '█'.repeat(eighths >> 3) + (EIGHTHS[eighths & 7] ?? '')
    // What is not zero is to be seen.
    const bar = drawn === '' && value > 0 ? '▏' : drawn
    return least < 0 ? `${' '.repeat(left)}│${bar}` : bar
  }
}

/** At most four digits after the point. */
export const shortNumber = (value: number): string =>
  value.toLocaleString('en-US', { maximumFractionDigits: Number.isInteger(value) ? 0 : 4 })
