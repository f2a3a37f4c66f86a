import { SQLSTATE, SqlError, undefinedObject } from '../errors.ts'
import type { Condition } from '../errors.ts'
import type { ServerFault } from './protocol.ts'

/**
 * PostgreSQL's error as ours, with the same code.
 * `prefixLength`: characters that we put in front of the user's statement, which its positions must not count.
 */
export function sqlErrorFromFault(fault: ServerFault, prefixLength = 0): SqlError {
  // It takes a parameter's type from the client as it is, and calls one that there is not a defect of its own.
  const unknownType = /^cache lookup failed for type (\d+)$/.exec(fault.message)?.[1]
  if (unknownType !== undefined) return undefinedObject(`type with OID ${unknownType} does not exist`)
  const condition =
    CONDITION_OF_CODE.get(fault.code) ?? CONDITION_OF_CLASS[fault.code.slice(0, 2)] ?? 'internal_error'
  const position = fault.position === undefined ? 0 : fault.position - prefixLength
  return new SqlError(condition, fault.message, {
    detail: fault.detail,
    hint: HINTS[condition] ?? fault.hint,
    position: position > 0 ? position : undefined,
  })
}

const CONDITION_OF_CODE = new Map(
  Object.entries(SQLSTATE).map(([condition, code]) => [code as string, condition as Condition]),
)

/** For the codes that we have no name for. */
const CONDITION_OF_CLASS: Partial<Record<string, Condition>> = {
  '22': 'data_exception',
  '42': 'syntax_error_or_access_rule_violation',
  '53': 'insufficient_resources',
  '54': 'program_limit_exceeded',
  '57': 'operator_intervention',
  '58': 'system_error',
}

/** Where PostgreSQL says nothing, or what only the administrator of a server could do. */
const HINTS: Partial<Record<Condition, string>> = {
  configuration_limit_exceeded:
    'The statement makes too many rows on its way. Join and filter on more columns.',
  statement_too_complex: 'Write the statement with less nesting.',
  out_of_memory: 'The statement needs too much memory. Ask for fewer rows or columns at once.',
}
