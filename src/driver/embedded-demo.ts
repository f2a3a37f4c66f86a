import type { ConnectOptions } from './config.ts'

/** The demo is loaded on demand: no other part of the driver knows of it. */
export async function startEmbeddedDemo(
  given: ConnectOptions,
): Promise<{ options: Partial<ConnectOptions>; close: () => Promise<void> }> {
  const { startDemo } = await import('../demo/server.ts')
  const server = await startDemo()
  const { url, databases, login, apiKey } = server
  const partitions = Object.fromEntries(
    databases.map((database) => [database, { url, database, login, apiKey }]),
  )
  const [first = ''] = databases
  return {
    // A demo is another one each time: there is nothing to remember of it.
    options: { partitions, partition: given.partition ?? [first], catalogCache: false },
    close: () => server.close(),
  }
}
