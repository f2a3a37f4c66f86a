import type { Connection } from '../../src/driver/connection.ts'
import { bestCut, nameOfCut, type Cut, type HandCalls, type ModelCall } from './by-hand.ts'
import { compareAll, millisecondsOf, type Goal, type Line, type Timed } from './measure.ts'
import { byPeers, inDatabase, type Peer } from './peers.ts'
import type { BenchTarget } from './targets.ts'

/** A statement, and the same work by others. */
export interface Workload {
  readonly what: string
  readonly sql: string
  /** The calls of one who knows Odoo and does no more than is needed, and how many rows they give. */
  readonly byHand:
    | { readonly kind: 'oneCall'; readonly call: ModelCall }
    | { readonly kind: 'cut'; readonly run: (hand: HandCalls, cut: Cut) => Promise<number> }
  readonly handGoal?: Goal
  /** The calls of a peer, one after another; none where there is nothing to compare. */
  readonly calls: readonly ModelCall[]
  /** Against a peer, and us without pushdown. */
  readonly peerGoal?: Goal
  /** Other statements of ours, by name. */
  readonly variants?: Readonly<Record<string, string>>
  /** For Odoo's own database, where our columns have other names there. */
  readonly databaseSql?: string
  readonly rounds?: number
}

export interface Rivals {
  readonly peers: readonly Peer[]
  /** Further connections of ours, by name: how they do the same statement. */
  readonly connections?: Readonly<Record<string, Connection>>
}

/** One workload against the best by hand, Odoo's own database, other ways of ours, and the peers, each in turn. */
export async function benchWorkload(
  { title, hand, real }: BenchTarget,
  odoo: Connection,
  workload: Workload,
  { peers, connections = {} }: Rivals,
): Promise<Line[]> {
  const { sql, byHand, variants = {}, calls, databaseSql = sql, rounds } = workload
  const rows = await drain(odoo, sql)
  const { name, run } = await bestByHand(hand, byHand)
  const found = await run()
  if (found !== rows) throw new TypeError(`${sql} gives ${rows} rows, by hand ${found}`)
  const others: Timed = {
    [name]: () => millisecondsOf(run),
    ...inDatabase({ real }, databaseSql),
    ...timed(variants, (text) => drain(odoo, text)),
    ...timed(connections, (connection) => drain(connection, sql)),
  }
  const isWhole = calls.every(
    ({ method, domain, named }) => method === 'search_read' && domain.length === 0 && !('limit' in named),
  )
  const peersByName = calls.length === 0 ? {} : byPeers(peers, calls, isWhole ? ', which fetches all' : '')
  const isPeer = (other: string): boolean => other in peersByName || other in connections
  return compareAll(
    `${title}: ${workload.what}, ${rows} rows`,
    () => millisecondsOf(() => drain(odoo, sql)),
    { ...others, ...peersByName },
    {
      goalOf: (other) => (other === name ? workload.handGoal : isPeer(other) ? workload.peerGoal : undefined),
      ...(rounds !== undefined && { rounds }),
    },
  )
}

async function bestByHand(
  hand: HandCalls,
  byHand: Workload['byHand'],
): Promise<{ name: string; run: () => Promise<number> }> {
  if (byHand.kind === 'oneCall') {
    const { model, method, domain, named } = byHand.call
    const run = async (): Promise<number> => {
      const reply = await hand.call<number | readonly unknown[]>(model, method, domain, named)
      return typeof reply === 'number' ? 1 : reply.length
    }
    return { name: 'by hand, one call', run }
  }
  const cut = await bestCut((tried) => byHand.run(hand, tried))
  return { name: nameOfCut(cut), run: () => byHand.run(hand, cut) }
}

const timed = <Item>(items: Readonly<Record<string, Item>>, work: (item: Item) => Promise<unknown>): Timed =>
  Object.fromEntries(
    Object.entries(items).map(([name, item]) => [name, () => millisecondsOf(() => work(item))]),
  )

/** Reads a result to its end; returns its rows. */
export async function drain(connection: Connection, sql: string): Promise<number> {
  let rows = 0
  for await (const batch of await connection.cursor(sql)) rows += batch.length
  return rows
}
