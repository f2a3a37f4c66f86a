import { fileURLToPath } from 'node:url'
import { startServer } from './server-process.ts'

export interface SyntheticOptions {
  /** Records of every model. */
  readonly rows: number
  /** How replies are compressed for those who take it; left out: not at all. */
  readonly encoding?: 'gzip' | 'br' | undefined
  /** What a record costs an Odoo that has to compute it; calls side by side do not wait for each other. */
  readonly microsecondsPerRow?: number | undefined
}

export interface SyntheticOdoo {
  readonly url: string
  readonly database: string
  readonly login: string
  readonly password: string
  readonly close: () => Promise<void>
}

/**
 * An Odoo 14 with made-up records of every model that the catalog and the tests describe, in a process of its own. It
 * answers searches, groups and orders truly and as fast as the wire takes it, so that what is measured is the driver;
 * what it does not know it answers as Odoo does, with an error. It speaks JSON-RPC.
 */
export async function startSyntheticOdoo(options: SyntheticOptions): Promise<SyntheticOdoo> {
  const script = fileURLToPath(new URL('synthetic-odoo-server.ts', import.meta.url))
  const { port, close } = await startServer(script, options)
  return {
    url: `http://127.0.0.1:${port}`,
    database: 'synthetic',
    login: 'admin',
    password: 'admin',
    close,
  }
}
