import { conditionOfStored, isFalse } from './column-19.ts'
import { and, constant, not, or, test } from './condition.ts'
import type { Condition } from './condition.ts'
import { checkLanguage, checkReadable, checkVisible, hidesArchived, modelOf, ruleOf } from './environment.ts'
import type { Environment } from './environment.ts'
import { assertionError, recursionError, valueError } from './faults.ts'
import type { DemoField } from './fields.ts'
import { familyOf } from './hierarchy.ts'
import { delegateOf } from './models.ts'
import type { DemoModel } from './models.ts'
import { mentionsActive, operandsOf, treeFrom19 } from './prefix.ts'
import type { Tree } from './prefix.ts'
import { falsyValue, fieldOf, isSetOperator, joined, simplified, unstored } from './simplify-19.ts'
import { combined, constantDomain, domainFrom, inverted, isDomain, leaf } from './tree-19.ts'
import type { Domain, LeafDomain } from './tree-19.ts'
import { equalityKey, isTruthy } from './values.ts'
import type { Json } from './values.ts'

/** Nesting that Python's own stack lets 19.0 read: 242 levels over a leaf were answered, 245 were not. */
const DEPTH_MAX = 244

/** Ids that satisfy the domain by 19.0's rules, archived ones left out as the context says. */
export function search19(env: Environment, model: DemoModel, domain: Json): number[] {
  return searchUnlessPlain19(env, model, domain) ?? []
}

/** The same; undefined where the domain says by itself that there are none, so that no SQL is written. */
export function searchUnlessPlain19(env: Environment, model: DemoModel, domain: Json): number[] | undefined {
  checkReadable(env, model)
  const tree = treeFrom19(domain)
  if (depthOfTree(tree) > DEPTH_MAX) throw recursionError('maximum recursion depth exceeded')
  return found(env, model, domainFrom(tree), mentionsActive(tree))
}

export function searchDomain19(
  env: Environment,
  model: DemoModel,
  domain: Domain,
  isUnarchived: boolean,
): number[] {
  return found(env, model, domain, isUnarchived) ?? []
}

function found(
  env: Environment,
  model: DemoModel,
  domain: Domain,
  isUnarchived: boolean,
): number[] | undefined {
  checkReadable(env, model)
  const isShown = !model.hasActive || !hidesArchived(env.context) || isUnarchived
  const whole = isShown ? domain : combined('and', [domain, leaf('active', '=', true)])
  const simple = expanded(env, model, simplified(env, model, whole))
  if (simple.kind === 'constant' && !simple.value) return undefined
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

/** The last rewriting: names, borrowed and related fields and hierarchies are looked up. */
function expanded(env: Environment, model: DemoModel, domain: Domain): Domain {
  switch (domain.kind) {
    case 'constant':
      return domain
    case 'not':
      return inverted(expanded(env, model, domain.operand))
    case 'and':
    case 'or':
      return joined(env, model, domain, (operand) => expanded(env, model, operand))
    case 'leaf': {
      const further = expandedLeaf(env, model, fieldOf(model, domain), domain)
      return further === undefined ? domain : expanded(env, model, simplified(env, model, further))
    }
  }
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
  if (operator === 'child_of' || operator === 'parent_of') return hierarchyLeaf(env, model, field, given)
  if (isDomain(value)) return undefined
  if (field.name === 'display_name') return displayNameDomain(env, model, operator, value)
  const isRelated = !field.store && field.related !== undefined && field.searchable
  return isRelated ? relatedDomain(model, field, operator, value) : undefined
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

/** The last step, of a simplified domain: SQL. Here 19.0 checks that the caller may see each field. */
function conditionOf(env: Environment, model: DemoModel, domain: Domain): Condition {
  switch (domain.kind) {
    case 'constant':
      return constant(domain.value)
    case 'not':
      return not(conditionOf(env, model, domain.operand))
    case 'and':
    case 'or': {
      const parts = domain.operands.map((operand) => conditionOf(env, model, operand))
      return domain.kind === 'and' ? and(...parts) : or(...parts)
    }
    case 'leaf': {
      const field = fieldOf(model, domain)
      checkVisible(env, model, field)
      if (field.translate) checkLanguage(env)
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
