import { firstWord } from '../sql/gate.ts'
import type { Statement } from '../sql/statement.ts'
import type { Characteristics, TransactionStatement } from '../sql/transaction.ts'
import { done, type Answer } from './answer.ts'
import { scopeOf, tell, type Backend, type Run } from './backend.ts'
import type { Portal } from './portals.ts'
import { readSetting } from './read-setting.ts'
import type { Warning } from './transaction.ts'

/** BEGIN, COMMIT, ROLLBACK, savepoints and characteristics, as PostgreSQL answers them. */
export async function changeTransaction(
  backend: Backend,
  portal: Portal,
  statement: TransactionStatement,
  { isAlone }: Run,
): Promise<Answer> {
  const { transaction } = backend
  const warn = (warning: Warning | undefined): void => {
    if (warning !== undefined) tell(backend, warning)
  }
  switch (statement.action) {
    case 'begin':
      warn(transaction.begin())
      await setCharacteristics(backend, portal, statement.characteristics, true)
      return done(firstWord(portal.prepared.text) === 'START' ? 'START TRANSACTION' : 'BEGIN')
    case 'commit': {
      const begin = chained(backend)
      const { done: tag, warning } = transaction.commit(statement.isChained)
      warn(warning)
      if (statement.isChained) begin()
      return done(tag)
    }
    case 'rollback': {
      const begin = chained(backend)
      warn(transaction.rollBack(statement.isChained))
      if (statement.isChained) begin()
      return done('ROLLBACK')
    }
    case 'savepoint':
      transaction.savepoint(statement.name)
      return done('SAVEPOINT')
    case 'release':
      transaction.release(statement.name)
      return done('RELEASE')
    case 'rollback to':
      transaction.rollBackTo(statement.name)
      return done('ROLLBACK')
    case 'characteristics': {
      const { isSession, characteristics } = statement
      if (!isSession && isAlone && !transaction.isBlock)
        warn({ code: '25P01', message: 'SET TRANSACTION can only be used in transaction blocks' })
      await setCharacteristics(backend, portal, characteristics, !isSession)
      return done('SET')
    }
    default:
      return statement satisfies never
  }
}

/** What a failed transaction still takes. */
export const isAllowedInFailed = (statement: Statement | undefined): boolean =>
  statement === undefined ||
  (statement.kind === 'transaction' && ['commit', 'rollback', 'rollback to'].includes(statement.action))

/** A chained transaction has the characteristics of the one before. */
function chained({ settings }: Backend): () => void {
  const values = ['transaction_isolation', 'transaction_deferrable'].map(
    (name) => [name, settings.get(name)] as const,
  )
  return () => {
    for (const [name, value] of values) settings.set(name, value, true)
  }
}

async function setCharacteristics(
  backend: Backend,
  portal: Portal,
  characteristics: Characteristics,
  isLocal: boolean,
): Promise<void> {
  const { settings } = backend
  for (const [given, text] of Object.entries(characteristics)) {
    const name = isLocal ? given : `default_${given}`
    settings.set(name, await readSetting(name, text, settings, scopeOf(backend, portal)), isLocal)
  }
}
