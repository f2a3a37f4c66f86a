import { expect } from 'chai'
import type { Datum } from '../../src/catalog/types.ts'
import type { SqlTypeName } from '../../src/catalog/spec.ts'
import { barsText, BARS_MAX } from '../../src/repl/chart-bars.ts'
import { lineText } from '../../src/repl/chart-line.ts'
import { chartOf, type Chart, type ChartWish } from '../../src/repl/chart.ts'
import { tableWidth } from '../../src/repl/width.ts'

type Row = readonly Datum[]

const chart = (
  columns: Readonly<Record<string, SqlTypeName>>,
  rows: readonly Row[],
  wish: Partial<ChartWish> = {},
): Chart =>
  chartOf(
    {
      columns: Object.entries(columns).map(([name, type]) => ({ name, type })),
      rows,
      rowCount: rows.length,
    },
    { kind: undefined, x: undefined, y: undefined, ...wish },
  )

const widestOf = (text: string): number => Math.max(...text.split('\n').map(tableWidth))

describe('repl/chart', () => {
  describe('what is drawn', () => {
    const kinds = (columns: Readonly<Record<string, SqlTypeName>>, wish?: Partial<ChartWish>) => {
      const { kind, x, y } = chart(columns, [], wish)
      return [kind, x.name, y.name]
    }

    it('is numbers over the first text or time', () => {
      expect(kinds({ name: 'text', count: 'int8' })).to.deep.equal(['bar', 'name', 'count'])
      expect(kinds({ count: 'int8', name: 'text' })).to.deep.equal(['bar', 'name', 'count'])
      expect(kinds({ day: 'date', total: 'numeric' })).to.deep.equal(['line', 'day', 'total'])
      expect(kinds({ ok: 'bool', n: 'float8' })).to.deep.equal(['bar', 'ok', 'n'])
      expect(kinds({ a: 'int4', b: 'int4' })).to.deep.equal(['line', 'a', 'b'])
      expect(kinds({ n: 'int4' })).to.deep.equal(['line', 'n', 'n'])
    })

    it('is an amount rather than a key', () => {
      expect(kinds({ id: 'int4', company_id: 'int4', name: 'text', total: 'numeric' })).to.deep.equal([
        'bar',
        'name',
        'total',
      ])
      expect(kinds({ id: 'int4', name: 'text' })).to.deep.equal(['bar', 'name', 'id'])
    })

    it('is what the user names', () => {
      const columns = { a: 'text', b: 'text', c: 'int4', d: 'int4' } as const
      expect(kinds(columns, { x: 'B', y: 'd' })).to.deep.equal(['bar', 'b', 'd'])
      expect(kinds(columns, { kind: 'line', x: 'c' })).to.deep.equal(['line', 'c', 'd'])
      expect(() => kinds(columns, { x: 'e' })).to.throw('column "e" does not exist')
      expect(() => kinds(columns, { y: 'b' })).to.throw('there are no numbers to draw')
      expect(() => kinds({ a: 'text' })).to.throw('there are no numbers to draw')
      expect(() => kinds({})).to.throw('no result to draw')
    })
  })

  describe('bars', () => {
    it('stand to the right of their labels and values', () => {
      const text = barsText(
        chart({ x: 'text', n: 'int4' }, [
          ['日本', 8],
          ['b', 4],
          ['c', 0],
          [null, null],
        ]),
        30,
      )
      expect(text).to.equal(
        [
          '  x   |  n   |',
          '------+------+----------------',
          ' 日本 |    8 | ██████████████',
          ' b    |    4 | ███████',
          ' c    |    0 |',
          ' NULL | NULL |',
          '',
          '',
        ].join('\n'),
      )
    })

    it('go to the left for numbers below zero', () => {
      const text = barsText(
        chart({ x: 'text', n: 'int4' }, [
          ['a', 3],
          ['b', -3],
          ['c', 0],
        ]),
        30,
      )
      const bars = text
        .split('\n')
        .slice(2, 5)
        .map((line) => line.split(' | ').at(-1) ?? '')
      expect(bars[0]).to.match(/^ +│█+[▉-▏]?$/)
      expect(bars[1]).to.match(/^█+│$/)
      expect(bars[2]).to.match(/^ +│$/)
      expect(new Set(bars.map((bar) => bar.indexOf('│'))).size).to.equal(1)
    })

    it('are no wider than the terminal, and not more than fit', () => {
      const rows = Array.from({ length: 150 }, (_, n): Row => [
        `a very long label, number ${n}`,
        n * 1.23456789,
      ])
      for (const width of [24, 40, 80, 200]) {
        const text = barsText(chart({ label: 'text', a_long_name_of_a_column: 'float8' }, rows), width)
        expect(widestOf(text), String(width)).to.be.at.most(width)
        expect(text).to.contain(`(${150 - BARS_MAX} more rows)\n`)
      }
    })

    it('show what is small, and survive what is not finite', () => {
      const rows: Row[] = [
        ['a', 1e9],
        ['b', 1],
        ['c', Infinity],
        ['d', NaN],
      ]
      const lines = barsText(chart({ x: 'text', n: 'float8' }, rows), 60).split('\n')
      expect(lines[3]).to.match(/\| ▏$/)
      expect(lines[4]).to.match(/∞ \| █+$/)
      expect(lines[5]).to.match(/NULL \|$/)
    })
  })

  describe('a line', () => {
    const days = Array.from({ length: 100 }, (_, n): Row => [
      new Date(Date.UTC(2026, 0, 1 + n)).toISOString().slice(0, 10),
      String(Math.round(100 * Math.sin(n / 10))),
    ])

    it('has round marks, dates below, and fits', () => {
      for (const columns of [20, 40, 80, 200]) {
        const text = lineText(chart({ day: 'date', total: 'numeric' }, days), { columns, rows: 24 })
        expect(widestOf(text), String(columns)).to.be.at.most(Math.max(columns, 24))
        expect(text).to.match(/^total by day\n/)
        expect(text).to.contain('100┤').and.to.contain('0┤').and.to.contain('-100┤')
        expect(text).to.contain('2026-01-01')
      }
    })

    it('leaves out what has no value or place', () => {
      const rows: Row[] = [
        ['2026-01-01', 1],
        ['2026-01-02', null],
        [null, 3],
        ['2026-01-03', 2],
      ]
      expect(lineText(chart({ day: 'date', n: 'int4' }, rows), { columns: 60, rows: 20 })).to.contain(
        '(2 rows are not drawn)',
      )
    })

    it('draws one point, equal values, and says when there are none', () => {
      const draw = (rows: readonly Row[]) =>
        lineText(chart({ at: 'int4', n: 'int4' }, rows), { columns: 40, rows: 12 })
      expect(draw([[1, 5]])).to.contain('━')
      expect(
        draw([
          [1, 5],
          [2, 5],
          [3, 5],
        ]),
      ).to.contain('━━━')
      expect(
        draw([
          [1, 0],
          [2, 0],
        ]),
      ).to.contain('━')
      expect(() => draw([[1, null]])).to.throw('there are no values to draw')
    })

    it('sorts numbers and times, not texts', () => {
      const [first] = chart({ x: 'int4', n: 'int4' }, [
        [2, 1],
        [1, 2],
      ]).points
      expect(first).to.deep.equal({ label: '2', at: 2, value: 1 })
      const text = lineText(
        chart(
          { x: 'text', n: 'int4' },
          [
            ['b', 1],
            ['a', 2],
          ],
          { kind: 'line' },
        ),
        {
          columns: 40,
          rows: 12,
        },
      )
      expect(text.trimEnd().split('\n').at(-1)).to.match(/b +a/)
    })
  })
})
