import pg from 'pg'
import { readFile } from 'node:fs/promises'
import { cpus, loadavg, totalmem } from 'node:os'
import { inMegabytes, type Goal, type Line, type Verdict } from './measure.ts'
import type { BenchTarget } from './targets.ts'

/** A table in Markdown, and below it how many goals are met and which are not. */
export function markdownOf(lines: readonly Line[]): string {
  const rows = lines.map(({ what, ours, against = '', theirs = '', ratio = '', verdict }) => [
    ...[what, ours, against, theirs, ratio],
    verdict === undefined ? '' : textOfVerdict(verdict),
  ])
  const head = ['', 'ours', 'against', 'theirs', 'ours is', 'goal']
  const cells = [head, head.map(() => '---'), ...rows]
  const table = cells.map((row) => `| ${row.join(' | ')} |`).join('\n')
  const judged = lines.filter(({ verdict }) => verdict !== undefined)
  if (judged.length === 0) return table
  const missed = judged.filter(({ verdict }) => verdict?.isMet === false)
  const list = missed.map(
    ({ what, ratio = '', against = '', verdict }) =>
      `- ${what}, against ${against}: ${ratio}, ${textOfGoal(verdict!.goal)} wanted`,
  )
  const sum = `${judged.length - missed.length} of ${judged.length} goals are met.`
  return [
    table,
    '',
    list.length === 0 ? sum : `${sum} Missed:`,
    ...(list.length > 0 ? ['', ...list] : []),
  ].join('\n')
}

const textOfGoal = (goal: Goal): string =>
  'atMost' in goal ? `at most ${goal.atMost}` : `at least ${goal.atLeast}`
const textOfVerdict = ({ goal, isMet }: Verdict): string =>
  `${textOfGoal(goal)}: ${isMet ? 'met' : '**missed**'}`

/** What the numbers hang on, as a list in Markdown; nothing that tells which machine it is. */
export async function describeMachine(targets: readonly BenchTarget[]): Promise<string> {
  const [cpu] = cpus()
  const system = /^PRETTY_NAME="?([^"\n]*)/m.exec(await readFile('/etc/os-release', 'utf8').catch(() => ''))
  const servers = await Promise.all(
    targets.flatMap(({ title, real }) =>
      real === undefined
        ? []
        : [postgresVersion(real.pgUrl).then((postgres) => `${title} on PostgreSQL ${postgres}`)],
    ),
  )
  return [
    `${cpus().length} cores of ${cpu?.model ?? 'an unknown processor'}, ${inMegabytes(totalmem())} of memory`,
    `${system?.[1] ?? process.platform}, Node ${process.version}`,
    ...(servers.length > 0 ? [servers.join(', ')] : []),
    `servers, their databases and the clients all on this machine; load ${loadavg()[0]!.toFixed(1)} at the start`,
  ]
    .map((line) => `- ${line}`)
    .join('\n')
}

async function postgresVersion(pgUrl: string): Promise<string> {
  const client = new pg.Client(pgUrl)
  await client.connect()
  const { rows } = await client.query<{ server_version: string }>('SHOW server_version')
  await client.end()
  return rows[0]?.server_version.split(' ')[0] ?? 'unknown'
}
