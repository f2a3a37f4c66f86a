/** Times a thing is done; the median counts. */
export const REPEATS = 3

/** Milliseconds of one run. */
export async function millisecondsOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

/** Medians of several things, each done in turn, so that what else the machine does falls on all of them. */
export const mediansOf = <Name extends string>(
  works: Readonly<Record<Name, () => Promise<unknown>>>,
  repeats = REPEATS,
): Promise<Record<Name, number>> => {
  const timed = Object.entries<() => Promise<unknown>>(works).map(
    ([name, work]) => [name, () => millisecondsOf(work)] as const,
  )
  return mediansOfTimes(Object.fromEntries(timed) as Record<Name, () => Promise<number>>, repeats)
}

/** The same of things that tell their own milliseconds. */
export async function mediansOfTimes<Name extends string>(
  works: Readonly<Record<Name, () => Promise<number>>>,
  repeats = REPEATS,
): Promise<Record<Name, number>> {
  const names = Object.keys(works) as Name[]
  const times = new Map<Name, number[]>(names.map((name) => [name, []]))
  for (let round = 0; round < repeats; round++)
    for (const name of names) times.get(name)!.push(await works[name]())
  return Object.fromEntries(names.map((name) => [name, median(times.get(name)!)])) as Record<Name, number>
}

export function median(values: readonly number[]): number {
  const inOrder = [...values].sort((a, b) => a - b)
  return inOrder[Math.floor(inOrder.length / 2)] ?? NaN
}

/** A line of the report. What something is held against may be a peer, a wish, or nothing at all. */
export interface Line {
  readonly what: string
  readonly ours: string
  readonly against?: string
  readonly theirs?: string
  readonly ratio?: string
}

/** What the issue asks of a ratio. */
export type Goal = { readonly atMost: number } | { readonly atLeast: number }

/** Times of two, side by side: how many times as long ours takes, or how many times as fast it is, and the goal. */
export function compare(
  what: string,
  ours: number,
  { name, milliseconds }: { name: string; milliseconds: number },
  goal?: Goal,
): Line {
  const isOfSpeed = goal === undefined ? ours < milliseconds : 'atLeast' in goal
  const ratio = isOfSpeed ? milliseconds / ours : ours / milliseconds
  const text = `${ratio.toFixed(2)} × as ${isOfSpeed ? 'fast' : 'long'}`
  const line = { what, ours: inMilliseconds(ours), against: name, theirs: inMilliseconds(milliseconds) }
  return { ...line, ratio: goal === undefined ? text : `${text} (${verdictOn(ratio, goal)})` }
}

/** Ours against others by name, who all tell their own milliseconds, each in turn. */
export async function compareAll(
  what: string,
  ours: () => Promise<number>,
  others: Readonly<Record<string, () => Promise<number>>>,
  { goalOf, rounds = REPEATS }: { goalOf: (name: string) => Goal | undefined; rounds?: number },
): Promise<Line[]> {
  const medians: Readonly<Record<string, number>> = await mediansOfTimes({ [OURS]: ours, ...others }, rounds)
  return Object.keys(others).map((name) =>
    compare(what, medians[OURS] ?? NaN, { name, milliseconds: medians[name] ?? NaN }, goalOf(name)),
  )
}
const OURS = 'odoo-sql'

export function verdictOn(value: number, goal: Goal): string {
  return 'atMost' in goal
    ? `at most ${goal.atMost} wanted: ${value <= goal.atMost ? 'met' : 'missed'}`
    : `at least ${goal.atLeast} wanted: ${value >= goal.atLeast ? 'met' : 'missed'}`
}

export const inMilliseconds = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0)} ms`
export const inMegabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MB`

export function markdownOf(lines: readonly Line[]): string {
  const rows = lines.map(({ what, ours, against = '', theirs = '', ratio = '' }) => [
    what,
    ours,
    against,
    theirs,
    ratio,
  ])
  const cells = [['', 'ours', 'against', 'theirs', 'ours is'], ['---', '---', '---', '---', '---'], ...rows]
  return cells.map((row) => `| ${row.join(' | ')} |`).join('\n')
}
