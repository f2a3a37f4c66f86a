import { loadCatalog } from '../catalog/load.ts'
import type { Catalog } from '../catalog/catalog.ts'
import { LOCAL_TABLES } from '../catalog/system.ts'
import { sqlErrorFrom } from '../errors.ts'
import { settle, type ConnectOptions } from './config.ts'
import { startEmbeddedDemo } from './embedded-demo.ts'
import { openEngines, type Engines } from './engines.ts'
import { openPartitions, type Partitions } from './partitions.ts'
import { openScanCache, type ScanCache } from './scan-cache.ts'
import { Session } from './session.ts'

/** What the sessions of one user share: log-ins, what was learned of the models, engines. */
export interface Service {
  readonly options: ConnectOptions
  readonly catalog: Catalog
  readonly partitions: Partitions
  readonly engines: Engines
  /** Undefined: everything is read anew. */
  readonly cache: ScanCache | undefined
  /** More than one partition is configured. */
  readonly isPartitioned: boolean
  /** A session of its own: which partitions it reads, its settings, its calls. Without names: the default selection. */
  openSession(selected?: readonly string[]): Session
  close(): Promise<void>
}

export interface ServiceOptions extends ConnectOptions {
  /** Engines that may run side by side; each takes about 300 MB once a statement needs it. Default 1. */
  readonly enginesMax?: number
  /** Whom current_user names; default `odoo`. */
  readonly user?: string
}

/**
 * Reads configuration and catalog; nothing is asked of Odoo before a session asks. Its sessions can log in at once, but
 * to run a statement they need the grammar (`loadGrammar`), which takes about as long as a log-in to load.
 * Throws 22023 and F0000 for options that make no sense.
 */
export async function openService(given: ServiceOptions): Promise<Service> {
  const demo = given.demo === true ? await startEmbeddedDemo(given) : undefined
  try {
    const { partitions: configs, selected, options } = await settle({ ...given, ...demo?.options })
    const catalog = await loadCatalog(options.catalog === undefined ? [] : [options.catalog])
    const partitions = openPartitions(configs, selected, options, catalog)
    const isPartitioned = configs.length > 1
    const engines = openEngines(
      { tables: [...catalog.tables, ...LOCAL_TABLES], isPartitioned, user: given.user },
      given.enginesMax ?? 1,
    )
    const service: Service = {
      options,
      catalog,
      partitions,
      engines,
      cache: options.cache === undefined ? undefined : openScanCache(options.cache),
      isPartitioned,
      openSession: (names) => new Session(service, names ?? selected),
      async close() {
        partitions.close()
        await engines.close()
        await demo?.close()
      },
    }
    return service
  } catch (thrown) {
    await demo?.close()
    throw sqlErrorFrom(thrown)
  }
}
