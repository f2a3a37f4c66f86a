import { plot } from 'simple-ascii-chart'
import { shortNumber } from './chart-bars.ts'
import { isTime, type Chart, type ChartPoint } from './chart.ts'
import { visibleLine } from './visible.ts'
import { dataException } from '../errors.ts'

const WIDTH_MIN = 10
const HEIGHT_MIN = 5
const HEIGHT_MAX = 20
/** Columns between two marks of the x axis. */
const MARK_COLUMNS = 16
/** Lines between two marks of the y axis. */
const MARK_LINES = 4

/** A line through the values in the order of the x axis. No larger than the screen. Throws 22000 where there are no values. */
export function lineText(chart: Chart, screen: { readonly columns: number; readonly rows: number }): string {
  const points = drawnPoints(chart)
  const [first, last] = [points.at(0), points.at(-1)]
  if (first === undefined || last === undefined) throw dataException('there are no values to draw')
  const values = points.map(([, value]) => value)
  const height = Math.max(HEIGHT_MIN, Math.min(HEIGHT_MAX, screen.rows - 6))
  const marks = marksOf(Math.min(...values), Math.max(...values), Math.floor(height / MARK_LINES))
  const labelWidth = Math.max(...marks.map((mark) => shortNumber(mark).length))
  const labelOf = labelMaker(chart, first[0], last[0])
  const draw = (width: number): string[] =>
    plot(points as [number, number][], {
      width: Math.max(WIDTH_MIN, width),
      height,
      yRange: [marks[0] ?? 0, marks.at(-1) ?? 1],
      customYAxisTicks: marks,
      customXAxisTicks: xMarks(points, Math.max(1, Math.floor(width / MARK_COLUMNS))),
      formatter: (value, { axis }) => (axis === 'x' ? labelOf(value) : shortNumber(value)),
    })
      .split('\n')
      .map((line) => line.trimEnd())
      .filter((line) => line !== '')
  const width = screen.columns - labelWidth - 4
  const full = draw(width)
  // Labels of the x axis may stand out on either side.
  const excess = Math.max(...full.map((line) => line.length)) - screen.columns
  const lines = excess > 0 ? draw(width - excess) : full
  const left = chart.points.length - points.length + chart.rowsLeftOut
  const more = left === 0 ? '' : `(${left.toLocaleString('en-US')} rows are not drawn)\n`
  const title = `${visibleLine(chart.y.name)} by ${visibleLine(chart.x.name)}\n`
  return `${title}${lines.join('\n')}\n${more}\n`
}

type Place = readonly [at: number, value: number]

function drawnPoints({ x, points }: Chart): Place[] {
  const isReal = (point: ChartPoint): point is ChartPoint & { readonly value: number } =>
    point.value !== undefined && Number.isFinite(point.value) && !Number.isNaN(point.at)
  const places = points.filter(isReal).map(({ at, value }): Place => [at, value])
  return x.type === 'text' ? places : places.sort(([a], [b]) => a - b)
}

/** Round numbers that enclose the values, about `count` of them. */
function marksOf(least: number, most: number, count: number): number[] {
  const span = most - least || Math.abs(most) || 1
  const rough = span / Math.max(1, count)
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power
  const [from, to] = [Math.floor(least / step), Math.ceil(most / step)]
  return Array.from({ length: Math.max(2, to - from + 1) }, (_, index) => (from + index) * step)
}

/** Some of the places on the x axis, evenly spread. */
function xMarks(points: readonly Place[], count: number): number[] {
  const places = [...new Set(points.map(([at]) => at))]
  if (places.length <= count) return places
  return Array.from({ length: count }, (_, index) => places[Math.floor((index * places.length) / count)] ?? 0)
}

const DAY_MS = 86_400_000

function labelMaker({ x, points }: Chart, first: number, last: number): (at: number) => string {
  if (!isTime(x.type)) return x.type === 'text' ? (at) => points[at]?.label ?? '' : shortNumber
  const isWithinDays = x.type === 'timestamp' && last - first < 3 * DAY_MS
  return (at) => {
    const text = new Date(at).toISOString().replace('T', ' ')
    return isWithinDays ? text.slice(5, 16) : text.slice(0, 10)
  }
}
