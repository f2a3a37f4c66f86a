import { noActiveTransaction, notSupported, wrongState } from '../errors.ts'
import type { Statement } from '../sql/statement.ts'
import { abortWith } from './abort.ts'
import { done, runRows, rowAnswer, type Answer } from './answer.ts'
import type { Backend, Run } from './backend.ts'
import { formatOf } from './encode.ts'
import { BINARY_FORMAT, type Format } from './messages.ts'
import { newPortal, type Cursor, type Portal } from './portals.ts'
import type { RowSource } from './rows.ts'
import { openScroll } from './scroll.ts'

/** DECLARE: the statement starts, so that what is wrong with it is told here; its rows wait for FETCH. */
export async function declareCursor(
  backend: Backend,
  portal: Portal,
  { name, select, isBinary, isHold, isScroll = false }: Statement & { kind: 'declare' },
  { isAlone }: Run,
): Promise<Answer> {
  const { transaction, portals } = backend
  if (!isHold && isAlone && !transaction.isBlock)
    throw noActiveTransaction('DECLARE CURSOR can only be used in transaction blocks')
  const formats: readonly Format[] = isBinary ? [BINARY_FORMAT] : []
  const { parameters } = portal
  const target = newPortal({ ...portal.prepared, statement: select }, { parameters })
  portals.add(name, target)
  const release = abortWith(portal.controller.signal, target.controller)
  try {
    const answer = rowAnswer(await runRows(backend, target, select, formats), formats)
    const rows = openScroll(answer.rows, isScroll)
    target.answer = { ...answer, rows }
    target.cursor = { isScroll, isHold, declaredFormats: formats, formats, rows, isRead: false }
    takeOver(portal, target)
  } catch (thrown) {
    portals.close(name)
    throw thrown
  } finally {
    release()
  }
  return done('DECLARE CURSOR')
}

/** What was asked of Odoo and said about it so far belongs to the statement that is running. */
function takeOver(portal: Portal, target: Portal): void {
  portal.calls.push(...target.calls.splice(0))
  portal.notices.push(...target.notices.splice(0))
}

/** FETCH and MOVE. */
export async function fetchFromCursor(
  backend: Backend,
  portal: Portal,
  { name, direction, count, isMove }: Statement & { kind: 'fetch' },
): Promise<Answer> {
  const target = backend.portals.get(name)
  const { cursor } = target
  if (cursor === undefined || target.answer?.kind !== 'rows')
    throw notSupported(`portal "${name}" was not declared as a cursor`)
  // An error that its rows ended with has ended it.
  if (target.controller.signal.aborted) throw wrongState(`portal "${name}" cannot be run`)
  const release = abortWith(portal.controller.signal, target.controller)
  try {
    const formats = portal.formats ?? cursor.declaredFormats
    if (isMove) cursor.isRead = true
    else await readInFormats(backend, target, cursor, formats)
    const rows = fetched(await cursor.rows.fetch(direction, count), portal, target, release)
    if (isMove) return done(`MOVE ${await countOf(rows)}`)
    return { ...target.answer, formats, rows, tagOf: (sent) => `FETCH ${sent}` }
  } catch (thrown) {
    release()
    throw thrown
  }
}

/** The first FETCH settles the formats; where they are not those of DECLARE, the statement starts anew. */
async function readInFormats(
  backend: Backend,
  target: Portal,
  cursor: Cursor,
  formats: readonly Format[],
): Promise<void> {
  const { answer, prepared } = target
  if (answer?.kind !== 'rows' || prepared.statement === undefined) return
  const isSame = answer.columns.every(
    (_, column) => formatOf(formats, column) === formatOf(cursor.formats, column),
  )
  if (!isSame && cursor.isRead)
    throw notSupported('a cursor gives all its rows in the format of the first FETCH')
  cursor.isRead = true
  if (isSame) return
  await cursor.rows.close()
  const anew = rowAnswer(await runRows(backend, target, prepared.statement, formats), formats)
  cursor.formats = formats
  cursor.rows = openScroll(anew.rows, cursor.isScroll)
  target.answer = { ...anew, rows: cursor.rows }
}

/** The rows of one FETCH. What is read for them counts as its own; the cursor outlives it. */
function fetched(rows: RowSource, portal: Portal, target: Portal, release: () => void): RowSource {
  return {
    async take(rowsMax) {
      const taken = await rows.take(rowsMax)
      takeOver(portal, target)
      if (taken === undefined) release()
      return taken
    },
    close: () => {
      release()
      return Promise.resolve()
    },
  }
}

async function countOf(rows: RowSource): Promise<number> {
  let count = 0
  for (let taken = await rows.take(Infinity); taken !== undefined; taken = await rows.take(Infinity))
    count += taken.count
  return count
}

/** CLOSE name, or CLOSE ALL. */
export function closeCursors({ portals }: Backend, { name }: Statement & { kind: 'closeCursor' }): Answer {
  if (name === undefined) {
    portals.closeAll()
    return done('CLOSE CURSOR ALL')
  }
  portals.get(name)
  portals.close(name)
  return done('CLOSE CURSOR')
}
