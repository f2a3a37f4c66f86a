import { and, constant, not, or, test } from './condition.ts'
import type { Condition } from './condition.ts'
import { checkReadable, checkVisible, hidesArchived, modelOf, ruleOf } from './environment.ts'
import type { Environment } from './environment.ts'
import { conditionOfStored, isFalse } from './column-19.ts'
import { domainOfTime } from './time-19.ts'
import { familyOf } from './hierarchy.ts'
import {
  assertionError,
  notImplementedError,
  recursionError,
  typeError,
  userError,
  valueError,
} from './faults.ts'
import type { DemoField } from './fields.ts'
import { delegateOf } from './models.ts'
import type { DemoModel } from './models.ts'
import { collate } from './records.ts'
import { mentionsActive, operandsOf, treeFrom19 } from './prefix.ts'
import { combined, constantDomain, inverted, isDomain, leaf } from './tree-19.ts'
import type { Domain, LeafDomain } from './tree-19.ts'
import type { Tree } from './prefix.ts'
import { equalityKey, isTruthy, reprOf, textOf, uniqueValues } from './values.ts'
import type { Json } from './values.ts'

/** Nesting that Python's own stack lets 19.0 read; measured between 300 and 700 levels. */
const DEPTH_MAX = 480

/** Ids that satisfy the domain by 19.0's rules, archived ones left out as the context says. */
export function search19(env: Environment, model: DemoModel, domain: Json): number[] {
  checkReadable(env, model)
  const tree = treeFrom19(domain)
  if (depthOfTree(tree) > DEPTH_MAX) throw recursionError('maximum recursion depth exceeded')
  return searchDomain19(env, model, domainFrom(tree), mentionsActive(tree))
}

export function searchDomain19(
  env: Environment,
  model: DemoModel,
  domain: Domain,
  isUnarchived: boolean,
): number[] {
  checkReadable(env, model)
  const isShown = !model.hasActive || !hidesArchived(env.context) || isUnarchived
  const whole = isShown ? domain : combined('and', [domain, leaf('active', '=', true)])
  const simple = simplified(env, model, whole)
  if (simple.kind === 'constant' && !simple.value) return []
  const ids = env.records.ids(model.name, conditionOf(env, model, simple))
  const isAllowed = ruleOf(env, model)
  return ids.filter((id) => {
    const record = env.records.one(model.name, id)
    return record !== undefined && isAllowed(record)
  })
}

function depthOfTree(tree: Tree): number {
  // Flat chains of one operator do not nest.
  let [deepest, level] = [0, [tree]]
  while (level.length > 0) {
    deepest++
    level = level.flatMap((node) => {
      if (node.kind === 'not') return [node.operand]
      if (node.kind !== 'and' && node.kind !== 'or') return []
      return [...operandsOf(node)]
    })
  }
  return deepest
}

/** Reads the tree as 19.0 builds its domain: `!` of a leaf becomes the opposite operator where there is one. */
function domainFrom(tree: Tree): Domain {
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

export function fieldOf(model: DemoModel, { path, operator, value }: LeafDomain): DemoField {
  const [name = ''] = path.split('.')
  const field = model.fields.get(name)
  if (field === undefined)
    throw valueError(
      `Invalid field ${model.name}.${name} in condition (${reprOf(path)}, ${reprOf(operator)}, ${isDomain(value) ? '…' : reprOf(value)})`,
    )
  return field
}

/** Rewrites until only standard operators on the model's own stored fields are left. */
export function simplified(env: Environment, model: DemoModel, domain: Domain): Domain {
  switch (domain.kind) {
    case 'constant':
      return domain
    case 'not':
      return simplified(env, model, negated(model, simplified(env, model, domain.operand)))
    case 'leaf':
      return simplifiedLeaf(env, model, domain)
    default: {
      const parts = combined(
        domain.kind,
        domain.operands.map((operand) => simplified(env, model, operand)),
      )
      return parts.kind === 'and' || parts.kind === 'or'
        ? mergedSets(env, model, parts.kind, parts.operands)
        : parts
    }
  }
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
        : [value as Json]
      return again(leaf(name, operator === '=' ? 'in' : 'not in', list))
    }
    case 'any':
    case 'not any':
      return anyLeaf(env, model, field, given)
    case 'child_of':
    case 'parent_of':
      return hierarchyLeaf(env, model, field, given)
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
  const value = given.value as Json
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

/** What a leaf on a field that is not the model's own column stands for; undefined for one that is. */
function expandedLeaf(
  env: Environment,
  model: DemoModel,
  field: DemoField,
  given: LeafDomain,
): Domain | undefined {
  const { operator, value } = given
  const delegate = delegateOf(model, field)
  if (delegate !== undefined) return leaf(delegate, 'any', given)
  if (isDomain(value)) return undefined
  if (field.name === 'display_name') return displayNameDomain(env, model, operator, value)
  const isRelated = !field.store && field.related !== undefined && field.searchable
  return isRelated ? relatedDomain(model, field, operator, value) : undefined
}

const isSetOperator = (operator: string): boolean => operator === 'in' || operator === 'not in'
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

/** A related field is searched at the end of its path; where the path may break off, NULL is asked for as well. */
function relatedDomain(model: DemoModel, field: DemoField, operator: string, value: Json): Domain {
  const isNegative = operator.startsWith('not')
  const isNullValue = (item: Json): boolean =>
    item === false || item === null || equalityKey(item) === equalityKey(falsyValue(field) ?? false)
  const asksNull = Array.isArray(value) ? value.some(isNullValue) : isNullValue(value)
  if (isNegative && !asksNull)
    return inverted(relatedDomain(model, field, operator.replace(/^not /, ''), value))
  const canBeNull = !isNegative === asksNull
  const path = field.related ?? []
  const links = path.slice(0, -1)
  return links.reduceRight<Domain>(
    (inner, link) => {
      const domain = leaf(link, 'any', inner)
      return canBeNull && model.fields.get(link)?.required !== true
        ? combined('or', [domain, leaf(link, '=', false)])
        : domain
    },
    leaf(path.at(-1) ?? '', operator, value),
  )
}

/** Names are looked for in several fields; negatives must fail in all of them. */
function displayNameDomain(env: Environment, model: DemoModel, operator: string, value: Json): Domain {
  const isNegative = operator.startsWith('not')
  if (operator.endsWith('like') && !isTruthy(value) && !operator.includes('='))
    return constantDomain(!isNegative)
  const inFields = combined(
    isNegative ? 'and' : 'or',
    model.searchNames.filter((name) => model.fields.has(name)).map((name) => leaf(name, operator, value)),
  )
  if (model.name === 'res.users' && (operator === 'in' || operator === 'ilike') && isTruthy(value)) {
    const logins = searchDomain19(
      env,
      model,
      leaf('login', 'in', Array.isArray(value) ? value : [value]),
      false,
    )
    if (logins.length > 0) return leaf('id', 'in', logins)
  }
  if (model.name === 'res.partner.category' && operator.endsWith('like')) {
    if (isNegative) return inverted(displayNameDomain(env, model, operator.replace(/^not /, ''), value))
    return leaf('id', 'child_of', searchDomain19(env, model, inFields, false))
  }
  return inFields
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

function hierarchyLeaf(
  env: Environment,
  model: DemoModel,
  field: DemoField,
  { path, operator, value }: LeafDomain,
): Domain {
  if (value === false) return constantDomain(false)
  if (field.relation === undefined && field.name !== 'id')
    throw valueError(`Cannot execute ${operator} for ${path}, works only for relational fields`)
  const comodel = field.name === 'id' ? model : modelOf(env, field.relation ?? '')
  const given = (Array.isArray(value) ? value : [value]) as readonly Json[]
  const ids = given.flatMap((item) =>
    typeof item === 'string'
      ? searchDomain19(env, comodel, leaf('display_name', 'ilike', item), false)
      : [Number(item)],
  )
  const parent = comodel === model && field.name !== 'id' ? field.name : 'parent_id'
  const found = [...familyOf(env, comodel, parent, ids, operator === 'child_of')]
  const column = comodel === model && field.type === 'many2one' ? 'id' : field.name
  return found.length === 0 ? constantDomain(false) : leaf(column, 'in', found)
}

const unstored = (model: DemoModel, field: DemoField): Error =>
  valueError(`Cannot convert ${model.name}.${field.name} to SQL because it is not stored`)

/** The last step, of a simplified domain: SQL. Here 19.0 checks that the caller may see each field. */
function conditionOf(env: Environment, model: DemoModel, domain: Domain): Condition {
  switch (domain.kind) {
    case 'constant':
      return constant(domain.value)
    case 'not':
      throw userError('NOT was to be turned inwards')
    case 'and':
    case 'or': {
      const parts = domain.operands.map((operand) => conditionOf(env, model, operand))
      return domain.kind === 'and' ? and(...parts) : or(...parts)
    }
    case 'leaf': {
      const field = fieldOf(model, domain)
      const expanded = expandedLeaf(env, model, field, domain)
      if (expanded !== undefined) return conditionOf(env, model, simplified(env, model, expanded))
      checkVisible(env, model, field)
      if (!field.store && !field.isComputedInSql) throw unstored(model, field)
      if (isDomain(domain.value))
        return anyCondition(env, model, field, domain.operator === 'any', domain.value)
      if (field.type === 'one2many' || field.type === 'many2many') {
        if (!isSetOperator(domain.operator))
          throw assertionError(`Relational field ${model.name}.${field.name} expects 'any' operator`)
        return listCondition(env, field, domain.operator === 'in', domain.value as readonly Json[])
      }
      return conditionOfStored(field, domain.operator, domain.value)
    }
  }
}

function anyCondition(
  env: Environment,
  model: DemoModel,
  field: DemoField,
  isPositive: boolean,
  inner: Domain,
): Condition {
  const comodel = modelOf(env, field.relation ?? '')
  const isList = field.type === 'one2many' || field.type === 'many2many'
  // Through a many2one archived records count; through a list only where the field's own context says so.
  const context = {
    ...env.context,
    ...(isList ? (field.context as Environment['context']) : { active_test: false }),
  }
  const inside = { ...env, context }
  const isDelegate =
    delegateOf(model, field) !== undefined || (model.name === 'res.users' && field.name === 'partner_id')
  if (!isDelegate) checkReadable(env, comodel)
  const domain = isList ? combined('and', [inner, fieldDomain(field)]) : inner
  const ids = new Set(searchDomain19(inside, comodel, domain, mentionsActiveDomain(domain)))
  const matches = test(field.name, isList ? 'overlaps' : 'in', ids)
  return isPositive ? matches : not(matches)
}

const fieldDomain = (field: DemoField): Domain => domainFrom(treeFrom19(field.domain as Json))

const mentionsActiveDomain = (domain: Domain): boolean => {
  switch (domain.kind) {
    case 'leaf':
      return domain.path === 'active'
    case 'not':
      return mentionsActiveDomain(domain.operand)
    case 'and':
    case 'or':
      return domain.operands.some(mentionsActiveDomain)
    default:
      return false
  }
}

/** Lists compared with ids: has one of, has none of; False stands for the empty list. */
function listCondition(
  env: Environment,
  field: DemoField,
  isPositive: boolean,
  values: readonly Json[],
): Condition {
  const comodel = modelOf(env, field.relation ?? '')
  const open = {
    ...env,
    context: { ...env.context, active_test: false },
    account: { ...env.account, isAdministrator: true },
  }
  const allowed = new Set(searchDomain19(open, comodel, fieldDomain(field), true))
  const ids = new Set(
    values.filter((id): id is number => typeof id === 'number' && id !== 0 && allowed.has(id)),
  )
  const parts = [
    ...(values.some(isFalse) ? [not(test(field.name, 'overlaps', allowed))] : []),
    ...(values.some((id) => !isFalse(id)) ? [test(field.name, 'overlaps', ids)] : []),
  ]
  return isPositive ? or(...parts) : not(or(...parts))
}
