import { setTimeout as sleep } from 'node:timers/promises'
import type { Completion } from './completion.ts'
import { commonPrefix } from './completion.ts'
import { menuLines } from './completion-menu.ts'
import type { Paint } from './colors.ts'
import { EDITS, EMPTY, inserted, isOnFirstLine, isOnLastLine, replaced } from './editor-edits.ts'
import type { EditName, EditState } from './editor-edits.ts'
import { KEYMAP } from './editor-keymap.ts'
import type { CommandName } from './editor-keymap.ts'
import { recalled, type Recall } from './editor-recall.ts'
import { foundAt, searchAfter, searchPrompts, startSearch, type Search } from './editor-search.ts'
import type { Frame, Span, View } from './editor-view.ts'
import type { Key, Keys } from './keys.ts'

/** What the editor has to know of the language that is typed. */
export interface Language {
  /** Whether Enter is to end the text rather than its line. */
  isComplete(text: string): boolean
  /** The prompt of each line, all of one width, at most `widthMax`. */
  prompts(text: string, widthMax: number): readonly string[]
  highlight(text: string): readonly Span[]
  /** What could stand at the cursor. Rejects when `signal` aborts. */
  complete(text: string, cursor: number, signal: AbortSignal): Promise<Completion>
}

export type Read =
  | { readonly kind: 'text'; readonly text: string }
  /** Ctrl-C: what was typed is dropped. */
  | { readonly kind: 'interrupted' }
  /** Ctrl-D, or the input has ended. */
  | { readonly kind: 'end' }

export interface EditorOptions {
  readonly keys: Keys
  readonly view: View
  readonly paint: Paint
  readonly language: Language
}

export interface Editor {
  /** Lets the user type one text. `entries` is the history, the newest last. */
  read(entries: readonly string[]): Promise<Read>
}

export function openEditor(options: EditorOptions): Editor {
  let killed = ''
  return {
    async read(entries) {
      const reading = new Reading(options, entries, killed)
      const read = await reading.run()
      killed = reading.killed
      return read
    },
  }
}

/** Candidates below the text; Tab goes through them. */
interface Menu extends Completion {
  /** What stood there before one was chosen. */
  readonly typed: string
  readonly chosen: number | undefined
}

class Reading {
  readonly #options: EditorOptions
  readonly #entries: readonly string[]
  #state: EditState
  #recall: Recall | undefined
  #search: (Search & { readonly before: EditState }) | undefined
  #menu: Menu | undefined

  constructor(options: EditorOptions, entries: readonly string[], killed: string) {
    this.#options = options
    this.#entries = entries
    this.#state = { ...EMPTY, killed }
  }

  get killed(): string {
    return this.#state.killed
  }

  async run(): Promise<Read> {
    const { keys, view } = this.#options
    view.draw(this.#frame())
    for (;;) {
      const key = await keys.next()
      const read: Read | undefined = key === undefined ? { kind: 'end' } : await this.#take(key)
      if (read !== undefined) {
        ;[this.#menu, this.#search] = [undefined, undefined]
        view.finish(this.#frame(), read.kind === 'interrupted' ? '^C' : '')
        return read
      }
      if (!keys.isWaiting) view.draw(this.#frame())
    }
  }

  async #take(key: Key): Promise<Read | undefined> {
    if (key.kind === 'resize') return undefined
    if (this.#menu !== undefined && this.#takeInMenu(this.#menu, key)) return undefined
    this.#menu = undefined
    if (this.#search !== undefined && this.#takeInSearch(this.#search, key)) return undefined
    this.#search = undefined
    if (key.kind === 'chord') return this.#obey(KEYMAP[key.name])
    this.#state = inserted(this.#state, key.text)
    // A paste that ends in a line feed is a paste with Enter.
    const entered = key.kind === 'paste' && key.text.endsWith('\n') ? this.#state.text.trimEnd() : ''
    if (entered === '' || !this.#options.language.isComplete(entered)) return undefined
    this.#setText(entered)
    return { kind: 'text', text: entered }
  }

  async #obey(name: EditName | CommandName | undefined): Promise<Read | undefined> {
    switch (name) {
      case undefined:
        return undefined
      case 'submit':
        return this.#submit()
      case 'interrupt':
        return { kind: 'interrupted' }
      case 'delete-or-leave':
        if (this.#state.text === '') return { kind: 'end' }
        this.#state = EDITS['delete-char'](this.#state)
        break
      case 'complete':
        await this.#complete()
        break
      case 'search':
        this.#search = { ...startSearch(this.#entries), before: this.#state }
        break
      case 'older':
        this.#goThrough(-1)
        break
      case 'newer':
        this.#goThrough(1)
        break
      case 'oldest':
        this.#recallBy(-this.#entries.length)
        break
      case 'newest':
        this.#recallBy(this.#entries.length)
        break
      case 'clear-screen':
        this.#options.view.clearScreen()
        break
      case 'suspend':
        this.#options.view.finish(this.#frame())
        await this.#options.keys.suspend()
        break
      default:
        this.#state = EDITS[name](this.#state)
    }
    return undefined
  }

  #submit(): Read | undefined {
    const { text } = this.#state
    if (this.#options.language.isComplete(text)) return { kind: 'text', text }
    this.#state = EDITS.newline(this.#state)
    return undefined
  }

  /** Up and Down move within a text of several lines, and through the history at its ends and while nothing is changed. */
  #goThrough(step: -1 | 1): void {
    const { text, cursor } = this.#state
    const isUntouched = this.#recall !== undefined && text === this.#shownEntry() && cursor === text.length
    const isAtEdge = step < 0 ? isOnFirstLine(this.#state) : isOnLastLine(this.#state)
    if (isUntouched || isAtEdge) this.#recallBy(step)
    else this.#state = EDITS[step < 0 ? 'previous-line' : 'next-line'](this.#state)
  }

  #shownEntry(): string | undefined {
    return this.#recall && (this.#entries[this.#recall.index] ?? this.#recall.draft)
  }

  #recallBy(steps: number): void {
    const found = recalled(this.#entries, this.#recall, steps, this.#state.text)
    if (found === undefined) return
    this.#recall = found.recall
    this.#setText(found.text)
  }

  #setText(text: string, cursor = text.length): void {
    this.#state = { ...this.#state, text, cursor, wasKill: false }
  }

  /** Whether the key belongs to the search; any other ends it and keeps what was found. */
  #takeInSearch(search: Search & { readonly before: EditState }, key: Key): boolean {
    const next = searchAfter(this.#entries, search, key)
    if (next === undefined) return false
    if (next === 'give up') {
      this.#state = search.before
      this.#search = undefined
      return true
    }
    this.#search = { ...next, before: search.before }
    const entry = next.isFailed ? undefined : this.#entries[next.index]
    if (entry !== undefined) {
      this.#setText(entry, foundAt(entry, next.query))
      this.#recall = { index: next.index, draft: search.before.text }
    }
    return true
  }

  async #complete(): Promise<void> {
    const { keys, language } = this.#options
    const interrupt = new AbortController()
    const { text, cursor } = this.#state
    const { signal } = interrupt
    const completing = language.complete(text, cursor, signal).catch(() => undefined)
    // Keys interrupt a completion that takes its time; those that come at once wait for it.
    const typedOn = sleep(COMPLETION_MS_MIN, undefined, { signal }).then(
      () => keys.waiting(),
      () => undefined,
    )
    const completion = await Promise.race([completing, typedOn.then(() => undefined)])
    interrupt.abort()
    if (completion === undefined || completion.candidates.length === 0) return
    const { start, end, candidates } = completion
    const [only, second] = candidates
    const prefix = second === undefined ? only?.text : commonPrefix(candidates.map((one) => one.text))
    const typed = text.slice(start, end)
    // What all share may be spelt otherwise than it was typed.
    const isProgress = second === undefined || (prefix ?? '').length >= typed.length
    if (prefix !== undefined && prefix !== typed && isProgress)
      this.#state = replaced(this.#state, start, end, prefix)
    else if (second !== undefined) this.#menu = { ...completion, typed, chosen: undefined }
  }

  /** Whether the key belongs to the menu; any other closes it and keeps what was chosen. */
  #takeInMenu(menu: Menu, key: Key): boolean {
    if (key.kind !== 'chord') return false
    if (key.name === 'enter' && menu.chosen !== undefined) {
      this.#menu = undefined
      return true
    }
    const count = menu.candidates.length
    const steps: Readonly<Record<string, number>> = { tab: 1, 'shift+tab': count - 1 }
    const step = steps[key.name]
    if (key.name !== 'escape' && step === undefined) return false
    const chosen = step === undefined ? undefined : ((menu.chosen ?? (step === 1 ? -1 : 0)) + step) % count
    const text = (chosen === undefined ? undefined : menu.candidates[chosen]?.text) ?? menu.typed
    this.#state = replaced(this.#state, menu.start, menu.end, text)
    this.#menu = chosen === undefined ? undefined : { ...menu, chosen, end: menu.start + text.length }
    return true
  }

  #frame(): Frame {
    const { view, language, paint } = this.#options
    const { text, cursor } = this.#state
    const prompts = this.#search
      ? searchPrompts(this.#search, text, view.columns)
      : language.prompts(text, Math.floor(view.columns / 2))
    const below = this.#menu
      ? menuLines(this.#menu.candidates, this.#menu.chosen, {
          columns: view.columns,
          rowsMax: Math.floor(view.rows / 2),
          paint,
        })
      : []
    return { text, cursor, prompts, spans: language.highlight(text), below }
  }
}

/** Time that a completion has before a key interrupts it, in milliseconds. */
const COMPLETION_MS_MIN = 300
