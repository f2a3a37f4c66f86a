import type { CallRecord, Notice } from '../driver/cursor.ts'
import type { Parameter } from '../driver/parameters.ts'
import { duplicateCursor, invalidCursorName, limitExceeded } from '../errors.ts'
import type { Answer } from './answer.ts'
import type { Format } from './messages.ts'
import type { PreparedStatement } from './prepared.ts'
import type { ScrolledRows } from './scroll.ts'
import type { Participant } from './transaction.ts'

/** Portals of one session, cursors included. */
const PORTALS_MAX = 1000

/** A statement that is bound and ready to run; it starts when a client first asks what it gives. */
export interface Portal {
  readonly prepared: PreparedStatement
  readonly parameters: readonly Parameter[]
  /** As in Bind; undefined, in a simple query: as the statement itself has it, or text. */
  readonly formats: readonly Format[] | undefined
  /** Undefined: not started. */
  answer: Answer | undefined
  /** Aborts what runs behind it. */
  readonly controller: AbortController
  readonly calls: CallRecord[]
  readonly notices: Notice[]
  /** Rows that the client has got. */
  rowsSent: number
  /** Time that was spent on it, in milliseconds, without what is spent now. */
  workedMs: number
  /** When the work on it started that is under way; undefined: it waits for the client. */
  workingSince: number | undefined
  /** It has given all it had, or failed, or was closed. */
  isEnded: boolean
  /** What to do then; `code` is the SQLSTATE that it failed with. */
  readonly onEnd: (portal: Portal, durationMs: number, code: string | undefined) => void
  /** Where the client declared it as a cursor. */
  cursor: Cursor | undefined
}

export interface Cursor {
  readonly isScroll: boolean
  /** Outlives its transaction. */
  readonly isHold: boolean
  /** As DECLARE has them: text, or with BINARY binary. */
  readonly declaredFormats: readonly Format[]
  /** As the rows come. */
  formats: readonly Format[]
  rows: ScrolledRows
  /** From the first FETCH or MOVE on, the formats stand. */
  isRead: boolean
}

export function newPortal(
  prepared: PreparedStatement,
  given: Partial<Pick<Portal, 'parameters' | 'formats' | 'onEnd'>> = {},
): Portal {
  return {
    parameters: [],
    formats: undefined,
    answer: undefined,
    controller: new AbortController(),
    onEnd: () => undefined,
    cursor: undefined,
    ...given,
    prepared,
    calls: [],
    notices: [],
    rowsSent: 0,
    workedMs: 0,
    workingSince: undefined,
    isEnded: false,
  }
}

export function endPortal(portal: Portal, code?: string): void {
  if (portal.isEnded) return
  portal.isEnded = true
  const { workedMs, workingSince } = portal
  portal.onEnd(portal, workedMs + (workingSince === undefined ? 0 : performance.now() - workingSince), code)
}

/** Ends what runs behind a portal. What it still fails with is of no interest to anyone. */
export function closePortal(portal: Portal): void {
  const { answer } = portal
  if (answer !== undefined) endPortal(portal)
  if (answer !== undefined && 'rows' in answer) answer.rows.close().catch(() => undefined)
  portal.controller.abort()
}

/** The portals of one session, by name. They end with their transaction, but for cursors WITH HOLD. */
export class Portals implements Participant {
  readonly #portals = new Map<string, Portal>()
  /** It may end the transaction, and does not end with it. */
  running: Portal | undefined

  /** Throws 42P03 where the name is taken; the unnamed portal takes the place of the one before. */
  add(name: string, portal: Portal): void {
    if (name === '') this.close(name)
    else if (this.#portals.has(name)) throw duplicateCursor(`cursor "${name}" already exists`)
    if (this.#portals.size >= PORTALS_MAX)
      throw limitExceeded(`the session has ${PORTALS_MAX} open portals`, { hint: 'Close some.' })
    this.#portals.set(name, portal)
  }

  /** Throws 34000. */
  get(name: string, kind: 'portal' | 'cursor' = 'cursor'): Portal {
    const portal = this.#portals.get(name)
    if (portal === undefined) throw invalidCursorName(`${kind} "${name}" does not exist`)
    return portal
  }

  /** It need not exist. */
  close(name: string): void {
    const portal = this.#portals.get(name)
    this.#portals.delete(name)
    if (portal !== undefined) closePortal(portal)
  }

  closeAll(): void {
    this.#keep(() => false)
  }

  save(): () => void {
    const before = new Set(this.#portals.values())
    return () => {
      this.#keep((portal) => before.has(portal))
    }
  }

  commit(): void {
    this.#keep(({ cursor }) => cursor?.isHold === true)
  }

  #keep(isKept: (portal: Portal) => boolean): void {
    for (const [name, portal] of [...this.#portals])
      if (portal !== this.running && !isKept(portal)) this.close(name)
  }
}
