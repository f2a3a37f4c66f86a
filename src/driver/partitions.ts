import type { Catalog } from '../catalog/catalog.ts'
import { didYouMean, invalidParameterValue, wrongState } from '../errors.ts'
import type { CallOptions } from '../odoo/call.ts'
import { openClient, type ClientConfig } from '../odoo/client.ts'
import { limitsOf, openQueue, type CallQueue } from '../odoo/queue.ts'
import { cacheOf } from './catalog-cache.ts'
import type { ConnectOptions } from './config.ts'
import { openPartition, type Partition } from './partition.ts'
import { readProof } from './proof-cache.ts'
import { shared } from './shared.ts'

/** The configured partitions. Sessions share them: one log-in each, and what was learned of their models. */
export interface Partitions {
  /** In the order of the configuration. */
  readonly configs: readonly ClientConfig[]
  readonly defaults: readonly string[]
  /** Throws 22023 for a name that is not configured. */
  check(names: readonly string[]): void
  /** Connects and logs in where that has not been done yet. */
  open(name: string, options: CallOptions): Promise<Partition>
  /** The partition where it is open. */
  opened(name: string): Partition | undefined
  close(): void
}

export function openPartitions(
  configs: readonly ClientConfig[],
  defaults: readonly string[],
  { textOrder, catalogCache = true }: Pick<ConnectOptions, 'textOrder' | 'catalogCache'>,
  published: Catalog,
): Partitions {
  const open: Partition[] = []
  // Databases of one server share its limits.
  const queues = new Map<string, CallQueue>()
  let isClosed = false

  const configOf = (name: string): ClientConfig => {
    const config = configs.find((candidate) => candidate.name === name)
    if (config !== undefined) return config
    const names = configs.map((candidate) => candidate.name)
    throw invalidParameterValue(`partition "${name}" is not configured`, {
      hint: didYouMean(name, names) ?? `Configured: ${names.join(', ')}.`,
    })
  }

  async function start(config: ClientConfig, options: CallOptions): Promise<Partition> {
    const { origin } = new URL(config.url)
    const queue = queues.get(origin) ?? openQueue(limitsOf(config))
    queues.set(origin, queue)
    const client = await openClient({ ...config, queue }, options)
    const cache = catalogCache ? cacheOf(config, client) : undefined
    const proof = catalogCache ? await readProof(client.version) : undefined
    const partition = openPartition(client, { published, cache, textOrder, proven: proof?.rules })
    if (isClosed) {
      client.close()
      throw wrongState('the connection is closed')
    }
    open.push(partition)
    return partition
  }

  // A log-in that one session cancels is begun again by the next that waits for it.
  const opening = shared((name: string, options) => start(configOf(name), options))

  return {
    configs,
    defaults,
    check(names) {
      names.forEach(configOf)
    },
    open(name, options) {
      configOf(name)
      return opening.get(name, options)
    },
    opened: (name) => opening.known(name),
    close() {
      isClosed = true
      for (const { client } of open) client.close()
    },
  }
}
