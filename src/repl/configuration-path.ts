import { homedir } from 'node:os'
import { join } from 'node:path'

/** The configuration file that is read where nothing else names a server; `init` writes it. */
export function configurationPath(environment: NodeJS.ProcessEnv = process.env): string {
  const home = environment['XDG_CONFIG_HOME']
  const folder = home === undefined || home === '' ? join(homedir(), '.config') : home
  return join(folder, 'odoo-sql', 'config.json')
}
