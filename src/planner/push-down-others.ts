import { ALL, and, leaf, NONE } from '../odoo/domain.ts'
import { compareWith } from './evaluate.ts'
import type { MembersTest } from './bound.ts'
import { isSet, isUnset, type PushedColumn, type Question, type Rule } from './rule.ts'
import { exact, inexact, unsupported, type Pushdown } from './verdict.ts'

/** id: a positive integer, never NULL. */
export const pushDownId: Rule = (question, { field }) => {
  const verdict = pushDownPositive(question, field, (value) => Number(value))
  return verdict ?? unsupported('an id has no such operator')
}

/** many2one as the id of its target, a number or its decimal text. */
export const pushDownMany2one: Rule = (question, { field, spec }) => {
  if (question.kind === 'isNull') return exact(isUnset(field))
  if (question.kind === 'isNotNull') return exact(isSet(field))
  const isText = spec.type === 'text'
  const isOrdered = question.kind === 'compare' && question.operator !== '=' && question.operator !== '<>'
  const verdict =
    isText && isOrdered
      ? undefined
      : pushDownPositive(question, field, isText ? idFromText : (value) => Number(value))
  // Whatever else is asked of the text of an id, it cannot hold where there is none.
  return verdict ?? inexact(isSet(field), 'Odoo compares ids as numbers, not as text')
}

/** The id that reads as just this text, or 0 where none does. */
const idFromText = (value: unknown): number => (/^[1-9]\d{0,9}$/.test(String(value)) ? Number(value) : 0)

/** Ids are above 0, and Odoo takes a 0 for "empty": it is never sent. Undefined: not such a question. */
function pushDownPositive(
  question: Question,
  field: string,
  idOf: (value: unknown) => number,
): Pushdown | undefined {
  // An id is never NULL; asking for that would be one more term for nothing.
  const isFilled = field === 'id' ? ALL : isSet(field)
  switch (question.kind) {
    case 'compare': {
      const id = idOf(question.value)
      if (id <= 0) return exact(/^(<>|>|>=)$/.test(question.operator) ? isFilled : NONE)
      if (question.operator !== '<>') return exact(leaf(field, question.operator, id))
      return exact(field === 'id' ? leaf(field, '!=', id) : and(leaf(field, '!=', id), isSet(field)))
    }
    case 'in':
    case 'notIn': {
      const ids = question.values.map(idOf).filter((id) => id > 0)
      if (question.kind === 'in') return exact(ids.length === 0 ? NONE : leaf(field, 'in', ids))
      if (ids.length === 0) return exact(isFilled)
      return exact(
        field === 'id' ? leaf(field, 'not in', ids) : and(leaf(field, 'not in', ids), isSet(field)),
      )
    }
    case 'isNull':
      return exact(NONE)
    case 'isNotNull':
      return exact(ALL)
    default:
      return undefined
  }
}

/** boolean: reads false where Odoo has NULL. Every question about it picks none, one or both of its values. */
export const pushDownBoolean: Rule = (question, { field }) => {
  const picks = (value: boolean): boolean => {
    if (question.kind === 'compare') return compareWith('bool', question.operator, value, question.value)
    if (question.kind === 'in') return question.values.includes(value)
    return question.kind === 'notIn' && !question.values.includes(value)
  }
  if (question.kind !== 'compare' && question.kind !== 'in' && question.kind !== 'notIn')
    return unsupported('a boolean has no such operator')
  if (picks(true) && picks(false)) return exact(ALL)
  return exact(picks(true) ? leaf(field, '=', true) : picks(false) ? leaf(field, '=', false) : NONE)
}

/** binary: Odoo knows whether there is one, not what is in it. */
export const pushDownBinary: Rule = (question, { field }) => {
  if (question.kind === 'isNull') return exact(isUnset(field))
  if (question.kind === 'isNotNull') return exact(isSet(field))
  return unsupported('Odoo cannot compare binary contents')
}

/** one2many and many2many: Odoo asks for one of the members, SQL for the whole list. */
export const pushDownList: Rule = (question, column) => {
  const isFilled = question.kind === 'compare' && question.operator === '<>' && question.value === '[]'
  if (!isFilled) return unsupported('Odoo asks for members of a list, not for the list')
  const { relation = '' } = column.spec
  return SHOWN_AS_FOUND.has(relation)
    ? (reasonAgainstMembers(column) ?? inexact(isSet(column.field), HIDDEN_MEMBERS))
    : unsupported(`Odoo searches ${relation} otherwise than it reads it`)
}

/**
 * Models whose records, where a list shows them, `!= False` was measured to find. It is not so for all: lists of
 * `ir.attachment` show attachments that such a search leaves out.
 */
const SHOWN_AS_FOUND: ReadonlySet<string> = new Set([
  'account.tax',
  'calendar.event.type',
  'crm.tag',
  'product.product',
  'product.template',
  'res.company',
  'res.country',
  'res.country.group',
  'res.groups',
  'res.partner',
  'res.partner.category',
  'res.users',
])

const HIDDEN_MEMBERS = 'Odoo also finds members that it does not show'

/** many2many: Odoo finds every record whose list shows the member, and may find some where it is hidden. */
export const pushDownMembers = ({ ids, areAll }: MembersTest, column: PushedColumn): Pushdown =>
  reasonAgainstMembers(column) ??
  inexact(
    areAll ? and(...ids.map((id) => leaf(column.field, 'in', [id]))) : leaf(column.field, 'in', ids),
    HIDDEN_MEMBERS,
  )

function reasonAgainstMembers({ live, server }: PushedColumn): Pushdown | undefined {
  if (live.type !== 'many2many') return unsupported('Odoo filters such a list in its own way')
  const { major, text } = server.version
  return major === 14 || major === 19
    ? undefined
    : unsupported(`lists have not been measured on Odoo ${text}`)
}
