import { settleBridge, DEMO_USER, type BridgeArguments, type BridgeConfiguration } from './configuration.ts'
import { openLog } from './log.ts'
import { startBridge, type Bridge } from './server.ts'

/**
 * `serve`: takes connections until Ctrl-C or SIGTERM, which is no failure here; a second one waits for nothing. Says on
 * standard output where to connect, and logs on standard error. Throws 22023 or F0000 where it cannot start.
 */
export async function runServe(given: BridgeArguments): Promise<void> {
  const configuration = await settleBridge(given)
  const log = openLog({
    write: (line) => {
      if (!configuration.isQuiet) process.stderr.write(`${line}\n`)
    },
    now: () => new Date(),
    showLiterals: configuration.logLiterals,
  })
  const bridge = await startBridge(configuration, log)
  process.stdout.write(instructions(bridge, configuration, given.connect.demo === true))
  await nextSignal()
  await Promise.race([bridge.close(), nextSignal().then(() => bridge.close(0))])
}

function nextSignal(): Promise<void> {
  return new Promise((resolve) => {
    const stop = (): void => {
      process.off('SIGINT', stop).off('SIGTERM', stop)
      resolve()
    }
    process.on('SIGINT', stop).on('SIGTERM', stop)
  })
}

function instructions(
  { host, port, healthPort }: Bridge,
  configuration: BridgeConfiguration,
  isDemo: boolean,
): string {
  const { authentication, tls } = configuration
  const [user = 'LOGIN'] = authentication.kind === 'scram' ? authentication.users.keys() : []
  const name = host.includes(':') ? `[${host}]` : host
  const url = `postgresql://${encodeURIComponent(user)}@${name}:${port}/odoo${tls === undefined ? '' : '?sslmode=require'}`
  return [
    `PostgreSQL clients connect to ${url} until Ctrl-C.`,
    ...(isDemo ? [`The password is ${DEMO_USER}.`] : []),
    ...(healthPort === undefined ? [] : [`Health: http://${name}:${healthPort}/health`]),
    '',
  ].join('\n')
}
