import type { ColumnSpec, FieldType } from '../catalog/spec.ts'
import type { RuleFamily, ServerVersion } from '../odoo/capabilities.ts'
import { ALL, depthOf, NONE } from '../odoo/domain.ts'
import type { Comparison } from '../sql/predicate.ts'
import type { BoundPredicate, MembersTest, Test } from './bound.ts'
import { truthOfTest } from './evaluate.ts'
import {
  pushDownBinary,
  pushDownBoolean,
  pushDownId,
  pushDownList,
  pushDownMany2one,
  pushDownMembers,
} from './push-down-others.ts'
import { pushDownNumber } from './push-down-number.ts'
import { pushDownHtml, pushDownSelection, pushDownText } from './push-down-text.ts'
import { pushDownDate, pushDownDatetime } from './push-down-time.ts'
import { familyOfRules, memberRuleNamesOf, ruleNamesOf } from './proven.ts'
import type { PushedColumn, Question, Rule } from './rule.ts'
import { sourceOf, type ColumnSource, type TableOnServer } from './server.ts'
import { both, either, exact, inexact, unsupported, type Pushdown } from './verdict.ts'

/** Which rows are wanted: those for which the predicate is true, is false, or is not so (which NULL is part of). */
export type Wanted = 'true' | 'false' | 'notTrue' | 'notFalse'

/** Deeper nesting makes Odoo fail: 19 raises RecursionError at 700 levels. */
const DOMAIN_DEPTH_MAX = 100

/**
 * The domain for the rows of one partition for which the predicate is true, and how exact it is.
 * NOT is pushed inward on the way, so that a superset never stands under one.
 */
export function pushDown(predicate: BoundPredicate, server: TableOnServer): Pushdown {
  const verdict = judge(predicate, 'true', server)
  return verdict.support !== 'unsupported' && depthOf(verdict.domain) > DOMAIN_DEPTH_MAX
    ? unsupported('it is nested too deeply for Odoo')
    : verdict
}

function judge(predicate: BoundPredicate, wanted: Wanted, server: TableOnServer): Pushdown {
  switch (predicate.kind) {
    case 'and':
    case 'or': {
      const verdicts = predicate.operands.map((operand) => judge(operand, wanted, server))
      // De Morgan: an AND is false (or not true) where one of its operands is.
      const isConjunction = (predicate.kind === 'and') === (wanted === 'true' || wanted === 'notFalse')
      return isConjunction ? both(verdicts) : either(verdicts)
    }
    case 'not':
      return judge(predicate.operand, NEGATED[wanted], server)
    case 'isTruth':
      return judgeTruthTest(predicate, wanted === 'true' || wanted === 'notFalse', server)
    case 'constant':
      return exact(holds(predicate.value, wanted) ? ALL : NONE)
    case 'test':
      return judgeTest(predicate.column, predicate.test, wanted, server)
    default:
      return predicate satisfies never
  }
}

const NEGATED: Record<Wanted, Wanted> = {
  true: 'false',
  false: 'true',
  notTrue: 'notFalse',
  notFalse: 'notTrue',
}

const holds = (truth: boolean | null, wanted: Wanted): boolean =>
  wanted === 'true'
    ? truth === true
    : wanted === 'false'
      ? truth === false
      : wanted === 'notTrue'
        ? truth !== true
        : truth !== false

/** `p IS [NOT] TRUE | FALSE | UNKNOWN` is never NULL itself; `isWanted` false asks for the rows where it is false. */
function judgeTruthTest(
  test: BoundPredicate & { kind: 'isTruth' },
  isWanted: boolean,
  server: TableOnServer,
): Pushdown {
  const mustHold = isWanted !== test.isNegated
  const ask = (wanted: Wanted): Pushdown => judge(test.operand, wanted, server)
  switch (test.truth) {
    case true:
      return ask(mustHold ? 'true' : 'notTrue')
    case false:
      return ask(mustHold ? 'false' : 'notFalse')
    case null:
      return mustHold ? both([ask('notTrue'), ask('notFalse')]) : either([ask('true'), ask('false')])
  }
}

function judgeTest(column: ColumnSpec, test: Test, wanted: Wanted, server: TableOnServer): Pushdown {
  const source = sourceOf(column, server)
  if (source.kind !== 'field') {
    // Known before any call: the partition's name, or NULL where the server has no such field.
    const value = source.kind === 'partition' ? server.partition : null
    return exact(holds(truthOfTest(test, value), wanted) ? ALL : NONE)
  }
  const pushed = pushedColumn(column, source, server)
  if (test.kind === 'members') return judgeMembers(test, wanted, pushed)
  const ask = (question: Question): Pushdown => answer(question, pushed)
  const isNull = (): Pushdown => ask({ kind: 'isNull' })
  if (test.kind === 'in' && test.hasNull && (wanted === 'false' || wanted === 'notFalse'))
    return exact(wanted === 'false' ? NONE : ALL)
  switch (wanted) {
    case 'true':
      return ask(questionOf(test))
    case 'false':
      return ask(negatedQuestionOf(test))
    case 'notTrue':
      return test.kind === 'isNull'
        ? ask({ kind: 'isNotNull' })
        : either([ask(negatedQuestionOf(test)), isNull()])
    case 'notFalse':
      return test.kind === 'isNull' ? isNull() : either([ask(questionOf(test)), isNull()])
    default:
      return wanted satisfies never
  }
}

/** A list is never NULL. */
function judgeMembers(test: MembersTest, wanted: Wanted, column: PushedColumn): Pushdown {
  const family = familyOfRules(column.server.version, memberRuleNamesOf(column.live))
  if (wanted === 'false' || wanted === 'notTrue')
    return unsupported('Odoo also finds members that it does not show')
  return refusalOf(column, family) ?? pushDownMembers(test, column)
}

/** The verdict on one question about one column: what a proof puts to the test. */
export function judgeQuestion(question: Question, column: ColumnSpec, server: TableOnServer): Pushdown {
  const source = sourceOf(column, server)
  return source.kind === 'field'
    ? answer(question, pushedColumn(column, source, server))
    : unsupported('the server has no such field')
}

const pushedColumn = (
  spec: ColumnSpec,
  { field, live }: ColumnSource & { kind: 'field' },
  server: TableOnServer,
): PushedColumn => ({ spec, field, live, family: server.version.family, server })

/** A test that is put to Odoo as a question of one value. */
type PlainTest = Exclude<Test, { kind: 'members' }>

function questionOf(test: PlainTest): Question {
  switch (test.kind) {
    case 'compare':
      return test
    case 'in':
      return { kind: 'in', values: test.values }
    case 'like':
      return { kind: isFolded(test) ? 'ilike' : 'like', pattern: test.pattern }
    case 'isNull':
      return { kind: 'isNull' }
    case 'decided':
      return test.value ? { kind: 'isNotNull' } : { kind: 'in', values: [] }
    default:
      return test satisfies never
  }
}

/** A folded text matches only what the text itself matches in any case: `lower(c) LIKE p` is part of `c ILIKE p`. */
const isFolded = ({ isCaseInsensitive, fold }: Test & { kind: 'like' }): boolean =>
  isCaseInsensitive || fold !== undefined

const OPPOSITE: Record<Comparison, Comparison> = {
  '=': '<>',
  '<>': '=',
  '<': '>=',
  '>=': '<',
  '>': '<=',
  '<=': '>',
}

function negatedQuestionOf(test: PlainTest): Question {
  switch (test.kind) {
    case 'compare':
      return { kind: 'compare', operator: OPPOSITE[test.operator], value: test.value }
    case 'in':
      return { kind: 'notIn', values: test.values }
    case 'like':
      return { kind: isFolded(test) ? 'notIlike' : 'notLike', pattern: test.pattern }
    case 'isNull':
      return { kind: 'isNotNull' }
    case 'decided':
      return questionOf({ kind: 'decided', value: !test.value })
    default:
      return test satisfies never
  }
}

/** Longer lists are not sent: the domain alone would be megabytes. */
const LIST_VALUES_MAX = 50_000

/** What holds for every type, then the rule of the field's type. */
function answer(question: Question, column: PushedColumn): Pushdown {
  if (question.kind === 'in' || question.kind === 'notIn') {
    const values = [...new Set(question.values)]
    if (values.length === 0)
      return question.kind === 'in' ? exact(NONE) : answer({ kind: 'isNotNull' }, column)
    if (values.length > LIST_VALUES_MAX)
      return unsupported(`the list has more than ${LIST_VALUES_MAX} values`)
    question = { kind: question.kind, values }
  }
  if (column.spec.part === 'label') return pushDownLabel(question, column)
  const { live, server } = column
  if (READS_ABSENT_AS_VALUE.has(live.type) && (question.kind === 'isNull' || question.kind === 'isNotNull'))
    return exact(question.kind === 'isNull' ? NONE : ALL)
  if (column.field === 'id') return pushDownId(question, column)
  const family = familyOfRules(server.version, ruleNamesOf(live, question))
  return refusalOf(column, family) ?? RULES[live.type](question, { ...column, family })
}

/** Why nothing can be asked about the column; undefined where its rule is to judge. */
function refusalOf({ live, server }: PushedColumn, family: RuleFamily): Pushdown | undefined {
  if (family === 'unproven') return unsupported(unmeasured(server.version))
  if (live.companyDependent) return unsupported('the field’s value depends on the company')
  if (!live.store) return unsupported('Odoo computes the field and does not store it')
  if (!live.searchable) return unsupported('Odoo cannot search the field')
  return undefined
}

const unmeasured = ({ text, proven }: ServerVersion): string =>
  proven === undefined
    ? `Odoo ${text} has not been measured; only id is sent to it`
    : `nothing has proven this for Odoo ${text}`

/** Field types whose absent value reads as 0, false or an empty list: never NULL. */
const READS_ABSENT_AS_VALUE: ReadonlySet<string> = new Set<FieldType>([
  'integer',
  'float',
  'monetary',
  'boolean',
  'one2many',
  'many2many',
  'many2one_reference',
])

/** A label is computed by Odoo, but where the many2one is empty there is none. */
function pushDownLabel(question: Question, column: PushedColumn): Pushdown {
  if (question.kind === 'isNull') return unsupported('Odoo computes the label')
  const isFilled = answer({ kind: 'isNotNull' }, { ...column, spec: { ...column.spec, part: 'id' } })
  return isFilled.support === 'unsupported' ? isFilled : inexact(isFilled.domain, 'Odoo computes the label')
}

const never =
  (reason: string): Rule =>
  () =>
    unsupported(reason)

const RULES: Record<FieldType, Rule> = {
  char: pushDownText,
  text: pushDownText,
  html: pushDownHtml,
  selection: pushDownSelection,
  integer: pushDownNumber,
  float: pushDownNumber,
  monetary: pushDownNumber,
  boolean: pushDownBoolean,
  date: pushDownDate,
  datetime: pushDownDatetime,
  many2one: pushDownMany2one,
  binary: pushDownBinary,
  one2many: pushDownList,
  many2many: pushDownList,
  many2one_reference: never('a reference by id alone reads 0 where it is empty'),
  reference: never('Odoo compares references in its own way'),
  json: never('Odoo does not search JSON'),
  properties: never('Odoo does not search properties as a whole'),
  properties_definition: never('Odoo does not search property definitions'),
}
