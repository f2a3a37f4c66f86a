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

/** A line of the report: what was measured, ours, what it is held against, and the ratio. */
export interface Line {
  readonly what: string
  readonly ours: string
  readonly other: string
  readonly ratio: string
}

export const inMilliseconds = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0)} ms`
export const inMegabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MB`
/** How many times longer the other takes. */
export const times = (other: number, ours: number): string => `${(other / ours).toFixed(1)} ×`

export function markdownOf(lines: readonly Line[]): string {
  const cells = [['', 'ours', 'against', 'ratio'], ['---', '---', '---', '---'], ...lines.map(rowOf)]
  return cells.map((row) => `| ${row.join(' | ')} |`).join('\n')
}

const rowOf = ({ what, ours, other, ratio }: Line): string[] => [what, ours, other, ratio]
