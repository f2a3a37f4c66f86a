import stringWidth from 'string-width'

/**
 * Columns that a text without line feeds takes on a terminal: wide characters take two, combining marks none.
 * Escape sequences of colours count nothing.
 */
export function displayWidth(text: string): number {
  return isPrintableAscii(text) ? text.length : stringWidth(text.replace(MARKS, ''))
}

/** The same as the `table` package counts: what it is to align has to be measured so. */
export const tableWidth = (text: string): number => (isPrintableAscii(text) ? text.length : stringWidth(text))

export const isPrintableAscii = (text: string): boolean => /^[ -~]*$/.test(text)
/** `string-width` knows Latin marks only. */
const MARKS = /\p{M}/gu
