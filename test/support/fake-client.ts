import { insufficientPrivilege, systemError, undefinedTable } from '../../src/errors.ts'
import type { FieldInfo, OdooClient } from '../../src/odoo/client.ts'
import type { CallOptions } from '../../src/odoo/call.ts'

export interface FakeModel {
  readonly fields: readonly FieldInfo[]
  readonly isReadable?: boolean
  readonly isTransient?: boolean
  /** Its own code fails. */
  readonly isBroken?: boolean
}

/** What a server has; a test may change it while the client is open. */
export interface FakeServer {
  readonly major: number
  readonly models: Record<string, FakeModel>
  /** Models that this user may list, and what tells of changes. */
  mayListModels: boolean
  maySeeModules: boolean
  lastModuleAt: string
  groups: readonly number[]
  /** Every call so far, as `method model`. */
  readonly calls: string[]
}

export const fakeServer = (more: Partial<FakeServer> = {}): FakeServer => ({
  major: 19,
  models: {},
  mayListModels: true,
  maySeeModules: true,
  lastModuleAt: '2026-01-01 00:00:00',
  groups: [1],
  calls: [],
  ...more,
})

export const fakeField = (name: string, type: string, more: Partial<FieldInfo> = {}): FieldInfo => ({
  name,
  type,
  label: name,
  help: undefined,
  required: false,
  store: true,
  searchable: true,
  sortable: true,
  groupable: undefined,
  relation: undefined,
  selection: undefined,
  size: undefined,
  digits: undefined,
  companyDependent: false,
  translate: false,
  ...more,
})

/** A client that answers what discovery asks, from memory; a signal that has aborted ends a call. */
export function fakeClient(server: FakeServer): OdooClient {
  const called = async (method: string, model: string, options?: CallOptions): Promise<void> => {
    await Promise.resolve()
    options?.signal?.throwIfAborted()
    server.calls.push(`${method} ${model}`)
  }
  const modelOf = (name: string): FakeModel => {
    const model = server.models[name]
    if (model === undefined) throw undefinedTable(name, [])
    return model
  }
  const client: Partial<OdooClient> = {
    name: 'fake',
    database: 'fake',
    userId: 7,
    version: { major: server.major, text: `${server.major}.0`, family: '19' },
    async fieldsGet(name, options) {
      await called('fields_get', name, options)
      if (modelOf(name).isBroken === true) throw systemError(`Odoo could not answer fields_get on ${name}`)
      return new Map(modelOf(name).fields.map((field) => [field.name, field]))
    },
    async canRead(name, options) {
      await called('can_read', name, options)
      return modelOf(name).isReadable !== false
    },
    async availableModels(options) {
      await called('available', 'ir.model', options)
      if (server.major < 16 || !server.mayListModels) return undefined
      return Object.entries(server.models)
        .filter(([, { isReadable, isTransient }]) => isReadable !== false && isTransient !== true)
        .map(([model]) => ({ model, label: `Label of ${model}` }))
    },
    async searchRead(name, _request, options) {
      await called('search_read', name, options)
      if (name === 'ir.module.module' && server.maySeeModules)
        return [{ id: 1, write_date: server.lastModuleAt }]
      if (name === 'ir.model' && server.mayListModels)
        return Object.entries(server.models).map(([model, { isTransient }], index) => ({
          id: index + 1,
          model,
          name: `Label of ${model}`,
          transient: isTransient === true,
        }))
      throw insufficientPrivilege(`permission denied for ${name}`)
    },
    async search(name, _request, options) {
      await called('search', name, options)
      if (name === 'res.groups') return server.groups
      throw insufficientPrivilege(`permission denied for ${name}`)
    },
  }
  return client as OdooClient
}
