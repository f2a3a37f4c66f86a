import { emitKeypressEvents } from 'node:readline'
import type { Interface, Key as Keypress } from 'node:readline'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'

/** What the keyboard says. */
export type Key =
  /** Characters, no control among them; those that came together are one key. */
  | { readonly kind: 'text'; readonly text: string }
  /** A paste that the terminal marks as one, with line feeds for line ends. */
  | { readonly kind: 'paste'; readonly text: string }
  /** Any other key, such as `ctrl+a`, `alt+b`, `shift+tab`, `enter`, `up`. */
  | { readonly kind: 'chord'; readonly name: string }
  /** The terminal has another size. */
  | { readonly kind: 'resize' }

/** Keys wait here until somebody takes them, so what is typed ahead is not lost. */
export interface Keys {
  /** The next key; undefined once the input has ended. */
  next(): Promise<Key | undefined>
  /** Resolves when a key waits, or the input has ended. */
  waiting(): Promise<void>
  readonly isWaiting: boolean
  /** Where set, Ctrl-C goes here instead, also one that waits, and what was typed before it is dropped. */
  onInterrupt: (() => void) | undefined
  /** Leaves the terminal to another program until `work` is done. */
  lend<T>(work: () => Promise<T>): Promise<T>
  /** Stops the program, as Ctrl-Z does, until the shell brings it back. */
  suspend(): Promise<void>
  /** Ends the input. */
  close(): void
}

/** As much of a terminal's input as is needed; a stream that is none is read as it comes. */
export type KeyInput = Readable & { setRawMode?: (isRaw: boolean) => unknown }
/** The terminal is told to mark pastes, and to show what we draw. */
export type KeyScreen = Pick<NodeJS.WritableStream, 'write' | 'on' | 'off'>

/** Characters that wait at most; what is typed ahead of a running statement beyond that is dropped. */
export const WAITING_CHARACTERS_MAX = 2 ** 20
/** After Escape, this long for the rest of what a key sends, in milliseconds. */
const ESCAPE_WAIT_MS = 50

/** A stop takes effect within this time, in milliseconds. */
const STOP_WAIT_MS = 100

const PASTE_MARKS = { on: '\u001b[?2004h', off: '\u001b[?2004l' }

export function openKeys(input: KeyInput, screen: KeyScreen): Keys {
  const queue: Key[] = []
  let [waitingCharacters, hasEnded] = [0, false]
  let pasted: string[] | undefined
  let onInterrupt: Keys['onInterrupt']
  /** Those who wait for a key. */
  const waiters: (() => void)[] = []

  const wake = (): void => {
    for (const resolve of waiters.splice(0)) resolve()
  }
  const push = (key: Key): void => {
    // An interrupt has to be heard, however much waits before it.
    if (waitingCharacters + sizeOf(key) > WAITING_CHARACTERS_MAX && !isInterrupt(key)) return
    waitingCharacters += sizeOf(key)
    addKey(queue, key)
    wake()
  }
  const take = (): Key | undefined => {
    const key = queue.shift()
    if (key !== undefined) waitingCharacters -= sizeOf(key)
    return key
  }
  const interruptIfAsked = (): void => {
    if (onInterrupt === undefined) return
    let last = queue.findLastIndex(isInterrupt)
    if (last < 0) return
    for (; last >= 0; last--) take()
    onInterrupt()
  }
  const onKeypress = (text: string | undefined, keypress: Keypress): void => {
    if (keypress.name === 'paste-start') pasted = []
    else if (keypress.name === 'paste-end') {
      push({ kind: 'paste', text: cleanPaste(pasted?.join('') ?? '') })
      pasted = undefined
    } else if (pasted !== undefined) pasted.push(keypress.sequence ?? text ?? '')
    else {
      push(keyFrom(text, keypress))
      interruptIfAsked()
    }
  }
  const onEnd = (): void => {
    hasEnded = true
    wake()
  }
  const onResize = (): void => {
    push({ kind: 'resize' })
  }
  const listen = (isOn: boolean): void => {
    // The session may have been ended while another program had the terminal.
    if (isOn && hasEnded) return
    input.setRawMode?.(isOn)
    screen.write(isOn ? PASTE_MARKS.on : PASTE_MARKS.off)
    if (isOn) input.on('keypress', onKeypress).resume()
    else input.off('keypress', onKeypress).pause()
  }

  const keys: Keys = {
    get onInterrupt() {
      return onInterrupt
    },
    set onInterrupt(listener) {
      onInterrupt = listener
      interruptIfAsked()
    },
    get isWaiting() {
      return queue.length > 0
    },
    waiting() {
      if (queue.length > 0 || hasEnded) return Promise.resolve()
      return new Promise((resolve) => {
        waiters.push(resolve)
      })
    },
    async next() {
      await keys.waiting()
      return take()
    },
    async lend(work) {
      listen(false)
      const giveBack = ignoreInterrupts()
      try {
        return await work()
      } finally {
        giveBack()
        listen(true)
      }
    },
    async suspend() {
      listen(false)
      process.kill(process.pid, 'SIGTSTP')
      // The time passes after the stop; where no shell is there to bring the program back, there is none.
      await sleep(STOP_WAIT_MS)
      listen(true)
    },
    close() {
      listen(false)
      input.off('end', onEnd).off('close', onEnd).off('error', onEnd)
      screen.off('resize', onResize)
      onEnd()
    },
  }
  // Node takes this one setting from what is otherwise a readline interface.
  emitKeypressEvents(input, { escapeCodeTimeout: ESCAPE_WAIT_MS } as unknown as Interface)
  input.on('end', onEnd).on('close', onEnd).on('error', onEnd)
  screen.on('resize', onResize)
  listen(true)
  return keys
}

const isInterrupt = (key: Key): boolean => key.kind === 'chord' && key.name === 'ctrl+c'
const sizeOf = (key: Key): number => ('text' in key ? key.text.length : 1)

/** Adds a key behind those that wait; characters join those before them. */
function addKey(queue: Key[], key: Key): void {
  const last = queue.at(-1)
  if (key.kind === 'text' && last?.kind === 'text')
    queue[queue.length - 1] = { kind: 'text', text: last.text + key.text }
  // A paste that the terminal does not mark: nobody types on in the very moment of Tab.
  else if (key.kind === 'text' && last?.kind === 'chord' && last.name === 'tab') {
    queue.pop()
    addKey(queue, { kind: 'text', text: `\t${key.text}` })
  } else queue.push(key)
}

/** Keys that Node gives no name. */
const NAMES: Readonly<Record<string, string>> = {
  '\u001f': 'ctrl+_',
  '\u001b<': 'alt+<',
  '\u001b>': 'alt+>',
  '\b': 'backspace',
  '\r': 'enter',
  '\n': 'enter',
  '\u001b\r': 'alt+enter',
  '\u001b\n': 'alt+enter',
}

function keyFrom(text: string | undefined, { sequence = '', name, ctrl, meta, shift }: Keypress): Key {
  if (text !== undefined && ctrl !== true && meta !== true && !CONTROL.test(text))
    return { kind: 'text', text }
  const known = NAMES[sequence]
  if (known !== undefined) return { kind: 'chord', name: known }
  const modifiers = [
    ctrl === true ? 'ctrl+' : '',
    meta === true ? 'alt+' : '',
    shift === true ? 'shift+' : '',
  ]
  // A lone Escape comes as Alt with nothing.
  return { kind: 'chord', name: name === 'escape' ? name : `${modifiers.join('')}${name ?? ''}` }
}

// eslint-disable-next-line no-control-regex
const CONTROL = /[\x00-\x1f\x7f-\x9f]/
// eslint-disable-next-line no-control-regex
const CONTROLS_BUT_LINE_FEED_AND_TAB = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g

/** Controls are no text: each becomes the character that stands for what cannot be read. */
const cleanPaste = (text: string): string =>
  text.replaceAll(/\r\n?/g, '\n').replaceAll(CONTROLS_BUT_LINE_FEED_AND_TAB, '\ufffd')

/** Ctrl-C is for the other program alone; gives back what listened to it before. */
function ignoreInterrupts(): () => void {
  const listeners = process.listeners('SIGINT')
  const ignore = (): void => undefined
  process.removeAllListeners('SIGINT').on('SIGINT', ignore)
  return () => {
    process.off('SIGINT', ignore)
    for (const listener of listeners) process.on('SIGINT', listener)
  }
}
