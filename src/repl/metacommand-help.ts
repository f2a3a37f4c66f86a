import { didYouMean, syntaxError } from '../errors.ts'
import type { Metacommand } from './metacommand.ts'
import { showText } from './show.ts'

/** The statements that run here, as `\h` tells of them. */
export const STATEMENTS: readonly {
  readonly name: string
  readonly syntax: string
  readonly text: string
}[] = [
  {
    name: 'SELECT',
    syntax: `[WITH name AS (query)]
SELECT columns FROM schema.table [JOIN …] [WHERE …] [GROUP BY …] [HAVING …]
  [UNION …] [ORDER BY …] [LIMIT n] [OFFSET n]`,
    text: 'Reads from Odoo. All of PostgreSQL’s SELECT; \\d lists the tables.',
  },
  {
    name: 'VALUES',
    syntax: "VALUES (1, 'one'), (2, 'two')",
    text: 'Rows of constants.',
  },
  {
    name: 'EXPLAIN',
    syntax: `EXPLAIN [ANALYZE] query
EXPLAIN (ANALYZE, FORMAT json) query`,
    text: 'Shows which calls a query makes, and what is checked here; with ANALYZE it is run.',
  },
  {
    name: 'USE',
    syntax: `USE north, south
USE ALL
USE DEFAULT
USE SELECT name FROM system.partitions WHERE …`,
    text: 'Selects the partitions (Odoo databases) that statements read; \\l lists them.',
  },
  {
    name: 'SET',
    syntax: `SET name = value
SET odoo.partitions = 'north,south'`,
    text: 'Changes a setting of the session; system.settings lists them.',
  },
  { name: 'SHOW', syntax: 'SHOW name', text: 'Shows a setting of the session.' },
]

export const HELP_COMMANDS: readonly Metacommand[] = [
  {
    name: '\\h',
    argument: '[STATEMENT]',
    text: 'show the form of a statement, or of all',
    takes: 1,
    run: async (shell, { words: [word] }) => {
      const wanted = word?.toUpperCase()
      const found = STATEMENTS.filter(({ name }) => wanted === undefined || name === wanted)
      const names = STATEMENTS.map(({ name }) => name)
      if (found.length === 0)
        throw syntaxError(`there is no help for "${String(word)}"`, {
          hint: didYouMean(String(word), names) ?? `These statements run here: ${names.join(', ')}.`,
        })
      const texts = found.map(
        ({ name, syntax, text }) => `${name}: ${text}\n${syntax.replace(/^/gm, '    ')}\n\n`,
      )
      await showText(shell, texts.join(''))
      return undefined
    },
  },
  {
    name: '\\q',
    text: 'leave, as does Ctrl-D',
    run: () => Promise.resolve('leave'),
  },
]
