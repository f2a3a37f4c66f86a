import { spawn } from 'node:child_process'
import { once } from 'node:events'

export interface ServerProcess {
  readonly port: number
  readonly close: () => Promise<void>
}

/** Starts a script with its options as JSON, in a process of its own; the script first prints its port. */
export async function startServer(script: string, options: object): Promise<ServerProcess> {
  const child = spawn(process.execPath, ['--import', 'tsx', script, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [port] = (await once(child.stdout, 'data')) as [Buffer]
  return {
    port: Number(port.toString()),
    async close() {
      child.kill()
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    },
  }
}
