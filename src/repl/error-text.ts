import type { Notice } from '../driver/cursor.ts'
import type { SqlError } from '../errors.ts'
import { displayWidth } from './width.ts'
import { visibleText } from './visible.ts'
import { paintNothing, type Paint } from './colors.ts'

/** Characters of a line that are shown around an error's position, as psql does. */
const EXCERPT_CHARACTERS = 60

export interface StatementSource {
  /** The text that the error's position counts in. */
  readonly text: string
  /** Where it was read from; `line` is that of the statement's start, from 1. */
  readonly file?: { readonly name: string; readonly line: number } | undefined
}

/**
 * An error as psql prints it with VERBOSITY verbose, so that scripts find the SQLSTATE in every one:
 * `ERROR:  42P01: …`, then LINE with a caret, DETAIL, HINT and CONTEXT. Ends with a line feed; never holds a stack trace.
 */
export function errorText(error: SqlError, source?: StatementSource, paint: Paint = paintNothing): string {
  const place = placeOf(error, source)
  const origin =
    source?.file === undefined ? '' : `${source.file.name}:${source.file.line + (place?.line ?? 1) - 1}: `
  const label = paint('error', 'ERROR:')
  const lines = [`${visibleText(origin)}${label}  ${error.code}: ${visibleText(error.message)}`]
  if (place !== undefined) {
    const [line, caret] = excerpt(place)
    lines.push(line, paint('error', caret))
  }
  if (error.detail !== undefined) lines.push(visibleText(`DETAIL:  ${error.detail}`))
  if (error.hint !== undefined) lines.push(visibleText(`HINT:  ${error.hint}`))
  if (error.partition !== undefined) lines.push(visibleText(`CONTEXT:  partition "${error.partition}"`))
  return `${lines.join('\n')}\n`
}

/** `NOTICE:  …` or `WARNING:  …`, with its hint. */
export function noticeText(notice: Notice, paint: Paint = paintNothing): string {
  const label = `${notice.severity}:`
  const hint = notice.hint === undefined ? '' : `HINT:  ${notice.hint}\n`
  const painted = notice.severity === 'WARNING' ? paint('warning', label) : label
  return `${painted}  ${visibleText(`${notice.message}\n${hint}`)}`
}

interface Place {
  readonly line: number
  readonly characters: readonly string[]
  /** Index into `characters`; it may stand just behind the last one. */
  readonly column: number
}

function placeOf(error: SqlError, source: StatementSource | undefined): Place | undefined {
  if (source === undefined || error.position === undefined) return undefined
  const before = Array.from(source.text)
    .slice(0, error.position - 1)
    .join('')
  const lineStart = before.lastIndexOf('\n') + 1
  const [line = ''] = source.text.slice(lineStart).split('\n', 1)
  return {
    line: before.split('\n').length,
    characters: Array.from(line.replace(/\r$/, '')),
    column: Array.from(before.slice(lineStart)).length,
  }
}

function excerpt({ line, characters, column }: Place): [string, string] {
  const start = characters.length <= EXCERPT_CHARACTERS ? 0 : Math.max(0, column - EXCERPT_CHARACTERS / 2)
  const end = start + EXCERPT_CHARACTERS
  const shown = (from: number, to: number): string =>
    visibleText(characters.slice(from, to).join('').replaceAll('\t', ' '))
  const label = `LINE ${line}: ${start > 0 ? '...' : ''}`
  const caret = ' '.repeat(displayWidth(label + shown(start, column)))
  return [`${label}${shown(start, end)}${end < characters.length ? '...' : ''}`, `${caret}^`]
}
