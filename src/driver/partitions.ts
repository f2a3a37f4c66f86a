import type { Catalog } from '../catalog/catalog.ts'
import { didYouMean, invalidParameterValue, wrongState } from '../errors.ts'
import type { CallOptions, CallRecord } from '../odoo/call.ts'
import { openClient, type ClientConfig } from '../odoo/client.ts'
import { limitsOf, openQueue, type CallQueue } from '../odoo/queue.ts'
import { cacheOf } from './catalog-cache.ts'
import type { ConnectOptions } from './config.ts'
import { openPartition, type Partition } from './partition.ts'
import { readProof } from './proof-cache.ts'

/** The configured partitions of a session, and which of them it reads. */
export interface Partitions {
  /** In the order of the configuration. */
  readonly configs: readonly ClientConfig[]
  readonly defaults: readonly string[]
  readonly selected: readonly string[]
  /** Throws 22023 for a name that is not configured. */
  select(names: readonly string[]): void
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
  onCall: (call: CallRecord) => void,
): Partitions {
  const opening = new Map<string, Promise<Partition>>()
  const open = new Map<string, Partition>()
  // Databases of one server share its limits.
  const queues = new Map<string, CallQueue>()
  let selected = defaults
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
    const client = await openClient({ ...config, queue, onCall }, options)
    const cache = catalogCache ? cacheOf(config, client) : undefined
    const proof = catalogCache ? await readProof(client.version) : undefined
    const partition = openPartition(client, { published, cache, textOrder, proven: proof?.rules })
    if (isClosed) {
      client.close()
      throw wrongState('the connection is closed')
    }
    open.set(config.name, partition)
    return partition
  }

  return {
    configs,
    defaults,
    get selected() {
      return selected
    },
    select(names) {
      names.forEach(configOf)
      selected = [...new Set(names)]
    },
    open(name, options) {
      const current = opening.get(name)
      if (current !== undefined) return current
      const started = start(configOf(name), options)
      opening.set(name, started)
      // What failed is tried again by the next statement.
      started.catch(() => opening.delete(name))
      return started
    },
    opened: (name) => open.get(name),
    close() {
      isClosed = true
      for (const { client } of open.values()) client.close()
    },
  }
}
