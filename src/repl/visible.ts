/**
 * The text with everything a terminal could obey, or that takes no column, written as an escape (`\t`, `\x1B`, `\u202E`):
 * C0 and C1 controls, line and paragraph separators, and the invisible marks that reorder text.
 * A line feed stays, since the callers lay out lines themselves.
 */
export function visibleText(text: string): string {
  return text.replace(UNSAFE, (character) => SHORT_ESCAPES[character] ?? hexEscape(character))
}

/** The same for what has to fit into one line, such as a prompt or a column's name. */
export function visibleLine(text: string): string {
  return visibleText(text).replaceAll('\n', '\\n')
}

// eslint-disable-next-line no-control-regex
const UNSAFE = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g
const SHORT_ESCAPES: Readonly<Record<string, string>> = { '\t': '\\t', '\r': '\\r', '\b': '\\b', '\f': '\\f' }

function hexEscape(character: string): string {
  const code = character.charCodeAt(0)
  const digits = code.toString(16).toUpperCase()
  return code < 0x100 ? `\\x${digits.padStart(2, '0')}` : `\\u${digits.padStart(4, '0')}`
}
