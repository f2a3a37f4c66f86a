import { randomFrom } from '../support/generate-random.ts'
import { print, shrink, type Statement, type Term } from '../support/generate-term.ts'
import { textOf } from '../support/oracle.ts'
import { isOrdered, makePartition, makeSelect } from './select.ts'
import type { OpenTarget, Session } from './targets.ts'

export interface Options {
  /** Generated queries. */
  readonly runs: number
  readonly seed: number
  /** Every so many-th query is also answered from whole tables. */
  readonly wholeEvery?: number
  /** Queries under way at once. */
  readonly lanes?: number
  readonly onProgress?: (done: number) => void
}

export interface Outcome {
  /** Queries whose answers were compared. */
  readonly compared: number
  /** Of these, those with rows in the answer. */
  readonly withRows: number
  /** Queries that PostgreSQL refuses. */
  readonly refused: number
  readonly failures: readonly Failure[]
}

export interface Failure {
  /** Names the query again: `--seed` of a run of one. */
  readonly seed: number
  readonly report: string
}

/** Stops looking further: each failure costs hundreds of queries to make small. */
const FAILURES_MAX = 3
/** Every so many-th query asks for the three parts of a table that a predicate makes. */
const PARTITION_EVERY = 10

/** Asks generated queries of PostgreSQL and of every session, and makes those small whose answers differ. */
export async function checkTarget(target: OpenTarget, options: Options): Promise<Outcome> {
  const { runs, seed, wholeEvery = 5, lanes = 3 } = options
  const failures: Failure[] = []
  let [at, compared, withRows, refused] = [0, 0, 0, 0]
  const lane = async (): Promise<void> => {
    while (at < runs && failures.length < FAILURES_MAX) {
      const index = at++
      const own = seed + index
      const sessions = [
        target.pushing[own % target.pushing.length]!,
        ...(own % wholeEvery === 0 ? [target.whole] : []),
      ]
      const found =
        own % PARTITION_EVERY === 7
          ? await checkPartition(target, own)
          : await checkSelect(target, own, sessions)
      if (found.kind === 'refused') refused++
      else compared++
      if (found.kind === 'rows') withRows++
      if (found.kind === 'failure') failures.push({ seed: own, report: found.report })
      options.onProgress?.(index + 1)
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  return { compared, withRows, refused, failures }
}

type Found =
  { readonly kind: 'rows' | 'empty' | 'refused' } | { readonly kind: 'failure'; readonly report: string }

async function checkSelect(target: OpenTarget, seed: number, sessions: readonly Session[]): Promise<Found> {
  const query = makeSelect(randomFrom(seed), target.sources)
  const right = await askOracle(target, print(query))
  if (typeof right === 'string') return { kind: 'refused' }
  for (const session of sessions) {
    if ((await differenceOf(target, session, query)) !== undefined)
      return { kind: 'failure', report: await shrunkReport(target, session, query, seed) }
  }
  return { kind: right.length > 0 ? 'rows' : 'empty' }
}

/** What each of the target's sessions answers otherwise than PostgreSQL. */
export async function checkStatement(
  target: OpenTarget,
  statement: Statement,
  isInOrder: boolean,
): Promise<readonly string[]> {
  const right = await askOracle(target, statement)
  const found: string[] = []
  for (const session of [...target.pushing, target.whole]) {
    const given = await ask(session, statement)
    if (typeof right !== 'string' && typeof given !== 'string' && isSame(right, given, isInOrder)) continue
    found.push(`${session.name}: ${summary(given)} for ${summary(right)}`)
  }
  return found
}

/** A predicate splits a table into the rows where it is true, false and NULL: nothing is lost or doubled. */
async function checkPartition(target: OpenTarget, seed: number): Promise<Found> {
  const { whole, parts } = makePartition(randomFrom(seed), target.sources)
  const session = target.pushing[seed % target.pushing.length]!
  const all = await ask(session, print(whole))
  const answers = await Promise.all(parts.map((part) => ask(session, print(part))))
  const sum = answers.every((answer) => typeof answer !== 'string') ? answers.flat() : answers.join('\n')
  if (typeof all !== 'string' && typeof sum !== 'string' && isSame(all, sum, false)) return { kind: 'rows' }
  for (const part of parts)
    if ((await differenceOf(target, session, part)) !== undefined)
      return { kind: 'failure', report: await shrunkReport(target, session, part, seed) }
  const report = [title(session, seed), ...parts.map((part) => text(print(part)))]
  return { kind: 'failure', report: [...report, `all: ${summary(all)}`, `parts: ${summary(sum)}`].join('\n') }
}

type Rows = readonly (readonly (string | null)[])[]
/** Rows, or the SQLSTATE and the message of the error. */
type Answer = Rows | string

const wrong = (thrown: unknown): string => {
  const { code = '', message } = thrown as { code?: string; message: string }
  return `${code} ${message}`
}

function askOracle({ oracle }: OpenTarget, { sql, params }: Statement): Promise<Answer> {
  const texts = params.map((param) =>
    param instanceof Date
      ? param.toISOString().replace('T', ' ').slice(0, 19)
      : param === null
        ? null
        : String(param),
  )
  return oracle.query(sql, texts).catch(wrong)
}

async function ask({ connection }: Session, { sql, params }: Statement): Promise<Answer> {
  try {
    const cursor = await connection.cursor(sql, params)
    const rows: (string | null)[][] = []
    for await (const batch of cursor)
      for (const row of batch) rows.push(row.map((datum, at) => textOf(datum, cursor.columns[at]!.type)))
    return rows
  } catch (thrown) {
    return wrong(thrown)
  }
}

/** Undefined where the session answers as PostgreSQL does, or where PostgreSQL has no answer. */
async function differenceOf(
  target: OpenTarget,
  session: Session,
  query: Term,
): Promise<{ right: Rows; given: Answer } | undefined> {
  const statement = print(query)
  const right = await askOracle(target, statement)
  if (typeof right === 'string') return undefined
  const given = await ask(session, statement)
  return typeof given !== 'string' && isSame(right, given, isOrdered(query)) ? undefined : { right, given }
}

const keyOf = (row: Rows[number]): string => JSON.stringify(row)

function isSame(right: Rows, given: Rows, isInOrder: boolean): boolean {
  if (right.length !== given.length) return false
  const [a, b] = [right.map(keyOf), given.map(keyOf)]
  if (!isInOrder) {
    a.sort()
    b.sort()
  }
  return a.every((key, index) => key === b[index])
}

async function shrunkReport(
  target: OpenTarget,
  session: Session,
  query: Term,
  seed: number,
): Promise<string> {
  const small = await shrink(query, async (less) => (await differenceOf(target, session, less)) !== undefined)
  const statement = print(small)
  const { right, given } = (await differenceOf(target, session, small)) ?? {
    right: [],
    given: 'it answers right now',
  }
  const plan = await ask(session, { ...statement, sql: `EXPLAIN ${statement.sql}` })
  const lines = [title(session, seed), text(statement)]
  if (typeof given === 'string') lines.push(`error: ${given}`)
  else {
    lines.push(...list('lost', without(right, given)), ...list('wrong', without(given, right)))
    if (lines.length === 2) lines.push(`order: ${summary(right)}`, `given: ${summary(given)}`)
  }
  return [
    ...lines,
    'plan:',
    ...(typeof plan === 'string' ? [plan] : plan.map(([line]) => `  ${line ?? ''}`)),
  ].join('\n')
}

const title = ({ name }: Session, seed: number): string => `seed ${seed}, ${name}`
const text = ({ sql, params }: Statement): string => `${sql}; -- ${JSON.stringify(params)}`

/** Rows that are shown of a difference. */
const SHOWN_ROWS = 5
const SHOWN_CHARACTERS = 300

function without(rows: Rows, others: Rows): Rows {
  const left = new Map<string, number>()
  for (const key of others.map(keyOf)) left.set(key, (left.get(key) ?? 0) + 1)
  return rows.filter((row) => {
    const count = left.get(keyOf(row)) ?? 0
    left.set(keyOf(row), count - 1)
    return count <= 0
  })
}

const list = (label: string, rows: Rows): string[] =>
  rows.length === 0 ? [] : [`${label}: ${summary(rows)}`]
const summary = (answer: Answer): string =>
  typeof answer === 'string'
    ? answer
    : `${answer.length} rows ${answer
        .slice(0, SHOWN_ROWS)
        .map((row) => keyOf(row).slice(0, SHOWN_CHARACTERS))
        .join(' ')}`
