import { readFile } from 'node:fs/promises'
import { verdictOn, type Line } from './measure.ts'

const GOLDEN = new URL('../plans/analyst.golden.txt', import.meta.url)
const COUNTS = /^(\d+) rows fetched \/ (\d+) needed/m
const WORST = 5

/**
 * Rows that the golden queries fetch, against those without which their answers would be others. Queries that Odoo
 * answers without any row, by groups or counts, are left out: they would make up for those that fetch too many. So
 * would a query that fetches fewer than it needs, as where Odoo skips the rows before OFFSET: it counts as needing what
 * it fetches.
 */
export async function benchGoldenRows(): Promise<Line[]> {
  const sections = (await readFile(GOLDEN, 'utf8')).split(/^(?=== )/m)
  const queries = sections.map((section) => {
    const [, fetched, needed] = COUNTS.exec(section) ?? []
    return {
      title: /^== (.*)/.exec(section)?.[1] ?? '',
      fetched: Number(fetched),
      needed: Number(needed),
    }
  })
  const fetching = queries.filter(({ fetched }) => fetched > 0)
  const sum = (of: (query: (typeof queries)[number]) => number): number =>
    fetching.reduce((total, query) => total + of(query), 0)
  const [fetched, needed] = [
    sum((query) => query.fetched),
    sum((query) => Math.min(query.needed, query.fetched)),
  ]
  const excess = [...fetching].sort((a, b) => b.fetched - b.needed - (a.fetched - a.needed))
  const line = (what: string, fetched: number, needed: number): Line => ({
    what,
    ours: `${fetched} rows fetched`,
    against: 'rows needed',
    theirs: `${needed} rows`,
    ratio: needed === 0 ? 'no row alone changes the answer' : `${(fetched / needed).toFixed(2)} × as many`,
  })
  const whole = line(`${fetching.length} of ${queries.length} golden queries fetch rows`, fetched, needed)
  return [
    { ...whole, verdict: verdictOn(fetched / needed, { atMost: 1.1 }) },
    ...excess
      .slice(0, WORST)
      .filter((query) => query.fetched > query.needed)
      .map((query) => line(`golden query: ${query.title}`, query.fetched, query.needed)),
  ]
}
