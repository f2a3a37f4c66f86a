import { isPort, usage, type Given, type QueryCommand, type Usage } from './arguments.ts'

export interface ServeCommand {
  readonly kind: 'serve'
  /** The servers to read from, and how. */
  readonly query: QueryCommand
  readonly host: string | undefined
  readonly port: number | undefined
  readonly healthPort: number | undefined
  readonly maxSessions: number | undefined
  /** Paths of PEM files. */
  readonly certificate: string | undefined
  readonly key: string | undefined
  readonly allowUnencrypted: boolean
  readonly logLiterals: boolean
}

export function serveCommand(query: QueryCommand | Usage, given: readonly Given[]): ServeCommand | Usage {
  if (query.kind === 'usage') return query
  const valueOf = (name: string): string | undefined => given.find((option) => option.name === name)?.value
  const has = (name: string): boolean => given.some((option) => option.name === name)
  const numberOf = (name: string): number | undefined => {
    const value = valueOf(name)
    return value === undefined ? undefined : Number(value)
  }
  for (const name of ['port', 'health-port'])
    if (!isPort(valueOf(name) ?? '0'))
      return usage(`--${name} takes a number from 0 to 65535, not "${String(valueOf(name))}"`)
  const maxSessions = valueOf('max-sessions')
  if (!/^[1-9]\d{0,3}$/.test(maxSessions ?? '1'))
    return usage(`--max-sessions takes a number from 1 to 9999, not "${String(maxSessions)}"`)
  return {
    kind: 'serve',
    query,
    host: valueOf('host'),
    port: numberOf('port'),
    healthPort: numberOf('health-port'),
    maxSessions: numberOf('max-sessions'),
    certificate: valueOf('tls-certificate'),
    key: valueOf('tls-key'),
    allowUnencrypted: has('allow-unencrypted'),
    logLiterals: has('log-literals'),
  }
}
