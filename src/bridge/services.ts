import { tooManyConnections } from '../errors.ts'
import { openService, type Service, type ServiceOptions } from '../driver/service.ts'

/** A service as long as it is used. One of the two is to be called, once. */
export interface LentService {
  readonly service: Service
  release(): void
  /** It is of no use to anybody. */
  discard(): void
}

/** The services of the bridge's users: each is opened when it is first needed, shared, and closed when it idles. */
export interface Services {
  /** `options` are those of the first who asks under this key. Throws 53300 where too many users are served. */
  lend(key: string, options: () => ServiceOptions): Promise<LentService>
  close(): Promise<void>
}

/** How long a service is kept for the next session: its log-ins, what it learned, and its engine. */
const IDLE_MS = 300_000
/** Users that are served at once, where nothing else is said: each may hold engines of 300 MB. */
export const USERS_MAX = 32

interface Kept {
  readonly opening: Promise<Service>
  users: number
  idle: NodeJS.Timeout | undefined
}

export function openServices(usersMax = USERS_MAX, idleMs = IDLE_MS): Services {
  const kept = new Map<string, Kept>()

  async function drop(key: string, entry: Kept): Promise<void> {
    clearTimeout(entry.idle)
    if (kept.get(key) === entry) kept.delete(key)
    const service = await entry.opening.catch(() => undefined)
    await service?.close()
  }

  /** Makes room for one more by what idles, the longest first. */
  function makeRoom(): void {
    if (kept.size < usersMax) return
    const idle = [...kept].find(([, { users }]) => users === 0)
    if (idle === undefined)
      throw tooManyConnections(`more than ${usersMax} users at once`, {
        hint: 'Try again later, or raise usersMax of the bridge.',
      })
    void drop(...idle)
  }

  return {
    async lend(key, options) {
      if (!kept.has(key)) makeRoom()
      const entry = kept.get(key) ?? { opening: openService(options()), users: 0, idle: undefined }
      // Who came last stands last.
      kept.delete(key)
      kept.set(key, entry)
      clearTimeout(entry.idle)
      entry.users++
      const release = (): void => {
        if (--entry.users === 0) entry.idle = setTimeout(() => void drop(key, entry), idleMs).unref()
      }
      try {
        return { service: await entry.opening, release, discard: () => void drop(key, entry) }
      } catch (thrown) {
        // What could not be opened is tried anew by the next.
        await drop(key, entry)
        throw thrown
      }
    },
    async close() {
      await Promise.all([...kept].map(([key, entry]) => drop(key, entry)))
    },
  }
}
