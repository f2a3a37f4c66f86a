import type { EditName } from './editor-edits.ts'

/** What a key asks of the editor beyond a change of the text. */
export type CommandName =
  | 'submit'
  | 'complete'
  | 'older'
  | 'newer'
  | 'oldest'
  | 'newest'
  | 'search'
  | 'interrupt'
  | 'delete-or-leave'
  | 'clear-screen'
  | 'suspend'

/** Keys as psql and the shells have them, by the names of `Key`. Keys that are not here do nothing. */
export const KEYMAP: Readonly<Record<string, EditName | CommandName>> = {
  'ctrl+a': 'beginning-of-line',
  home: 'beginning-of-line',
  'ctrl+e': 'end-of-line',
  end: 'end-of-line',
  'ctrl+home': 'beginning-of-text',
  'ctrl+end': 'end-of-text',
  'ctrl+b': 'backward-char',
  left: 'backward-char',
  'ctrl+f': 'forward-char',
  right: 'forward-char',
  'alt+b': 'backward-word',
  'ctrl+left': 'backward-word',
  'alt+left': 'backward-word',
  'alt+f': 'forward-word',
  'ctrl+right': 'forward-word',
  'alt+right': 'forward-word',
  'ctrl+h': 'backward-delete-char',
  backspace: 'backward-delete-char',
  delete: 'delete-char',
  'ctrl+k': 'kill-line',
  'ctrl+u': 'kill-to-start',
  'ctrl+w': 'kill-blank-word',
  'alt+backspace': 'backward-kill-word',
  'alt+d': 'kill-word',
  'ctrl+delete': 'kill-word',
  'ctrl+y': 'yank',
  'ctrl+t': 'transpose-chars',
  'alt+enter': 'newline',
  enter: 'submit',
  tab: 'complete',
  up: 'older',
  'ctrl+p': 'older',
  down: 'newer',
  'ctrl+n': 'newer',
  'alt+<': 'oldest',
  'alt+>': 'newest',
  'ctrl+r': 'search',
  'ctrl+c': 'interrupt',
  'ctrl+d': 'delete-or-leave',
  'ctrl+l': 'clear-screen',
  'ctrl+z': 'suspend',
}
