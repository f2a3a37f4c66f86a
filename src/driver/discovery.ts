import { SEARCH_PATH, type Catalog } from '../catalog/catalog.ts'
import { tableFromFields } from '../catalog/discover.ts'
import {
  isModelName,
  isReservedSchema,
  modelsOfTableName,
  tableNamesOfModels,
  type TableName,
} from '../catalog/naming.ts'
import { qualifiedName, type TableSpec } from '../catalog/spec.ts'
import { insufficientPrivilege } from '../errors.ts'
import type { CallOptions } from '../odoo/call.ts'
import type { FieldInfo, OdooClient } from '../odoo/client.ts'
import { isForbidden, isUnknownTable } from '../odoo/faults.ts'
import type { CachedModel, CachedModelList, CatalogCache } from './catalog-cache.ts'
import { isAbstract, modelsByOneCall, modelsByRelations, withRights } from './model-list.ts'
import { openServerMemory, type ServerMemory } from './server-memory.ts'
import { shared, type Shared } from './shared.ts'

/** The models of one partition as tables. All that it tells is this user's view. */
export interface Discovery {
  /**
   * The discovered table of that SQL name, from `fields_get` on first use; undefined where there is none, or where it
   * is a published one. Without a schema it is looked for along the search path. The same object each time.
   * 42501 where the model is there and this user may not read it; the error of `fields_get` where that fails.
   */
  table(schema: string | undefined, name: string, options: LookUpOptions): Promise<TableSpec | undefined>
  /** Every model that this user may read, published ones under their published names, ordered by name. */
  list(options: CallOptions): Promise<readonly ListedTable[]>
  /** What `fields_get` says of a model, also of a published one. Unknown model: 42P01. */
  fields(model: string, options: CallOptions): Promise<ReadonlyMap<string, FieldInfo>>
  /** Forgets what this session learned and asks whether the server changed; true where it did, or cannot tell. */
  refresh(options: CallOptions): Promise<boolean>
}

export interface LookUpOptions extends CallOptions {
  /** Looks at the listed models only, where the name is probably not meant for a table: that of a CTE. */
  readonly isListedOnly?: boolean
}

/** A table that the user can read. */
export interface ListedTable extends TableName {
  /** Odoo's model behind it. */
  readonly model: string
  /** What Odoo's screens call it, in the session's language. */
  readonly label: string
  /** Described by a catalog file, which holds on every version of Odoo. */
  readonly isPublished: boolean
}

/** Nothing is asked until something is asked for. Without a cache all is learned anew in each session. */
export function openDiscovery(
  client: OdooClient,
  cache: CatalogCache | undefined,
  published: Catalog,
): Discovery {
  const memory = openServerMemory(client, cache)
  const specs = new Map<string, TableSpec>()
  const fields = shared((model: string, options) =>
    memory.fields(model, () => client.fieldsGet(model, options), options),
  )
  const asked = shared(async (_key, options): Promise<KnownModels> => {
    const ask = async (): Promise<CachedModelList> => (await modelsByOneCall(client, options)) ?? NO_LIST
    return knownModels(await memory.models(ask, options), published)
  })
  const readable = shared(async (_key, options): Promise<KnownModels> => {
    const starts = [...published.tables.map(({ model }) => model), ...STARTS]
    const { list } = await asked.get('', options)
    const found =
      list.models.length > 0 ? list : await modelsByRelations(starts, (model) => fields.get(model, options))
    const withAll = await withRights(found, (model) => client.canRead(model, options))
    if (withAll.models.some(({ isReadable }, index) => isReadable !== list.models[index]?.isReadable))
      await memory.keepModels(withAll, options)
    return knownModels(withAll, published)
  })
  const lookUp = lookUpIn({ client, memory, fields, specs, published })

  async function find(names: readonly TableName[], options: LookUpOptions): Promise<TableSpec | undefined> {
    const models = readable.known('') ?? (await asked.get('', options))
    return lookUp(names, models, options)
  }

  async function refresh(options: CallOptions): Promise<boolean> {
    const isChanged = await memory.recheck(options)
    if (!isChanged) return false
    for (const learned of [fields, asked, readable]) learned.forget()
    specs.clear()
    return true
  }

  return {
    async table(schema, name, options) {
      if (published.find(schema, name) !== undefined) return undefined
      const schemas = schema === undefined ? SEARCH_PATH : [schema]
      const names = schemas.filter((one) => !isReservedSchema(one)).map((one) => ({ schema: one, name }))
      if (names.length === 0) return undefined
      const found = await find(names, options)
      if (found !== undefined || options.isListedOnly === true || !memory.isUnchecked()) return found
      return (await refresh(options)) ? find(names, options) : undefined
    },
    async list(options) {
      const { list, names } = await readable.get('', options)
      const tables = list.models
        .filter(({ isReadable }) => isReadable === true)
        .flatMap(({ model, label }): ListedTable[] => {
          const name = names.get(model)
          return name === undefined
            ? publishedTables(model, published).map((table) => ({
                ...nameOf(table),
                model,
                label,
                isPublished: true,
              }))
            : [{ ...name, model, label, isPublished: false }]
        })
      return tables.sort((a, b) => (qualifiedName(a) < qualifiedName(b) ? -1 : 1))
    },
    fields: (model, options) => fields.get(model, options),
    refresh,
  }
}

/** Where relations are followed from beside the published models; nearly every model leads to its users. */
const STARTS = ['res.users', 'res.partner', 'res.company', 'mail.message', 'ir.attachment']
/** Stands for a list that this user may not ask for. */
const NO_LIST: CachedModelList = { models: [], isComplete: false }

interface KnownModels {
  readonly list: CachedModelList
  /** Those of the published models are not among them. */
  readonly names: ReadonlyMap<string, TableName>
  readonly byTable: ReadonlyMap<string, CachedModel>
}

function knownModels(list: CachedModelList, published: Catalog): KnownModels {
  const models = list.models.filter(
    ({ model }) => isModelName(model) && publishedTables(model, published).length === 0,
  )
  const names = tableNamesOfModels(
    models.map(({ model }) => model),
    published.tables.map(qualifiedName),
  )
  const byTable = models.flatMap((entry): [string, CachedModel][] => {
    const name = names.get(entry.model)
    return name === undefined ? [] : [[qualifiedName(name), entry]]
  })
  return { list, names, byTable: new Map(byTable) }
}

const publishedTables = (model: string, { tables }: Catalog): readonly TableSpec[] =>
  tables.filter((table) => table.model === model)
const nameOf = ({ schema, name }: TableName): TableName => ({ schema, name })

/** How to find the table of the first of several names that has one. */
function lookUpIn({
  client,
  memory,
  fields,
  specs,
  published,
}: {
  readonly client: OdooClient
  readonly memory: ServerMemory
  readonly fields: Shared<ReadonlyMap<string, FieldInfo>>
  readonly specs: Map<string, TableSpec>
  readonly published: Catalog
}) {
  async function describe(entry: CachedModel, name: TableName, options: CallOptions): Promise<TableSpec> {
    const { model, label } = entry
    const described = specs.get(model)
    if (described !== undefined) return described
    const [found, isReadable] = await Promise.all([
      fields.get(model, options),
      // A refusal may have been lifted since, so it is never taken from memory.
      entry.isReadable === true || client.canRead(model, options),
    ])
    if (!isReadable)
      throw insufficientPrivilege(`permission denied for table ${qualifiedName(name)}`, {
        detail: `It is Odoo’s model ${model}.`,
        hint: 'Ask an administrator of that Odoo for the right to read it.',
        partition: client.name,
      })
    await memory.keepReadable(model, options)
    const spec = specs.get(model) ?? tableFromFields({ model, label, name }, found.values())
    specs.set(model, spec)
    return spec
  }

  /** A model that stands in no list: a wizard, one that Odoo hides from its selectors, one that is not readable. */
  async function unlisted(name: TableName, options: CallOptions): Promise<TableSpec | undefined> {
    for (const model of modelsOfTableName(name)) {
      if (publishedTables(model, published).length > 0 || isAbstract(model)) continue
      const isReadable = await client.canRead(model, options).catch((thrown: unknown) => {
        // A server that fails has not said that there is no such model.
        if (isForbidden(thrown) || isUnknownTable(thrown)) return undefined
        throw thrown
      })
      if (isReadable !== undefined)
        return describe({ model, label: model, isReadable, isTransient: false }, name, options)
    }
    return undefined
  }

  return async (
    names: readonly TableName[],
    { list, byTable }: KnownModels,
    options: LookUpOptions,
  ): Promise<TableSpec | undefined> => {
    for (const name of names) {
      const entry = byTable.get(qualifiedName(name))
      if (entry !== undefined) return describe(entry, name, options)
    }
    if (list.isComplete || options.isListedOnly === true) return undefined
    for (const name of names) {
      const table = await unlisted(name, options)
      if (table !== undefined) return table
    }
    return undefined
  }
}
