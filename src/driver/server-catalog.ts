import type { Catalog } from '../catalog/catalog.ts'
import { loadCatalog } from '../catalog/load.ts'
import { invalidParameterValue } from '../errors.ts'
import { openClient } from '../odoo/client.ts'
import { cacheOf } from './catalog-cache.ts'
import { settle, type ConnectOptions } from './config.ts'
import { openDiscovery, type Discovery } from './discovery.ts'

/** The tables of one partition, published and discovered, for who wants to know of them and not to query them. */
export interface ServerCatalog {
  readonly partition: string
  readonly published: Catalog
  readonly discovery: Discovery
  close(): void
}

/** Logs in to the one partition that is selected. 22023 where there are several; else as `connect`. */
export async function openServerCatalog(options: ConnectOptions): Promise<ServerCatalog> {
  const { partitions, selected, options: settings } = await settle(options)
  const [config, ...others] = partitions.filter(({ name }) => selected.includes(name))
  if (config === undefined || others.length > 0)
    throw invalidParameterValue('the tables of one partition can be described at a time', {
      hint: `Name it with --partition: ${selected.join(', ')}.`,
    })
  const published = await loadCatalog(settings.catalog === undefined ? [] : [settings.catalog], options)
  const client = await openClient(config, { signal: options.signal })
  return {
    partition: config.name,
    published,
    discovery: openDiscovery(client, cacheOf(config, client), published),
    close: () => {
      client.close()
    },
  }
}
