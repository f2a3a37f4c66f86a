import type { Session } from '../driver/session.ts'
import { PARTITIONS_SETTING } from '../driver/settings.ts'
import { limitExceeded } from '../errors.ts'
import { SETTINGS } from './setting-list.ts'
import { millisecondsOf } from './setting-values.ts'
import type { Participant } from './transaction.ts'

/** Settings of one session that differ from what it began with; clients make up names of their own. */
const CHANGED_MAX = 1000

/** Settings that limit what a session may take of time. */
export type TimeLimit = 'statement_timeout' | 'idle_in_transaction_session_timeout' | 'idle_session_timeout'

/** Settings changed for the session, or until the transaction ends; by name in lower case. */
type Changes = ReadonlyMap<string, string>

/** The settings of one client: what it set, for how long, and what it has been told of. */
export class Settings implements Participant {
  readonly #session: Session
  /** What RESET goes back to. */
  readonly #initial = new Map<string, string>()
  #changed: Changes = new Map()
  #local: Changes = new Map()
  readonly #reported = new Map<string, string>()

  constructor(session: Session, initial: Readonly<Record<string, string>>) {
    this.#session = session
    for (const [name, spec] of SETTINGS) if (spec.initial !== undefined) this.#initial.set(name, spec.initial)
    for (const [name, value] of Object.entries(initial)) this.#initial.set(name, value)
    this.#initial.set(PARTITIONS_SETTING, session.show(PARTITIONS_SETTING) ?? '')
  }

  /** Value as SHOW shows it; undefined: PostgreSQL knows it. */
  get(name: string): string | undefined {
    const changed = this.#local.get(name) ?? this.#changed.get(name)
    const follows = SETTINGS.get(name)?.follows
    return changed ?? (follows === undefined ? this.#initial.get(name) : this.get(follows))
  }

  /** Milliseconds of a time limit; undefined: there is none. */
  timeLimitMs(name: TimeLimit): number | undefined {
    const limitMs = millisecondsOf(this.get(name) ?? '0')
    return limitMs === 0 ? undefined : limitMs
  }

  /** All that is known here, by name in lower case. */
  get known(): Readonly<Record<string, string>> {
    return Object.fromEntries([...this.#initial, ...this.#changed, ...this.#local])
  }

  /** Sets it to what `readSetting` gave; undefined takes it back to its default. Throws 54000. */
  set(name: string, value: string | undefined, isLocal: boolean): void {
    if (this.#changed.size + this.#local.size >= CHANGED_MAX && value !== undefined)
      throw limitExceeded(`the session has changed ${CHANGED_MAX} settings`, { hint: 'RESET some.' })
    const set = value ?? (isLocal ? this.#initial.get(name) : undefined)
    this.#change(() => {
      this.#local = without(this.#local, name)
      if (isLocal) this.#local = having(this.#local, name, set)
      else this.#changed = having(without(this.#changed, name), name, set)
    })
  }

  /** To be called at the start of the session, for what the client asked for with it. */
  setInitial(name: string, value: string): void {
    this.#change(() => this.#initial.set(name, value))
  }

  resetAll(): void {
    this.#change(() => {
      this.#changed = new Map()
      this.#local = new Map()
    })
  }

  save(): () => void {
    const [changed, local] = [this.#changed, this.#local]
    return () => {
      this.#change(() => {
        this.#changed = changed
        this.#local = local
      })
    }
  }

  commit(): void {
    this.#change(() => {
      this.#local = new Map()
    })
  }

  /** What the client is to be told, since it was told last. */
  takeReports(): { readonly name: string; readonly value: string }[] {
    const reports = [...SETTINGS.values()].flatMap(({ name, isReported }) => {
      const value = this.get(name.toLowerCase())
      return isReported !== true || value === undefined || this.#reported.get(name) === value
        ? []
        : [{ name, value }]
    })
    for (const { name, value } of reports) this.#reported.set(name, value)
    return reports
  }

  /** Changes, and lets the driver know of what concerns it. */
  #change(change: () => void): void {
    const before = this.known
    change()
    const after = this.known
    for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
      const isDriversOwn = name === PARTITIONS_SETTING || SETTINGS.get(name)?.isPassedOn === true
      if (isDriversOwn && before[name] !== after[name]) this.#session.set(name, after[name])
    }
  }
}

const having = (changes: Changes, name: string, value: string | undefined): Changes =>
  value === undefined ? changes : new Map([...changes, [name, value]])

function without(changes: Changes, name: string): Changes {
  const rest = new Map(changes)
  rest.delete(name)
  return rest
}
