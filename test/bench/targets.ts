import { fileURLToPath } from 'node:url'
import { startDemo } from '../../src/demo/server.ts'
import type { ConnectOptions } from '../../src/driver/connection.ts'
import { connectOdoo } from '../support/odoo-rpc.ts'
import { realServers, type RealServer } from '../support/real-odoo.ts'
import { startSyntheticOdoo } from '../support/synthetic-odoo.ts'
import { callsByHand, type HandCalls } from './by-hand.ts'
import { IS_TRIAL } from './measure.ts'

/** A server to measure on: how the driver connects, and how calls by hand reach it. */
export interface BenchTarget {
  readonly title: string
  readonly kind: 'real' | 'synthetic' | 'demo'
  readonly options: ConnectOptions
  readonly hand: HandCalls
  readonly logIn: LogIn
  /** Undefined: it is no real Odoo, and there is no database under it. */
  readonly real: RealServer | undefined
  close(): Promise<void>
}

export interface LogIn {
  readonly url: string
  readonly database: string
  readonly login: string
  readonly password: string
}

/** All that the parts of the bench measure on. */
export interface Servers {
  /** The real servers that the environment names; the demo, with its few rows, where it names none; none in a trial. */
  readonly real: readonly BenchTarget[]
  /** A server whose records cost nothing, so that what is measured is the driver. */
  readonly synthetic: BenchTarget
}

export const CATALOG = fileURLToPath(new URL('../support/catalog', import.meta.url))

export async function openServers(): Promise<Servers> {
  const synthetic = await syntheticTarget()
  if (IS_TRIAL) return { real: [], synthetic }
  const real = await Promise.all(realServers().map((server) => realTarget(server)))
  return { real: real.length > 0 ? real : [await demoTarget()], synthetic }
}

/** Four databases or as many as there are: all of the real servers, and four of the synthetic one, which are alike. */
export async function openPartitions({ synthetic }: Servers): Promise<readonly (readonly BenchTarget[])[]> {
  const real = (IS_TRIAL ? [] : realServers()).flatMap((server) => {
    const databases = (process.env[`ODOO${server.version}_DBS`] ?? '').split(',').filter(Boolean)
    return databases.map((database) => {
      const apiKey = process.env[`ODOO${server.version}_API_KEY_${database.toUpperCase()}_ADMIN`] ?? ''
      const pgUrl = server.pgUrl.replace(/[^/]*$/, database)
      return realTarget({ ...server, database, apiKey, pgUrl }, `${database} of Odoo ${server.version}`)
    })
  })
  const made = ['a', 'b', 'c', 'd'].map((database): BenchTarget => {
    const logIn = { ...synthetic.logIn, database }
    const hand = callsByHand({ ...logIn, userId: 2, secret: logIn.password })
    const close = (): Promise<void> => {
      hand.close()
      return Promise.resolve()
    }
    return { ...synthetic, title: database, logIn, hand, options: { ...synthetic.options, database }, close }
  })
  return [await Promise.all(real), made]
}

async function realTarget(real: RealServer, title = `Odoo ${real.version}`): Promise<BenchTarget> {
  const { version, url, database, login, password, apiKey } = real
  // The transport that the driver picks: JSON-2 where there is one.
  const isJson2 = version >= 19
  const userId = isJson2 ? undefined : (await connectOdoo(real)).uid
  const hand = callsByHand({ url, database, userId, secret: isJson2 ? apiKey : password })
  return {
    title,
    kind: 'real',
    options: { url, database, login, catalog: CATALOG, ...(isJson2 ? { apiKey } : { password }) },
    hand,
    logIn: { url, database, login, password },
    real,
    close() {
      hand.close()
      return Promise.resolve()
    },
  }
}

async function demoTarget(): Promise<BenchTarget> {
  const demo = await startDemo()
  const { url, login, password, apiKey } = demo
  const [database = ''] = demo.databases
  const hand = callsByHand({ url, database, userId: undefined, secret: apiKey })
  return {
    title: 'demo',
    kind: 'demo',
    options: { url, database, login, apiKey, catalog: CATALOG },
    hand,
    logIn: { url, database, login, password },
    real: undefined,
    async close() {
      hand.close()
      await demo.close()
    },
  }
}

export const SYNTHETIC_ROWS = IS_TRIAL ? 2_500 : 1_000_000

async function syntheticTarget(): Promise<BenchTarget> {
  const { close, ...logIn } = await startSyntheticOdoo({ rows: SYNTHETIC_ROWS })
  const hand = callsByHand({ ...logIn, userId: 2, secret: logIn.password })
  return {
    title: 'synthetic',
    kind: 'synthetic',
    options: { ...logIn, catalog: CATALOG, catalogCache: false },
    hand,
    logIn,
    real: undefined,
    async close() {
      hand.close()
      await close()
    },
  }
}
