import { splitStatements } from '../sql/gate.ts'
import { partsOf } from '../sql/unfinished.ts'
import { complete } from './completion.ts'
import { completionsOf } from './completion-sources.ts'
import type { Paint } from './colors.ts'
import { openEditor, type Language } from './editor.ts'
import { openView, type ViewScreen } from './editor-view.ts'
import { noticeText } from './error-text.ts'
import { highlight } from './highlight.ts'
import type { History } from './history.ts'
import { openKeys, type KeyInput, type Keys, type KeyScreen } from './keys.ts'
import { METACOMMANDS } from './metacommands.ts'
import { promptName, promptsOf } from './prompt.ts'
import { runItem } from './run-source.ts'
import { scriptReader, type ScriptItem } from './script.ts'
import { printError, type Shell } from './shell.ts'

export interface SessionTerminal {
  readonly input: KeyInput
  readonly output: KeyScreen & ViewScreen
  readonly paint: Paint
  readonly history: History
  /** Ends the session from outside: the running statement is cancelled. */
  readonly signal: AbortSignal
}

/**
 * The prompt. Ctrl-C cancels the running statement or drops the typed one; Ctrl-D, `\q` and `exit` leave.
 * Errors are printed and the session goes on. Resolves when the user leaves.
 */
export async function runSession(shell: Shell, terminal: SessionTerminal): Promise<void> {
  const { history, paint, output, signal } = terminal
  if (history.fault !== undefined && !shell.isQuiet)
    shell.messages.write(
      noticeText({ severity: 'NOTICE', message: `the history is not kept: ${history.fault}` }),
    )
  const keys = openKeys(terminal.input, output)
  const editor = openEditor({ keys, paint, view: openView(output, paint), language: languageOf(shell) })
  const lent = shell.lendTerminal
  shell.lendTerminal = (work) => keys.lend(work)
  const leave = (): void => {
    keys.close()
  }
  signal.addEventListener('abort', leave, { once: true })
  try {
    while (!signal.aborted) {
      const read = await editor.read(history.entries)
      if (read.kind === 'end') return
      if (read.kind === 'interrupted') continue
      if ((await runText(shell, read.text, keys, terminal)) === 'leave') return
    }
  } finally {
    signal.removeEventListener('abort', leave)
    shell.lendTerminal = lent
    keys.close()
  }
}

/** Runs what the text holds, one after the other, also after an error; Ctrl-C ends it. */
async function runText(
  shell: Shell,
  text: string,
  keys: Keys,
  { history, signal }: SessionTerminal,
): Promise<'stay' | 'leave'> {
  const interrupt = new AbortController()
  keys.onInterrupt = () => {
    interrupt.abort()
  }
  try {
    for (const entry of entriesOf(text)) await history.add(entry)
    for (const item of itemsOf(shell, text)) {
      const outcome = await runItem(shell, item, { signal: AbortSignal.any([interrupt.signal, signal]) })
      if (outcome === 'leave') return 'leave'
      if (interrupt.signal.aborted) break
    }
  } finally {
    keys.onInterrupt = undefined
  }
  return 'stay'
}

/** Words that psql takes too, alone in their line. */
const WORDS: Readonly<Record<string, string>> = { exit: '\\q', quit: '\\q', help: '\\?' }

function itemsOf(shell: Shell, text: string): ScriptItem[] {
  const word = WORDS[text.trim().replace(/;$/, '').toLowerCase()]
  if (word !== undefined) return [{ kind: 'metacommand', text: word, line: 1 }]
  const reader = scriptReader(splitStatements)
  try {
    const items = reader.push(`${text}\n`)
    if (!reader.isPending) return items
    const dropping = droppingLine(text)
    if (dropping === undefined) return [...items, ...reader.end()]
    return dropping === '\\q' ? [...items, { kind: 'metacommand', text: dropping, line: 1 }] : items
  } catch (thrown) {
    printError(shell, thrown)
    return []
  }
}

/** The last line where it is `\q` or `\r`: psql takes them within a statement too, which is dropped. */
function droppingLine(text: string): '\\q' | '\\r' | undefined {
  const whole = text.trimEnd()
  const line = whole.slice(whole.lastIndexOf('\n') + 1).trim()
  if (line !== '\\q' && line !== '\\r') return undefined
  const last = partsOf(text).at(-1)
  return last?.kind === 'statement' && last.open === undefined ? line : undefined
}

/** What the history keeps of a text: what was typed in one line as it stands, and each statement of a longer one. */
function entriesOf(text: string): string[] {
  if (!text.includes('\n')) return [text]
  const parts = partsOf(text).filter(({ kind }) => kind !== 'comment')
  return parts.map(({ start }, index) => text.slice(index === 0 ? 0 : start, parts[index + 1]?.start).trim())
}

function isComplete(text: string): boolean {
  if (WORDS[text.trim().toLowerCase()] !== undefined) return true
  const reader = scriptReader(splitStatements)
  try {
    reader.push(`${text}\n`)
  } catch {
    return true
  }
  if (!reader.isPending || droppingLine(text) !== undefined) return true
  // What the scanner cannot read, such as 12ab, is for the parser to refuse once a semicolon ends it.
  return text.includes(';') && partsOf(text).every((part) => part.kind !== 'statement' || part.isEnded)
}

function languageOf(shell: Shell): Language {
  const { connection } = shell
  const completions = completionsOf(connection, METACOMMANDS)
  return {
    isComplete,
    prompts: (text, widthMax) => promptsOf(promptName(connection.partitions), text, widthMax),
    highlight,
    complete: (text, cursor) => complete(text, cursor, completions),
  }
}
