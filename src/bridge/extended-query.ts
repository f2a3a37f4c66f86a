import type { Parameter } from '../driver/parameters.ts'
import { describeStatement, parseFor, type DescribedColumn } from '../driver/statement.ts'
import { protocolViolation, sqlErrorFrom, syntaxError } from '../errors.ts'
import { splitStatements } from '../sql/gate.ts'
import { scopeOf, type Backend, type Run } from './backend.ts'
import { answerOf, sendAnswer, workOn } from './execute.ts'
import type { FrontendMessage } from './messages.ts'
import { textFromBinary } from './parameters.ts'
import { newPortal, type Portal } from './portals.ts'
import { parameterCountOf, type PreparedStatement } from './prepared.ts'
import { SHOW_ALL_COLUMNS, shownName, textColumn } from './setting-commands.ts'
import { logOf, logUnparsed } from './statement-log.ts'
import { isAllowedInFailed } from './transaction-commands.ts'

type Message<Kind extends FrontendMessage['kind']> = Extract<FrontendMessage, { kind: Kind }>

/** Messages of the extended query protocol, after an error in which all up to Sync is skipped. */
export type ExtendedMessage = Message<'parse' | 'bind' | 'describe' | 'execute' | 'close'>

export async function answerExtended(backend: Backend, message: ExtendedMessage): Promise<void> {
  backend.transaction.start()
  switch (message.kind) {
    case 'parse':
      answerParse(backend, message)
      return
    case 'bind':
      return answerBind(backend, message)
    case 'describe':
      return message.target === 'statement'
        ? describePrepared(backend, message.name)
        : describePortal(backend, message.name)
    case 'execute':
      return answerExecute(backend, message)
    case 'close':
      if (message.target === 'statement') backend.statements.close(message.name)
      else backend.portals.close(message.name)
      backend.wire.send({ kind: 'closeComplete' })
      return
    default:
      message satisfies never
  }
}

function answerParse(backend: Backend, { name, text, parameterOids }: Message<'parse'>): void {
  const { statements, transaction, wire } = backend
  const statement = parsed(backend, text)
  if (!isAllowedInFailed(statement)) transaction.check()
  statements.add(name, { text, statement, parameterOids })
  wire.send({ kind: 'parseComplete' })
}

/** Undefined: the text is empty. */
function parsed(backend: Backend, text: string): PreparedStatement['statement'] {
  try {
    const { statements, rest } = splitStatements(text)
    const count = statements.length + (rest === '' ? 0 : 1)
    if (count > 1) throw syntaxError('cannot insert multiple commands into a prepared statement')
    return count === 0 ? undefined : parseFor(backend.session, text)
  } catch (thrown) {
    const error = sqlErrorFrom(thrown)
    logUnparsed(backend, text, error)
    throw error
  }
}

async function answerBind(backend: Backend, message: Message<'bind'>): Promise<void> {
  const { statements, portals, transaction, wire } = backend
  const prepared = statements.get(message.statement)
  const expected = parameterCountOf(prepared)
  const given = message.parameters.length
  if (given !== expected)
    throw protocolViolation(
      `bind message supplies ${given} parameters, but prepared statement "${message.statement}" requires ${expected}`,
    )
  if (!isAllowedInFailed(prepared.statement)) transaction.check()
  const portal = newPortal(prepared, {
    parameters: await parametersOf(backend, prepared, message.parameters),
    formats: message.resultFormats,
    onEnd: logOf(backend),
  })
  portals.add(message.portal, portal)
  wire.send({ kind: 'bindComplete' })
}

/** Values in binary format become text where their type is known here, so that filters on them can leave for Odoo. */
async function parametersOf(
  backend: Backend,
  prepared: PreparedStatement,
  values: Message<'bind'>['parameters'],
): Promise<Parameter[]> {
  const declared = prepared.parameterOids
  const isUnknown = values.some(
    (value, index) => typeof value === 'object' && value !== null && (declared[index] ?? 0) === 0,
  )
  const oids = isUnknown ? (await describe(backend, prepared)).parameterOids : declared
  return values.map((value, index) => {
    const oid = oids[index] ?? 0
    const isBinary = value !== null && typeof value !== 'string'
    return { oid, value: isBinary ? (textFromBinary(oid, value) ?? value) : value }
  })
}

async function describePrepared(backend: Backend, name: string): Promise<void> {
  const { statements, transaction, wire } = backend
  const prepared = statements.get(name)
  if (!isAllowedInFailed(prepared.statement)) transaction.check()
  const { parameterOids, columns } = await describe(backend, prepared)
  wire.send({ kind: 'parameterDescription', oids: parameterOids })
  sendColumns(backend, columns, {})
}

interface Description {
  readonly parameterOids: readonly number[]
  /** Undefined: it gives no rows. */
  readonly columns: readonly DescribedColumn[] | undefined
}

/** What a statement takes and gives; nothing of it runs. */
function describe(backend: Backend, prepared: PreparedStatement): Promise<Description> {
  const { statement, parameterOids } = prepared
  const portal = newPortal(prepared, { onEnd: logOf(backend) })
  const ask = (asked: Parameters<typeof describeStatement>[0], oids: readonly number[]) =>
    workOn(backend, portal, runOf(backend), () => describeStatement(asked, oids, scopeOf(backend, portal)))
  switch (statement?.kind) {
    case 'select':
    case 'explain':
      return ask(statement, parameterOids)
    case 'declare':
      return ask(statement.select, parameterOids).then((described) => ({ ...described, columns: undefined }))
    case 'execute': {
      const executed = backend.statements.get(statement.name)
      return executed.statement?.kind === 'select'
        ? ask(executed.statement, executed.parameterOids).then(({ columns }) => ({ parameterOids, columns }))
        : Promise.resolve({ parameterOids, columns: undefined })
    }
    default:
      return Promise.resolve({ parameterOids, columns: ownColumns(backend, statement) })
  }
}

/** Columns of what a session answers by itself; undefined: no rows. */
function ownColumns(
  { portals }: Backend,
  statement: PreparedStatement['statement'],
): readonly DescribedColumn[] | undefined {
  switch (statement?.kind) {
    case 'show':
      return statement.name === 'all'
        ? SHOW_ALL_COLUMNS.map(textColumn)
        : [textColumn(shownName(statement.name))]
    case 'set':
      return statement.column === undefined ? undefined : [textColumn(statement.column)]
    case 'fetch':
      return statement.isMove ? undefined : columnsOf(portals.get(statement.name))
    default:
      return undefined
  }
}

const columnsOf = ({ answer }: Portal): readonly DescribedColumn[] | undefined =>
  answer?.kind === 'rows' ? answer.columns : undefined

async function describePortal(backend: Backend, name: string): Promise<void> {
  const { portals, transaction } = backend
  const portal = portals.get(name, 'portal')
  const { statement } = portal.prepared
  if (!isAllowedInFailed(statement)) transaction.check()
  // A query starts here, since only then are its columns known; whatever changes the session waits for Execute.
  const isQuery =
    statement?.kind === 'select' || statement?.kind === 'explain' || statement?.kind === 'execute'
  const answer =
    portal.answer ??
    (isQuery
      ? await workOn(backend, portal, runOf(backend), (run) => answerOf(backend, portal, run))
      : undefined)
  const columns = answer === undefined ? ownColumns(backend, statement) : columnsOf(portal)
  sendColumns(backend, columns, portal)
}

function sendColumns(
  { wire }: Backend,
  columns: readonly DescribedColumn[] | undefined,
  { formats = [] }: Partial<Portal>,
): void {
  if (columns === undefined) wire.send({ kind: 'noData' })
  else wire.send({ kind: 'rowDescription', columns, formats })
}

async function answerExecute(backend: Backend, { portal: name, rowsMax }: Message<'execute'>): Promise<void> {
  const { portals, transaction } = backend
  const portal = portals.get(name, 'portal')
  if (!isAllowedInFailed(portal.prepared.statement)) transaction.check()
  await workOn(backend, portal, runOf(backend), async (run) =>
    sendAnswer(backend, portal, await answerOf(backend, portal, run), rowsMax, run),
  )
}

const runOf = ({ wire }: Backend): Run => ({ signal: wire.beginWork(), isAlone: true })
