import type { Notice } from '../driver/cursor.ts'
import type { Session } from '../driver/session.ts'
import { PARTITIONS_SETTING } from '../driver/settings.ts'
import { runStatement } from '../driver/statement.ts'
import {
  idleInTransactionTimeout,
  idleSessionTimeout,
  notSupported,
  protocolViolation,
  sqlErrorFrom,
} from '../errors.ts'
import { tell, type Backend } from './backend.ts'
import { answerExtended } from './extended-query.ts'
import type { FrontendMessage } from './messages.ts'
import { Portals } from './portals.ts'
import { PreparedStatements } from './prepared.ts'
import { readSetting } from './read-setting.ts'
import { timeLimitText } from './setting-values.ts'
import { Settings } from './settings.ts'
import { answerQuery } from './simple-query.ts'
import { Transaction } from './transaction.ts'
import type { ClientContext, Wire } from './wire.ts'

/**
 * Serves one client from its first ReadyForQuery to its leave. What a statement fails with, the client is told and the session
 * goes on; throws a SqlError for what ends the session: wrong start-up settings, no protocol, idle for too long.
 */
export async function serveSession(wire: Wire, session: Session, client: ClientContext): Promise<void> {
  const backend = openBackend(wire, session, client)
  const messages = wire.messages[Symbol.asyncIterator]()
  /** After an error in the extended protocol, until Sync. */
  let isSkipping = false
  try {
    await start(backend)
    for (;;) {
      const message = await nextMessage(backend, messages)
      if (message === undefined || message.kind === 'terminate') return
      if (message.kind === 'unknown' || message.kind === 'password')
        throw protocolViolation(`unexpected message in a session: ${nameOf(message)}`)
      if (isSkipping && message.kind !== 'sync') continue
      isSkipping = false
      try {
        await answer(backend, message)
      } catch (thrown) {
        isSkipping = isExtended(message)
        wire.send({ kind: 'errorResponse', severity: 'ERROR', error: sqlErrorFrom(thrown) })
        backend.transaction.fail()
        // The client may wait for the error before it says Sync, and its Flush is among what is skipped.
        await (isSkipping ? wire.flush(NEVER) : ready(backend))
      }
    }
  } finally {
    backend.portals.closeAll()
  }
}

/** A message that a session takes. */
type SessionMessage = Exclude<FrontendMessage, { kind: 'terminate' | 'unknown' | 'password' }>

/** Answers one message, ReadyForQuery included where it is due. */
async function answer(backend: Backend, message: SessionMessage): Promise<void> {
  switch (message.kind) {
    case 'query':
      await answerQuery(backend, message.text)
      return ready(backend)
    case 'sync':
      return ready(backend)
    case 'parse':
    case 'bind':
    case 'describe':
    case 'execute':
    case 'close':
      return answerExtended(backend, message)
    case 'flush':
      return backend.wire.flush(NEVER)
    case 'copyData':
    case 'copyDone':
    case 'copyFail':
      // A client may still be sending when its COPY has failed.
      return
    case 'functionCall':
      throw notSupported('function calls are not supported', { hint: 'SELECT the function.' })
    case 'malformed':
      throw message.error
    default:
      return message satisfies never
  }
}

const nameOf = (message: Extract<FrontendMessage, { kind: 'unknown' | 'password' }>): string =>
  message.kind === 'password' ? 'a password' : `type ${message.type}`

/** After an error in one of these, all up to Sync is skipped. */
function isExtended(message: SessionMessage): boolean {
  if (message.kind === 'malformed') return message.isExtended
  return ['parse', 'bind', 'describe', 'execute', 'close', 'flush'].includes(message.kind)
}

/** For a wait that only the end of the connection ends. */
const NEVER = new AbortController().signal

async function ready({ wire, settings, transaction }: Backend): Promise<void> {
  transaction.finish()
  for (const report of settings.takeReports()) wire.send({ kind: 'parameterStatus', ...report })
  wire.send({ kind: 'readyForQuery', status: transaction.status })
  await wire.flush(NEVER)
}

function openBackend(wire: Wire, session: Session, client: ClientContext): Backend {
  const { statementTimeoutMs: timeoutMs, user } = client
  const settings = new Settings(session, {
    session_authorization: user,
    ...(timeoutMs === undefined ? {} : { statement_timeout: timeLimitText(timeoutMs) }),
  })
  const portals = new Portals()
  return {
    wire,
    session,
    client,
    settings,
    portals,
    statements: new PreparedStatements(),
    transaction: new Transaction([settings, portals]),
  }
}

/** Sets what the client asked for in its start-up message, and tells it what holds. */
async function start(backend: Backend): Promise<void> {
  const { wire, session, settings, client } = backend
  const scope = { session, signal: wire.beginWork(), calls: [], notices: [] as Notice[] }
  for (const [given, text] of client.settings) {
    const name = given.toLowerCase()
    if (name === PARTITIONS_SETTING)
      await runStatement({ kind: 'set', name, value: text, isLocal: false }, [], scope)
    settings.setInitial(name, await readSetting(name, text, settings, scope))
  }
  for (const notice of scope.notices) tell(backend, notice)
  await ready(backend)
}

/** The next message; undefined: the client is gone. Throws 25P03 or 57P05 where it does not come in time. */
async function nextMessage(
  { settings, transaction }: Backend,
  messages: AsyncIterator<FrontendMessage>,
): Promise<FrontendMessage | undefined> {
  const { limit, error } = transaction.isBlock ? IDLE_IN_TRANSACTION : IDLE
  const limitMs = settings.timeLimitMs(limit)
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    if (limitMs !== undefined)
      timer = setTimeout(() => {
        reject(error())
      }, limitMs)
  })
  try {
    const next: IteratorResult<FrontendMessage, undefined> = await Promise.race([messages.next(), late])
    return next.value
  } finally {
    clearTimeout(timer)
  }
}

const IDLE_IN_TRANSACTION = {
  limit: 'idle_in_transaction_session_timeout',
  error: () => idleInTransactionTimeout('terminating connection due to idle-in-transaction timeout'),
} as const
const IDLE = {
  limit: 'idle_session_timeout',
  error: () => idleSessionTimeout('terminating connection due to idle-session timeout'),
} as const
