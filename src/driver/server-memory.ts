import type { CallOptions } from '../odoo/call.ts'
import type { FieldInfo, OdooClient } from '../odoo/client.ts'
import type { CacheIndex, CachedModelList, CatalogCache } from './catalog-cache.ts'
import { fingerprintOf, type Fingerprint } from './fingerprint.ts'
import { shared } from './shared.ts'

/**
 * What was learned of one server, on disk for as long as nothing changed there. It decides what is still true; those
 * who ask bring along how to find out.
 */
export interface ServerMemory {
  models(ask: () => Promise<CachedModelList>, options: CallOptions): Promise<CachedModelList>
  /** The list with more known of its models. */
  keepModels(list: CachedModelList, options: CallOptions): Promise<void>
  /** Notes in the list that this user may read the model. */
  keepReadable(model: string, options: CallOptions): Promise<void>
  fields(
    model: string,
    ask: () => Promise<ReadonlyMap<string, FieldInfo>>,
    options: CallOptions,
  ): Promise<ReadonlyMap<string, FieldInfo>>
  /** Asks the server anew whether anything changed, and says so; true where that cannot be told. */
  recheck(options: CallOptions): Promise<boolean>
  /** Whether this session goes by an earlier session's check. */
  isUnchecked(): boolean
}

/** So long after a check the next session does without. */
const TRUSTED_MS = 60_000
/** Whatever the fingerprint says: not everything shows in it. */
const WHOLE_AGE_MS = 24 * 3_600_000
/** Where this user may not ask for what a whole fingerprint needs. */
const PARTIAL_AGE_MS = 3_600_000

/** Without a cache nothing is kept, and no fingerprint is asked for. */
export function openServerMemory(
  client: OdooClient,
  cache: CatalogCache | undefined,
  now: () => number = Date.now,
): ServerMemory {
  return cache === undefined ? FORGETFUL : rememberIn(cache, client, now)
}

const FORGETFUL: ServerMemory = {
  models: (ask) => ask(),
  keepModels: () => Promise.resolve(),
  keepReadable: () => Promise.resolve(),
  fields: (_model, ask) => ask(),
  recheck: () => Promise.resolve(true),
  isUnchecked: () => false,
}

function rememberIn(cache: CatalogCache, client: OdooClient, now: () => number): ServerMemory {
  let mayTrust = true
  let isUnchecked = false

  const index = shared(async (_key, options): Promise<CacheIndex> => {
    const kept = await cache.readIndex()
    isUnchecked = kept !== undefined && mayTrust && isYounger(kept.checkedAt, TRUSTED_MS)
    if (kept !== undefined && isUnchecked) return kept
    const fingerprint = await fingerprintOf(client, mayTrust ? (kept?.refused ?? []) : [], options)
    const isSame = kept?.fingerprint === fingerprint.text
    const current = indexFrom(fingerprint, now(), isSame ? kept.models : undefined)
    if (!isSame) await cache.clearFields()
    await cache.writeIndex(current)
    return current
  })
  const current = (options: CallOptions): Promise<CacheIndex> => index.get('', options)

  // A clock that was set back makes what was saved look as if it came from the future.
  const isYounger = (savedAt: number, ageMs: number): boolean => savedAt <= now() && now() - savedAt < ageMs
  const isFresh = ({ isWhole }: CacheIndex, savedAt: number): boolean =>
    isYounger(savedAt, isWhole ? WHOLE_AGE_MS : PARTIAL_AGE_MS)

  async function keepModels(list: CachedModelList, options: CallOptions): Promise<void> {
    const known = await current(options)
    const savedAt =
      known.models !== undefined && isFresh(known, known.models.savedAt) ? known.models.savedAt : now()
    known.models = { ...list, savedAt }
    await cache.writeIndex(known)
  }

  return {
    async models(ask, options) {
      const known = await current(options)
      if (known.models !== undefined && isFresh(known, known.models.savedAt)) return known.models
      const list = await ask()
      await keepModels(list, options)
      return list
    },
    keepModels,
    async keepReadable(model, options) {
      const known = await current(options)
      const entry = known.models?.models.find((one) => one.model === model)
      if (entry === undefined || entry.isReadable === true) return
      entry.isReadable = true
      await cache.writeIndex(known)
    },
    async fields(model, ask, options) {
      const [known, kept] = await Promise.all([current(options), cache.readFields(model)])
      if (kept?.fingerprint === known.fingerprint && isFresh(known, kept.savedAt))
        return new Map(kept.fields.map((field) => [field.name, field]))
      const fields = await ask()
      await cache.writeFields(model, {
        fingerprint: known.fingerprint,
        savedAt: now(),
        fields: [...fields.values()],
      })
      return fields
    },
    async recheck(options) {
      const before = await current(options)
      mayTrust = false
      index.forget()
      return (await current(options)).fingerprint !== before.fingerprint
    },
    isUnchecked: () => isUnchecked,
  }
}

const indexFrom = (
  { text, isWhole, refused }: Fingerprint,
  checkedAt: number,
  models: CacheIndex['models'],
): CacheIndex => ({
  format: 1,
  fingerprint: text,
  isWhole,
  refused: [...refused],
  checkedAt,
  ...(models !== undefined && { models }),
})
