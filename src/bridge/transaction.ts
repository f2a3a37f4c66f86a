import { failedTransaction, invalidSavepoint, limitExceeded, noActiveTransaction } from '../errors.ts'
import type { TransactionStatus } from './messages.ts'

/** Savepoints of one transaction. */
const SAVEPOINTS_MAX = 100_000

/** What a transaction takes back when it fails. */
export interface Participant {
  /** Remembers how things stand; calling what it gives brings them back. */
  save(): () => void
  /** What was to last for the transaction only ends. */
  commit(): void
}

/** A remark on a command that had no effect, with its SQLSTATE. */
export interface Warning {
  readonly code: '25001' | '25P01'
  readonly message: string
}

/**
 * The transaction of one session, in form only: reads of Odoo belong to none, so nothing is held while it is open. What it
 * does hold together are the session's settings and portals.
 */
export class Transaction {
  readonly #participants: readonly Participant[]
  /** implicit: the statements of one simple query, or up to Sync, where no BEGIN came. */
  #state: 'none' | 'implicit' | 'open' | 'failed' = 'none'
  #undo: () => void = () => undefined
  #savepoints: { readonly name: string; readonly undo: () => void }[] = []

  constructor(participants: readonly Participant[]) {
    this.#participants = participants
  }

  get status(): TransactionStatus {
    if (this.#state === 'failed') return 'E'
    return this.#state === 'open' ? 'T' : 'I'
  }

  /** Between BEGIN and its end. */
  get isBlock(): boolean {
    return this.status !== 'I'
  }

  /** To be called before each statement: one that no BEGIN precedes is a transaction of its own. */
  start(): void {
    if (this.#state !== 'none') return
    this.#state = 'implicit'
    this.#undo = this.#save()
  }

  /** To be called where an implicit transaction ends: at the end of a simple query, and at Sync. */
  finish(): void {
    if (this.#state === 'implicit') this.#commit()
  }

  /** To be called when a statement has failed. */
  fail(): void {
    if (this.#state === 'implicit') this.#rollBack()
    else if (this.#state === 'open') this.#state = 'failed'
  }

  /** Throws 25P02 in a failed transaction. */
  check(): void {
    if (this.#state === 'failed')
      throw failedTransaction(
        'current transaction is aborted, commands ignored until end of transaction block',
      )
  }

  begin(): Warning | undefined {
    if (this.isBlock) return { code: '25001', message: 'there is already a transaction in progress' }
    this.#state = 'open'
    return undefined
  }

  /** Gives what was done: a failed transaction can only be rolled back. */
  commit(isChained: boolean): {
    readonly done: 'COMMIT' | 'ROLLBACK'
    readonly warning: Warning | undefined
  } {
    const isFailed = this.#state === 'failed'
    return { done: isFailed ? 'ROLLBACK' : 'COMMIT', warning: this.#end(!isFailed, isChained, 'COMMIT') }
  }

  rollBack(isChained: boolean): Warning | undefined {
    return this.#end(false, isChained, 'ROLLBACK')
  }

  savepoint(name: string): void {
    this.#requireBlock('SAVEPOINT')
    if (this.#savepoints.length >= SAVEPOINTS_MAX)
      throw limitExceeded(`the transaction has ${SAVEPOINTS_MAX} savepoints`, { hint: 'RELEASE some.' })
    this.#savepoints.push({ name, undo: this.#save() })
  }

  release(name: string): void {
    this.#requireBlock('RELEASE SAVEPOINT')
    this.#savepoints.length = this.#indexOf(name)
  }

  rollBackTo(name: string): void {
    this.#requireBlock('ROLLBACK TO SAVEPOINT')
    const index = this.#indexOf(name)
    this.#savepoints.length = index + 1
    this.#savepoints[index]?.undo()
    this.#state = 'open'
  }

  /** Throws 25P01 outside of a transaction block. */
  #requireBlock(command: string): void {
    if (!this.isBlock) throw noActiveTransaction(`${command} can only be used in transaction blocks`)
  }

  #indexOf(name: string): number {
    const index = this.#savepoints.findLastIndex((savepoint) => savepoint.name === name)
    if (index < 0) throw invalidSavepoint(`savepoint "${name}" does not exist`)
    return index
  }

  #end(isCommit: boolean, isChained: boolean, command: string): Warning | undefined {
    const wasBlock = this.isBlock
    if (isChained && !wasBlock)
      throw noActiveTransaction(`${command} AND CHAIN can only be used in transaction blocks`)
    if (isCommit) this.#commit()
    else this.#rollBack()
    if (isChained) {
      this.start()
      this.begin()
    }
    return wasBlock ? undefined : { code: '25P01', message: 'there is no transaction in progress' }
  }

  #commit(): void {
    this.#clear()
    for (const participant of this.#participants) participant.commit()
  }

  #rollBack(): void {
    const undo = this.#undo
    this.#clear()
    undo()
  }

  #clear(): void {
    this.#state = 'none'
    this.#undo = () => undefined
    this.#savepoints = []
  }

  #save(): () => void {
    const undos = this.#participants.map((participant) => participant.save())
    return () => {
      for (const undo of undos) undo()
    }
  }
}
