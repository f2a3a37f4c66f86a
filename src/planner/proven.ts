import type { RuleFamily, ServerVersion } from '../odoo/capabilities.ts'
import type { Question } from './rule.ts'
import type { LiveField } from './server.ts'

/** A field as far as rules tell fields apart: `char`, `translated char`, `sized char`, `rounded float`. */
export function fieldKindOf({ type, translate, size, digits }: LiveField): string {
  const traits = [
    ...(size === undefined ? [] : ['sized']),
    ...(translate ? ['translated'] : []),
    // Odoo keeps such a float in a column of another type.
    ...(digits === undefined ? [] : ['rounded']),
  ]
  return [...traits, type].join(' ')
}

/**
 * The rules that answer a question about a field, by name, such as `char <>`; all of them must hold. The size of a
 * field comes on top of what holds for others of its type.
 */
export function ruleNamesOf(live: LiveField, question: Question): readonly string[] {
  const asked = question.kind === 'compare' ? question.operator : TITLES[question.kind]
  return namesOf(live, asked)
}

/** The rules by which Odoo searches lists for members. */
export const memberRuleNamesOf = (live: LiveField): readonly string[] => namesOf(live, 'MEMBERS')

/** The rules by which Odoo orders by a field. */
export const orderRuleNamesOf = (live: LiveField): readonly string[] => namesOf(live, 'ORDER BY')

/** The rules by which Odoo groups by a field, or aggregates it. */
export const groupRuleNamesOf = (live: LiveField): readonly string[] => namesOf(live, 'GROUP BY')

function namesOf(live: LiveField, asked: string): readonly string[] {
  const kinds = [fieldKindOf(live)]
  if (live.size !== undefined) kinds.unshift(fieldKindOf({ ...live, size: undefined }))
  return kinds.map((kind) => `${kind} ${asked}`)
}

const TITLES: Readonly<Record<Exclude<Question['kind'], 'compare'>, string>> = {
  in: 'IN',
  notIn: 'NOT IN',
  like: 'LIKE',
  notLike: 'NOT LIKE',
  ilike: 'ILIKE',
  notIlike: 'NOT ILIKE',
  isNull: 'IS NULL',
  isNotNull: 'IS NOT NULL',
}

/** The family whose rules of these names may be used on a server; `unproven` where none may. */
export function familyOfRules(version: ServerVersion, names: readonly string[]): RuleFamily {
  if (version.family !== 'unproven') return version.family
  const [first, ...rest] = names.map((name) => version.proven?.get(name))
  return first !== undefined && rest.every((family) => family === first) ? first : 'unproven'
}
