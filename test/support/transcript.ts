import { readFileSync } from 'node:fs'
import type { FrontendMessage } from '../../src/bridge/messages.ts'
import { protocolViolation } from '../../src/errors.ts'

/** What a client says at once, and what it is answered up to ReadyForQuery. */
export interface Exchange {
  readonly said: readonly string[]
  readonly answered: readonly string[]
}

/** Reads a file of exchanges, with blank lines between; what a client says stands behind `>`, one message a line. */
export function readTranscript(file: URL): Exchange[] {
  return readFileSync(file, 'utf8')
    .split(/\n\n+/)
    .map((block) => block.split('\n').filter((line) => line !== '' && !line.startsWith('#')))
    .filter((lines) => lines.length > 0)
    .map((lines) => ({
      said: lines.filter((line) => line.startsWith('> ')).map((line) => line.slice(2)),
      answered: lines.filter((line) => !line.startsWith('> ')),
    }))
}

export const textOf = (exchanges: readonly Exchange[]): string =>
  exchanges
    .map(({ said, answered }) => [...said.map((line) => `> ${line}`), ...answered, ''].join('\n'))
    .join('\n')

const FORMS: readonly (readonly [RegExp, (match: readonly string[]) => FrontendMessage])[] = [
  [
    /^parse (\w*)(?: \[(.*)\])?: (.*)$/s,
    ([, name = '', oids = '', text = '']) => ({
      kind: 'parse',
      name,
      text,
      parameterOids: oids === '' ? [] : oids.split(',').map(Number),
    }),
  ],
  [
    /^bind (\w*) to (\w*)( in binary)?(?:: (\[.*\]))?$/,
    ([, portal = '', statement = '', binary = '', values = '[]']) => ({
      kind: 'bind',
      portal,
      statement,
      parameters: JSON.parse(values) as (string | null)[],
      resultFormats: binary === '' ? [] : [1],
    }),
  ],
  [
    /^(describe|close) (statement|portal) ?(\w*)$/,
    ([, kind = '', target = '', name = '']) => ({
      kind: kind as 'describe' | 'close',
      target: target as 'statement' | 'portal',
      name,
    }),
  ],
  [
    /^execute (\w*) ?(\d*)$/,
    ([, portal = '', rows = '']) => ({ kind: 'execute', portal, rowsMax: Number(rows) }),
  ],
  [/^(sync|flush)$/, ([, kind]) => ({ kind: kind as 'sync' | 'flush' })],
  [/^(?:query: ?)(.*)$/s, ([, text = '']) => ({ kind: 'query', text })],
]

/** A line of a transcript as a message. `\n` in a statement is a line break. */
export function messageFrom(line: string): FrontendMessage {
  for (const [form, read] of FORMS) {
    const match = form.exec(line.replaceAll('\\n', '\n'))
    if (match !== null) return read(match)
  }
  throw protocolViolation(`no message: ${line}`)
}
