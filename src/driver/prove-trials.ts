import type { ColumnSpec } from '../catalog/spec.ts'
import { SqlError } from '../errors.ts'
import { prefixFromDomain } from '../odoo/domain.ts'
import { quoteIdentifier, quoteLiteral } from '../sql/print.ts'
import type { Value } from '../planner/bound.ts'
import { groupRuleNamesOf, orderRuleNamesOf, ruleNamesOf } from '../planner/proven.ts'
import { judgeQuestion } from '../planner/pushdown.ts'
import type { Question } from '../planner/rule.ts'
import { both, either } from '../planner/verdict.ts'
import { groupFaultOf } from './prove-groups.ts'
import { orderFaultOf } from './prove-order.ts'
import { questionsAbout } from './prove-questions.ts'
import { readValues, type Sample, type SampledColumn } from './prove-sample.ts'
import { searchAmong, type HeldPredicate, type Trials, type WholeOutcome } from './prove-search.ts'
import type { Counterexample } from './prove-tally.ts'
import { isTrueOf } from './prove-truth.ts'

/** One thing to try, counted in the tallies when it ends. */
export type Trial = () => Promise<void>

/** Everything to try on one field. */
export function fieldTrialsOf(sampled: SampledColumn, trials: Trials): Trial[] {
  const { live, column, values } = sampled
  const questions = questionsAbout(column, live, values)
  return [
    ...questions.map((question) => () => tryQuestion(question, sampled, trials)),
    () => tryWhole(orderRuleNamesOf(live), sampled, trials, orderFaultOf),
    () => tryWhole(groupRuleNamesOf(live), sampled, trials, groupFaultOf),
  ]
}

async function tryQuestion(question: Question, sampled: SampledColumn, trials: Trials): Promise<void> {
  const { column, live, values } = sampled
  const rule = ruleNamesOf(live, question).at(-1) ?? ''
  const truth = values.map((value) => isTrueOf(question, column.type, value))
  const isTelling = truth.includes(true) && truth.includes(false)
  const text = textOfQuestion(column.name, question)
  for (const family of trials.options.families) {
    const verdict = judgeQuestion(question, column, trials.serverOf(family))
    if (verdict.support === 'unsupported') continue
    const tally = trials.options.tallies.get(family)
    const predicate: HeldPredicate = { text, verdict, truth }
    let fault = faultOf(predicate, trials.sample, await trials.search(verdict.domain))
    // Somebody may have written meanwhile: a fault counts where it shows again on values read anew.
    if (fault !== undefined && tally?.isRefuted(rule) !== true)
      fault = await tryAnew(predicate, question, column, trials)
    tally?.count(rule, isTelling, fault === undefined ? undefined : { ...fault, rule })
    if (fault === undefined && isTelling) trials.held.get(family)?.push(predicate)
  }
}

async function tryAnew(
  { text, verdict }: HeldPredicate,
  question: Question,
  column: ColumnSpec,
  { client, sample, options }: Trials,
): Promise<Omit<Counterexample, 'rule'> | undefined> {
  const { model } = sample.table
  const valueOf = await readValues(client, model, { columns: [column], ids: sample.ids }, options)
  const ids = sample.ids.filter((id) => valueOf(column, id) !== undefined)
  const truth = ids.map((id) => isTrueOf(question, column.type, valueOf(column, id) ?? null))
  const now: Sample = { ...sample, ids }
  return faultOf({ text, verdict, truth }, now, await searchAmong(client, now, verdict.domain, options))
}

/** Predicates that are joined by AND and OR, of each sample and family. */
const COMBINATIONS = 8
export const COMBINATION_RULE = 'AND, OR'

/** Whether predicates that held on their own hold together: a server may rewrite what it is sent as one. */
export function combinationTrialsOf(trials: Trials): Trial[] {
  return trials.options.families.flatMap((family) => {
    const held = trials.held.get(family) ?? []
    return Array.from({ length: held.length < 3 ? 0 : COMBINATIONS }, (_, nth) => async () => {
      const [first, second, third] = [0, 1, 2].map((place) => held[(nth * 31 + place * 17) % held.length])
      if (first === undefined || second === undefined || third === undefined) return
      const combined =
        nth % 2 === 0 ? allOf([first, anyOf([second, third])]) : anyOf([first, allOf([second, third])])
      const found = await trials.search(combined.verdict.domain)
      const fault = faultOf(combined, trials.sample, found)
      const counterexample = fault === undefined ? undefined : { ...fault, rule: COMBINATION_RULE }
      trials.options.tallies.get(family)?.count(COMBINATION_RULE, true, counterexample)
    })
  })
}

const allOf = (parts: readonly HeldPredicate[]): HeldPredicate => ({
  text: `(${parts.map(({ text }) => text).join(' AND ')})`,
  verdict: both(parts.map(({ verdict }) => verdict)) as HeldPredicate['verdict'],
  truth: (parts[0]?.truth ?? []).map((_, row) => parts.every(({ truth }) => truth[row] === true)),
})

const anyOf = (parts: readonly HeldPredicate[]): HeldPredicate => ({
  text: `(${parts.map(({ text }) => text).join(' OR ')})`,
  verdict: either(parts.map(({ verdict }) => verdict)) as HeldPredicate['verdict'],
  truth: (parts[0]?.truth ?? []).map((_, row) => parts.some(({ truth }) => truth[row] === true)),
})

/** Ids that a counterexample shows. */
const IDS_SHOWN = 10

function faultOf(
  { text, verdict, truth }: HeldPredicate,
  { table, ids }: Sample,
  found: readonly number[] | SqlError,
): Omit<Counterexample, 'rule'> | undefined {
  const shared = { model: table.model, predicate: text, domain: prefixFromDomain(verdict.domain) }
  if (found instanceof SqlError) return { ...shared, missed: [], excess: [], fault: found.message }
  const holding = new Set(ids.filter((_, row) => truth[row] === true))
  const selected = new Set(found)
  const missed = [...holding].filter((id) => !selected.has(id))
  const excess = verdict.support === 'exact' ? found.filter((id) => !holding.has(id)) : []
  if (missed.length === 0 && excess.length === 0) return undefined
  return {
    ...shared,
    missed: missed.slice(0, IDS_SHOWN),
    excess: excess.slice(0, IDS_SHOWN),
    fault: undefined,
  }
}

/** Tries what goes by no domain: how Odoo orders and groups by a field. It is the same for every family. */
async function tryWhole(
  names: readonly string[],
  sampled: SampledColumn,
  trials: Trials,
  faultOfField: (sampled: SampledColumn, trials: Trials) => Promise<WholeOutcome | undefined>,
): Promise<void> {
  const rule = names.at(-1) ?? ''
  const outcome = await faultOfField(sampled, trials)
  if (outcome === undefined) return
  const counterexample =
    outcome.fault === undefined
      ? undefined
      : {
          rule,
          model: trials.sample.table.model,
          predicate: outcome.asked,
          domain: [],
          missed: [],
          excess: [],
          fault: outcome.fault,
        }
  for (const tally of trials.options.tallies.values()) tally.count(rule, true, counterexample)
}

function textOfQuestion(name: string, question: Question): string {
  const column = quoteIdentifier(name)
  switch (question.kind) {
    case 'compare':
      return `${column} ${question.operator} ${textOfValue(question.value)}`
    case 'in':
    case 'notIn': {
      const list = question.values.map(textOfValue).join(', ')
      return `${column} ${question.kind === 'in' ? 'IN' : 'NOT IN'} (${list})`
    }
    case 'like':
    case 'notLike':
    case 'ilike':
    case 'notIlike':
      return `${column} ${LIKE[question.kind]} ${quoteLiteral(question.pattern)}`
    case 'isNull':
      return `${column} IS NULL`
    case 'isNotNull':
      return `${column} IS NOT NULL`
    default:
      return question satisfies never
  }
}

const LIKE = { like: 'LIKE', notLike: 'NOT LIKE', ilike: 'ILIKE', notIlike: 'NOT ILIKE' } as const

const textOfValue = (value: Value): string =>
  typeof value === 'string' ? quoteLiteral(value) : typeof value === 'object' ? '…' : String(value)
