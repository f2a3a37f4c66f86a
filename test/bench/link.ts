import { fileURLToPath } from 'node:url'
import { startServer } from '../support/server-process.ts'

/** A link between two places, simulated: it is as narrow and as long as this, each way, for all connections together. */
export interface LinkOptions {
  /** Of the server on 127.0.0.1. */
  readonly port: number
  readonly megabitsPerSecond: number
  readonly roundTripMs: number
}

export interface Link {
  readonly url: string
  close(): Promise<void>
}

/** Stands before the server at this URL; in a process of its own, so that a busy reader does not slow it down. */
export async function openLink(
  url: string,
  { megabitsPerSecond, roundTripMs }: Omit<LinkOptions, 'port'>,
): Promise<Link> {
  const script = fileURLToPath(new URL('link-server.ts', import.meta.url))
  const options: LinkOptions = { port: Number(new URL(url).port), megabitsPerSecond, roundTripMs }
  const { port, close } = await startServer(script, options)
  return { url: `http://127.0.0.1:${port}`, close }
}
