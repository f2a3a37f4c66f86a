import type { CallOptions } from './call.ts'
import type { Capabilities, ServerVersion } from './capabilities.ts'
import type { Domain } from './domain.ts'
import type { Group, GroupRequest } from './groups.ts'
import type { NativePayload } from './native.ts'
import type { FieldInfo, ModelName, OdooRecord } from './protocol.ts'
import type { ReadRequest, SearchReadRequest, SearchRequest } from './search.ts'

/** One user's reading access to one Odoo database. Every method throws SqlError with the partition's name in it. */
export interface OdooClient {
  readonly name: string
  readonly database: string
  readonly version: ServerVersion
  readonly capabilities: Capabilities
  readonly transport: 'json-rpc' | 'json-2'
  readonly userId: number
  /** The fields that this user may read, by name, in the server's order. Unknown model: 42P01. */
  fieldsGet(model: string, options?: CallOptions): Promise<ReadonlyMap<string, FieldInfo>>
  /** Archived records are included. No right to read: 42501. */
  searchRead(model: string, request: SearchReadRequest, options?: CallOptions): Promise<readonly OdooRecord[]>
  search(model: string, request: SearchRequest, options?: CallOptions): Promise<readonly number[]>
  /** Records that do not exist (any more) are left out. */
  read(
    model: string,
    ids: readonly number[],
    request: ReadRequest,
    options?: CallOptions,
  ): Promise<readonly OdooRecord[]>
  searchCount(model: string, domain: Domain, options?: CallOptions): Promise<number>
  /** Groups of records with aggregates over each. A group's NULL key reads `false`. */
  readGroup(model: string, request: GroupRequest, options?: CallOptions): Promise<readonly Group[]>
  /** Any method, sent once and never repeated: it may write. Only native requests come here. */
  callNative(model: string, method: string, payload: NativePayload, options?: CallOptions): Promise<unknown>
  canRead(model: string, options?: CallOptions): Promise<boolean>
  /** The models that this user may read, told to internal users from 16 on; undefined where that cannot be asked. */
  availableModels(options?: CallOptions): Promise<readonly ModelName[] | undefined>
  /** Ends the calls under way with 08006 and closes the connections. */
  close(): void
}
