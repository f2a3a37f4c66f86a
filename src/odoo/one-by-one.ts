import { SqlError } from '../errors.ts'
import type { CallOptions } from './call.ts'
import type { FieldInfo, OdooClient, OdooRecord, SearchReadRequest } from './client.ts'

/**
 * The client, with records read one by one for the fields that Odoo cannot compute for several at once. Odoo's own
 * modules have such fields (`google_gmail_uri` of Odoo 19): a read of two records with one of them fails with
 * "Expected singleton". Which fields do is learned from the first such failure, per model.
 */
export function readingOneByOne(
  client: OdooClient,
  fieldsOf: (model: string) => ReadonlyMap<string, FieldInfo> | undefined,
): OdooClient {
  const singleFields = new Map<string, ReadonlySet<string>>()

  async function searchRead(
    model: string,
    request: SearchReadRequest,
    options?: CallOptions,
  ): Promise<readonly OdooRecord[]> {
    const single = singleFields.get(model)
    if (single !== undefined) return readApart(model, request, single, options)
    try {
      return await client.searchRead(model, request, options)
    } catch (thrown) {
      if (!isSingletonFault(thrown)) throw thrown
      const found = await findSingleFields(model, request, options)
      if (found.size === 0) throw thrown
      singleFields.set(model, found)
      return readApart(model, request, found, options)
    }
  }

  /** Asks for each computed field alone, of two records. */
  async function findSingleFields(
    model: string,
    { domain, order, offset, fields, labels }: SearchReadRequest,
    options?: CallOptions,
  ): Promise<ReadonlySet<string>> {
    const ids = await client.search(model, { domain, order, offset, limit: 2 }, options)
    const known = fieldsOf(model)
    const computed = fields.filter((field) => known?.get(field)?.store === false)
    const failing = await Promise.all(
      computed.map(async (field) => {
        try {
          await client.read(model, ids, { fields: [field], labels }, options)
          return undefined
        } catch (thrown) {
          if (isSingletonFault(thrown)) return field
          throw thrown
        }
      }),
    )
    return new Set(failing.filter((field) => field !== undefined))
  }

  async function readApart(
    model: string,
    request: SearchReadRequest,
    single: ReadonlySet<string>,
    options?: CallOptions,
  ): Promise<readonly OdooRecord[]> {
    const together = request.fields.filter((field) => !single.has(field))
    const apart = request.fields.filter((field) => single.has(field))
    if (apart.length === 0) return client.searchRead(model, request, options)
    const fields = together.length === 0 ? ['id'] : together
    const records = await client.searchRead(model, { ...request, fields }, options)
    return Promise.all(
      records.map(async (record): Promise<OdooRecord> => {
        const [rest] = await client.read(
          model,
          [record.id],
          { fields: apart, labels: request.labels },
          options,
        )
        // Deleted meanwhile: it was there when it was read, and has no computed value any more.
        return { ...record, ...(rest ?? Object.fromEntries(apart.map((field) => [field, false]))) }
      }),
    )
  }

  return {
    name: client.name,
    database: client.database,
    version: client.version,
    capabilities: client.capabilities,
    transport: client.transport,
    userId: client.userId,
    searchRead,
    fieldsGet: (...given) => client.fieldsGet(...given),
    search: (...given) => client.search(...given),
    read: (...given) => client.read(...given),
    searchCount: (...given) => client.searchCount(...given),
    readGroup: (...given) => client.readGroup(...given),
    callNative: (...given) => client.callNative(...given),
    canRead: (...given) => client.canRead(...given),
    availableModels: (...given) => client.availableModels(...given),
    close: () => {
      client.close()
    },
  }
}

const isSingletonFault = (thrown: unknown): boolean =>
  thrown instanceof SqlError &&
  thrown.condition === 'system_error' &&
  /expected singleton/i.test(thrown.message)
