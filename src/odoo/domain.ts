/** What Odoo compares a field with. Dates are text as Odoo writes them. */
export type DomainValue = string | number | boolean | readonly (string | number | boolean)[]

/**
 * Odoo's record filter as a tree. `all` and `none` are constants: a scan with `none` makes no call.
 * Text form (Odoo's prefix list) is made by `prefixFromDomain` only.
 */
export type Domain =
  | { readonly kind: 'all' }
  | { readonly kind: 'none' }
  | {
      readonly kind: 'leaf'
      readonly field: string
      readonly operator: DomainOperator
      readonly value: DomainValue
    }
  | { readonly kind: 'not'; readonly operand: Domain }
  | { readonly kind: 'and' | 'or'; readonly operands: readonly Domain[] }

export type DomainOperator =
  '=' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | 'not in' | 'like' | 'not like' | '=like' | '=ilike'

/** One item of Odoo's prefix notation: an operator, or a (field, operator, value) triple. */
export type PrefixItem = '&' | '|' | '!' | readonly [string | 0, DomainOperator, DomainValue]

export const ALL: Domain = { kind: 'all' }
export const NONE: Domain = { kind: 'none' }

export const leaf = (field: string, operator: DomainOperator, value: DomainValue): Domain => ({
  kind: 'leaf',
  field,
  operator,
  value,
})

/** `!` applied to a leaf; the constants swap. */
export function not(operand: Domain): Domain {
  if (operand.kind === 'all') return NONE
  if (operand.kind === 'none') return ALL
  return { kind: 'not', operand }
}

/** AND with constants folded and nested ANDs flattened. */
export const and = (...operands: readonly Domain[]): Domain => combine('and', operands, NONE, ALL)

/** OR with constants folded and nested ORs flattened. */
export const or = (...operands: readonly Domain[]): Domain => combine('or', operands, ALL, NONE)

function combine(
  kind: 'and' | 'or',
  operands: readonly Domain[],
  absorbing: Domain,
  neutral: Domain,
): Domain {
  const parts: Domain[] = []
  for (const operand of operands) {
    if (operand.kind === absorbing.kind) return absorbing
    if (operand.kind === neutral.kind) continue
    if (operand.kind === kind) parts.push(...operand.operands)
    else parts.push(operand)
  }
  const [first] = parts
  if (first === undefined) return neutral
  return parts.length === 1 ? first : { kind, operands: parts }
}

/** Odoo's prefix list. An AND at the top is written without `&`, as people write it. */
export function prefixFromDomain(domain: Domain): PrefixItem[] {
  switch (domain.kind) {
    case 'all':
      return []
    case 'none':
      return [[0, '=', 1]]
    case 'and':
      return domain.operands.flatMap(prefixTerm)
    default:
      return prefixTerm(domain)
  }
}

function prefixTerm(domain: Domain): PrefixItem[] {
  switch (domain.kind) {
    case 'leaf':
      return [[domain.field, domain.operator, domain.value]]
    case 'not':
      return ['!', ...prefixTerm(domain.operand)]
    case 'and':
    case 'or': {
      const operator = domain.kind === 'and' ? '&' : '|'
      return [
        ...Array.from({ length: domain.operands.length - 1 }, () => operator as PrefixItem),
        ...domain.operands.flatMap(prefixTerm),
      ]
    }
    default:
      // and(), or() and not() fold constants, so none stands inside.
      return prefixFromDomain(domain)
  }
}

/** Depth of nested operators: Odoo 17 on fails on several hundred (RecursionError). */
export function depthOf(domain: Domain): number {
  switch (domain.kind) {
    case 'not':
      return 1 + depthOf(domain.operand)
    case 'and':
    case 'or':
      return 1 + Math.max(...domain.operands.map(depthOf))
    default:
      return 0
  }
}
