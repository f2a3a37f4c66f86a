import {
  insufficientPrivilege,
  invalidPassword,
  queryCanceled,
  SqlError,
  systemError,
  undefinedTable,
  unknownDatabase,
} from '../errors.ts'
import type { Fault } from './protocol.ts'
import type { Redact } from './redact.ts'

/** The call that a fault answers, for the message. */
export interface FaultContext {
  readonly database: string
  readonly login: string
  readonly model: string
  readonly method: string
  /** Of the HTTP reply: JSON-RPC's is always 200. */
  readonly status: number
  readonly redact: Redact
}

/**
 * The error for a fault of Odoo. It goes by the exception's Python name, since messages are translated; the text
 * only tells apart what shares a name. Odoo's message is shown shortened and without secrets, its traceback never.
 */
export function sqlErrorFromFault(fault: Fault, context: FaultContext): SqlError {
  const text = context.redact(fault.message)
  const kind = fault.name.slice(fault.name.lastIndexOf('.') + 1)
  const detail = `Odoo's fault is ${context.redact(fault.name)}.`
  if (kind === 'AccessDenied') return wrongPassword(context, detail)
  if (context.status === 401 || kind === 'Unauthorized') return wrongKey(context, detail)
  if (kind === 'AccessError' || context.status === 403) return noRight(text, context, detail)
  if (isUnknownModel(kind, fault.message, context)) return undefinedTable(context.model, []).with({ detail })
  if (kind === 'OperationalError' && isUnknownDatabase(fault.message, context.database))
    return noDatabase(context, detail)
  if (kind.startsWith('QueryCanceled'))
    return queryCanceled('canceling statement due to timeout: Odoo’s own database ended it', {
      detail: text === '' ? detail : `${detail} ${text}`,
      hint: 'Ask for fewer columns or rows, or filter by a stored, indexed column.',
    })
  return systemError(
    `Odoo could not answer ${context.method} on ${context.model}: ${text === '' ? kind : text}`,
    {
      detail,
      hint: context.method.startsWith('search') || context.method === 'read' ? NAME_COLUMNS : undefined,
    },
  )
}

/** Some fields that Odoo computes fail for some records or users, and one of them fails the whole read. */
export const NAME_COLUMNS =
  'A field that Odoo computes may be to blame: name the columns that you need instead of *.'

/** Whether Odoo understood and refused: no right, no such model, no such method. Another way may be open. */
export const isRefusal = (thrown: unknown): boolean =>
  thrown instanceof SqlError &&
  ['insufficient_privilege', 'undefined_table', 'system_error'].includes(thrown.condition)

export const isForbidden = (thrown: unknown): boolean =>
  thrown instanceof SqlError && thrown.condition === 'insufficient_privilege'

export const isUnknownTable = (thrown: unknown): boolean =>
  thrown instanceof SqlError && thrown.condition === 'undefined_table'

export const wrongPassword = ({ login, database }: FaultContext, detail?: string): SqlError =>
  invalidPassword(`Odoo rejected the log-in of "${login}" to database "${database}"`, {
    detail,
    hint: 'Check login and password. An API key (from 14 on, in the user’s preferences) goes where the password goes, and is needed where two-factor log-in is on.',
  })

const wrongKey = ({ database }: FaultContext, detail: string): SqlError =>
  invalidPassword(`Odoo rejected the API key for database "${database}"`, {
    detail,
    hint: 'The key may have expired or been revoked; a key belongs to one database, and a password is no key.',
  })

/** Odoo answers an unknown database with an error of PostgreSQL (JSON-RPC) or with a 404 page (JSON-2). */
export const noDatabase = ({ database }: FaultContext, detail?: string): SqlError =>
  unknownDatabase(`database "${database}" does not exist on this Odoo server`, {
    detail,
    hint: 'Check the name; on Odoo Online it is the part of the host name before .odoo.com.',
  })

function noRight(text: string, context: FaultContext, detail: string): SqlError {
  if (/compan/i.test(text) && /unauthorized|invalid/i.test(text))
    return insufficientPrivilege('permission denied for one of the companies of this partition', {
      detail: `${detail} ${text}`,
      hint: 'List only companies that this user belongs to.',
    })
  return insufficientPrivilege(`permission denied for ${context.model}`, {
    detail: text === '' ? detail : `${detail} ${text}`,
    hint: 'Ask an administrator of that Odoo for the right to read it.',
  })
}

function isUnknownModel(kind: string, message: string, { model, method, status }: FaultContext): boolean {
  if (!message.includes(model)) return false
  // JSON-2 says the same of an unknown method, and names it.
  if (kind === 'NotFound' && status === 404) return !message.includes(method)
  if (kind === 'KeyError') return true
  // Translated where the language is not English; the first thing asked of any model is its fields.
  return kind === 'UserError' && (/^Object .* doesn't exist/.test(message) || method === 'fields_get')
}

const isUnknownDatabase = (message: string, database: string): boolean =>
  message.includes(`"${database}"`) || (message.includes(database) && message.includes('FATAL'))
