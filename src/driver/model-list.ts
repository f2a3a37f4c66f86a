import type { CallOptions } from '../odoo/call.ts'
import type { FieldInfo, OdooClient } from '../odoo/client.ts'
import { ALL } from '../odoo/domain.ts'
import { isForbidden, isRefusal } from '../odoo/faults.ts'
import type { CachedModel, CachedModelList } from './catalog-cache.ts'
import { eachOf } from './shared.ts'

/** Models whose rights or fields are asked for at once; the client's own limits hold besides. */
const ASKED_AT_ONCE = 8
/** Models that are found by following relations. */
const FOLLOWED_MAX = 3_000

/**
 * The models of a server by one call: those that the user may read, or all there are, whichever may be asked.
 * Undefined where neither may. The rights themselves (`ir.model.access`) are for administrators and never asked for.
 */
export async function modelsByOneCall(
  client: OdooClient,
  options: CallOptions,
): Promise<CachedModelList | undefined> {
  const available = await client.availableModels(options)
  if (available !== undefined)
    return {
      models: available.map(({ model, label }) => ({ model, label, isReadable: true, isTransient: false })),
      isComplete: false,
    }
  const request = {
    domain: ALL,
    fields: ['model', 'name', 'transient'],
    order: 'id',
    labels: false,
    manyToOne: false,
  }
  try {
    const records = await client.searchRead('ir.model', request, options)
    const models = records.map(modelFromRecord).filter(({ model }) => !isAbstract(model))
    return { models, isComplete: true }
  } catch (thrown) {
    // Whoever has no right is told another way. A server that fails has refused nothing, and is asked again.
    if (isForbidden(thrown)) return undefined
    throw thrown
  }
}

/** Abstract models that Odoo grants rights to by mistake: they have no records, and a read of them fails. */
export const isAbstract = (model: string): boolean =>
  ['calendar.alarm_manager', 'publisher_warranty.contract', 'res.users.apikeys.show'].includes(model)

const modelFromRecord = ({ model, name, transient }: Readonly<Record<string, unknown>>): CachedModel => ({
  model: String(model),
  label: typeof name === 'string' && name !== '' ? name : String(model),
  isTransient: transient === true,
})

/**
 * The models that relations lead to, from `starts` on: for users who may ask for no list. Fields are told to everyone,
 * so that the way also leads through models that this user cannot read.
 */
export async function modelsByRelations(
  starts: readonly string[],
  fieldsOf: (model: string) => Promise<ReadonlyMap<string, FieldInfo>>,
): Promise<CachedModelList> {
  const found = new Map<string, CachedModel>()
  const seen = new Set(starts)
  let frontier = [...seen]
  while (frontier.length > 0) {
    const reached = await eachOf(frontier, ASKED_AT_ONCE, async (model) => {
      try {
        const fields = await fieldsOf(model)
        found.set(model, { model, label: model, isTransient: false })
        return [...fields.values()].flatMap(({ relation }) => relation ?? [])
      } catch (thrown) {
        // A model that is not there, or whose own code fails.
        if (isRefusal(thrown)) return []
        throw thrown
      }
    })
    frontier = [...new Set(reached.flat())]
      .filter((model) => !seen.has(model))
      .slice(0, FOLLOWED_MAX - seen.size)
    for (const model of frontier) seen.add(model)
  }
  return { models: [...found.values()], isComplete: false }
}

/** The list with the right to read asked for, model by model, where it is not known. Wizards are passed over. */
export async function withRights(
  list: CachedModelList,
  canRead: (model: string) => Promise<boolean>,
): Promise<CachedModelList> {
  const models = await eachOf(list.models, ASKED_AT_ONCE, async (entry) =>
    entry.isReadable !== undefined || entry.isTransient
      ? entry
      : { ...entry, isReadable: await canRead(entry.model).catch(notWhereRefused) },
  )
  return { ...list, models }
}

/** A model that a removed module left in the list, or whose own code fails. */
function notWhereRefused(thrown: unknown): boolean {
  if (isRefusal(thrown)) return false
  throw thrown
}
