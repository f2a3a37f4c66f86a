import { fileURLToPath } from 'node:url'
import { startDemo } from '../../src/demo/server.ts'
import type { ConnectOptions } from '../../src/driver/connection.ts'
import { connectOdoo } from '../support/odoo-rpc.ts'
import { realServers, type RealServer } from '../support/real-odoo.ts'
import { startSyntheticOdoo } from '../support/synthetic-odoo.ts'
import { callsByHand, type HandCalls } from './by-hand.ts'

/** A server to measure on: how the driver connects, and how calls by hand reach it. */
export interface BenchTarget {
  readonly title: string
  readonly options: ConnectOptions
  readonly hand: HandCalls
  /** Undefined: it is no real Odoo, so that peers and psql have nothing to talk to. */
  readonly real: RealServer | undefined
  close(): Promise<void>
}

const catalog = fileURLToPath(new URL('../support/catalog', import.meta.url))

/** The real servers that the environment names; the demo, with its few rows, where it names none. */
export async function openTargets(): Promise<BenchTarget[]> {
  const targets = await Promise.all(realServers().map(realTarget))
  return targets.length > 0 ? targets : [await demoTarget()]
}

async function realTarget(real: RealServer): Promise<BenchTarget> {
  const { version, url, database, login, password, apiKey } = real
  // The transport that the driver picks: JSON-2 where there is one.
  const isJson2 = version >= 19
  const userId = isJson2 ? undefined : (await connectOdoo(real)).uid
  const hand = callsByHand({ url, database, userId, secret: isJson2 ? apiKey : password })
  return {
    title: `Odoo ${version}`,
    options: { url, database, login, catalog, ...(isJson2 ? { apiKey } : { password }) },
    hand,
    real,
    close() {
      hand.close()
      return Promise.resolve()
    },
  }
}

async function demoTarget(): Promise<BenchTarget> {
  const demo = await startDemo()
  const { url, login, apiKey } = demo
  const [database = ''] = demo.databases
  const hand = callsByHand({ url, database, userId: undefined, secret: apiKey })
  return {
    title: 'demo',
    options: { url, database, login, apiKey, catalog },
    hand,
    real: undefined,
    async close() {
      hand.close()
      await demo.close()
    },
  }
}

export const SYNTHETIC_ROWS = 1_000_000

/** A server whose records cost nothing, so that what is measured is the driver. */
export async function openSynthetic(): Promise<BenchTarget> {
  const server = await startSyntheticOdoo(SYNTHETIC_ROWS)
  const { url, database, login, password } = server
  const hand = callsByHand({ url, database, userId: 2, secret: password })
  return {
    title: 'synthetic',
    options: { url, database, login, password, catalogCache: false },
    hand,
    real: undefined,
    async close() {
      hand.close()
      await server.close()
    },
  }
}
