import { SQL_TYPES } from '../catalog/types.ts'
import { PARTITIONS_SETTING } from '../driver/settings.ts'
import type { ResultRows } from '../driver/statement.ts'
import { activeTransaction } from '../errors.ts'
import { firstWord } from '../sql/gate.ts'
import type { Statement } from '../sql/statement.ts'
import { done, runRows, rowAnswer, type Answer, type RowAnswer } from './answer.ts'
import { ownQuery, scopeOf, tell, type Backend, type Run } from './backend.ts'
import type { Portal } from './portals.ts'
import { readSetting } from './read-setting.ts'
import { SETTINGS } from './setting-list.ts'

/** USE, which is another way to set `odoo.partitions`. */
export async function usePartitions(
  backend: Backend,
  portal: Portal,
  statement: Statement & { kind: 'use' },
): Promise<Answer> {
  await runRows(backend, portal, statement)
  backend.settings.set(PARTITIONS_SETTING, backend.session.show(PARTITIONS_SETTING), false)
  return done('USE')
}

/** SET, RESET and `SELECT set_config(…)`. */
export async function setSetting(
  backend: Backend,
  portal: Portal,
  statement: Statement & { kind: 'set' },
  { isAlone }: Run,
): Promise<Answer> {
  const { settings, transaction } = backend
  const { name, value, isLocal, column } = statement
  if (isLocal && column === undefined && isAlone && !transaction.isBlock)
    tell(backend, { code: '25P01', message: 'SET LOCAL can only be used in transaction blocks' })
  if (name === 'all') settings.resetAll()
  else {
    // Partitions are logged in to at once, so that a name that cannot be opened is refused here.
    if (name === PARTITIONS_SETTING && value !== undefined)
      await runRows(backend, portal, { kind: 'set', name, value, isLocal: false })
    const read =
      value === undefined ? undefined : await readSetting(name, value, settings, scopeOf(backend, portal))
    // Those of a transaction end with it, however they were set.
    settings.set(name, read, isLocal || SETTINGS.get(name)?.follows !== undefined)
  }
  if (column !== undefined) return oneText(portal, column, settings.get(name) ?? '')
  return done(firstWord(portal.prepared.text) === 'RESET' ? 'RESET' : 'SET')
}

/** SHOW name, and SHOW ALL. */
export async function showSetting(
  backend: Backend,
  portal: Portal,
  statement: Statement & { kind: 'show' },
): Promise<Answer> {
  const { settings } = backend
  const value = settings.get(statement.name)
  const show = { tagOf: () => 'SHOW' }
  if (value !== undefined) return { ...oneText(portal, shownName(statement.name), value), ...show }
  if (statement.name !== 'all')
    return { ...rowAnswer(await runRows(backend, portal, statement), portal.formats), ...show }
  const rows = await ownQuery(SHOW_ALL, [settings.known], scopeOf(backend, portal))
  return { ...rowAnswer(textRows(SHOW_ALL_COLUMNS, rows), portal.formats), ...show }
}

/** A setting's name as SHOW writes it above the value. */
export const shownName = (name: string): string => SETTINGS.get(name)?.name ?? name

/** Columns of SHOW ALL. */
export const SHOW_ALL_COLUMNS = ['name', 'setting', 'description'] as const

/** PostgreSQL's settings, with the values that this session has for them. */
const SHOW_ALL = `
  SELECT name, coalesce($1::jsonb ->> lower(name), current_setting(name)), short_desc
  FROM pg_settings ORDER BY lower(name)`

const oneText = (portal: Portal, column: string, value: string): RowAnswer =>
  rowAnswer(textRows([column], [[value]]), portal.formats)

const textRows = (names: readonly string[], rows: Awaited<ReturnType<typeof ownQuery>>): ResultRows => ({
  kind: 'values',
  columns: names.map(textColumn),
  batches: oneBatch(rows),
})

/** What a column of text looks like, for those who describe it. */
export const textColumn = (name: string) =>
  ({ name, type: 'text', oid: SQL_TYPES.text.oid, typmod: -1 }) as const

// eslint-disable-next-line @typescript-eslint/require-await -- in the shape that results come in
async function* oneBatch<Batch>(batch: Batch): AsyncGenerator<Batch> {
  yield batch
}

/** DISCARD: a session that a pool hands on is as new. */
export function discard(
  backend: Backend,
  { what }: Statement & { kind: 'discard' },
  { isAlone }: Run,
): Answer {
  const { settings, statements, portals, transaction } = backend
  if (what === 'all') {
    if (transaction.isBlock || !isAlone)
      throw activeTransaction('DISCARD ALL cannot run inside a transaction block')
    portals.closeAll()
    settings.resetAll()
    statements.closeAll()
  }
  return done(`DISCARD ${what.toUpperCase()}`)
}
