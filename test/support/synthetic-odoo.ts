import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const SERVER = fileURLToPath(new URL('synthetic-odoo-server.ts', import.meta.url))

export interface SyntheticOdoo {
  readonly url: string
  readonly database: string
  readonly login: string
  readonly password: string
  close(): Promise<void>
}

/**
 * An Odoo 14 whose `ir.mail_server` has `rows` made-up records of six fields, in a process of its own. It answers as
 * fast as the wire takes it, so that what is measured is the driver.
 */
export async function startSyntheticOdoo(rows: number): Promise<SyntheticOdoo> {
  const child = spawn(process.execPath, ['--import', 'tsx', SERVER, String(rows)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [port] = (await once(child.stdout, 'data')) as [Buffer]
  return {
    url: `http://127.0.0.1:${port.toString().trim()}`,
    database: 'synthetic',
    login: 'admin',
    password: 'admin',
    close: async () => {
      child.kill()
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    },
  }
}
