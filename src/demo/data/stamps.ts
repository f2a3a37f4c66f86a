const DAY_MS = 86_400_000
const START_MS = Date.parse('2025-03-03T08:15:00Z')

/** A stored time: `YYYY-MM-DD HH:MM:SS` with microseconds, in UTC. */
function stored(milliseconds: number, micros: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19).replace('T', ' ')}.${String(micros).padStart(6, '0')}`
}

export const FIRST_DAY = stored(START_MS, 0)

/** Who made a record and when, as Odoo notes it: `days` after the database began, with microseconds. */
export function stamped(days: number): Readonly<Record<string, number | string>> {
  const created = START_MS + days * DAY_MS + ((days * 7919) % 28_800) * 1000
  const written = created + (days % 4) * 3_600_000
  return {
    create_uid: days % 3 === 2 ? 5 : 2,
    create_date: stored(created, (days * 104_729 + 17) % 1_000_000),
    write_uid: 2,
    write_date: stored(written, (days * 15_485_863 + 29) % 1_000_000),
  }
}

/** The time of day `days` after the database began. */
export const timeAfter = (days: number): string => stored(START_MS + days * DAY_MS, 0)

/** The day `days` after the database began. */
export const dayAfter = (days: number): string => timeAfter(days).slice(0, 10)

/** The element that a number falls on, counting round and round. */
export function pick<T>(list: readonly [T, ...(readonly T[])], at: number): T {
  return list[at % list.length] ?? list[0]
}
