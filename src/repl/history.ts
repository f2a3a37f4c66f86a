import { appendFile, chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'

/** Lines that were typed, kept in a file that only the user can read. */
export interface History {
  /** Newest first, as readline wants them. */
  readonly lines: readonly string[]
  /** Keeps the lines of one statement or metacommand, unless they look as if they held a secret. */
  add(lines: readonly string[]): Promise<void>
}

export const HISTORY_LINES_MAX = 1_000

/** Where the history is kept: the user's state folder. */
export function historyPath(environment: NodeJS.ProcessEnv = process.env): string {
  const state = environment['XDG_STATE_HOME']
  return join(
    state === undefined || state === '' ? join(homedir(), '.local', 'state') : state,
    'odoo-sql',
    'history',
  )
}

/** Reads the history. Where it cannot be read or written there is none, and nothing is said about it. */
export async function openHistory(path: string): Promise<History> {
  const stored = await readFile(path, 'utf8').catch(() => '')
  const lines = stored.split('\n').filter((line) => line !== '')
  const kept = lines.slice(-HISTORY_LINES_MAX)
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    if (kept.length < lines.length) await writeFile(path, kept.join('\n') + '\n', { mode: 0o600 })
    else await appendFile(path, '', { mode: 0o600 })
    // The mode above holds for new files only.
    await chmod(path, 0o600)
  } catch {
    return { lines: kept.reverse(), add: () => Promise.resolve() }
  }
  return {
    lines: kept.reverse(),
    async add(added) {
      const typed = added.filter((line) => line.trim() !== '')
      if (typed.length === 0 || looksSecret(typed.join('\n'))) return
      await appendFile(path, typed.join('\n') + '\n').catch(() => undefined)
    },
  }
}

/** Whether a text names something secret or carries a URL with a password. It errs on the side of yes. */
export const looksSecret = (text: string): boolean =>
  /pass(word|wd|phrase)?\b|_pass|secret|token|api_?-?key|private_?key|credential|bearer|:\/\/[^\s/@]*:[^\s/@]+@/i.test(
    text,
  )
