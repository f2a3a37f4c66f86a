import { operandsOf } from './prefix.ts'
import type { Tree } from './prefix.ts'
import type { Json } from './values.ts'

/**
 * A domain of 19.0 on its way to SQL. `in` and `not in` hold a set, `any` a domain of the other model. 19.0 turns NOT
 * inwards before it writes SQL, so that what is left is true or false and never unknown.
 */
export type Domain =
  | { readonly kind: 'constant'; readonly value: boolean }
  | { readonly kind: 'not'; readonly operand: Domain }
  | { readonly kind: 'and' | 'or'; readonly operands: readonly Domain[] }
  | { readonly kind: 'leaf'; readonly path: string; readonly operator: string; readonly value: Json | Domain }

export type LeafDomain = Extract<Domain, { kind: 'leaf' }>

export const leaf = (path: string, operator: string, value: Json | Domain): LeafDomain => ({
  kind: 'leaf',
  path,
  operator,
  value,
})
export const constantDomain = (value: boolean): Domain => ({ kind: 'constant', value })
export const isDomain = (value: Json | Domain): value is Domain =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && 'kind' in value

/** `operands` joined, constants folded, nested ones of the same kind taken in. */
export function combined(kind: 'and' | 'or', operands: readonly Domain[]): Domain {
  const parts: Domain[] = []
  for (const operand of operands) {
    if (operand.kind === 'constant') {
      if (operand.value === (kind === 'or')) return operand
    } else if (operand.kind === kind) parts.push(...operand.operands)
    else parts.push(operand)
  }
  const [first] = parts
  if (first === undefined) return constantDomain(kind === 'and')
  return parts.length === 1 ? first : { kind, operands: parts }
}

/** NOT: the opposite operator where there is one, else a `not` that is turned inwards later. */
export function inverted(domain: Domain): Domain {
  switch (domain.kind) {
    case 'constant':
      return constantDomain(!domain.value)
    case 'not':
      return domain.operand
    case 'leaf': {
      const opposite = domain.path.includes('.') ? undefined : OPPOSITE[domain.operator]
      return opposite === undefined
        ? { kind: 'not', operand: domain }
        : leaf(domain.path, opposite, domain.value)
    }
    default:
      return { kind: domain.kind === 'and' ? 'or' : 'and', operands: domain.operands.map(inverted) }
  }
}

const OPPOSITE: Readonly<Record<string, string>> = {
  any: 'not any',
  'not any': 'any',
  in: 'not in',
  'not in': 'in',
  like: 'not like',
  'not like': 'like',
  ilike: 'not ilike',
  'not ilike': 'ilike',
  '=like': 'not =like',
  'not =like': '=like',
  '=ilike': 'not =ilike',
  'not =ilike': '=ilike',
  '=': '!=',
  '!=': '=',
  '<>': '=',
}

/** Reads the tree as 19.0 builds its domain: `!` of a leaf becomes the opposite operator where there is one. */
export function domainFrom(tree: Tree): Domain {
  switch (tree.kind) {
    case 'constant':
      return constantDomain(tree.value)
    case 'leaf':
      return leaf(tree.path, tree.operator, tree.value)
    case 'not':
      return inverted(domainFrom(tree.operand))
    default:
      return combined(tree.kind, operandsOf(tree).map(domainFrom))
  }
}

/** The domain as a prefix list, the way 19.0 writes it. */
export function listFromDomain(domain: Domain): Json[] {
  switch (domain.kind) {
    case 'constant':
      return [[domain.value ? 1 : 0, '=', 1]]
    case 'not':
      return ['!', ...listFromDomain(domain.operand)]
    case 'leaf':
      return [
        [domain.path, domain.operator, isDomain(domain.value) ? listFromDomain(domain.value) : domain.value],
      ]
    default:
      return [
        ...domain.operands.slice(1).map(() => (domain.kind === 'and' ? '&' : '|')),
        ...domain.operands.flatMap(listFromDomain),
      ]
  }
}
