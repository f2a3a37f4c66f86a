import { appendFile, chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'

/** What was typed, in this session and those before it, kept in a file that only the user can read. */
export interface History {
  /** Statements and metacommands, the newest last. */
  readonly entries: readonly string[]
  /** Why this session's entries go with it; undefined where they are kept. */
  readonly fault: string | undefined
  /** Adds one; what looks as if it held a secret is not written to the file. */
  add(entry: string): Promise<void>
}

export const HISTORY_ENTRIES_MAX = 1_000
/** Longer entries are remembered for this session only. */
export const ENTRY_CHARACTERS_MAX = 20_000

/** Where the history is kept: the user's state folder. */
export function historyPath(environment: NodeJS.ProcessEnv = process.env): string {
  const state = environment['XDG_STATE_HOME']
  return join(
    state === undefined || state === '' ? join(homedir(), '.local', 'state') : state,
    'odoo-sql',
    'history',
  )
}

/** Reads the history. Each line of the file is an entry as a JSON string, so that entries may have several lines. */
export async function openHistory(path: string): Promise<History> {
  const stored = await readFile(path, 'utf8').catch(() => '')
  const lines = stored.split('\n').filter((line) => line !== '')
  const kept = lines.slice(-HISTORY_ENTRIES_MAX)
  const fault = await prepare(path, kept.length < lines.length ? kept : []).catch(reasonOf)
  const entries = kept.map(entryFrom)
  return {
    entries,
    fault,
    async add(entry) {
      const text = entry.trimEnd()
      if (text.trim() === '' || text === entries.at(-1)) return
      entries.push(text)
      if (entries.length > HISTORY_ENTRIES_MAX) entries.shift()
      if (fault !== undefined || text.length > ENTRY_CHARACTERS_MAX || looksSecret(text)) return
      await appendFile(path, `${JSON.stringify(text)}\n`).catch(() => undefined)
    },
  }
}

/** Makes sure that the file is there for the user alone; `shortened` takes the place of its lines where there are any. */
async function prepare(path: string, shortened: readonly string[]): Promise<undefined> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  if (shortened.length > 0) await writeFile(path, `${shortened.join('\n')}\n`, { mode: 0o600 })
  else await appendFile(path, '', { mode: 0o600 })
  // The mode above holds for new files only.
  await chmod(path, 0o600)
}

/** A line that is no JSON string, since somebody edited the file, is an entry as it stands. */
function entryFrom(line: string): string {
  try {
    const entry: unknown = JSON.parse(line)
    return typeof entry === 'string' ? entry : line
  } catch {
    return line
  }
}

const reasonOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

/** Whether a text names something secret, carries a URL with a password, or a key as Odoo makes them. It errs on the side of yes. */
export const looksSecret = (text: string): boolean =>
  /pass(word|wd|phrase)?\b|_pass|secret|token|api_?-?key|private_?key|credential|bearer|:\/\/[^\s/@]*:[^\s/@]+@|\b[0-9a-f]{40}\b/i.test(
    text,
  )
