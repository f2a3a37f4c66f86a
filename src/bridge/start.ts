import { undefinedColumn } from '../errors.ts'
import { firstWord } from '../sql/gate.ts'
import type { Statement } from '../sql/statement.ts'
import { done, rowAnswer, runRows, type Answer } from './answer.ts'
import type { Backend, Run } from './backend.ts'
import { copyEncoder } from './copy-rows.ts'
import { closeCursors, declareCursor, fetchFromCursor } from './cursors.ts'
import { BINARY_FORMAT, TEXT_FORMAT } from './messages.ts'
import type { Portal } from './portals.ts'
import { deallocate, executePrepared, prepare } from './prepared-commands.ts'
import { rowSourceOf } from './rows.ts'
import { discard, setSetting, showSetting, usePartitions } from './setting-commands.ts'
import { changeTransaction } from './transaction-commands.ts'

/** Starts the statement of a portal. Throws what is wrong with it; its rows are still to be read. */
export async function startPortal(backend: Backend, portal: Portal, run: Run): Promise<Answer> {
  const { statement, text } = portal.prepared
  switch (statement?.kind) {
    case undefined:
      return { kind: 'empty' }
    case 'select':
      return rowAnswer(await runRows(backend, portal, statement), portal.formats)
    case 'explain':
      return {
        ...rowAnswer(await runRows(backend, portal, statement), portal.formats),
        tagOf: () => 'EXPLAIN',
      }
    case 'native':
      await runRows(backend, portal, statement)
      return done(`INSERT 0 ${statement.inputs.length}`)
    case 'use':
      return usePartitions(backend, portal, statement)
    case 'set':
      return setSetting(backend, portal, statement, run)
    case 'show':
      return showSetting(backend, portal, statement)
    case 'discard':
      return discard(backend, statement, run)
    case 'transaction':
      return changeTransaction(backend, portal, statement, run)
    case 'declare':
      return declareCursor(backend, portal, statement, run)
    case 'fetch':
      return fetchFromCursor(backend, portal, statement)
    case 'closeCursor':
      return closeCursors(backend, statement)
    case 'prepare':
      return prepare(backend, portal, statement)
    case 'execute':
      return executePrepared(backend, portal, statement)
    case 'deallocate':
      return deallocate(backend, statement)
    case 'copy':
      return copyRows(backend, portal, statement)
    case 'listen':
      return done(firstWord(text))
    default:
      return statement satisfies never
  }
}

async function copyRows(
  backend: Backend,
  portal: Portal,
  { select, options }: Statement & { kind: 'copy' },
): Promise<Answer> {
  const format = options.format === 'binary' ? BINARY_FORMAT : TEXT_FORMAT
  const result = await runRows(backend, portal, select, [format])
  const names = result.columns.map(({ name }) => name)
  for (const name of options.forceQuote === 'all' ? [] : options.forceQuote)
    if (!names.includes(name)) throw undefinedColumn(name, names)
  return {
    kind: 'copy',
    columnCount: names.length,
    rows: rowSourceOf(result, [format]),
    format,
    encoder: copyEncoder(names, options),
  }
}
