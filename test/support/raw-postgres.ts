import { Client, type Connection } from 'pg'
import type { FrontendMessage } from '../../src/bridge/messages.ts'

/** A real PostgreSQL, message by message: what it answers to the same as the bridge. */
export interface RawPostgres {
  /** A line for each message up to ReadyForQuery, as `openMemoryWire` writes them. */
  say(...messages: readonly FrontendMessage[]): Promise<string[]>
  close(): Promise<void>
}

export async function openRawPostgres(url: string): Promise<RawPostgres> {
  const client = new Client({ connectionString: url, options: '-c TimeZone=UTC' })
  await client.connect()
  const { connection } = client as unknown as { connection: Connection }
  // From here on the messages are ours alone.
  for (const event of connection.eventNames())
    if (event !== 'newListener') connection.removeAllListeners(event)
  let lines: string[] = []
  return {
    say(...messages) {
      return new Promise((resolve) => {
        connection.removeAllListeners('message')
        connection.on('message', (message: Received) => {
          const line = lineOf(message)
          if (line !== undefined) lines.push(line)
          if (message.name !== 'readyForQuery') return
          const answered = lines
          lines = []
          resolve(answered)
        })
        for (const message of messages) send(connection as unknown as Sender, message)
      })
    },
    async close() {
      const ended = new Promise((resolve) => connection.once('end', resolve))
      connection.end()
      await ended
    },
  }
}

/** What the client package has and its types leave out. */
interface Sender {
  query(text: string): void
  parse(message: object): void
  bind(message: object): void
  describe(message: object): void
  execute(message: object): void
  close(message: object): void
  sync(): void
  flush(): void
}

function send(connection: Sender, message: FrontendMessage): void {
  switch (message.kind) {
    case 'query':
      connection.query(message.text)
      return
    case 'parse':
      connection.parse({ name: message.name, text: message.text, types: message.parameterOids })
      return
    case 'bind':
      connection.bind({
        portal: message.portal,
        statement: message.statement,
        values: message.parameters,
        binary: message.resultFormats.includes(1),
      })
      return
    case 'describe':
    case 'close':
      connection[message.kind]({ type: message.target === 'statement' ? 'S' : 'P', name: message.name })
      return
    case 'execute':
      connection.execute({ portal: message.portal, rows: message.rowsMax })
      return
    case 'sync':
    case 'flush':
      connection[message.kind]()
      return
    default:
      throw new TypeError(`a transcript has no ${message.kind}`)
  }
}

interface Received {
  readonly name: string
  readonly text?: string
  readonly status?: string
  readonly severity?: string
  readonly code?: string
  readonly message?: string
  readonly position?: string
  readonly parameterName?: string
  readonly parameterValue?: string
  readonly dataTypeIDs?: readonly number[]
  readonly fields?: readonly unknown[]
  readonly binary?: boolean
  readonly columnTypes?: readonly number[]
  readonly chunk?: Buffer
}

interface ReceivedField {
  readonly name: string
  readonly dataTypeID: number
  readonly format: 'text' | 'binary'
}

const SAME_NAME: Readonly<Record<string, string>> = { emptyQuery: 'emptyQueryResponse' }

function lineOf(message: Received): string | undefined {
  switch (message.name) {
    case 'parameterStatus':
      return `ParameterStatus ${message.parameterName}=${message.parameterValue}`
    case 'readyForQuery':
      return `ReadyForQuery ${message.status}`
    case 'rowDescription': {
      const fields = message.fields as readonly ReceivedField[]
      const columns = fields.map(({ name, dataTypeID }) => `${name}:${dataTypeID}`).join(' ')
      return `RowDescription ${columns}${fields.some(({ format }) => format === 'binary') ? ' 1' : ''}`
    }
    case 'dataRow':
      return `DataRow ${(message.fields as readonly (string | null)[]).map((value) => value ?? 'NULL').join('|')}`
    case 'commandComplete':
      return `CommandComplete ${message.text}`
    case 'error':
    case 'notice': {
      const { severity, code, message: text, position } = message
      const kind = message.name === 'error' ? 'Error' : severity
      return `${kind} ${code} ${text}${position === undefined ? '' : ` @${position}`}`
    }
    case 'parameterDescription':
      return `ParameterDescription ${message.dataTypeIDs?.join(' ')}`
    case 'copyOutResponse':
      return `CopyOut ${Number(message.binary)} ${message.columnTypes?.length}`
    case 'copyData':
      return `CopyData ${JSON.stringify(message.chunk?.toString('utf8'))}`
    default:
      return SAME_NAME[message.name] ?? message.name
  }
}
