import type { PrefixItem } from './domain.ts'
import type { ExchangeOptions } from './exchange.ts'

/** One method of one model with its arguments by name, before a transport writes them down. */
export interface WireCall {
  readonly model: string
  readonly method: string
  /** Of a method on records; left out for a method on the model. */
  readonly ids?: readonly number[]
  readonly domain?: readonly PrefixItem[]
  /** Further arguments by position, which JSON-2 has not. */
  readonly args?: readonly unknown[]
  /** The context and what else the method takes. */
  readonly named: Readonly<Record<string, unknown>>
}

/** How calls and replies are written on the wire. A fault of Odoo is thrown as the SqlError that it means. */
export interface Wire {
  readonly kind: 'json-rpc' | 'json-2'
  call(call: WireCall, options: ExchangeOptions): Promise<unknown>
}

/** Who calls. */
export interface Account {
  readonly database: string
  readonly login: string
  /** API key or password. */
  readonly secret: string
}
