import { NEGATIVE, columnTruth, sure, translatedTruth } from './column-14.ts'
import type { Truth } from './column-14.ts'
import { FALSE, TRUE, and, constant, isNull, not, notNull, or, test } from './condition.ts'
import type { Condition } from './condition.ts'
import { checkReadable, hidesArchived, modelOf, ruleOf } from './environment.ts'
import type { Environment } from './environment.ts'
import { attributeError, sqlFault, valueError } from './faults.ts'
import type { DemoField } from './fields.ts'
import { familyOf } from './hierarchy.ts'
import { delegateOf } from './models.ts'
import type { DemoModel } from './models.ts'
import { mentionsActive, operandsOf, treeFrom14, treeLeaf } from './prefix.ts'
import type { Leaf, Tree } from './prefix.ts'
import { isTruthy, reprOf } from './values.ts'
import type { Json } from './values.ts'

/** Ids that satisfy the domain by 14.0's rules, archived ones left out as the context says. */
export function search14(env: Environment, model: DemoModel, domain: Json): number[] {
  checkReadable(env, model)
  if (isPlainlyFalse(domain)) return []
  return searchTree14(env, model, treeFrom14(domain))
}

/** The same for a call that goes to SQL whatever the domain says, and so sees all that is wrong with it. */
export function searchInSql14(env: Environment, model: DemoModel, domain: Json): number[] {
  checkReadable(env, model)
  return searchTree14(env, model, treeFrom14(domain))
}

function searchTree14(env: Environment, model: DemoModel, tree: Tree): number[] {
  checkReadable(env, model)
  const isShown = !model.hasActive || !hidesArchived(env.context) || mentionsActive(tree)
  const condition = and(
    isShown ? TRUE : test('active', 'equals', true),
    conditionOf(env, model, tree, false).yes,
  )
  const ids = env.records.ids(model.name, condition)
  const isAllowed = ruleOf(env, model)
  return ids.filter((id) => {
    const record = env.records.one(model.name, id)
    return record !== undefined && isAllowed(record)
  })
}

/** 14.0 asks nothing at all when an empty `in` decides the domain, and so does not see what is wrong with the rest. */
function isPlainlyFalse(domain: Json): boolean {
  if (!Array.isArray(domain) || domain.length === 0) return false
  const stack: number[] = []
  for (const item of [...(domain as readonly Json[])].reverse()) {
    if (item === '&') stack.push(Math.min(stack.pop() ?? 0, stack.pop() ?? 0))
    else if (item === '|') stack.push(Math.max(stack.pop() ?? 0, stack.pop() ?? 0))
    else if (item === '!') stack.push(-(stack.pop() ?? 0))
    else {
      const [left, operator, value] = Array.isArray(item) ? (item as readonly Json[]) : []
      const isEmpty = value !== undefined && !isTruthy(value)
      const isConstant = operator === '=' && value === 1 && typeof left === 'number'
      stack.push(
        isConstant
          ? left === 1
            ? 1
            : -1
          : operator === 'in' && isEmpty
            ? -1
            : operator === 'not in' && isEmpty
              ? 1
              : 0,
      )
    }
  }
  // Several items at the top are ANDed.
  return Math.min(...stack) === -1
}

const NEGATION: Readonly<Record<string, string>> = {
  '<': '>=',
  '>': '<=',
  '<=': '>',
  '>=': '<',
  '=': '!=',
  '!=': '=',
  in: 'not in',
  like: 'not like',
  ilike: 'not ilike',
  'not in': 'in',
  'not like': 'like',
  'not ilike': 'ilike',
}

function conditionOf(env: Environment, model: DemoModel, tree: Tree, isNegated: boolean): Truth {
  switch (tree.kind) {
    case 'constant':
      // The turned-round leaf, (1, '!=', 1), is none that 14.0 knows.
      if (isNegated) throw valueError("Invalid leaf (1, '!=', 1)")
      return sure(constant(tree.value))
    case 'not':
      return conditionOf(env, model, tree.operand, !isNegated)
    case 'and':
    case 'or': {
      const parts = operandsOf(tree).map((operand) => conditionOf(env, model, operand, isNegated).yes)
      return sure((tree.kind === 'and') !== isNegated ? and(...parts) : or(...parts))
    }
    case 'leaf': {
      const opposite = isNegated ? NEGATION[tree.operator] : tree.operator
      if (opposite !== undefined) return leafTruth(env, model, { ...tree, operator: opposite })
      const { yes, unknown } = leafTruth(env, model, tree)
      return { yes: and(not(yes), not(unknown)), unknown }
    }
  }
}

function leafTruth(env: Environment, model: DemoModel, given: Leaf): Truth {
  const leaf = normalized(given)
  const { path, operator, value } = leaf
  const dot = path.indexOf('.')
  const [name, rest] = dot < 0 ? [path, undefined] : [path.slice(0, dot), path.slice(dot + 1)]
  const field = model.fields.get(name)
  if (field === undefined)
    throw valueError(`Invalid field ${model.name}.${name} in leaf ${reprOf([path, operator, value])}`)
  const delegate = delegateOf(model, field)
  if (delegate !== undefined) return throughMany2one(env, model, delegate, leaf)
  if (!field.store && !field.attributes['company_dependent']) {
    // Such a leaf is dropped: it holds for every record. Only the server's own log tells.
    if (!field.searchable) return sure(TRUE)
    const related = [...(field.related ?? []), ...(rest === undefined ? [] : [rest])].join('.')
    return leafTruth(env, model, { path: related, operator, value })
  }
  if (rest !== undefined) return pathTruth(env, field, rest, leaf)
  if (operator === 'child_of' || operator === 'parent_of') return hierarchyTruth(env, model, field, leaf)
  switch (field.type) {
    case 'one2many':
    case 'many2many':
      return listTruth(env, field, leaf)
    case 'many2one': {
      const isNamed =
        typeof value === 'string' ||
        (Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string'))
      return isNamed ? namedTruth(env, field, leaf) : columnTruth(field, leaf)
    }
    case 'binary':
      if (!field.attachment) return columnTruth(field, leaf)
      if ((operator === '=' || operator === '!=') && !isTruthy(value))
        return sure(operator === '=' ? isNull(name) : notNull(name))
      return sure(TRUE)
    case 'datetime':
      if (typeof value === 'string' && value.length === 10) {
        const time = operator === '>' || operator === '<=' ? '23:59:59' : '00:00:00'
        return columnTruth(field, { ...leaf, value: `${value} ${time}` })
      }
      return columnTruth(field, leaf)
    default:
      return field.translate && isTruthy(value) ? translatedTruth(field, leaf) : columnTruth(field, leaf)
  }
}

function normalized(leaf: Leaf): Leaf {
  const { value } = leaf
  let operator = leaf.operator === '<>' ? '!=' : leaf.operator
  if (typeof value === 'boolean' && operator === 'in') operator = '='
  else if (typeof value === 'boolean' && operator === 'not in') operator = '!='
  else if (Array.isArray(value) && operator === '=') operator = 'in'
  else if (Array.isArray(value) && operator === '!=') operator = 'not in'
  return { ...leaf, operator }
}

/** Fields borrowed from a delegate: the leaf is asked of the delegate, archived or not. */
function throughMany2one(env: Environment, model: DemoModel, link: string, leaf: Leaf): Truth {
  const comodel = modelOf(env, model.fields.get(link)?.relation ?? '')
  const { yes, unknown } = leafTruth(env, comodel, leaf)
  const ids = (condition: Condition): Condition =>
    condition === FALSE ? FALSE : test(link, 'in', new Set(env.records.ids(comodel.name, condition)))
  return { yes: ids(yes), unknown: ids(unknown) }
}

function pathTruth(env: Environment, field: DemoField, rest: string, leaf: Leaf): Truth {
  const tree = treeLeaf(rest, leaf.operator, leaf.value)
  if (field.type === 'many2one') {
    const ids = searchTree14(unarchived(env), modelOf(env, field.relation ?? ''), tree)
    // NULL is not in an empty list: that much SQL knows.
    return {
      yes: test(field.name, 'in', new Set(ids)),
      unknown: ids.length === 0 ? FALSE : isNull(field.name),
    }
  }
  if (field.type === 'one2many' || field.type === 'many2many') {
    const context = { ...env.context, ...(field.context as Environment['context']) }
    const ids = searchTree14({ ...env, context }, modelOf(env, field.relation ?? ''), tree)
    return membership(env, field, new Set(ids), false)
  }
  throw attributeError(`The field of '${leaf.path}' has no attribute 'auto_join'`)
}

const unarchived = (env: Environment): Environment => ({
  ...env,
  context: { ...env.context, active_test: false },
})

/** A one2many or many2many: has one of, has none of. */
function listTruth(env: Environment, field: DemoField, { operator, value }: Leaf): Truth {
  const isNegative = NEGATIVE.has(operator)
  if (value === false) {
    const isEmpty = not(test(field.name, 'overlaps', everyId(env, field)))
    return sure(isNegative ? not(isEmpty) : isEmpty)
  }
  if (typeof value === 'string') {
    const positive = isNegative ? (NEGATION[operator] ?? '') : operator
    const found = nameSearch14(env, modelOf(env, field.relation ?? ''), value, positive)
    return membership(env, field, new Set(found), isNegative)
  }
  const items = (Array.isArray(value) ? value : [value]) as readonly Json[]
  // A many2many drops what is false; a one2many hands all to SQL.
  if (items.some((item) => item === true || (item === false && field.type === 'one2many')))
    throw sqlFault('UndefinedFunction', 'operator does not exist: integer = boolean')
  return membership(env, field, new Set(items.filter((id) => typeof id === 'number')), isNegative)
}

/** Whether a list has one of the ids, or has none of them. */
function membership(
  env: Environment,
  field: DemoField,
  ids: ReadonlySet<number>,
  isNegative: boolean,
): Truth {
  const overlaps = test(field.name, 'overlaps', ids)
  // A line that belongs to no record puts a NULL into SQL's list, and nothing is surely not in such a list.
  const { inverse } = field
  const hasLoose =
    inverse !== undefined &&
    [...ids].some((id) => env.records.one(field.relation ?? '', id)?.[inverse] === null)
  const unknown = hasLoose ? not(overlaps) : FALSE
  if (!isNegative) return { yes: overlaps, unknown }
  return { yes: hasLoose ? FALSE : not(overlaps), unknown }
}

const everyId = (env: Environment, field: DemoField): ReadonlySet<number> =>
  new Set(env.records.all(field.relation ?? '').map((record) => record.id))

/** A many2one compared with a name, or with several. */
function namedTruth(env: Environment, field: DemoField, leaf: Leaf): Truth {
  let operator = ['<', '>', '<=', '>='].includes(leaf.operator) ? 'in' : leaf.operator
  const isList = Array.isArray(leaf.value)
  if (!isList && operator === 'in') operator = '='
  else if (!isList && operator === 'not in') operator = '!='
  else if (isList && operator === '=') operator = 'in'
  else if (isList && operator === '!=') operator = 'not in'
  const ids = nameSearch14(unarchived(env), modelOf(env, field.relation ?? ''), leaf.value, operator)
  const value: Json = NEGATIVE.has(operator) ? [...ids, false] : ids
  return columnTruth(field, { path: field.name, operator: 'in', value })
}

/** What `_name_search` finds, as far as the models of the demo change it. */
export function nameSearch14(env: Environment, model: DemoModel, name: Json, operator: string): number[] {
  const search = (tree: Tree): number[] => searchTree14(env, model, tree)
  const by = (path: string, with_ = operator, value = name): Tree => treeLeaf(path, with_, value)
  switch (model.name) {
    case 'res.partner':
      if (['=', 'ilike', '=ilike', 'like', '=like'].includes(operator) && isTruthy(name))
        return search({
          kind: 'or',
          operands: [by('email'), by('display_name'), by('ref'), by('vat', operator, vatOf(name))],
        })
      return search(by('name'))
    case 'res.users': {
      const found = NEGATIVE.has(operator) ? [] : search(by('login', '='))
      return found.length > 0 ? found : search(by('name'))
    }
    case 'res.country': {
      const found = typeof name === 'string' && name.length === 2 ? search(by('code', 'ilike')) : []
      return [...new Set([...found, ...search(by('name'))])]
    }
    case 'ir.model':
      return search({ kind: 'or', operands: [by('model'), by('name')] })
    case 'res.partner.category':
      return search(by('name', operator, typeof name === 'string' ? (name.split(' / ').at(-1) ?? '') : name))
    default:
      if (name === '' && operator === 'ilike') return search({ kind: 'constant', value: true })
      return search(by(model.recName))
  }
}

const vatOf = (name: Json): Json =>
  typeof name === 'string' ? name.replaceAll(/[^a-zA-Z0-9]+/g, '') || null : null

function hierarchyTruth(
  env: Environment,
  model: DemoModel,
  field: DemoField,
  { operator, value }: Leaf,
): Truth {
  const comodel = field.name === 'id' ? model : modelOf(env, field.relation ?? '')
  const named = (name: string): number[] => nameSearch14(env, comodel, name, 'ilike')
  const given =
    typeof value === 'string' ? named(value) : typeof value === 'number' && value !== 0 ? [value] : []
  const start = Array.isArray(value)
    ? value.flatMap((item: Json) => (typeof item === 'string' ? named(item) : [Number(item)]))
    : given
  const parent = comodel === model && field.name !== 'id' ? field.name : 'parent_id'
  const ids = familyOf(env, comodel, parent, start, operator === 'child_of')
  const column = comodel === model && field.type === 'many2one' ? 'id' : field.name
  const isList = field.type === 'one2many' || field.type === 'many2many'
  return { yes: test(column, isList ? 'overlaps' : 'in', ids), unknown: isNull(column) }
}
