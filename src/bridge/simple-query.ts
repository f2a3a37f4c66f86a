import { SqlError, sqlErrorFrom } from '../errors.ts'
import { parseFor } from '../driver/statement.ts'
import { splitStatements } from '../sql/gate.ts'
import type { Statement } from '../sql/statement.ts'
import type { Backend, Run } from './backend.ts'
import { answerOf, sendAnswer, workOn } from './execute.ts'
import { closePortal, newPortal } from './portals.ts'
import { logOf, logUnparsed } from './statement-log.ts'
import { isAllowedInFailed } from './transaction-commands.ts'

/** One statement of a simple query. */
interface Part {
  readonly text: string
  /** Characters of the query before it. */
  readonly offset: number
  /** What is wrong with it is told when its turn comes. */
  readonly parsed: Statement | SqlError
}

/**
 * Answers a simple query: its statements one after the other, in one implicit transaction. The first error ends it, and is
 * thrown with its position in the whole text. A text that is no SQL is refused before any of it runs.
 */
export async function answerQuery(backend: Backend, text: string): Promise<void> {
  const { wire, statements, portals } = backend
  // The unnamed ones do not outlive it.
  statements.close('')
  portals.close('')
  const parts = partsOf(backend, text)
  if (parts.length === 0) wire.send({ kind: 'emptyQueryResponse' })
  const run: Run = { signal: wire.beginWork(), isAlone: parts.length === 1 }
  for (const part of parts) {
    try {
      await answerPart(backend, part, run)
    } catch (thrown) {
      throw atOffset(sqlErrorFrom(thrown), part.offset)
    }
  }
}

async function answerPart(backend: Backend, { text, parsed }: Part, run: Run): Promise<void> {
  const { wire, transaction } = backend
  const statement = parsed instanceof SqlError ? undefined : parsed
  const portal = newPortal({ text, statement, parameterOids: [] }, { onEnd: logOf(backend) })
  transaction.start()
  try {
    await workOn(backend, portal, run, async (limited) => {
      if (parsed instanceof SqlError) throw parsed
      if (!isAllowedInFailed(parsed)) transaction.check()
      const answer = await answerOf(backend, portal, limited)
      if (answer.kind === 'rows')
        wire.send({ kind: 'rowDescription', columns: answer.columns, formats: answer.formats })
      await sendAnswer(backend, portal, answer, 0, limited)
    })
  } finally {
    closePortal(portal)
  }
}

function partsOf(backend: Backend, text: string): Part[] {
  const { statements, rest } = splitStatements(text)
  const texts = rest === '' ? statements : [...statements, { text: rest, offset: text.length - rest.length }]
  let [offset, counted] = [0, 0]
  return texts.map((part) => {
    offset += [...text.slice(counted, part.offset)].length
    counted = part.offset
    try {
      return { text: part.text, offset, parsed: parseFor(backend.session, part.text) }
    } catch (thrown) {
      const error = sqlErrorFrom(thrown)
      if (error.condition === 'syntax_error') {
        logUnparsed(backend, text, error)
        throw atOffset(error, offset)
      }
      return { text: part.text, offset, parsed: error }
    }
  })
}

const atOffset = (error: SqlError, offset: number): SqlError =>
  error.position === undefined || offset === 0 ? error : error.with({ position: error.position + offset })
