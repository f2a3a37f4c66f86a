import { settleBridge } from '../../src/bridge/configuration.ts'
import type { BridgeArguments, BridgeConfiguration } from '../../src/bridge/configuration.ts'
import { openLog } from '../../src/bridge/log.ts'
import { startBridge } from '../../src/bridge/server.ts'
import type { Bridge } from '../../src/bridge/server.ts'
import type { Clock } from '../../src/bridge/slowdown.ts'

export interface TestBridge extends Bridge {
  /** What it logged, parsed. */
  readonly log: readonly Record<string, unknown>[]
  /** What it logged, as it stands. */
  logText(): string
}

const PLAIN: BridgeArguments = {
  port: 0,
  allowUnencrypted: false,
  logLiterals: false,
  isQuiet: false,
  connect: { demo: true },
}

/** A bridge on a free port; over the demo, unless told otherwise. */
export async function startTestBridge(
  given: Partial<BridgeArguments> = {},
  changed: Partial<BridgeConfiguration> = {},
  clock?: Clock,
): Promise<TestBridge> {
  const configuration = { ...(await settleBridge({ ...PLAIN, ...given })), ...changed }
  const lines: string[] = []
  const log = openLog({
    write: (line) => lines.push(line),
    now: () => new Date(0),
    showLiterals: configuration.logLiterals,
  })
  const bridge = await startBridge(configuration, log, clock)
  return {
    host: bridge.host,
    port: bridge.port,
    healthPort: bridge.healthPort,
    get sessions() {
      return bridge.sessions
    },
    close: (drainMs) => bridge.close(drainMs),
    get log() {
      return lines.map((line) => JSON.parse(line) as Record<string, unknown>)
    },
    logText: () => lines.join('\n'),
  }
}

/** Resolves when `isSo` says so; fails after `withinMs`. */
export async function until(isSo: () => boolean, what: string, withinMs = 10_000): Promise<void> {
  const end = performance.now() + withinMs
  while (!isSo()) {
    if (performance.now() > end) throw new Error(`not in time: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
