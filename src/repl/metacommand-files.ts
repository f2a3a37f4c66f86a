import { notSupported, syntaxError, writeRejected, wrongState } from '../errors.ts'
import { editText } from './edit-text.ts'
import { formatNamed } from './metacommand-display.ts'
import { say, wordsOf, type Given, type Metacommand, type Outcome } from './metacommand.ts'
import { endRedirection, redirect, withFile } from './redirect.ts'
import { runStatement } from './run-statement.ts'
import type { Shell } from './shell.ts'

export const FILE_COMMANDS: readonly Metacommand[] = [
  {
    name: '\\i',
    argument: 'FILE',
    text: 'run the statements of a file',
    takes: 1,
    run: (_shell, { words: [path], include }) => {
      if (path === undefined) throw syntaxError('\\i needs a file')
      return include(path)
    },
  },
  {
    name: '\\o',
    argument: '[FILE] [FORMAT]',
    text: 'write results to a file from now on; without a file, end it: then it appears',
    takes: 2,
    run: async (shell, { words: [path, format] }) => {
      if (path === undefined) await endRedirection(shell)
      else {
        await redirect(shell, path, format === undefined ? undefined : formatNamed(format))
        say(shell, `Results go to "${path}" as ${shell.format}, until \\o or the end.`)
      }
      return undefined
    },
  },
  {
    name: '\\copy',
    argument: '(QUERY) to FILE [FORMAT]',
    text: 'write the result of a query, or a table, to a file; its ending tells the format, else csv',
    takes: 'line',
    run: copy,
  },
  {
    name: '\\e',
    argument: '[FILE]',
    text: 'edit the last statement, or a file, with VISUAL or EDITOR, and run what was saved',
    takes: 1,
    run: edit,
  },
]

const COPY = /^(?:\(([^]*)\)|([^\s()]+))\s*\bto\s+([^]*)$/i

async function copy(shell: Shell, { line, signal }: Given): Promise<undefined> {
  const [, query, table = '', target = ''] = COPY.exec(line) ?? []
  if (/^[^\s()]+\s+from\b/i.test(line)) throw writeRejected('\\copy FROM')
  const [path, ...rest] = wordsOf(target, shell.variables)
  // As psql has it: `with csv header`; the names always stand in it.
  const words = rest.filter((word) => !/^\(?(with|format|header)\)?$/i.test(word))
  const [word, more] = words.map((one) => one.replace(/[(),]/g, '').toLowerCase())
  if (path === undefined || more !== undefined)
    throw syntaxError('\\copy takes (QUERY) to FILE [FORMAT]', {
      hint: 'Such as \\copy (SELECT * FROM res.partner) to partners.csv',
    })
  const format = word === undefined ? undefined : formatNamed(word)
  const sql = query ?? `SELECT * FROM ${table}`
  const run = (within: Shell): Promise<void> => runStatement({ ...within, isTimed: false }, sql, signal)
  if (path.toLowerCase() === 'stdout') await run({ ...shell, isPaged: false, format: format ?? 'csv' })
  else await withFile({ ...shell, format: 'csv' }, path, format, run)
  say(shell, `COPY ${shell.last.result?.rowCount ?? 0}`)
  return undefined
}

async function edit(shell: Shell, { words: [path], runText }: Given): Promise<Outcome | undefined> {
  if (!shell.output.isTerminal) throw notSupported('\\e needs a terminal')
  const { statement } = shell.last
  if (path === undefined && statement === undefined) throw wrongState('no statement was run yet')
  const before = statement === undefined ? '' : `${statement.replace(/;?\s*$/, '')};\n`
  const after = await shell.lendTerminal(() => editText(path ?? { text: before }, process.env))
  return path === undefined && after.trim() === before.trim() ? undefined : runText(after)
}
