import { notSupported } from '../errors.ts'
import { onlyEntry, type ParseNode } from './gate.ts'

/** BEGIN and its kin. Reads of Odoo are no transaction, so what a session makes of them is a matter of form. */
export type TransactionStatement =
  | { readonly kind: 'transaction'; readonly action: 'begin'; readonly characteristics: Characteristics }
  | { readonly kind: 'transaction'; readonly action: 'commit' | 'rollback'; readonly isChained: boolean }
  | {
      readonly kind: 'transaction'
      readonly action: 'savepoint' | 'release' | 'rollback to'
      readonly name: string
    }
  /** SET TRANSACTION, or SET SESSION CHARACTERISTICS AS TRANSACTION for those to come. */
  | {
      readonly kind: 'transaction'
      readonly action: 'characteristics'
      readonly isSession: boolean
      readonly characteristics: Characteristics
    }

/** Settings that a transaction begins with, such as `transaction_read_only`, by name. */
export type Characteristics = Readonly<Record<string, string>>

/** Throws 0A000 for two-phase commit, which prepares writes. */
export function readTransaction(fields: ParseNode): TransactionStatement {
  const { kind = '', options = [], chain: isChained = false, savepoint_name: name = '' } = fields as Fields
  switch (kind) {
    case 'TRANS_STMT_BEGIN':
    case 'TRANS_STMT_START':
      return { kind: 'transaction', action: 'begin', characteristics: readCharacteristics(options) }
    case 'TRANS_STMT_COMMIT':
      return { kind: 'transaction', action: 'commit', isChained }
    case 'TRANS_STMT_ROLLBACK':
      return { kind: 'transaction', action: 'rollback', isChained }
    case 'TRANS_STMT_SAVEPOINT':
      return { kind: 'transaction', action: 'savepoint', name }
    case 'TRANS_STMT_RELEASE':
      return { kind: 'transaction', action: 'release', name }
    case 'TRANS_STMT_ROLLBACK_TO':
      return { kind: 'transaction', action: 'rollback to', name }
    default:
      throw notSupported('prepared transactions are not supported')
  }
}

/** SET TRANSACTION and SET SESSION CHARACTERISTICS, which the grammar takes for a SET of several values. */
export function readSetTransaction({ name, args }: ParseNode): TransactionStatement {
  if (name === 'TRANSACTION SNAPSHOT') throw notSupported('there are no snapshots to import')
  const characteristics = readCharacteristics(args as readonly unknown[])
  return {
    kind: 'transaction',
    action: 'characteristics',
    isSession: name === 'SESSION CHARACTERISTICS',
    characteristics,
  }
}

/** The options of BEGIN, SET TRANSACTION and SET SESSION CHARACTERISTICS as settings; flags as `on` and `off`. */
function readCharacteristics(options: readonly unknown[]): Characteristics {
  return Object.fromEntries(
    options.map((option): [string, string] => {
      const { defname = '', arg = {} } = onlyEntry(option as ParseNode)[1] as {
        defname?: string
        arg?: ParseNode
      }
      const { sval, ival } = onlyEntry(arg)[1] as { sval?: { sval?: string }; ival?: { ival?: number } }
      return [defname, sval?.sval ?? (ival?.ival === 1 ? 'on' : 'off')]
    }),
  )
}

interface Fields {
  readonly kind?: string
  readonly options?: readonly unknown[]
  readonly chain?: boolean
  readonly savepoint_name?: string
}
