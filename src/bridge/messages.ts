import type { SqlError } from '../errors.ts'

/** How a value stands on the wire: PostgreSQL's text, or its binary form. */
export type Format = 0 | 1
export const TEXT_FORMAT = 0
export const BINARY_FORMAT = 1

/** What may come first on a connection, before a client is known. */
export type StartupMessage =
  /** `protocol` is major * 65536 + minor. */
  | {
      readonly kind: 'startup'
      readonly protocol: number
      readonly parameters: ReadonlyMap<string, string>
    }
  | { readonly kind: 'sslRequest' }
  | { readonly kind: 'gssRequest' }
  | { readonly kind: 'cancelRequest'; readonly pid: number; readonly secret: Uint8Array }

/** What a client says once the connection has started. */
export type FrontendMessage =
  | { readonly kind: 'query'; readonly text: string }
  | {
      readonly kind: 'parse'
      readonly name: string
      readonly text: string
      /** 0: not said. */
      readonly parameterOids: readonly number[]
    }
  | {
      readonly kind: 'bind'
      readonly portal: string
      readonly statement: string
      /** A string came in text format, bytes in binary format. */
      readonly parameters: readonly (string | Uint8Array | null)[]
      /** None: all columns as text; one: all columns so; else one for each column. */
      readonly resultFormats: readonly Format[]
    }
  | { readonly kind: 'describe'; readonly target: 'statement' | 'portal'; readonly name: string }
  /** `rowsMax` 0: all rows. */
  | { readonly kind: 'execute'; readonly portal: string; readonly rowsMax: number }
  | { readonly kind: 'close'; readonly target: 'statement' | 'portal'; readonly name: string }
  | { readonly kind: 'flush' }
  | { readonly kind: 'sync' }
  | { readonly kind: 'copyData' }
  | { readonly kind: 'copyDone' }
  | { readonly kind: 'copyFail' }
  /** A password, or a step of SASL: the two look alike, and who asked knows which it is. */
  | { readonly kind: 'password'; readonly bytes: Uint8Array }
  | { readonly kind: 'functionCall' }
  | { readonly kind: 'terminate' }
  /** Its frame is whole, its contents are not. Answered as an error of the kind of message that it claims to be. */
  | { readonly kind: 'malformed'; readonly isExtended: boolean; readonly error: SqlError }
  /** No message of the protocol; `type` is its first byte. */
  | { readonly kind: 'unknown'; readonly type: number }

/** A column as RowDescription names it. */
export interface WireColumn {
  readonly name: string
  readonly oid: number
  /** -1: none. */
  readonly typmod: number
}

/** I: idle, T: in a transaction, E: in a failed one. */
export type TransactionStatus = 'I' | 'T' | 'E'

/** What the bridge says. Rows are not here: they are made in bulk by `dataRowEncoder`, and sent as bytes. */
export type BackendMessage =
  | { readonly kind: 'authenticationOk' }
  | { readonly kind: 'authenticationCleartextPassword' }
  | { readonly kind: 'authenticationSasl'; readonly mechanisms: readonly string[] }
  | { readonly kind: 'authenticationSaslContinue'; readonly text: string }
  | { readonly kind: 'authenticationSaslFinal'; readonly text: string }
  | { readonly kind: 'parameterStatus'; readonly name: string; readonly value: string }
  | { readonly kind: 'backendKeyData'; readonly pid: number; readonly secret: Uint8Array }
  | {
      readonly kind: 'negotiateProtocolVersion'
      /** The newest that is spoken here. PostgreSQL sends the whole number, though its manual says the minor one. */
      readonly protocol: number
      readonly unknownOptions: readonly string[]
    }
  | { readonly kind: 'readyForQuery'; readonly status: TransactionStatus }
  | {
      readonly kind: 'rowDescription'
      readonly columns: readonly WireColumn[]
      /** As in Bind: none, one for all, or one for each. */
      readonly formats: readonly Format[]
    }
  | { readonly kind: 'commandComplete'; readonly tag: string }
  | { readonly kind: 'emptyQueryResponse' }
  | {
      readonly kind: 'errorResponse'
      /** FATAL: the connection ends with it. */
      readonly severity: 'ERROR' | 'FATAL'
      readonly error: SqlError
    }
  | {
      readonly kind: 'noticeResponse'
      readonly severity: 'NOTICE' | 'WARNING'
      readonly message: string
      readonly hint?: string | undefined
      /** SQLSTATE; by default 00000 for a notice, 01000 for a warning. */
      readonly code?: string | undefined
    }
  | { readonly kind: 'parameterDescription'; readonly oids: readonly number[] }
  | { readonly kind: 'noData' }
  | { readonly kind: 'parseComplete' }
  | { readonly kind: 'bindComplete' }
  | { readonly kind: 'closeComplete' }
  | { readonly kind: 'portalSuspended' }
  | { readonly kind: 'copyOutResponse'; readonly format: Format; readonly columns: number }
  | { readonly kind: 'copyData'; readonly bytes: Uint8Array }
  | { readonly kind: 'copyDone' }
