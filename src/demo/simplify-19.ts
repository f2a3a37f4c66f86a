import { domainOfTime } from './time-19.ts'
import { modelOf } from './environment.ts'
import type { Environment } from './environment.ts'
import { notImplementedError, typeError, valueError } from './faults.ts'
import type { DemoField } from './fields.ts'
import type { DemoModel } from './models.ts'
import { treeFrom19 } from './prefix.ts'
import { collate } from './records.ts'
import { combined, constantDomain, domainFrom, inverted, isDomain, leaf } from './tree-19.ts'
import type { Domain, LeafDomain } from './tree-19.ts'
import { equalityKey, isTruthy, reprOf, textOf, uniqueValues } from './values.ts'
import type { Json } from './values.ts'

/** Rewrites until only standard operators on the model's own stored fields are left. */
export function simplified(env: Environment, model: DemoModel, domain: Domain): Domain {
  switch (domain.kind) {
    case 'constant':
      return domain
    case 'not': {
      const opposite = negated(model, simplified(env, model, domain.operand))
      return opposite.kind === 'not' ? opposite : simplified(env, model, opposite)
    }
    case 'leaf':
      return simplifiedLeaf(env, model, domain)
    default:
      return joined(env, model, domain, (operand) => simplified(env, model, operand))
  }
}

/** Rewrites operand by operand; one that decides the whole ends it, and what is wrong with the rest is not seen. */
export function joined(
  env: Environment,
  model: DemoModel,
  domain: Extract<Domain, { kind: 'and' | 'or' }>,
  rewrite: (operand: Domain) => Domain,
): Domain {
  const parts: Domain[] = []
  for (const operand of domain.operands) {
    const part = rewrite(operand)
    if (part.kind === 'constant' && part.value === (domain.kind === 'or')) return part
    parts.push(part)
  }
  const whole = combined(domain.kind, parts)
  return whole.kind === 'and' || whole.kind === 'or'
    ? mergedSets(env, model, whole.kind, whole.operands)
    : whole
}

function simplifiedLeaf(env: Environment, model: DemoModel, given: LeafDomain): Domain {
  const field = fieldOf(model, given)
  const again = (domain: Domain): Domain => simplified(env, model, domain)
  const [name = '', ...rest] = given.path.split('.')
  if (rest.length > 0) {
    if (field.relation !== undefined)
      return again(leaf(name, 'any', leaf(rest.join('.'), given.operator, given.value)))
    if (field.type !== 'date' && field.type !== 'datetime')
      throw valueError(`Invalid field property '${rest.join('.')}' on ${model.name}.${name}`)
  }
  const { operator, value } = given
  switch (operator) {
    case '=?':
      return isDomain(value) || isTruthy(value) ? again(leaf(name, '=', value)) : constantDomain(true)
    case '<>':
    case '==':
      return again(leaf(name, operator === '<>' ? '!=' : '=', value))
    case '=':
    case '!=': {
      const list = Array.isArray(value)
        ? value.length === 0
          ? [false]
          : (value as readonly Json[])
        : [value]
      return again(leaf(name, operator === '=' ? 'in' : 'not in', list))
    }
    case 'any':
    case 'not any':
      return anyLeaf(env, model, field, given)
    case 'child_of':
    case 'parent_of':
      // Looked up when SQL is written.
      return given
    default:
      break
  }
  if (isDomain(value)) throw valueError('A domain is no literal')
  if (operator === 'in' || operator === 'not in') return setLeaf(env, model, field, operator, value)
  if (operator.endsWith('like')) return likeLeaf(env, model, field, operator, value)
  return typedLeaf(env, model, field, leaf(name, operator, value))
}

function setLeaf(
  env: Environment,
  model: DemoModel,
  field: DemoField,
  operator: string,
  value: Json,
): Domain {
  if (!isTruthy(value)) return constantDomain(operator === 'not in')
  const isNeverNull = field.name === 'id'
  const list = uniqueValues(Array.isArray(value) ? (value as readonly Json[]) : [value])
  const kept = isNeverNull ? list.filter((item) => item !== false) : list
  if (kept.length === 0) return constantDomain(operator === 'not in')
  return typedLeaf(env, model, field, leaf(field.name, operator, kept))
}

function likeLeaf(
  env: Environment,
  model: DemoModel,
  field: DemoField,
  operator: string,
  value: Json,
): Domain {
  const isExact = operator.includes('=')
  const isNegative = operator.startsWith('not')
  if (!isTruthy(value)) {
    const isSetWanted = isNegative === isExact
    if (field.relation !== undefined || isExact)
      return simplified(env, model, leaf(field.name, isSetWanted ? '!=' : '=', false))
    return constantDomain(isSetWanted)
  }
  if (typeof value === 'string') return typedLeaf(env, model, field, leaf(field.name, operator, value))
  if (isExact) throw typeError('The pattern to match must be a string')
  return typedLeaf(env, model, field, leaf(field.name, operator, textOf(value)))
}

/** What depends on the type of the field. */
function typedLeaf(env: Environment, model: DemoModel, field: DemoField, given: LeafDomain): Domain {
  const { operator } = given
  const value = given.value
  if (field.relation !== undefined) {
    const named = namedLeaf(field, operator, value)
    if (named !== undefined) return simplified(env, model, named)
  }
  if (field.type === 'boolean') return booleanLeaf(field, operator, value)
  if (field.type === 'date' || field.type === 'datetime') {
    const timed = domainOfTime(env, field, operator, value)
    const isSetAsked = timed.kind === 'leaf' && timed.operator === '!='
    return isSetAsked ? leaf(field.name, 'not in', [false]) : timed
  }
  if (field.type === 'binary' && field.attachment && !(isSetOperator(operator) && isOnlyFalse(value)))
    return constantDomain(true)
  if (field.type === 'binary' && operator.endsWith('like'))
    throw notImplementedError('Cannot use like operators with binary fields')
  return given
}

export const isSetOperator = (operator: string): boolean => operator === 'in' || operator === 'not in'

const isOnlyFalse = (value: Json): boolean =>
  Array.isArray(value) && value.every((item: Json) => item === false)

/** A relation compared with text asks for the other record's name. */
function namedLeaf(field: DemoField, operator: string, value: Json): Domain | undefined {
  const isNegative = operator.startsWith('not')
  const any = (positive: string, what: Json): Domain =>
    leaf(field.name, isNegative ? 'not any' : 'any', leaf('display_name', positive, what))
  if (operator.endsWith('like')) return any(operator.replace(/^not /, ''), value)
  if (!isSetOperator(operator)) {
    if (typeof value === 'string')
      throw typeError('Inequality not supported for relational field using a string')
    return undefined
  }
  const list = value as readonly Json[]
  const names = list.filter((item) => typeof item === 'string')
  if (names.length === 0) return undefined
  const others = list.filter((item) => typeof item !== 'string')
  const byName = any('in', names)
  return others.length === 0
    ? byName
    : combined(isNegative ? 'and' : 'or', [byName, leaf(field.name, operator, others)])
}

function booleanLeaf(field: DemoField, operator: string, value: Json): Domain {
  if (!isSetOperator(operator))
    throw valueError(`Cannot compare '${field.name}' to a value which is not a collection of length 1`)
  const isTrue = (item: Json): boolean =>
    typeof item === 'string'
      ? ['true', 'yes', 'y', '1', 'on', 't'].includes(item.toLowerCase())
      : isTruthy(item)
  const wanted = new Set((value as readonly Json[]).map(isTrue))
  if (wanted.size === 2) return constantDomain(operator === 'in')
  return leaf(field.name, wanted.has(true) === (operator === 'in') ? 'in' : 'not in', [true])
}

function anyLeaf(
  env: Environment,
  model: DemoModel,
  field: DemoField,
  { operator, value }: LeafDomain,
): Domain {
  const inner = isDomain(value) ? value : domainFrom(treeFrom19(value))
  if (field.name === 'id') return simplified(env, model, operator === 'any' ? inner : inverted(inner))
  if (field.relation === undefined) throw valueError("Cannot use 'any' with non-relational fields")
  if (!field.store) {
    if (field.related === undefined || !field.searchable) throw unstored(model, field)
    return simplified(env, model, relatedDomainOfAny(field, operator, inner))
  }
  const simple = simplified(env, modelOf(env, field.relation), inner)
  if (simple.kind === 'constant' && !simple.value) return constantDomain(operator === 'not any')
  return leaf(field.name, operator, simple)
}

const relatedDomainOfAny = (field: DemoField, operator: string, inner: Domain): Domain => {
  const path = field.related ?? []
  const domain = path
    .slice(0, -1)
    .reduceRight<Domain>((nested, link) => leaf(link, 'any', nested), leaf(path.at(-1) ?? '', 'any', inner))
  return operator === 'any' ? domain : inverted(domain)
}

/** NOT of a simplified domain. */
function negated(model: DemoModel, domain: Domain): Domain {
  if (domain.kind === 'and' || domain.kind === 'or')
    return combined(
      domain.kind === 'and' ? 'or' : 'and',
      domain.operands.map((operand) => negated(model, operand)),
    )
  if (domain.kind === 'leaf') {
    const opposite = INEQUALITY[domain.operator]
    const field = fieldOf(model, domain)
    if (opposite !== undefined) {
      const turned = leaf(domain.path, opposite, domain.value)
      return falsyValue(field) === undefined
        ? combined('or', [leaf(domain.path, 'in', [false]), turned])
        : turned
    }
  }
  return inverted(domain)
}

const INEQUALITY: Readonly<Record<string, string>> = { '<': '>=', '>': '<=', '>=': '<', '<=': '>' }

/** Types whose absent value counts as a value: '' or 0 or false. */
const FALSY_TYPES: Readonly<Record<string, Json>> = {
  char: '',
  text: '',
  html: '',
  integer: 0,
  float: 0,
  monetary: 0,
  boolean: false,
}

/** The value that NULL counts as; undefined where NULL is no value. */
export const falsyValue = (field: DemoField): Json | undefined =>
  field.name === 'id' ? undefined : FALSY_TYPES[field.type]

export function fieldOf(model: DemoModel, { path, operator, value }: LeafDomain): DemoField {
  const [name = ''] = path.split('.')
  const field = model.fields.get(name)
  if (field === undefined)
    throw valueError(
      `Invalid field ${model.name}.${name} in condition (${reprOf(path)}, ${reprOf(operator)}, ${isDomain(value) ? '…' : reprOf(value)})`,
    )
  return field
}

/** `in` and `not in` of one field are joined as Python's sets, to which '' and False are two things, 0 and False one. */
function mergedSets(
  env: Environment,
  model: DemoModel,
  kind: 'and' | 'or',
  operands: readonly Domain[],
): Domain {
  const groups = new Map<string, LeafDomain[]>()
  const others: Domain[] = []
  for (const operand of operands) {
    const isSet =
      operand.kind === 'leaf' &&
      (operand.operator === 'in' || operand.operator === 'not in') &&
      !['one2many', 'many2many', 'properties'].includes(fieldOf(model, operand).type)
    if (isSet) groups.set(operand.path, [...(groups.get(operand.path) ?? []), operand])
    else others.push(operand)
  }
  const merged = [...groups.values()].map((leaves): Domain => {
    const [first] = leaves
    if (leaves.length === 1 && first !== undefined) return first
    return simplified(env, model, mergedLeaf(kind, leaves))
  })
  // In the order that 19.0 writes them, which decides what error is met first.
  return combined(
    kind,
    [...merged, ...others].sort((a, b) => collate(placeOf(a), placeOf(b))),
  )
}

const placeOf = (domain: Domain): string => (domain.kind === 'leaf' ? domain.path : '~')

function mergedLeaf(kind: 'and' | 'or', leaves: readonly LeafDomain[]): LeafDomain {
  const sets = (operator: string): (readonly Json[])[] =>
    leaves.filter((item) => item.operator === operator).map((item) => item.value as readonly Json[])
  const path = leaves[0]?.path ?? ''
  const [main, other] = kind === 'and' ? ['in', 'not in'] : ['not in', 'in']
  const [meeting, leaving] = [sets(main), sets(other)]
  if (meeting.length === 0) return leaf(path, other, uniqueValues(leaving.flat()))
  const keys = (set: readonly Json[]): ReadonlySet<string> => new Set(set.map(equalityKey))
  const [first = [], ...rest] = meeting
  const kept = first.filter(
    (value) =>
      rest.every((set) => keys(set).has(equalityKey(value))) &&
      !leaving.some((set) => keys(set).has(equalityKey(value))),
  )
  return leaf(path, main, kept)
}

export const unstored = (model: DemoModel, field: DemoField): Error =>
  valueError(`Cannot convert ${model.name}.${field.name} to SQL because it is not stored`)
