/** Arguments of a native request by name; `ids` are the records of a method on records. */
export interface NativePayload {
  readonly ids?: readonly number[]
  /** By position, which only JSON-RPC can. */
  readonly args?: readonly unknown[]
  readonly context?: Readonly<Record<string, unknown>>
  readonly [name: string]: unknown
}
