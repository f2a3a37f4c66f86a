import { queryCanceled, sqlErrorFrom, wrongState } from '../errors.ts'
import { abortWith } from './abort.ts'
import type { Answer, RowAnswer } from './answer.ts'
import { tell, type Backend, type Run } from './backend.ts'
import { endPortal, type Portal } from './portals.ts'
import type { RowMessages } from './rows.ts'
import { startPortal } from './start.ts'

/** Does something for a portal within its time. Throws what went wrong, a SqlError; the portal has ended then. */
export async function workOn<Result>(
  backend: Backend,
  portal: Portal,
  given: Run,
  work: (run: Run) => Promise<Result>,
): Promise<Result> {
  const { portals, settings } = backend
  const limit = limitTime(given.signal, settings.timeLimitMs('statement_timeout'))
  const release = abortWith(limit.signal, portal.controller)
  portals.running = portal
  portal.workingSince = performance.now()
  try {
    return await work({ ...given, signal: limit.signal })
  } catch (thrown) {
    const error = sqlErrorFrom(limit.signal.aborted ? limit.signal.reason : thrown)
    endPortal(portal, error.code)
    throw error
  } finally {
    portals.running = undefined
    portal.workedMs += performance.now() - portal.workingSince
    portal.workingSince = undefined
    release()
    limit.stop()
  }
}

/** What the portal gives; starts it where that has not happened. */
export async function answerOf(backend: Backend, portal: Portal, run: Run): Promise<Answer> {
  portal.answer ??= await startPortal(backend, portal, run)
  tellNotices(backend, portal)
  return portal.answer
}

/** Sends what the portal gives, up to `rowsMax` rows (0: all), and how it ended. */
export async function sendAnswer(
  backend: Backend,
  portal: Portal,
  answer: Answer,
  rowsMax: number,
  run: Run,
): Promise<void> {
  const { wire } = backend
  switch (answer.kind) {
    case 'empty':
      wire.send({ kind: 'emptyQueryResponse' })
      break
    case 'done':
      if (portal.isEnded) throw wrongState('portal cannot be run')
      wire.send({ kind: 'commandComplete', tag: answer.tag })
      break
    case 'rows': {
      const sent = await sendRows(backend, portal, answer, rowsMax === 0 ? Infinity : rowsMax, run)
      if (sent === rowsMax && rowsMax > 0) {
        wire.send({ kind: 'portalSuspended' })
        return
      }
      wire.send({ kind: 'commandComplete', tag: answer.tagOf(sent) })
      break
    }
    case 'copy':
      await sendCopy(backend, portal, answer, run)
      break
    default:
      answer satisfies never
  }
  endPortal(portal)
}

async function sendRows(
  backend: Backend,
  portal: Portal,
  { rows }: RowAnswer | (Answer & { kind: 'copy' }),
  rowsMax: number,
  { signal }: Run,
  form: (rows: RowMessages) => Uint8Array = ({ bytes }) => bytes,
): Promise<number> {
  const { wire } = backend
  let sent = 0
  while (sent < rowsMax) {
    const taken = await rows.take(rowsMax - sent)
    // Rows that came before the end are still no whole answer.
    signal.throwIfAborted()
    tellNotices(backend, portal)
    if (taken === undefined) break
    wire.send(form(taken))
    sent += taken.count
    portal.rowsSent += taken.count
    await wire.flush(signal)
  }
  return sent
}

async function sendCopy(
  backend: Backend,
  portal: Portal,
  answer: Answer & { kind: 'copy' },
  run: Run,
): Promise<void> {
  const { wire } = backend
  const { columnCount, format, encoder } = answer
  wire.send({ kind: 'copyOutResponse', format, columns: columnCount })
  wire.send(encoder.begin())
  const sent = await sendRows(backend, portal, answer, Infinity, run, encoder.rows)
  wire.send(encoder.end())
  wire.send({ kind: 'copyDone' })
  wire.send({ kind: 'commandComplete', tag: `COPY ${sent}` })
}

function tellNotices(backend: Backend, { notices }: Portal): void {
  for (const notice of notices.splice(0)) tell(backend, notice)
}

/** The signal, and a time limit of its own. */
function limitTime(
  signal: AbortSignal,
  limitMs: number | undefined,
): { readonly signal: AbortSignal; readonly stop: () => void } {
  const controller = new AbortController()
  const release = abortWith(signal, controller)
  const timer =
    limitMs === undefined
      ? undefined
      : setTimeout(() => {
          controller.abort(queryCanceled('canceling statement due to statement timeout'))
        }, limitMs)
  return {
    signal: controller.signal,
    stop: () => {
      clearTimeout(timer)
      release()
    },
  }
}
