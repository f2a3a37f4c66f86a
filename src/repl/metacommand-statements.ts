import { setTimeout } from 'node:timers/promises'
import { syntaxError, wrongState } from '../errors.ts'
import type { CallRecord } from '../driver/cursor.ts'
import { counted } from './counted.ts'
import { errorText } from './error-text.ts'
import { listText } from './format-list.ts'
import { say, type Given, type Metacommand } from './metacommand.ts'
import { withFile } from './redirect.ts'
import { runStatement } from './run-statement.ts'
import type { Shell } from './shell.ts'
import { showText, widthOf } from './show.ts'
import { visibleText } from './visible.ts'

export const STATEMENT_COMMANDS: readonly Metacommand[] = [
  {
    name: '\\g',
    argument: '[FILE]',
    text: 'run the statement before it, or the last one again; its result may go to a file',
    takes: 1,
    run: async (shell, given) => {
      const [path] = given.words
      const sql = statementFor(shell, given)
      if (path === undefined) await runStatement(shell, sql, given.signal)
      else await withFile(shell, path, undefined, (within) => runStatement(within, sql, given.signal))
      return undefined
    },
  },
  {
    name: '\\gx',
    text: 'the same, with each column on a line of its own',
    run: async (shell, given) => {
      await runStatement({ ...shell, expanded: 'on' }, statementFor(shell, given), given.signal)
      return undefined
    },
  },
  {
    name: '\\explain',
    argument: '[analyze] [STATEMENT]',
    text: 'show the plan of a statement, or of the last one, and with analyze its calls',
    takes: 'line',
    run: explain,
  },
  {
    name: '\\calls',
    text: 'show what went to Odoo for the last statement',
    run: async (shell) => {
      await showText(shell, callsText(shell.last.calls ?? [], widthOf(shell)))
      return undefined
    },
  },
  {
    name: '\\watch',
    argument: '[SECONDS] [COUNT]',
    text: 'run the last statement again and again, every 2 seconds, until Ctrl-C',
    takes: 2,
    run: watch,
  },
  {
    name: '\\errverbose',
    text: 'show all that is known of the last error',
    run: async (shell) => {
      await showText(shell, lastErrorText(shell))
      return undefined
    },
  },
]

/** The statement that the metacommand ended, or the last one. Throws 55000 where there is none. */
function statementFor({ last }: Shell, { query }: Pick<Given, 'query'>): string {
  if (query !== undefined) last.statement = query
  if (last.statement === undefined) throw wrongState('no statement was run yet')
  return last.statement
}

async function explain(shell: Shell, { line, query, signal }: Given): Promise<undefined> {
  const [, analyze = '', given = ''] = /^(analyze\b)?\s*([^]*)$/i.exec(line) ?? []
  const statement = given === '' ? statementFor(shell, { query }) : given
  await runStatement(shell, `EXPLAIN ${analyze} ${statement}`, signal)
  return undefined
}

const CALL_COLUMNS = [
  { name: 'Partition' },
  { name: 'Model' },
  { name: 'Method' },
  { name: 'Rows', isNumeric: true },
  { name: 'Bytes', isNumeric: true },
  { name: 'ms', isNumeric: true },
  { name: 'Tries', isNumeric: true },
  { name: 'Outcome' },
]

function callsText(calls: readonly CallRecord[], width: number | undefined): string {
  const rows = calls.map(({ partition, model, method, rows, bytes, milliseconds, tries, outcome }) => [
    partition,
    model,
    method,
    rows === null ? '' : rows.toLocaleString('en-US'),
    bytes.toLocaleString('en-US'),
    milliseconds.toFixed(1),
    String(tries),
    outcome,
  ])
  const bytes = calls.reduce((sum, call) => sum + call.bytes, 0)
  const fetched = calls.reduce((sum, call) => sum + (call.rows ?? 0), 0)
  const totals = [counted(calls.length, 'call'), counted(fetched, 'row'), counted(bytes, 'byte')]
  return `${listText(CALL_COLUMNS, rows, width)}(${totals.join(', ')})\n\n`
}

const WATCH_SECONDS = 2
/** The longest time that Node's timers can count. */
const WATCH_SECONDS_MAX = 2_147_483

async function watch(shell: Shell, given: Given): Promise<undefined> {
  const { seconds, count } = pace(given.words)
  const statement = statementFor(shell, given)
  // A pager would wait for its user.
  const within = { ...shell, isPaged: false, isTimed: false }
  try {
    for (let nth = 1; nth <= count; nth++) {
      await shell.output.write(`${new Date().toLocaleString('sv')} (every ${seconds}s)\n\n`)
      await runStatement(within, statement, given.signal)
      if (nth < count) await setTimeout(seconds * 1000, undefined, { signal: given.signal })
    }
  } catch (thrown) {
    // Ctrl-C is how it is meant to end.
    if (!given.signal.aborted) throw thrown
    say(shell, '')
  }
  return undefined
}

/** As psql has them: `5`, `5 3`, `i=5 c=3`. */
function pace(words: readonly string[]): { readonly seconds: number; readonly count: number } {
  const plain = words.filter((word) => !word.includes('='))
  const named = (letter: string): string | undefined =>
    words.find((word) => word.startsWith(`${letter}=`))?.slice(2)
  const [seconds, count] = [named('i') ?? plain[0], named('c') ?? plain[1]].map((word) => {
    const number = Number(word ?? NaN)
    if (word !== undefined && !(number > 0 && number <= WATCH_SECONDS_MAX))
      throw syntaxError(`\\watch takes seconds and a count, not "${word}"`)
    return word === undefined ? undefined : number
  })
  return { seconds: seconds ?? WATCH_SECONDS, count: count ?? Infinity }
}

function lastErrorText({ last }: Shell): string {
  if (last.error === undefined) return 'There was no error.\n'
  const { error, source } = last.error
  const causes: string[] = []
  for (let cause = error.cause; cause instanceof Error && causes.length < 5; cause = cause.cause)
    causes.push(`CAUSE:  ${visibleText(cause.message)}\n`)
  const statement =
    source === undefined || source.text === '' ? '' : `STATEMENT:  ${visibleText(source.text)}\n`
  const position = error.position === undefined ? '' : `POSITION:  ${error.position}\n`
  return `${errorText(error, source)}CONDITION:  ${error.condition}\n${position}${causes.join('')}${statement}`
}
