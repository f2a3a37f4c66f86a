import { assertionError, typeError, valueError } from './faults.ts'
import { reprOf } from './values.ts'
import type { Json } from './values.ts'

/** One leaf of a domain: a field or path, an operator, a literal. */
export interface Leaf {
  readonly path: string
  readonly operator: string
  readonly value: Json
}

/** A domain read from Odoo's prefix list, before any field is looked at. */
export type Tree =
  | { readonly kind: 'constant'; readonly value: boolean }
  | ({ readonly kind: 'leaf' } & Leaf)
  | { readonly kind: 'not'; readonly operand: Tree }
  | { readonly kind: 'and' | 'or'; readonly operands: readonly Tree[] }

export const treeLeaf = (path: string, operator: string, value: Json): Tree => ({
  kind: 'leaf',
  path,
  operator,
  value,
})

const OPERATORS_14 = new Set([
  ...['=', '!=', '<>', '=?', '<', '>', '<=', '>=', 'in', 'not in', 'child_of', 'parent_of'],
  ...['like', 'not like', 'ilike', 'not ilike', '=like', '=ilike'],
])

/** Reads a domain as 14.0 does; `!` stays where it stands. */
export function treeFrom14(domain: Json): Tree {
  if (!Array.isArray(domain)) throw assertionError("Domains to normalize must have a 'domain' form")
  const items = domain as readonly Json[]
  checkArity14(items)
  const stack: Tree[] = []
  // From the right, so that depth costs no stack of ours. The count was checked: nothing pops an empty stack.
  const pop = (): Tree => stack.pop() ?? { kind: 'constant', value: true }
  for (const item of [...items].reverse()) {
    if (item === '!') stack.push({ kind: 'not', operand: pop() })
    else if (item === '&' || item === '|')
      stack.push({ kind: item === '&' ? 'and' : 'or', operands: [pop(), pop()] })
    else stack.push(leaf14(item))
  }
  const [only] = stack
  return stack.length === 1 && only !== undefined ? only : { kind: 'and', operands: stack.reverse() }
}

function checkArity14(items: readonly Json[]): void {
  let expected = 1
  for (const item of items) {
    if (expected === 0) expected = 1
    expected += item === '&' || item === '|' ? 1 : item === '!' ? 0 : -1
  }
  if (expected !== 0 && items.length > 0) throw assertionError('This domain is syntactically not correct')
}

const isConstant = (item: readonly Json[], left: number): boolean =>
  Number(item[0]) === left &&
  typeof item[0] !== 'string' &&
  item[1] === '=' &&
  Number(item[2]) === 1 &&
  typeof item[2] !== 'string'

function leaf14(item: Json): Tree {
  const triple = Array.isArray(item) && item.length === 3 ? (item as readonly Json[]) : undefined
  if (triple !== undefined && isConstant(triple, 1)) return { kind: 'constant', value: true }
  if (triple !== undefined && isConstant(triple, 0)) return { kind: 'constant', value: false }
  const [path, operator, value = null] = triple ?? []
  if (typeof item === 'number' || typeof item === 'boolean' || item === null)
    throw typeError(`'${reprOf(item)}' is not subscriptable`)
  const isLeaf =
    typeof path === 'string' && path !== '' && typeof operator === 'string' && OPERATORS_14.has(operator)
  if (!isLeaf && Array.isArray(item) && item.some((part) => Array.isArray(part)))
    throw typeError("unhashable type: 'list'")
  if (typeof path !== 'string' || path === '' || typeof operator !== 'string' || !OPERATORS_14.has(operator))
    throw valueError(`Invalid leaf ${reprOf(item)}`)
  return treeLeaf(path, operator, value)
}

const OPERATORS_19 = new Set([
  ...[
    '=',
    '!=',
    '<>',
    '==',
    '=?',
    '<',
    '>',
    '<=',
    '>=',
    'in',
    'not in',
    'any',
    'not any',
    'child_of',
    'parent_of',
  ],
  ...['like', 'not like', 'ilike', 'not ilike', '=like', 'not =like', '=ilike', 'not =ilike'],
])

/** Reads a domain as 19.0 does: from the right, with a stack. */
export function treeFrom19(domain: Json): Tree {
  if (typeof domain === 'boolean') return { kind: 'constant', value: domain }
  if (!Array.isArray(domain)) throw typeError(`Domain() invalid argument type for domain: ${reprOf(domain)}`)
  const stack: Tree[] = []
  const pop = (): Tree => {
    const top = stack.pop()
    if (top === undefined) throw valueError(`Domain() malformed domain ${reprOf(domain)}`)
    return top
  }
  for (const item of [...(domain as readonly Json[])].reverse()) {
    if (Array.isArray(item) && item.length === 3) stack.push(leaf19(item as readonly Json[]))
    else if (item === '&' || item === '|')
      stack.push({ kind: item === '&' ? 'and' : 'or', operands: [pop(), pop()] })
    else if (item === '!') stack.push({ kind: 'not', operand: pop() })
    else throw valueError(`Domain() invalid item in domain: ${reprOf(item)}`)
  }
  const [only] = stack
  if (only === undefined) return { kind: 'constant', value: true }
  return stack.length === 1 ? only : { kind: 'and', operands: stack.reverse() }
}

function leaf19(item: readonly Json[]): Tree {
  const [path, operator, value = null] = item
  if (operator === 'any!' || operator === 'not any!')
    throw valueError(`Domain() invalid item in domain: ${reprOf(item)}`)
  if (typeof path !== 'string') {
    if (isConstant(item, 1)) return { kind: 'constant', value: true }
    if (isConstant(item, 0)) return { kind: 'constant', value: false }
    throw typeError(`Domain() invalid arguments: ${reprOf(item)}`)
  }
  if (path === '') throw typeError('Empty field name in condition')
  if (typeof operator !== 'string' || !OPERATORS_19.has(operator.toLowerCase()))
    throw valueError(`Invalid operator in condition ${reprOf(item)}`)
  return treeLeaf(path, operator.toLowerCase(), value ?? false)
}

/** Whether a leaf of the domain speaks of `active`, which shows archived records. */
export function mentionsActive(tree: Tree): boolean {
  switch (tree.kind) {
    case 'leaf':
      return tree.path === 'active'
    case 'not':
      return mentionsActive(tree.operand)
    case 'and':
    case 'or':
      return operandsOf(tree).some(mentionsActive)
    default:
      return false
  }
}

/** The operands of an AND or OR, those of nested ones of the same kind taken in. */
export function operandsOf(node: Extract<Tree, { kind: 'and' | 'or' }>): readonly Tree[] {
  const found: Tree[] = []
  const waiting = [...node.operands].reverse()
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next.kind === node.kind) waiting.push(...[...next.operands].reverse())
    else found.push(next)
  }
  return found
}
