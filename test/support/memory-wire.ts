import { queryCanceled, type SqlError } from '../../src/errors.ts'
import type { BackendMessage, FrontendMessage } from '../../src/bridge/messages.ts'
import { splitRows, valuesOf } from '../../src/bridge/rows.ts'
import type { Wire } from '../../src/bridge/wire.ts'

/** A connection without a socket: what a client says, and a line of text for each message that it gets. */
export interface MemoryWire {
  readonly wire: Wire
  /** Says it all, and gives what is answered up to the next ReadyForQuery. */
  say(...messages: readonly FrontendMessage[]): Promise<string[]>
  /** The same for a simple query. */
  query(text: string): Promise<string[]>
  /** Says it without waiting. */
  tell(...messages: readonly FrontendMessage[]): void
  /** What was answered up to the next ReadyForQuery. */
  answered(): Promise<string[]>
  cancel(): void
  leave(): void
  /** Batches of bytes that were flushed, and how often the client made the session wait. */
  readonly flushes: number
  /** Runs before each flush resolves; to hold a session up. */
  onFlush: () => Promise<void>
}

export function openMemoryWire(): MemoryWire {
  const said: FrontendMessage[] = []
  let lines: string[] = []
  const wakers: { session?: () => void; client?: () => void } = {}
  let hasLeft = false
  let readies = 0
  let work = new AbortController()

  async function* messages(): AsyncGenerator<FrontendMessage> {
    for (;;) {
      const message = said.shift()
      if (message !== undefined) yield message
      else if (hasLeft) return
      else await new Promise<void>((resolve) => (wakers.session = resolve))
    }
  }
  const memory = {
    flushes: 0,
    onFlush: () => Promise.resolve(),
    wire: {
      messages: messages(),
      send(message: BackendMessage | Uint8Array) {
        lines.push(...(message instanceof Uint8Array ? linesOfBytes(message) : [lineOf(message)]))
        if ('kind' in message && message.kind === 'readyForQuery') {
          readies++
          wakers.client?.()
        }
      },
      async flush(signal: AbortSignal) {
        memory.flushes++
        await memory.onFlush()
        signal.throwIfAborted()
      },
      beginWork() {
        work = new AbortController()
        return work.signal
      },
    },
    tell(...given: readonly FrontendMessage[]) {
      said.push(...given)
      wakers.session?.()
    },
    async answered() {
      while (readies === 0) await new Promise<void>((resolve) => (wakers.client = resolve))
      readies--
      const end = lines.findIndex((line) => line.startsWith('ReadyForQuery')) + 1
      const answer = lines.slice(0, end)
      lines = lines.slice(end)
      return answer
    },
    say(...given: readonly FrontendMessage[]) {
      memory.tell(...given)
      return memory.answered()
    },
    query: (text: string) => memory.say({ kind: 'query', text }),
    cancel() {
      work.abort(queryCanceled('canceling statement due to user request'))
    },
    leave() {
      hasLeft = true
      wakers.session?.()
    },
  }
  return memory
}

const text = (bytes: Uint8Array | null): string =>
  bytes === null ? 'NULL' : Buffer.from(bytes).toString('utf8')

function linesOfBytes(bytes: Uint8Array): string[] {
  const messages: Uint8Array[] = []
  for (let rest = bytes; rest.length > 0; rest = rest.subarray(messages.at(-1)!.length))
    messages.push(...splitRows({ bytes: rest, count: 1 }))
  return messages.map((message) =>
    message[0] === 'D'.charCodeAt(0)
      ? `DataRow ${valuesOf(message).map(text).join('|')}`
      : `CopyData ${JSON.stringify(text(message.subarray(5)))}`,
  )
}

function lineOf(message: BackendMessage): string {
  switch (message.kind) {
    case 'parameterStatus':
      return `ParameterStatus ${message.name}=${message.value}`
    case 'readyForQuery':
      return `ReadyForQuery ${message.status}`
    case 'rowDescription':
      return `RowDescription ${message.columns.map(({ name, oid }) => `${name}:${oid}`).join(' ')}${message.formats.length > 0 ? ` ${message.formats.join('')}` : ''}`
    case 'commandComplete':
      return `CommandComplete ${message.tag}`
    case 'errorResponse':
      return `Error ${lineOfError(message.error)}`
    case 'noticeResponse':
      return `${message.severity} ${message.code ?? ''} ${message.message}`
    case 'parameterDescription':
      return `ParameterDescription ${message.oids.join(' ')}`
    case 'copyOutResponse':
      return `CopyOut ${message.format} ${message.columns}`
    default:
      return message.kind
  }
}

export const lineOfError = ({ code, message, position }: SqlError): string =>
  `${code} ${message}${position === undefined ? '' : ` @${position}`}`
