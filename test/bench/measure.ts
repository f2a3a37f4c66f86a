/** Few rows, one round each and no server but the synthetic one: shows that the parts run, and measures nothing. */
export const IS_TRIAL = process.env['BENCH_TRIAL'] === '1'
/** Times a thing is done; the median counts. */
export const REPEATS = 3
/** What has taken so long is not done again: the longer it takes, the less a moment more or less says. */
const ENOUGH_MS = 3_000

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
  for (let round = 0; round < (IS_TRIAL ? 1 : repeats); round++)
    for (const name of names) {
      const taken = times.get(name)!
      if (sumOf(taken) < ENOUGH_MS) taken.push(await works[name]())
    }
  return Object.fromEntries(names.map((name) => [name, median(times.get(name)!)])) as Record<Name, number>
}

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0)

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
  readonly verdict?: Verdict
}

/** What is wanted of a ratio, or of another number. */
export type Goal = { readonly atMost: number } | { readonly atLeast: number }

export interface Verdict {
  readonly goal: Goal
  readonly isMet: boolean
}

export const verdictOn = (value: number, goal: Goal): Verdict => ({
  goal,
  isMet: 'atMost' in goal ? value <= goal.atMost : value >= goal.atLeast,
})

/** Times of two, side by side: how many times as long ours takes, or how many times as fast it is, and the goal. */
export function compare(
  what: string,
  ours: number,
  { name, milliseconds }: { name: string; milliseconds: number },
  goal?: Goal,
): Line {
  const isOfSpeed = goal === undefined ? ours < milliseconds : 'atLeast' in goal
  const value = isOfSpeed ? milliseconds / ours : ours / milliseconds
  const ratio = `${value.toFixed(2)} × as ${isOfSpeed ? 'fast' : 'long'}`
  const line = {
    what,
    ours: inMilliseconds(ours),
    against: name,
    theirs: inMilliseconds(milliseconds),
    ratio,
  }
  return goal === undefined ? line : { ...line, verdict: verdictOn(value, goal) }
}

/** Milliseconds of a thing by its name, told by the thing itself. */
export type Timed = Readonly<Record<string, () => Promise<number>>>

/** Ours against others by name, each in turn. */
export async function compareAll(
  what: string,
  ours: () => Promise<number>,
  others: Timed,
  {
    goalOf = () => undefined,
    rounds = REPEATS,
  }: { goalOf?: (name: string) => Goal | undefined; rounds?: number } = {},
): Promise<Line[]> {
  const medians: Readonly<Record<string, number>> = await mediansOfTimes({ [OURS]: ours, ...others }, rounds)
  return Object.keys(others).map((name) =>
    compare(what, medians[OURS] ?? NaN, { name, milliseconds: medians[name] ?? NaN }, goalOf(name)),
  )
}
const OURS = 'odoo-sql'

export const inMilliseconds = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0)} ms`
export const inMegabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MB`
