import { startDemo } from '../demo/server.ts'
import { sqlErrorFrom } from '../errors.ts'
import { EXIT, exitCodeOf } from './exit.ts'
import type { ExitCode } from './exit.ts'
import { printError } from './shell.ts'

/** `demo`: runs the embedded demo Odoo alone, says how to reach it, and ends with Ctrl-C or SIGTERM, which is no failure here. */
export async function runDemo(port: number | undefined): Promise<ExitCode> {
  try {
    const demo = await startDemo(port === undefined ? {} : { port })
    process.stdout.write(instructions(demo))
    await new Promise<void>((resolve) => {
      const stop = (): void => {
        resolve()
      }
      process.once('SIGINT', stop).once('SIGTERM', stop)
    })
    await demo.close()
    return EXIT.done
  } catch (thrown) {
    printError({ messages: process.stderr }, thrown)
    return exitCodeOf(sqlErrorFrom(thrown))
  }
}

interface Reachable {
  readonly url: string
  readonly databases: readonly string[]
  readonly login: string
  readonly apiKey: string
}

function instructions({ url, databases, login, apiKey }: Reachable): string {
  const server = url.replace(/^http/, 'odoo').replace('://', `://${login}@`)
  return [
    `The demo Odoo answers at ${url} until Ctrl-C.`,
    `Databases: ${databases.join(', ')}. Login: ${login}. API key: ${apiKey}.`,
    `Ask it in another terminal: ODOO_API_KEY=${apiKey} odoo-sql ${server}/${databases[0] ?? ''}\n`,
  ].join('\n')
}
