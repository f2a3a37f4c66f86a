import { expect } from 'chai'
import type { ResultColumn, RowBatch } from '../../src/driver/cursor.ts'
import { paintFor } from '../../src/repl/colors.ts'
import { FORMATS, formatOfFile, isBinary } from '../../src/repl/format-name.ts'
import type { TextFormat } from '../../src/repl/format-name.ts'
import { formatterFor, PLAIN } from '../../src/repl/format.ts'
import type { FormatOptions } from '../../src/repl/format.ts'
import { TABLE_ROWS_MAX } from '../../src/repl/format-table.ts'
import { tableWidth } from '../../src/repl/width.ts'

const written = (
  format: TextFormat,
  columns: readonly ResultColumn[],
  batches: readonly RowBatch[],
  options: Partial<FormatOptions> = {},
): string => {
  const formatter = formatterFor(format, columns, { ...PLAIN, ...options })
  const pieces = [formatter.begin()]
  for (const batch of batches) pieces.push(...formatter.rows(batch))
  return [...pieces, ...formatter.end()].join('')
}

const COLUMNS: readonly ResultColumn[] = [
  { name: 'id', type: 'int4' },
  { name: 'name', type: 'text' },
]

/** Lines, each ended: easier to read than one long string. */
const lines = (...texts: string[]): string => texts.map((text) => `${text}\n`).join('')

describe('repl/format', () => {
  describe('table', () => {
    it('looks like psql', () => {
      const text = written('table', COLUMNS, [
        [
          [1, 'Main server'],
          [22, null],
        ],
        [[333, '']],
      ])
      expect(text).to.equal(
        lines(
          ' id  |    name',
          '-----+-------------',
          '   1 | Main server',
          '  22 | NULL',
          ' 333 |',
          '(3 rows)',
          '',
        ),
      )
    })

    it('counts one row and none', () => {
      expect(written('table', COLUMNS, [[[1, 'a']]])).to.equal(
        lines(' id | name', '----+------', '  1 | a', '(1 row)', ''),
      )
      expect(written('table', COLUMNS, [])).to.equal(lines(' id | name', '----+------', '(0 rows)', ''))
    })

    it('colours NULL, so that it differs from the text', () => {
      const paint = paintFor({ isTTY: true }, { TERM: 'xterm' })
      const rows = [
        [1, null],
        [2, 'NULL'],
      ]
      expect(written('table', COLUMNS, [rows], { paint })).to.equal(
        lines(' id | name', '----+------', `  1 | ${paint('null', 'NULL')}`, '  2 | NULL', '(2 rows)', ''),
      )
      expect(paint('null', 'NULL')).not.to.equal('NULL')
      expect(written('expanded', COLUMNS, [rows], { paint })).to.contain(`name | ${paint('null', 'NULL')}\n`)
    })

    it('lines up wide and combining characters and emoji', () => {
      const columns: ResultColumn[] = [
        { name: '名前', type: 'text' },
        { name: 'n', type: 'int4' },
      ]
      const names = ['ab', '日本', 'e\u0301', '👩‍👩‍👧', '🇩🇪', '😀!']
      const text = written('table', columns, [names.map((name, index) => [name, index])])
      const bars = text
        .split('\n')
        .filter((line) => line.includes('|'))
        .map((line) => tableWidth(line.slice(0, line.indexOf('|'))))
      expect(bars).to.deep.equal([6, 6, 6, 6, 6, 6, 6])
      expect(text).to.contain(' 日本 | 1\n')
      expect(text).to.contain(' e\u0301    | 2\n')
    })

    it('lets no control character through', () => {
      const hostile = '\u001b]0;title\u0007\u001b[31mred\r\t\u009b2J\u202e\u0000\u007f'
      for (const format of ['table', 'expanded', 'markdown'] as const) {
        const text = written(format, [{ name: 'a\u001b[31m', type: 'text' }], [[[hostile]]])
        expect(text).to.match(/\\x1B\]0;title\\x07\\x1B\[31mred\\r\\t\\x9B2J\\u202E\\x00\\x7F/)
        // eslint-disable-next-line no-control-regex
        expect(text).not.to.match(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/)
      }
    })

    it('draws the lines of a value below each other', () => {
      expect(
        written('table', COLUMNS, [
          [
            [1, 'one\ntwo'],
            [2, 'x'],
          ],
        ]),
      ).to.equal(lines(' id | name', '----+------', '  1 | one↵', '    | two', '  2 | x', '(2 rows)', ''))
    })

    it('draws many lines and many spaces in one value in time', () => {
      const text = written('table', COLUMNS, [
        [
          [1, 'é\n'.repeat(20_000)],
          [2, `a${' '.repeat(200_000)}b`],
        ],
      ])
      expect(text.split('\n').length).to.be.greaterThan(20_000)
    })

    it('prints each type as PostgreSQL does', () => {
      const columns: ResultColumn[] = [
        { name: 'b', type: 'bool' },
        { name: 'f', type: 'float8' },
        { name: 'd', type: 'numeric' },
        { name: 't', type: 'timestamp' },
        { name: 'y', type: 'bytea' },
        { name: 'a', type: 'int4[]' },
      ]
      const row = [true, 1e15, '1.50', '2026-01-02 03:04:05', new Uint8Array([0, 255]), [1, 2]]
      expect(written('table', columns, [[row]]).split('\n')[2]).to.equal(
        ' t | 1e+15 | 1.50 | 2026-01-02 03:04:05 | \\x00ff | {1,2}',
      )
    })

    it('keeps the widths of the rows held back, and fits later ones into them', () => {
      const columns: ResultColumn[] = [
        { name: 'id', type: 'int4' },
        { name: 'ok', type: 'bool' },
      ]
      const first = Array.from({ length: TABLE_ROWS_MAX }, (_, index) => [index, true])
      const formatter = formatterFor('table', columns, PLAIN)
      expect([...formatter.rows(first)]).to.deep.equal([])
      const begun = [...formatter.rows([[2_147_483_647, false]])].join('').split('\n')
      expect(begun.slice(0, 3)).to.deep.equal(['     id      | ok', '-------------+----', '           0 | t'])
      expect(begun.at(-2)).to.equal('  2147483647 | f')
      expect([...formatter.end()].join('')).to.equal(lines(`(${TABLE_ROWS_MAX + 1} rows)`, ''))
    }).timeout(60_000)
  })

  describe('in a terminal', () => {
    const PEOPLE: readonly ResultColumn[] = [
      { name: 'id', type: 'int4' },
      { name: 'name', type: 'text' },
      { name: 'note', type: 'text' },
    ]
    const row = [1_234_567, 'short', 'a text that is longer than there is room for in this terminal']

    it('cuts the widest texts, and never a number', () => {
      expect(written('table', PEOPLE, [[row]], { width: 40 })).to.equal(
        lines(
          '   id    | name  |         note',
          '---------+-------+----------------------',
          ' 1234567 | short | a text that is long…',
          '(1 row)',
          '',
        ),
      )
    })

    it('is never wider than the terminal, also with wide characters, several lines and many columns', () => {
      const many = Array.from({ length: 12 }, (_, index): ResultColumn => ({
        name: `column_${index}`,
        type: index % 3 === 0 ? 'int8' : 'text',
      }))
      const values = many.map(({ type }, index) =>
        type === 'int8'
          ? '9223372036854775807'
          : ['日本語の長い名前です', 'one\ntwo three four', 'e\u0301'.repeat(30)][index % 3]!,
      )
      for (const width of [60, 80, 120, 200, 300]) {
        const text = written('table', many, [[values, many.map(() => null)]], { width })
        const widest = Math.max(...text.split('\n').map(tableWidth))
        expect(widest, String(width)).to.be.at.most(width)
      }
    })

    it('fits 20 columns', () => {
      const text = written('table', PEOPLE, [[row, [1, null, '日本語']]], { width: 20 })
      expect(Math.max(...text.split('\n').map(tableWidth))).to.be.at.most(20)
      expect(text).to.contain(' 1234567 | s… | a…\n       1 | N… | …\n')
    })

    it('shows a table while every text stays legible, and each column on a line of its own otherwise', () => {
      const auto = (width: number) => written('table', PEOPLE, [[row]], { width, expanded: 'auto' })
      expect(auto(200)).to.equal(written('table', PEOPLE, [[row]]))
      expect(auto(40)).to.equal(written('table', PEOPLE, [[row]], { width: 40 }))
      expect(auto(30)).to.equal(written('expanded', PEOPLE, [[row]], { width: 30 }))
      expect(auto(30)).to.match(/^-\[ RECORD 1 \]-+\nid {3}\| 1234567\n/)
    })

    it('does not fill the screen with one value', () => {
      const text = written('expanded', COLUMNS, [[[1, 'x'.repeat(1_000_000)]]], { width: 80 })
      expect(text.length).to.be.below(5_000)
      expect(text).to.contain('x… (1,000,000 characters)')
    })
  })

  it('html escapes, and puts numbers to the right', () => {
    const rows: RowBatch = [
      [1, '<b>"a" & b</b>'],
      [null, 'one\r\ntwo'],
    ]
    expect(written('html', [...COLUMNS.slice(0, 1), { name: 'a<b', type: 'text' }], [rows])).to.equal(
      lines(
        '<table>',
        '<thead>',
        '<tr><th>id</th><th>a&lt;b</th></tr>',
        '</thead>',
        '<tbody>',
        '<tr><td align="right">1</td><td>&lt;b&gt;&quot;a&quot; &amp; b&lt;/b&gt;</td></tr>',
        '<tr><td class="null"></td><td>one<br>two</td></tr>',
        '</tbody>',
        '</table>',
      ),
    )
  })

  it('is told by the ending of a file', () => {
    const endings = ['a.csv', 'b.JSON', 'c.md', 'd.jsonl', 'e.parquet', 'f.arrow', 'g.txt', 'csv', '/x.csv/y']
    expect(endings.map(formatOfFile)).to.deep.equal([
      'csv',
      'json',
      'markdown',
      'ndjson',
      'parquet',
      'arrow',
      undefined,
      undefined,
      undefined,
    ])
  })

  it('expanded looks like psql’s \\x', () => {
    const text = written(
      'expanded',
      [...COLUMNS, { name: 'smtp_encryption', type: 'text' }],
      [
        [
          [1, 'one\ntwo', null],
          [2, '日本', ''],
        ],
      ],
    )
    expect(text).to.equal(
      lines(
        '-[ RECORD 1 ]---+-----',
        'id              | 1',
        'name            | one↵',
        '                | two',
        'smtp_encryption | NULL',
        '-[ RECORD 2 ]---+---',
        'id              | 2',
        'name            | 日本',
        'smtp_encryption | ',
        '',
      ),
    )
    expect(written('expanded', COLUMNS, [])).to.equal(lines('(0 rows)', ''))
    expect(written('expanded', COLUMNS, [[[1, 'a']]]).split('\n')[0]).to.equal('-[ RECORD 1 ]')
  })

  describe('csv', () => {
    it('quotes as RFC 4180 says and tells NULL from an empty string', () => {
      const text = written(
        'csv',
        [{ name: 'a,b', type: 'text' }, ...COLUMNS],
        [
          [
            [null, 1, ''],
            ['x "y"', 2, 'a,b'],
            ['one\ntwo', 3, 'a\rb'],
            ['\\.', null, ' =1+1 '],
          ],
        ],
      )
      expect(text).to.equal(
        lines('"a,b",id,name', ',1,""', '"x ""y""",2,"a,b"', '"one\ntwo",3,"a\rb"', '"\\.",, =1+1 '),
      )
    })
    it('writes the names of an empty result', () => {
      expect(written('csv', COLUMNS, [])).to.equal('id,name\n')
    })
  })

  it('tsv is PostgreSQL’s COPY text', () => {
    expect(
      written('tsv', COLUMNS, [
        [
          [1, 'a\tb\nc\\d\re'],
          [null, '\\N'],
          [2, ''],
        ],
      ]),
    ).to.equal(lines('id\tname', '1\ta\\tb\\nc\\\\d\\re', '\\N\t\\\\N', '2\t'))
  })

  describe('json', () => {
    const TYPED: readonly ResultColumn[] = [
      { name: 'i', type: 'int4' },
      { name: 'b', type: 'bool' },
      { name: 'f', type: 'float8' },
      { name: 'n', type: 'numeric' },
      { name: 'l', type: 'int8' },
      { name: 't', type: 'timestamp' },
      { name: 'd', type: 'date' },
      { name: 'y', type: 'bytea' },
      { name: 'j', type: 'jsonb' },
      { name: 'a', type: 'int4[]' },
      { name: 's', type: 'text' },
    ]
    it('uses JSON’s own values', () => {
      const rows: RowBatch = [
        [
          1,
          true,
          0.5,
          '1.50',
          '42',
          '2026-01-02 03:04:05.5',
          '2026-01-02',
          new Uint8Array([1, 255]),
          '{"k":\n[1]}',
          [1, 2],
          'x"\n',
        ],
        [
          0,
          false,
          NaN,
          '0.1000000000000000055',
          '9223372036854775807',
          '0999-12-31 00:00:00',
          '0999-12-31',
          new Uint8Array(),
          'null',
          [],
          '',
        ],
        TYPED.map(() => null),
      ]
      const parsed = JSON.parse(written('json', TYPED, [rows.slice(0, 1), rows.slice(1)])) as unknown
      expect(parsed).to.deep.equal([
        {
          i: 1,
          b: true,
          f: 0.5,
          n: 1.5,
          l: 42,
          t: '2026-01-02T03:04:05.5Z',
          d: '2026-01-02',
          y: 'Af8=',
          j: { k: [1] },
          a: [1, 2],
          s: 'x"\n',
        },
        {
          i: 0,
          b: false,
          f: 'NaN',
          n: '0.1000000000000000055',
          l: '9223372036854775807',
          t: '0999-12-31T00:00:00Z',
          d: '0999-12-31',
          y: '',
          j: null,
          a: [],
          s: '',
        },
        Object.fromEntries(TYPED.map(({ name }) => [name, null])),
      ])
      const objects = written('ndjson', TYPED, [rows]).trimEnd().split('\n')
      expect(objects.map((line) => JSON.parse(line) as unknown)).to.deep.equal(parsed)
    })
    it('writes exact decimals as numbers and the others as strings', () => {
      const one = (type: 'int8' | 'numeric', text: string): string =>
        written('ndjson', [{ name: 'v', type }], [[[text]]]).trimEnd()
      expect(one('int8', '9007199254740992')).to.equal('{"v":9007199254740992}')
      expect(one('int8', '9007199254740993')).to.equal('{"v":"9007199254740993"}')
      expect(one('int8', '-5')).to.equal('{"v":-5}')
      expect(one('numeric', '0.00')).to.equal('{"v":0}')
      expect(one('numeric', '-12.340')).to.equal('{"v":-12.34}')
      expect(one('numeric', '123456789.123456789')).to.equal('{"v":"123456789.123456789"}')
    })
    it('is an empty array for no rows', () => {
      expect(written('json', COLUMNS, [])).to.equal('[]\n')
      expect(written('ndjson', COLUMNS, [])).to.equal('')
    })
    it('keeps columns of the same name apart', () => {
      const columns: ResultColumn[] = ['id', 'id', 'id_2', 'id'].map((name) => ({ name, type: 'int4' }))
      expect(written('ndjson', columns, [[[1, 2, 3, 4]]])).to.equal('{"id":1,"id_3":2,"id_2":3,"id_4":4}\n')
    })
  })

  it('markdown escapes what would break the table', () => {
    expect(
      written('markdown', COLUMNS, [
        [
          [1, 'a|b\\c'],
          [2, 'one\r\ntwo <b>&amp;'],
          [3, null],
        ],
      ]),
    ).to.equal(
      lines(
        '| id | name |',
        '| ---: | --- |',
        '| 1 | a\\|b\\\\c |',
        '| 2 | one<br>two &lt;b>&amp;amp; |',
        '| 3 | NULL |',
      ),
    )
  })

  it('every format writes the same rows whole or in batches', () => {
    const rows: RowBatch = Array.from({ length: 30 }, (_, index) => [
      index,
      index % 3 === 0 ? null : `n${index}`,
    ])
    for (const format of FORMATS.filter((name) => !isBinary(name)))
      expect(written(format, COLUMNS, [rows]), format).to.equal(
        written(format, COLUMNS, [rows.slice(0, 10), [], rows.slice(10)]),
      )
  })
})
