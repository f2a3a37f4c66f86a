/** Arguments of a native request by name; `ids` are the records of a method on records. */
export interface NativePayload {
  readonly ids?: readonly number[]
  /** By position, which only JSON-RPC can. */
  readonly args?: readonly unknown[]
  readonly context?: Readonly<Record<string, unknown>>
  readonly [name: string]: unknown
}

/** Methods of every model that change nothing. */
export const NATIVE_READ_METHODS: ReadonlySet<string> = new Set([
  'search',
  'search_read',
  'search_count',
  'read',
  'read_group',
  'formatted_read_group',
  'name_search',
  'fields_get',
  'default_get',
  'get_metadata',
  'has_access',
  'check_access_rights',
  'context_get',
])
